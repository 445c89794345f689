use wildcert_plugin_sdk::{
    ErrorKind, Provider, conformance, recordings,
    testing::{Exchange, FakeHost, record, the_error},
};

use super::*;

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);
recordings!(Exported, MANIFEST, simulator::Vendor);

const OWNER: &str = "_acme-challenge.example.com.";
const SETTINGS: [(&str, &str); 3] = [
    ("PDNS_API_URL", "http://192.0.2.1:8081/dns/"),
    ("PDNS_API_KEY", "key"),
    ("PDNS_API_VERSION", "0"),
];
const ZONES: &str = "http://192.0.2.1:8081/dns/api/v1/servers/localhost/zones";

fn exchange(method: &'static str, path: &str) -> Exchange {
    Exchange::new(method, &format!("{ZONES}{path}")).header("x-api-key", "key")
}

fn read() -> Exchange {
    exchange("GET", "/example.com.")
}

fn patch(rrsets: Value) -> Exchange {
    exchange("PATCH", "/example.com.").json(json!({ "rrsets": rrsets })).answer(204, "")
}

fn contents(kind: &str, records: Value) -> Value {
    let rrset = json!({"name": OWNER, "type": "TXT", "ttl": 3600, "records": records});
    json!({"name": "example.com.", "kind": kind, "rrsets": [rrset]})
}

fn empty(kind: &str) -> Value {
    json!({"name": "example.com.", "kind": kind, "rrsets": []})
}

fn entry(content: &str, disabled: bool) -> Value {
    json!({"content": content, "disabled": disabled})
}

fn replace(owner: &str, ttl: u32, records: &[Value]) -> Value {
    json!({"name": owner, "type": "TXT", "ttl": ttl, "changetype": "REPLACE", "records": records})
}

fn run<T>(
    script: impl IntoIterator<Item = Exchange>,
    operation: impl FnOnce(&Rrsets<Pdns>, &Context<'_>) -> T,
) -> T {
    let host = FakeHost::new(script);
    let result = host.call(&SETTINGS, |cx| operation(&Rrsets::new(cx).unwrap(), cx));
    host.finish();
    result
}

#[test]
fn two_values_are_one_read_one_write_and_one_notify() {
    let records = [entry("\"a\"", false), entry("\"b\"", false)];
    let script = [
        read().answer(200, empty("Master")),
        patch(json!([replace(OWNER, 120, &records)])),
        exchange("PUT", "/example.com./notify").answer(200, "{}"),
    ];
    run(script, |provider, cx| {
        let results = provider.present(cx, &[record(OWNER, "a"), record(OWNER, "b")]);
        assert_eq!(results, [Ok(None), Ok(None)]);
    });
}

#[test]
fn foreign_records_stay_as_they_are() {
    let there = json!([entry("\"for\" \"\\101ign\"", false), entry("\"off\"", true)]);
    let script = [
        read().answer(200, contents("Native", there.clone())),
        patch(json!([replace(
            OWNER,
            3600,
            &[there[0].clone(), there[1].clone(), entry("\"a\"", false)]
        )])),
    ];
    run(script, |provider, cx| {
        assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(None)]);
    });
}

#[test]
fn a_disabled_twin_gives_way() {
    let there = json!([entry("\"a\"", true), entry("\"off\"", true)]);
    let script = [
        read().answer(200, contents("Native", there.clone())),
        patch(json!([replace(OWNER, 120, &[there[1].clone(), entry("\"a\"", false)])])),
    ];
    run(script, |provider, cx| {
        assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(None)]);
    });
}

#[test]
fn what_is_there_is_not_written_again() {
    let there = json!([entry("\"a\"", false)]);
    run([read().answer(200, contents("Master", there))], |provider, cx| {
        assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(None)]);
    });
}

#[test]
fn fifty_names_are_one_read_and_one_write() {
    let mut owners: Vec<String> =
        (0..50).map(|n| format!("_acme-challenge.n{n}.example.com.")).collect();
    owners.sort();
    let changes: Vec<Value> =
        owners.iter().map(|owner| replace(owner, 120, &[entry("\"v\"", false)])).collect();
    let script = [read().answer(200, contents("Native", json!([]))), patch(json!(changes))];
    run(script, |provider, cx| {
        let records: Vec<_> = owners.iter().map(|owner| record(owner, "v")).collect();
        assert_eq!(provider.present(cx, &records), vec![Ok(None); 50]);
    });
}

#[test]
fn an_unknown_zone_lists_the_known_ones() {
    for status in [404, 422] {
        let script = [
            read().answer(status, json!({"error": "Could not find domain"})),
            exchange("GET", "?dnssec=false")
                .answer(200, json!([{"name": "a.test.", "kind": "Native"}, {"name": "b.test.", "kind": "Slave"}])),
        ];
        run(script, |provider, cx| {
            let error = the_error(provider.present(cx, &[record(OWNER, "a")]));
            assert_eq!(error.kind, ErrorKind::ZoneNotFound);
            let words = "no zone for `example.com.`: the credentials reach a.test., b.test.";
            assert_eq!(error.message, words);
        });
    }
}

#[test]
fn refusals_keep_the_servers_words() {
    let script = [
        read().answer(200, empty("Native")),
        patch(json!([replace(OWNER, 120, &[entry("\"a\"", false)])]))
            .answer(422, json!({"error": "RRset is locked"})),
        exchange("GET", "?dnssec=false").answer(401, "Unauthorized"),
    ];
    run(script, |provider, cx| {
        let error = the_error(provider.present(cx, &[record(OWNER, "a")]));
        assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Permanent, "RRset is locked"));
        assert_eq!(provider.check(cx).unwrap_err().kind, ErrorKind::Auth);
    });
}

#[test]
fn a_failed_notify_is_a_warning() {
    let host = FakeHost::new([
        read().answer(200, empty("Master")),
        patch(json!([replace(OWNER, 120, &[entry("\"a\"", false)])])),
        exchange("PUT", "/example.com./notify").answer(500, "no"),
    ]);
    host.call(&SETTINGS, |cx| {
        let provider: Rrsets<Pdns> = Rrsets::new(cx).unwrap();
        assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(None)]);
    });
    let expected = "warn: the secondaries of `example.com.` were not notified: no (status 500)";
    assert_eq!(host.log_lines(), [expected]);
    host.finish();
}
