use wildcert_plugin_sdk::{
    ErrorKind, Provider, conformance, recordings,
    testing::{
        Exchange, FakeHost, Local, Simulator,
        conformance::{Bench, Settings},
    },
};

use crate::{Exported, MANIFEST};

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);
recordings!(Exported, MANIFEST, simulator::Vendor);

/// The simulator's settings; each `ttl` has a cache of its own.
fn settings(ttl: &str) -> Settings {
    let settings = simulator::Vendor::SETTINGS.iter();
    let settings = settings.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    settings.chain([("INWX_TTL".to_owned(), ttl.to_owned())]).collect()
}

#[test]
fn a_code_that_was_used_is_not_used_again() {
    let bench = Local::<Exported, simulator::Vendor>::new();
    for ttl in ["300", "301", "302"] {
        assert_eq!(bench.check(&settings(ttl)), Ok(Vec::new()));
    }
}

#[test]
fn a_session_that_ended_is_replaced() {
    let bench = Local::<Exported, simulator::Vendor>::new();
    // The simulated vendor keeps one session at a time.
    for ttl in ["300", "301", "300", "301"] {
        assert_eq!(bench.check(&settings(ttl)), Ok(Vec::new()));
    }
}

#[test]
fn the_second_factor_needs_its_secret() {
    let bench = Local::<Exported, simulator::Vendor>::new();
    let mut settings = settings("300");
    settings.retain(|(name, _)| name != "INWX_SHARED_SECRET");
    let error = bench.check(&settings).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Config);
    let words = "the account wants a second factor: `INWX_SHARED_SECRET` is not set";
    assert_eq!(error.message, words);
}

/// The exchange of a call; `members` are those of the answer.
fn call(url: &str, method: &str, parameters: &str, members: &str) -> Exchange {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodCall><methodName>{method}</methodName>\
         <params><param><value><struct>{parameters}</struct></value></param></params></methodCall>"
    );
    let answer = format!(
        "<methodResponse><params><param><value><struct>{members}</struct></value></param></params>\
         </methodResponse>"
    );
    Exchange::new("POST", url)
        .header("content-type", "text/xml; charset=utf-8")
        .json(serde_json::Value::String(body))
        .answer(200, answer)
}

fn text(name: &str, value: &str) -> String {
    format!("<member><name>{name}</name><value><string>{value}</string></value></member>")
}

fn number(name: &str, value: u32) -> String {
    format!("<member><name>{name}</name><value><int>{value}</int></value></member>")
}

#[test]
fn the_vendors_codes_have_their_kinds() {
    for (code, words, kind) in [
        (2200, "Authentication error", ErrorKind::Auth),
        (2201, "Authorization error", ErrorKind::Auth),
        (2400, "Command failed", ErrorKind::Transient),
        (2502, "Session limit exceeded", ErrorKind::RateLimited),
        (2004, "Parameter value range error", ErrorKind::Permanent),
    ] {
        let who = text("lang", "en") + &text("pass", "p") + &text("user", "u");
        let url = "https://api.ote.domrobot.com/xmlrpc/";
        let reason = text("reason", "because") + &text("reasonCode", "X");
        let refusal = number("code", code) + &text("msg", words) + &reason;
        let host = FakeHost::new([call(url, "account.login", &who, &refusal)]);
        let settings = [("INWX_USERNAME", "u"), ("INWX_PASSWORD", "p"), ("INWX_SANDBOX", "true")];
        let error = host.call(&settings, |cx| Exported::new(cx).unwrap().check(cx)).unwrap_err();
        assert_eq!((error.kind, error.message), (kind, format!("{words} because (code {code})")));
        host.finish();
    }
}
