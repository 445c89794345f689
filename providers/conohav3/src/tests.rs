use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Context, ErrorKind, Provider, Result, conformance,
    testing::{
        Data, Exchange, FakeHost, Local, Setup, Simulator,
        conformance::{Bench, Settings, Vendor},
        record, removal,
    },
};

use crate::{Exported, MANIFEST};

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);

const DOMAINS: &str = "https://dns-service.c3j1.conoha.io/v1/domains";

fn zones(cx: &Context<'_>) -> Result<Vec<String>> {
    Exported::new(cx).unwrap().check(cx)
}

fn run<T>(host: &FakeHost<'_>, operation: impl FnOnce(&Context<'_>) -> T) -> T {
    let settings = [
        ("CONOHAV3_TENANT_ID", "tenant"),
        ("CONOHAV3_API_USER_ID", "user"),
        ("CONOHAV3_API_PASSWORD", "password"),
        ("CONOHAV3_REGION", "c3j1"),
    ];
    host.call(&settings, operation)
}

fn log_in() -> Exchange {
    let user = json!({"id": "user", "password": "password"});
    let identity = json!({"methods": ["password"], "password": {"user": user}});
    let body = json!({"auth": {"identity": identity, "scope": {"project": {"id": "tenant"}}}});
    Exchange::new("POST", "https://identity.c3j1.conoha.io/v3/auth/tokens").json(body)
}

fn domains(token: &str, status: u16, body: Value) -> Exchange {
    Exchange::new("GET", DOMAINS).header("x-auth-token", token).answer(status, body)
}

fn token(value: &str) -> Exchange {
    log_in().answer(201, json!({"token": {}})).answer_header("x-subject-token", value)
}

#[test]
fn a_token_is_kept_and_replaced_when_it_counts_no_longer() {
    let one = json!({"domains": [{"uuid": "u", "name": "example.com."}], "total_count": 1});
    let refusal = json!({"code": 401, "error": "Unauthorized"});
    let host = FakeHost::new([
        token("first"),
        domains("first", 200, one.clone()),
        domains("first", 200, one.clone()),
        domains("first", 401, refusal),
        token("second"),
        domains("second", 200, one),
    ]);
    run(&host, |cx| {
        for _ in 0..3 {
            assert_eq!(zones(cx), Ok(vec!["example.com.".to_owned()]));
        }
    });
    host.finish();
}

#[test]
fn refusals_are_told_in_the_vendors_words() {
    let user = json!({"error": {"code": 401, "message": "requires authentication.", "title": "x"}});
    let host = FakeHost::new([log_in().answer(401, user)]);
    let error = run(&host, zones).unwrap_err();
    assert_eq!((error.kind, &*error.message), (ErrorKind::Auth, "requires authentication."));
    host.finish();
    for (status, body, kind, words) in [
        (403, json!({"code": 403, "type": "forbidden"}), ErrorKind::Auth, "forbidden"),
        (400, json!({"code": 400, "type": "bad_request"}), ErrorKind::Permanent, "bad_request"),
        (500, json!({"message": "out of order"}), ErrorKind::Transient, "out of order"),
    ] {
        let host = FakeHost::new([token("t"), domains("t", status, body)]);
        let error = run(&host, zones).unwrap_err();
        assert_eq!((error.kind, &*error.message), (kind, words));
        host.finish();
    }
}

#[test]
fn a_log_in_without_a_token_is_an_error() {
    let host = FakeHost::new([log_in().answer(201, json!({"token": {}}))]);
    let error = run(&host, zones).unwrap_err();
    assert_eq!(error.message, "the log-in's answer has no token");
    host.finish();
}

#[test]
fn the_same_text_at_another_name_is_another_record() {
    let bench = Local::<Exported, simulator::Vendor>::new();
    let settings = simulator::Vendor::SETTINGS.iter();
    let settings: Settings =
        settings.map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let mut data = Data::default();
    data.add_zone("example.com.").add("other.example.com.", "TXT", 60, "text");
    bench.set_up(Setup { data: data.clone(), fault: None }).unwrap();
    let owner = "_acme-challenge.example.com.";
    assert!(bench.present(&settings, &[record(owner, "text")])[0].is_ok());
    let there = |owner: &str| bench.state().unwrap().data.txt(owner);
    assert_eq!((there(owner).len(), there("other.example.com.").len()), (1, 1));
    assert_eq!(bench.remove(&settings, &[removal(owner, "text", None)]), [Ok(())]);
    assert_eq!((there(owner).len(), there("other.example.com.").len()), (0, 1));
}
