use serde_json::json;
use wildcert_plugin_sdk::{
    ErrorKind, conformance, recordings,
    testing::{
        Exchange, FakeHost, Local,
        conformance::{Bench, Settings, assert_reads_again},
        record,
    },
};

use crate::{Exported, MANIFEST, ask};

mod simulator;

conformance!(Exported, MANIFEST, simulator::Vendor);
recordings!(Exported, MANIFEST, simulator::Vendor);

type Bed = Local<'static, Exported, simulator::Vendor>;

const OWNER: &str = "_acme-challenge.example.com.";

#[test]
fn a_concurrent_change_is_read_and_kept() {
    assert_reads_again(&Bed::new(), MANIFEST);
}

fn settings(more: &[(&str, &str)]) -> Settings {
    let own = [("GCE_SERVICE_ACCOUNT", simulator::ACCOUNT)];
    own.iter().chain(more).map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

#[test]
fn private_zones_count_where_they_are_allowed() {
    let bench = Bed::with_zones(&["example.com.", "private.example.com."]);
    assert_eq!(bench.check(&settings(&[])).unwrap(), ["example.com."]);
    let allowed = settings(&[("GCE_ALLOW_PRIVATE_ZONE", "true")]);
    assert_eq!(bench.check(&allowed).unwrap(), ["example.com.", "private.example.com."]);
}

#[test]
fn a_zone_that_is_named_needs_no_listing() {
    let bench = Bed::with_zones(&["example.net.", "example.com."]);
    let named = settings(&[("GCE_ZONE_ID", "20000")]);
    assert_eq!(bench.present(&named, &[record(OWNER, "v")]), [Ok(None)]);
    let state = bench.vendor().unwrap().state().unwrap();
    assert_eq!(state.data.txt(OWNER), ["v"]);
    assert!(!state.requests.iter().any(|request| request.ends_with("managedZones")));
    let absent = bench.check(&settings(&[("GCE_ZONE_ID", "30000")])).unwrap_err();
    assert_eq!(absent.kind, ErrorKind::ZoneNotFound);
}

#[test]
fn another_account_is_impersonated() {
    let bench = Bed::with_zones(&["example.com."]);
    let other = settings(&[("GCE_IMPERSONATE_SERVICE_ACCOUNT", "other@a-project.example")]);
    assert_eq!(bench.check(&other).unwrap(), ["example.com."]);
    assert_eq!(bench.present(&other, &[record(OWNER, "v")]), [Ok(None)]);
    let state = bench.vendor().unwrap().state().unwrap();
    assert_eq!(state.violations, [""; 0]);
    let tokens = state.requests.iter().filter(|request| request.starts_with("POST https://i"));
    assert_eq!(tokens.count(), 1, "{:?}", state.requests);
}

/// Present: token, zones, RRset, change, and two looks at the change; remove: RRset and change.
#[test]
fn requests_are_few() {
    let bench = Bed::with_zones(&["example.com."]);
    let records =
        [record(OWNER, "a"), record(OWNER, "b"), record("_acme-challenge.x.example.com.", "c")];
    assert_eq!(bench.present(&settings(&[]), &records), [Ok(None), Ok(None), Ok(None)]);
    assert_eq!(bench.vendor().unwrap().state().unwrap().requests.len(), 7);
}

#[test]
fn a_status_of_403_stands_for_many_things() {
    for (reason, kind) in [
        ("forbidden", ErrorKind::Auth),
        ("accessNotConfigured", ErrorKind::Auth),
        ("rateLimitExceeded", ErrorKind::RateLimited),
        ("quotaExceeded", ErrorKind::Permanent),
    ] {
        let body = json!({ "error": {
            "code": 403, "message": "No.", "errors": [{ "reason": reason, "message": "No." }],
        }});
        let host = FakeHost::new([Exchange::new("GET", "https://x.example/").answer(403, body)]);
        let error = host.call(&[], |cx| ask(cx.request("GET", "https://x.example/"))).unwrap_err();
        assert_eq!((error.kind, &*error.message), (kind, "No."));
    }
}
