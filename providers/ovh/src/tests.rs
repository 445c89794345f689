use wildcert_plugin_sdk::{
    Error, ErrorKind, Provider, conformance,
    testing::{Exchange, FakeHost, NOW, record, removal, the_error},
};

use crate::{Exported, MANIFEST};

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);

const API: &str = "https://eu.api.ovh.com/1.0";
const OWNER: &str = "_acme-challenge.example.com.";
const KEYS: [(&str, &str); 4] = [
    ("OVH_ENDPOINT", "ovh-eu"),
    ("OVH_APPLICATION_KEY", "ak"),
    ("OVH_APPLICATION_SECRET", "as"),
    ("OVH_CONSUMER_KEY", "ck"),
];

fn zones() -> Exchange {
    Exchange::new("GET", &format!("{API}/domain/zone"))
}

fn refused(settings: &[(&str, &str)], script: impl IntoIterator<Item = Exchange>) -> Option<Error> {
    let host = FakeHost::new(script);
    let result = host.call(settings, |cx| Exported::new(cx)?.check(cx));
    host.finish();
    result.err()
}

/// The signature is computed with `sha1sum`.
#[test]
fn requests_are_signed_over_the_whole_url() {
    let script = [zones()
        .header("x-ovh-application", "ak")
        .header("x-ovh-consumer", "ck")
        .header("x-ovh-timestamp", "1700000000")
        .header("x-ovh-signature", "$1$a83d7f6455abba1184731d8daa59ad88cc891a0a")
        .answer(200, "[]")];
    assert_eq!(refused(&KEYS, script), None);
}

#[test]
fn a_wrong_clock_is_set_right_once() {
    let late = r#"{"message": "Query out of time", "httpCode": "400 Bad Request",
        "errorCode": "QUERY_TIME_OUT"}"#;
    let now = NOW / 1000 + 600;
    let on_time = || zones().header("x-ovh-timestamp", &now.to_string()).answer(200, "[]");
    let host = FakeHost::new([
        zones().answer(400, late),
        Exchange::new("GET", &format!("{API}/auth/time")).answer(200, now),
        on_time(),
        on_time(),
    ]);
    host.call(&KEYS, |cx| {
        let provider = Exported::new(cx).unwrap();
        provider.check(cx).unwrap();
        provider.check(cx).unwrap();
    });
    host.finish();
}

#[test]
fn a_service_account_gets_its_token_in_its_region() {
    for (region, api, token_url) in [
        ("ovh-eu", API, "https://www.ovh.com/auth/oauth2/token"),
        ("ovh-ca", "https://ca.api.ovh.com/1.0", "https://ca.ovh.com/auth/oauth2/token"),
        ("ovh-us", "https://api.us.ovhcloud.com/1.0", "https://us.ovhcloud.com/auth/oauth2/token"),
    ] {
        let form = "grant_type=client_credentials&client_id=i&client_secret=s&scope=all";
        let token = r#"{"access_token": "t", "token_type": "Bearer", "expires_in": 3599}"#;
        let script = [
            Exchange::new("POST", token_url).json(form.into()).answer(200, token),
            Exchange::new("GET", &format!("{api}/domain/zone"))
                .header("authorization", "Bearer t")
                .answer(200, "[]"),
        ];
        let settings =
            [("OVH_ENDPOINT", region), ("OVH_CLIENT_ID", "i"), ("OVH_CLIENT_SECRET", "s")];
        assert_eq!(refused(&settings, script), None);
    }
    let settings = [("OVH_ENDPOINT", "ovh-eu"), ("OVH_ACCESS_TOKEN", "t")];
    let script = [zones().header("authorization", "Bearer t").answer(200, "[]")];
    assert_eq!(refused(&settings, script), None);
}

#[test]
fn a_region_that_does_not_exist_is_named() {
    let error = refused(&[("OVH_ENDPOINT", "eu"), ("OVH_ACCESS_TOKEN", "t")], []).unwrap();
    assert_eq!(error.kind, ErrorKind::Config);
    assert!(error.message.contains("is `eu`, not `ovh-eu`"), "{error}");
}

#[test]
fn refusals_keep_their_words() {
    for (status, code, words) in [
        (400, "INVALID_a83d7f6455abba1184731d8daa59ad88cc891a0a", "Invalid signature"),
        (403, "INVALID_CREDENTIAL", "This credential is not valid"),
        (403, "NOT_GRANTED_CALL", "This call has not been granted"),
    ] {
        let body = serde_json::json!({"message": words, "errorCode": code});
        let error = refused(&KEYS, [zones().answer(status, body)]).unwrap();
        assert_eq!((error.kind, &*error.message), (ErrorKind::Auth, words));
    }
}

#[test]
fn a_record_below_a_similar_name_is_left_alone() {
    let zone = format!("{API}/domain/zone/example.com");
    let record_at = |id: u64, owner: &str, target: &str| {
        let body = serde_json::json!({
            "id": id, "fieldType": "TXT", "subDomain": owner, "target": target, "ttl": 60,
            "zone": "example.com",
        });
        Exchange::new("GET", &format!("{zone}/record/{id}")).answer(200, body)
    };
    let host = FakeHost::new([
        Exchange::new("GET", &zone).answer(200, r#"{"name": "example.com"}"#),
        Exchange::new("GET", &format!("{zone}/record?fieldType=TXT&subDomain=_acme-challenge"))
            .answer(200, "[1, 2, 3]"),
        record_at(1, "xacme-challenge", "\"v\""),
        // Gone since.
        Exchange::new("GET", &format!("{zone}/record/2")).answer(404, "{}"),
        record_at(3, "_acme-challenge", "v"),
        Exchange::new("DELETE", &format!("{zone}/record/3")).answer(200, "null"),
        Exchange::new("POST", &format!("{zone}/refresh")).answer(200, "null"),
    ]);
    let results =
        host.call(&KEYS, |cx| Exported::new(cx).unwrap().remove(cx, &[removal(OWNER, "v", None)]));
    assert_eq!(results, [Ok(())]);
    host.finish();
}

#[test]
fn a_zone_that_cannot_be_published_is_an_error() {
    let zone = format!("{API}/domain/zone/example.com");
    let body = serde_json::json!({
        "fieldType": "TXT", "subDomain": "_acme-challenge", "target": "\"v\"", "ttl": 120,
    });
    let created = r#"{"id": 7, "target": "\"v\"", "subDomain": "_acme-challenge"}"#;
    let host = FakeHost::new([
        Exchange::new("GET", &zone).answer(200, r#"{"name": "example.com"}"#),
        Exchange::new("GET", &format!("{zone}/record?fieldType=TXT&subDomain=_acme-challenge"))
            .answer(200, "[]"),
        Exchange::new("POST", &format!("{zone}/record")).json(body).answer(200, created),
        Exchange::new("POST", &format!("{zone}/refresh"))
            .answer(409, r#"{"message": "A zone task is running"}"#),
    ]);
    let results =
        host.call(&KEYS, |cx| Exported::new(cx).unwrap().present(cx, &[record(OWNER, "v")]));
    host.finish();
    assert_eq!(the_error(results).message, "A zone task is running");
}
