use wildcert_plugin_sdk::{
    ErrorKind, Provider, conformance, recordings,
    testing::{
        Exchange, FakeHost, Local,
        conformance::{Bench, Settings, assert_reads_again},
        record, removal,
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

fn requests(bench: &dyn Bench) -> Vec<String> {
    let state = bench.vendor().unwrap().state().unwrap();
    assert_eq!(state.violations, [""; 0]);
    let bare = |request: &String| request.replace("https://", "").replace("2013-04-01/", "");
    state.requests.iter().map(bare).collect()
}

fn settings(more: &[(&str, &str)]) -> Settings {
    let own = [
        ("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "right/secret+"),
        ("AWS_WAIT_FOR_RECORD_SETS_CHANGED", "true"),
    ];
    let mut settings = Settings::new();
    for (name, value) in own.iter().chain(more) {
        settings.retain(|(known, _)| known != name);
        settings.push(((*name).into(), (*value).into()));
    }
    settings
}

#[test]
fn private_zones_are_kept_apart() {
    let bench = Bed::with_zones(&["example.com.", "private.example.com."]);
    assert_eq!(bench.check(&settings(&[])).unwrap(), ["example.com."]);
    let private = settings(&[("AWS_PRIVATE_ZONE", "true")]);
    assert_eq!(bench.check(&private).unwrap(), ["private.example.com."]);
}

/// Names of one zone go in one change; what is taken away is not waited for.
#[test]
fn requests_are_few() {
    let bench = Bed::with_zones(&["example.com."]);
    let other = "_acme-challenge.x.example.com.";
    let records = [record(OWNER, "a"), record(OWNER, "b"), record(other, "c")];
    assert_eq!(bench.present(&settings(&[]), &records), [Ok(None), Ok(None), Ok(None)]);
    assert_eq!(bench.remove(&settings(&[]), &[removal(OWNER, "a", None)]), [Ok(())]);
    let read = "GET route53.amazonaws.com/hostedzone/Z0000000010000/rrset";
    let change = "POST route53.amazonaws.com/hostedzone/Z0000000010000/rrset/";
    let look = "GET route53.amazonaws.com/change/C0000000000000";
    let list = "GET route53.amazonaws.com/hostedzonesbyname";
    assert_eq!(requests(&bench), [list, read, read, change, look, look, read, change]);
}

#[test]
fn a_named_zone_is_not_looked_for_and_a_change_need_not_be_waited_for() {
    let bench = Bed::with_zones(&["example.net.", "example.com."]);
    let named = settings(&[
        ("AWS_HOSTED_ZONE_ID", "Z0000000020000"),
        ("AWS_WAIT_FOR_RECORD_SETS_CHANGED", "false"),
    ]);
    assert_eq!(bench.present(&named, &[record(OWNER, "v")]), [Ok(None)]);
    assert_eq!(requests(&bench).len(), 2);
    assert_eq!(bench.check(&named).unwrap(), ["example.com."]);
    let absent = settings(&[("AWS_HOSTED_ZONE_ID", "Z0000000030000")]);
    let error = bench.present(&absent, &[record(OWNER, "v")]).remove(0).unwrap_err();
    assert_eq!(error.kind, ErrorKind::ZoneNotFound);
}

#[test]
fn a_role_is_assumed_once() {
    let bench = Bed::with_zones(&["example.com."]);
    let role = [("AWS_ASSUME_ROLE_ARN", "arn:aws:iam::123456789012:role/dns")];
    let error = bench.check(&settings(&role)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Auth);
    assert_eq!(error.message, "AccessDenied: User is not authorized to perform: sts:AssumeRole");
    let role = settings(&[role[0], ("AWS_EXTERNAL_ID", "outside")]);
    assert_eq!(bench.check(&role).unwrap(), ["example.com."]);
    assert_eq!(bench.present(&role, &[record(OWNER, "v")]), [Ok(None)]);
    let roles = requests(&bench).iter().filter(|request| request.contains("sts.")).count();
    assert_eq!(roles, 2);
}

#[test]
fn a_temporary_key_brings_its_session_token() {
    let bench = Bed::with_zones(&["example.com."]);
    let mut temporary = settings(&[
        ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "passing/secret"),
        ("AWS_SESSION_TOKEN", "session/token=="),
    ]);
    assert_eq!(bench.check(&temporary).unwrap(), ["example.com."]);
    temporary.retain(|(name, _)| name != "AWS_SESSION_TOKEN");
    assert_eq!(bench.check(&temporary).unwrap_err().kind, ErrorKind::Auth);
}

#[test]
fn other_partitions_have_other_servers() {
    for (region, host) in [
        ("cn-north-1", "route53.amazonaws.com.cn"),
        ("us-gov-east-1", "route53.us-gov.amazonaws.com"),
        ("eu-west-1", "route53.amazonaws.com"),
    ] {
        let url = format!("https://{host}/2013-04-01/hostedzonesbyname");
        let host = FakeHost::new([Exchange::new("GET", &url).answer(200, "<a/>")]);
        let settings = settings(&[("AWS_REGION", region)]);
        let settings: Vec<_> = settings.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        host.call(&settings, |cx| {
            assert_eq!(Exported::new(cx).unwrap().check(cx), Ok(Vec::new()));
        });
        host.finish();
    }
}

#[test]
fn the_code_of_a_refusal_says_what_it_is() {
    for (code, kind) in [
        ("Throttling", ErrorKind::RateLimited),
        ("PriorRequestNotComplete", ErrorKind::Transient),
        ("InvalidChangeBatch", ErrorKind::Permanent),
        ("RequestExpired", ErrorKind::Auth),
        ("InvalidInput", ErrorKind::Permanent),
    ] {
        let body = format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
             <Message>No.</Message></Error></ErrorResponse>"
        );
        let host = FakeHost::new([Exchange::new("GET", "https://x.example/").answer(400, body)]);
        let error = host.call(&[], |cx| ask(cx.request("GET", "https://x.example/"))).unwrap_err();
        assert_eq!((error.kind, error.message), (kind, format!("{code}: No.")));
    }
}
