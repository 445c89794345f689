use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    ErrorKind, Provider, conformance,
    testing::{Exchange, FakeHost, Local, conformance::assert_reads_again, record, the_error},
};

use crate::{Exported, MANIFEST};

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);

const SETTINGS: [(&str, &str); 2] =
    [("SAKURACLOUD_ACCESS_TOKEN", "token"), ("SAKURACLOUD_ACCESS_TOKEN_SECRET", "secret")];
const ITEMS: &str = "https://secure.sakura.ad.jp/cloud/zone/is1a/api/cloud/1.1/commonserviceitem";
const ITEM: &str =
    "https://secure.sakura.ad.jp/cloud/zone/is1a/api/cloud/1.1/commonserviceitem/113000010000";

fn listed() -> Exchange {
    let conditions = "%7B%22Count%22%3A100%2C%22Filter%22%3A%7B%22Provider.Class%22%3A%22dns%22%7D%2C\
                      %22From%22%3A0%7D";
    let item = json!({
        "ID": "113000010000", "Status": {"Zone": "example.com", "NS": []}, "Settings": null
    });
    let body = json!({"From": 0, "Count": 1, "Total": 1, "CommonServiceItems": [item]});
    Exchange::new("GET", &format!("{ITEMS}?{conditions}")).answer(200, body)
}

fn settings(records: &[Value]) -> Value {
    let log = json!({"Enabled": "True"});
    json!({"DNS": {"ResourceRecordSets": records, "MonitoringSuiteLog": log}, "Newer": [1]})
}

fn read(hash: &str, records: &[Value]) -> Exchange {
    let item = json!({
        "ID": "113000010000", "Name": "example.com", "Settings": settings(records),
        "SettingsHash": hash, "Status": {"Zone": "example.com"},
    });
    Exchange::new("GET", ITEM).answer(200, json!({"CommonServiceItem": item, "is_ok": true}))
}

fn written(hash: &str, records: &[Value]) -> Exchange {
    let item = json!({"Settings": settings(records), "SettingsHash": hash});
    Exchange::new("PUT", ITEM).json(json!({"CommonServiceItem": item}))
}

fn refused(exchange: Exchange, status: u16, code: &str) -> Exchange {
    let body = json!({"is_fatal": true, "error_code": code, "error_msg": format!("error-{code}")});
    exchange.answer(status, body)
}

#[test]
fn what_somebody_else_writes_in_between_stays() {
    assert_reads_again(&Local::<Exported, simulator::Vendor>::new(), MANIFEST);
}

#[test]
fn a_change_in_between_is_read_again_and_everything_else_goes_back_as_it_came() {
    let mail = json!({"Name": "@", "Type": "MX", "RData": "10 mail.example.com."});
    let strange = json!({"Name": "x", "Type": "NEW", "RData": "?", "TTL": 60, "Weight": 2});
    let ours = json!({"Name": "_acme-challenge", "Type": "TXT", "RData": "v", "TTL": 120});
    let host = FakeHost::new([
        listed(),
        read("aa", std::slice::from_ref(&mail)),
        refused(written("aa", &[mail.clone(), ours.clone()]), 409, "conflict"),
        read("bb", &[mail.clone(), strange.clone()]),
        written("bb", &[mail, strange, ours]).answer(200, r#"{"Success": true, "is_ok": true}"#),
    ]);
    host.call(&SETTINGS, |cx| {
        let records = [record("_acme-challenge.example.com.", "v")];
        assert_eq!(Exported::new(cx).unwrap().present(cx, &records), [Ok(None)]);
    });
    host.finish();
}

#[test]
fn a_key_without_the_right_to_modify_is_told_so() {
    let ours = json!({"Name": "_acme-challenge", "Type": "TXT", "RData": "v", "TTL": 120});
    let host = FakeHost::new([
        listed(),
        read("aa", &[]),
        refused(written("aa", &[ours]), 403, "forbidden"),
    ]);
    host.call(&SETTINGS, |cx| {
        let records = [record("_acme-challenge.example.com.", "v")];
        let error = the_error(Exported::new(cx).unwrap().present(cx, &records));
        assert_eq!((error.kind, &*error.message), (ErrorKind::Auth, "error-forbidden"));
    });
    host.finish();
}

#[test]
fn an_answer_without_records_is_never_taken_for_an_empty_zone() {
    let item = json!({"Settings": {"DNS": {}}, "SettingsHash": "aa"});
    let body = json!({"CommonServiceItem": item});
    let host = FakeHost::new([listed(), Exchange::new("GET", ITEM).answer(200, body)]);
    host.call(&SETTINGS, |cx| {
        let records = [record("_acme-challenge.example.com.", "v")];
        let error = the_error(Exported::new(cx).unwrap().present(cx, &records));
        assert_eq!(error.kind, ErrorKind::Permanent);
        assert_eq!(error.message, "the answer for `example.com.` has no records");
    });
    host.finish();
}
