use serde_json::Value;
use wildcert_plugin_sdk::{
    Provider, conformance, recordings,
    testing::{Exchange, FakeHost, record, removal},
};

use super::*;

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);
recordings!(Exported, MANIFEST, simulator::Vendor);

const OWNER: &str = "_acme-challenge.example.com.";
const TOKEN: [(&str, &str); 1] = [("CLOUDFLARE_DNS_API_TOKEN", "t")];
const LIST: &str =
    "/zones/z1/dns_records?type=TXT&name=_acme-challenge.example.com&per_page=1000&page=1";

fn exchange(method: &'static str, path: &str) -> Exchange {
    Exchange::new(method, &format!("{API}{path}")).header("authorization", "Bearer t")
}

fn result(result: Value) -> Value {
    json!({"result": result, "success": true, "errors": [], "messages": []})
}

fn find_zone(token: &str) -> Exchange {
    Exchange::new("GET", &format!("{API}/zones?name=example.com"))
        .header("authorization", &format!("Bearer {token}"))
        .answer(200, result(json!([{"id": "z1", "name": "example.com"}])))
}

fn create(value: &str) -> Exchange {
    exchange("POST", "/zones/z1/dns_records").json(body(OWNER, value))
}

fn body(owner: &str, value: &str) -> Value {
    let name = owner.trim_end_matches('.');
    json!({"type": "TXT", "name": name, "content": format!("\"{value}\""), "ttl": 120})
}

fn listed(id: &str, content: &str) -> Value {
    json!({"id": id, "type": "TXT", "name": "_acme-challenge.example.com", "content": content})
}

fn fault(code: u64, message: &str) -> Value {
    let errors = json!([{"code": code, "message": message}]);
    json!({"result": null, "success": false, "errors": errors, "messages": []})
}

fn run<T>(
    settings: &[(&str, &str)],
    script: impl IntoIterator<Item = Exchange>,
    operation: impl FnOnce(&Records<Cloudflare>, &Context<'_>) -> T,
) -> T {
    let host = FakeHost::new(script);
    let result = host.call(settings, |cx| operation(&Records::new(cx).unwrap(), cx));
    host.finish();
    result
}

#[test]
fn a_value_that_is_there_is_not_created_whether_listed_with_quotes_or_without() {
    let there = json!([listed("r1", "\"a\""), listed("r2", "b")]);
    let script = [find_zone("t"), exchange("GET", LIST).answer(200, result(there))];
    run(&TOKEN, script, |provider, cx| {
        let results = provider.present(cx, &[record(OWNER, "a"), record(OWNER, "b")]);
        assert_eq!(results, [Ok(Some("r1".into())), Ok(Some("r2".into()))]);
    });
}

#[test]
fn an_identical_record_is_found_again() {
    for code in IDENTICAL_RECORD {
        let script = [
            find_zone("t"),
            exchange("GET", LIST).answer(200, result(json!([]))),
            create("a").answer(400, fault(code, "An identical record already exists.")),
            exchange("GET", LIST).answer(200, result(json!([listed("r9", "\"a\"")]))),
        ];
        run(&TOKEN, script, |provider, cx| {
            assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(Some("r9".into()))]);
        });
    }
}

#[test]
fn zones_are_looked_up_with_their_own_token_and_remembered() {
    let settings = [TOKEN[0], ("CLOUDFLARE_ZONE_API_TOKEN", "zt")];
    let nothing = exchange("GET", LIST).answer(200, result(json!([])));
    let script = [find_zone("zt"), nothing.clone(), nothing];
    run(&settings, script, |provider, cx| {
        assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
        assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
    });
}

#[test]
fn a_fixed_zone_needs_no_look_up() {
    let settings = [TOKEN[0], ("CLOUDFLARE_ZONE_ID", "z1")];
    let script = [
        exchange("GET", "/zones/z1/dns_records?per_page=1").answer(200, result(json!([]))),
        exchange("GET", LIST).answer(200, result(json!([]))),
    ];
    run(&settings, script, |provider, cx| {
        assert_eq!(provider.check(cx), Ok(Vec::new()));
        assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
    });
}

#[test]
fn the_global_key_goes_with_the_address_and_the_base_url_is_kept() {
    let settings = [
        ("CLOUDFLARE_EMAIL", "a@example.com"),
        ("CLOUDFLARE_API_KEY", "k"),
        ("CLOUDFLARE_BASE_URL", "https://proxy.example/cf/"),
    ];
    let script = [Exchange::new("GET", "https://proxy.example/cf/zones?per_page=50&page=1")
        .header("x-auth-email", "a@example.com")
        .header("x-auth-key", "k")
        .answer(200, result(json!([{"id": "z1", "name": "example.com"}])))];
    run(&settings, script, |provider, cx| {
        assert_eq!(provider.check(cx), Ok(vec!["example.com.".to_owned()]));
    });
}

#[test]
fn refusals_have_kinds_and_the_vendors_words() {
    let chain = json!([{"code": 6111, "message": "Invalid format for Authorization header"}]);
    let mut malformed = fault(6003, "Invalid request headers");
    malformed["errors"][0]["error_chain"] = chain;
    for (status, body, kind, words) in [
        (
            400,
            malformed,
            ErrorKind::Auth,
            "Invalid request headers (code 6003): Invalid format for Authorization header (code 6111)",
        ),
        (403, fault(10000, "Authentication error"), ErrorKind::Auth, "(code 10000)"),
        (400, fault(9109, "Invalid access token"), ErrorKind::Auth, "(code 9109)"),
        (400, fault(1004, "DNS Validation Error"), ErrorKind::Permanent, "DNS Validation Error"),
        (429, fault(971, "Please wait"), ErrorKind::RateLimited, "Please wait (code 971)"),
        (502, json!("<html>"), ErrorKind::Transient, "<html>"),
    ] {
        let script = [exchange("GET", "/zones?per_page=50&page=1").answer(status, body)];
        let error = run(&TOKEN, script, |provider, cx| provider.check(cx)).unwrap_err();
        assert_eq!((error.kind, error.status), (kind, Some(status)), "{error}");
        assert!(error.message.contains(words), "{error}");
    }
}

#[test]
fn half_of_the_credentials_is_a_fault_of_the_settings() {
    FakeHost::default().call(&[("CLOUDFLARE_EMAIL", "a@example.com")], |cx| {
        let error = Records::<Cloudflare>::new(cx).map(drop).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Config);
        assert!(error.message.contains("CLOUDFLARE_API_KEY"), "{error}");
    });
}

#[test]
fn fifty_names_take_four_requests_in_and_out() {
    let owner = |number: u32| format!("_acme-challenge.h{number:02}.example.com.");
    let records: Vec<_> = (0..50).map(|number| record(&owner(number), "v")).collect();
    let id = |number: u32| json!({"id": format!("r{number:02}")});
    let posts: Vec<Value> = (0..50).map(|number| body(&owner(number), "v")).collect();
    let ids: Vec<Value> = (0..50).map(id).collect();
    let batch = || exchange("POST", "/zones/z1/dns_records/batch");
    let script = [
        find_zone("t"),
        exchange("GET", "/zones/z1/dns_records?type=TXT&per_page=1000&page=1")
            .answer(200, result(json!([listed("r0", "foreign")]))),
        batch().json(json!({"posts": posts})).answer(200, result(json!({"posts": ids}))),
        batch().json(json!({"deletes": ids})).answer(200, result(json!({"deletes": ids}))),
    ];
    run(&TOKEN, script, |provider, cx| {
        let handles: Vec<_> =
            provider.present(cx, &records).into_iter().map(Result::unwrap).collect();
        let removals: Vec<_> = records
            .iter()
            .zip(&handles)
            .map(|(record, handle)| removal(&record.owner, "v", handle.as_deref()))
            .collect();
        assert!(provider.remove(cx, &removals).iter().all(Result::is_ok));
    });
}

#[test]
fn a_batch_with_a_record_that_is_gone_is_deleted_one_by_one() {
    let gone = || fault(81044, "Record does not exist.");
    let script = [
        find_zone("t"),
        exchange("POST", "/zones/z1/dns_records/batch")
            .json(json!({"deletes": [{"id": "r1"}, {"id": "r2"}]}))
            .answer(404, gone()),
        exchange("DELETE", "/zones/z1/dns_records/r1").answer(404, gone()),
        exchange("DELETE", "/zones/z1/dns_records/r2").answer(200, result(json!({"id": "r2"}))),
        exchange("GET", LIST).answer(200, result(json!([]))),
    ];
    run(&TOKEN, script, |provider, cx| {
        let removals = [removal(OWNER, "a", Some("r1")), removal(OWNER, "b", Some("r2"))];
        assert_eq!(provider.remove(cx, &removals), [Ok(()), Ok(())]);
    });
}
