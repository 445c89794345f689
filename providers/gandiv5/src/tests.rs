use wildcert_plugin_sdk::{
    ErrorKind, Provider, conformance, recordings,
    testing::{Exchange, FakeHost, record, the_error},
};

use crate::{Exported, MANIFEST};

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);
recordings!(Exported, MANIFEST, simulator::Vendor);

const DOMAIN: &str = "https://api.gandi.net/v5/livedns/domains/example.com";

#[test]
fn the_older_key_has_a_scheme_of_its_own() {
    for (settings, authorization) in [
        (vec![("GANDIV5_API_KEY", "key")], "Apikey key"),
        (vec![("GANDIV5_API_KEY", "key"), ("GANDIV5_PERSONAL_ACCESS_TOKEN", "pat")], "Bearer pat"),
    ] {
        let url = "https://api.gandi.net/v5/livedns/domains?page=1&per_page=100";
        let exchange = Exchange::new("GET", url).header("authorization", authorization);
        let host = FakeHost::new([exchange.answer(200, "[]")]);
        host.call(&settings, |cx| Exported::new(cx).unwrap().check(cx).unwrap());
        host.finish();
    }
}

#[test]
fn the_fault_of_a_field_is_told() {
    let refusal = r#"{"code": 400, "object": "HTTPBadRequest", "cause": "Bad Request",
        "message": "Error", "errors": [{"location": "body", "name": "rrset_ttl",
        "description": "120 is less than minimum value 300"}]}"#;
    let records = format!("{DOMAIN}/records/_acme-challenge/TXT");
    let body = serde_json::json!({"rrset_ttl": 120, "rrset_values": ["\"v\""]});
    let host = FakeHost::new([
        Exchange::new("GET", DOMAIN).answer(200, r#"{"fqdn": "example.com"}"#),
        Exchange::new("GET", &records).answer(404, "{}"),
        Exchange::new("PUT", &records).json(body).answer(400, refusal),
    ]);
    let results = host.call(&[("GANDIV5_API_KEY", "key")], |cx| {
        Exported::new(cx).unwrap().present(cx, &[record("_acme-challenge.example.com.", "v")])
    });
    let error = the_error(results);
    assert_eq!(error.kind, ErrorKind::Permanent);
    assert_eq!(error.message, "120 is less than minimum value 300");
    host.finish();
}
