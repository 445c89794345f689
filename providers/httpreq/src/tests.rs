use wildcert_plugin_sdk::{
    ErrorKind, conformance,
    testing::{Exchange, FakeHost, record, the_error},
};

use super::*;

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);

const OWNER: &str = "_acme-challenge.example.com.";
const ENDPOINT: (&str, &str) = ("HTTPREQ_ENDPOINT", "https://dns.test/acme/?x=y");

fn post(path: &str, body: Value) -> Exchange {
    Exchange::new("POST", &format!("https://dns.test/acme{path}"))
        .header("content-type", "application/json")
        .json(body)
}

fn run<T>(
    settings: &[(&str, &str)],
    script: impl IntoIterator<Item = Exchange>,
    operation: impl FnOnce(&HttpReq, &Context<'_>) -> T,
) -> T {
    let host = FakeHost::new(script);
    let result = host.call(settings, |cx| operation(&HttpReq::new(cx).unwrap(), cx));
    host.finish();
    result
}

#[test]
fn raw_mode_hands_on_the_challenge() {
    let options = [
        (challenge::DOMAIN, "example.com"),
        (challenge::TOKEN, "tok"),
        (challenge::KEY_AUTHORIZATION, "tok.key"),
    ];
    let mut with = record(OWNER, "a");
    with.options = options.map(|(name, value)| (name.into(), value.into())).to_vec();
    let body = json!({"domain": "example.com", "token": "tok", "keyAuth": "tok.key"});
    run(&[ENDPOINT, ("HTTPREQ_MODE", "RAW")], [post("/present", body)], |provider, cx| {
        assert_eq!(provider.present(cx, &[with]), [Ok(None)]);
        let error = the_error(provider.present(cx, &[record(OWNER, "a")]));
        assert_eq!(error.kind, ErrorKind::Unsupported);
    });
}

#[test]
fn credentials_are_sent_when_both_are_set() {
    let settings = [ENDPOINT, ("HTTPREQ_USERNAME", "u"), ("HTTPREQ_PASSWORD", "p")];
    let script = [
        post("/present", json!({"fqdn": OWNER, "value": "a"}))
            .header("authorization", "Basic dTpw"),
        Exchange::new("GET", "https://dns.test/acme/")
            .header("authorization", "Basic dTpw")
            .answer(401, "who?"),
    ];
    run(&settings, script, |provider, cx| {
        assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(None)]);
        assert_eq!(provider.check(cx).unwrap_err().kind, ErrorKind::Auth);
    });
}

#[test]
fn the_servers_words_and_the_url_are_in_the_error() {
    let script =
        [post("/present", json!({"fqdn": OWNER, "value": "a"})).answer(500, "disk full\n")];
    run(&[ENDPOINT], script, |provider, cx| {
        let error = the_error(provider.present(cx, &[record(OWNER, "a")]));
        assert_eq!((error.kind, error.status), (ErrorKind::Transient, Some(500)));
        let expected = format!("`https://dns.test/acme/present` for `{OWNER}`: disk full");
        assert_eq!(error.message, expected);
    });
}
