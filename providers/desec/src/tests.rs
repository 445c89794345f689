use wildcert_plugin_sdk::{
    Error, ErrorKind, Provider, conformance,
    testing::{Exchange, FakeHost, record, removal, the_error},
};

use crate::{Exported, MANIFEST};

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);

const DOMAINS: &str = "https://desec.io/api/v1/domains/";
const OWNER: &str = "_acme-challenge.example.com.";

fn found() -> Exchange {
    Exchange::new("GET", &format!("{DOMAINS}?owns_qname=example.com"))
        .header("authorization", "Token t")
        .answer(200, r#"[{"name": "example.com", "minimum_ttl": 3600}]"#)
}

fn rrsets(entries: &str) -> Exchange {
    Exchange::new("GET", &format!("{DOMAINS}example.com/rrsets/?type=TXT&cursor="))
        .answer(200, entries)
}

fn patch(entries: serde_json::Value) -> Exchange {
    Exchange::new("PATCH", &format!("{DOMAINS}example.com/rrsets/")).json(entries)
}

fn refused(status: u16, body: &str) -> Error {
    let entry = serde_json::json!({
        "subname": "_acme-challenge", "type": "TXT", "ttl": 120, "records": ["\"v\""],
    });
    let host = FakeHost::new([found(), rrsets("[]"), patch([entry].into()).answer(status, body)]);
    let results = host.call(&[("DESEC_TOKEN", "t")], |cx| {
        Exported::new(cx).unwrap().present(cx, &[record(OWNER, "v")])
    });
    host.finish();
    the_error(results)
}

#[test]
fn all_names_of_a_domain_are_read_at_once_and_written_at_once() {
    let entry = |subname: &str, records: &[&str]| serde_json::json!({"subname": subname, "type": "TXT", "ttl": 3600, "records": records});
    let there = serde_json::json!([
        entry("", &["\"v=spf1 -all\""]),
        entry("_acme-challenge", &["\"a\"", "\"of \" \"another\""]),
        entry("_acme-challenge.www", &["\"b\""]),
    ]);
    let left = serde_json::json!([
        entry("_acme-challenge", &["\"of another\""]),
        entry("_acme-challenge.www", &[]),
    ]);
    let host = FakeHost::new([found(), rrsets(&there.to_string()), patch(left).answer(200, "[]")]);
    let removals =
        [removal(OWNER, "a", None), removal("_acme-challenge.www.example.com.", "b", None)];
    let results =
        host.call(&[("DESEC_TOKEN", "t")], |cx| Exported::new(cx).unwrap().remove(cx, &removals));
    assert_eq!(results, [Ok(()), Ok(())]);
    host.finish();
}

#[test]
fn a_token_whose_policies_forbid_the_write_is_auth() {
    let error = refused(403, r#"{"detail": "Insufficient token permissions."}"#);
    assert_eq!(error.kind, ErrorKind::Auth);
    assert_eq!(error.message, "Insufficient token permissions.");
}

#[test]
fn the_faults_of_the_entries_are_told() {
    let body = r#"[{"ttl": ["Ensure this value is greater than or equal to 3600."]}]"#;
    let error = refused(400, body);
    assert_eq!(error.kind, ErrorKind::Permanent);
    assert_eq!(error.message, body);
}

#[test]
fn a_throttled_request_tells_when_to_come_again() {
    let error =
        refused(429, r#"{"detail": "Request was throttled. Expected available in 50 seconds."}"#);
    assert_eq!(error.kind, ErrorKind::RateLimited);
    assert_eq!(error.message, "Request was throttled. Expected available in 50 seconds.");
}
