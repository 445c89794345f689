//! The wait for the values, and what is said when they do not come.

use std::sync::Mutex;
use std::time::Duration;

use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RecordType;
use tokio::time::sleep;
use wildcert_dns::{Dns, DnsOptions, Error, Expected, Server, Sighting};

use crate::mock::{Fault, Mock};

const CHALLENGE: &str = "_acme-challenge.example.test.";
const LONG: Duration = Duration::from_secs(30);

fn dns() -> Dns {
    // Silent servers shall cost the tests little. The resolver is nobody: none may be asked.
    let resolvers = vec!["127.0.0.1:1".parse().unwrap()];
    let query_timeout = Duration::from_millis(300);
    Dns::new(DnsOptions { resolvers, query_timeout, ..DnsOptions::default() }).unwrap()
}

fn expected<const N: usize>(owner: &str, servers: Vec<Server>, values: [&str; N]) -> Expected {
    Expected {
        owner: owner.parse().unwrap(),
        zone: "example.test".parse().unwrap(),
        servers,
        values: values.map(str::to_owned).into(),
    }
}

async fn server(values: &[&str]) -> Mock {
    let mock = Mock::start().await;
    mock.zones(["example.test."]);
    for value in values {
        mock.add(CHALLENGE, "TXT", value);
    }
    mock
}

#[tokio::test]
async fn one_look_is_enough_where_the_values_are() {
    let mock = server(&["foreign", "one", "twotwo", "v=spf1 -all"]).await;
    // Two character-strings of one record are one value.
    mock.add(CHALLENGE, "TXT", "thr|ee");
    let wanted = expected(CHALLENGE, vec![mock.server("ns1")], ["one", "twotwo", "three"]);
    let sightings = Mutex::new(Vec::new());
    let seen = |sighting: &Sighting| sightings.lock().unwrap().push(sighting.clone());
    dns().wait(std::slice::from_ref(&wanted), LONG, seen).await.unwrap();

    let asked = mock.asked();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked.iter().all(|asked| asked.kind == RecordType::TXT && !asked.recursion));
    let expected = Sighting {
        zone: wanted.zone,
        owner: wanted.owner,
        server: mock.server("ns1"),
        found: 3,
        wanted: 3,
        complete: true,
        answer: "3 of 3 values".to_owned(),
    };
    assert_eq!(sightings.into_inner().unwrap(), [expected]);
}

#[tokio::test]
async fn the_late_server_is_waited_for_and_the_complete_one_left_in_peace() {
    let (ready, late) = (server(&["one", "two"]).await, server(&["one"]).await);
    let servers = vec![ready.server("ns1"), late.server("ns2")];
    let wanted = [expected(CHALLENGE, servers, ["one", "two"])];
    let sightings = Mutex::new(Vec::new());
    let seen = |sighting: &Sighting| {
        sightings.lock().unwrap().push((sighting.server.name.clone(), sighting.answer.clone()));
    };
    let dns = dns();
    let add_later = async {
        while late.asked().len() < 2 {
            sleep(Duration::from_millis(5)).await;
        }
        late.add(CHALLENGE, "TXT", "two");
    };
    let (waited, ()) = tokio::join!(dns.wait(&wanted, LONG, seen), add_later);
    waited.unwrap();

    assert_eq!(ready.asked().len(), 1);
    let mut sightings = sightings.into_inner().unwrap();
    assert_eq!(sightings.pop().unwrap(), ("ns2".to_owned(), "2 of 2 values".to_owned()));
    sightings.sort();
    sightings.dedup();
    let table = [("ns1", "2 of 2 values"), ("ns2", "1 of 2 values")];
    assert_eq!(sightings, table.map(|(name, said)| (name.to_owned(), said.to_owned())));
}

#[tokio::test]
async fn a_time_out_has_one_line_per_server() {
    let (full, half, empty) =
        (server(&["v1", "v2"]).await, server(&["v2"]).await, server(&[]).await);
    let (lame, failing, silent) = (Mock::start().await, server(&[]).await, server(&[]).await);
    let alias = server(&[]).await;
    failing.fault(CHALLENGE, Fault::Code(ResponseCode::ServFail));
    silent.fault(CHALLENGE, Fault::Silent);
    alias.add(CHALLENGE, "CNAME", "web.example.test.");
    let mocks = [&full, &half, &empty, &lame, &failing, &silent, &alias];
    let servers = mocks.iter().zip(1..).map(|(mock, n)| mock.server(&format!("ns{n}"))).collect();
    let wanted = [expected(CHALLENGE, servers, ["v1", "v2"])];

    let limit = Duration::from_millis(700);
    let error = dns().wait(&wanted, limit, |_| {}).await.unwrap_err();
    let owner = "`_acme-challenge.example.test.`";
    let lines = [
        "the TXT records did not reach every authoritative server within 700ms".to_owned(),
        format!("  ns1 ({}): has all values", full.address),
        format!("  ns2 ({}): {owner}: 1 of 2 values, lacks `v1`", half.address),
        format!("  ns3 ({}): {owner}: NXDOMAIN, SOA serial 7, lacks `v1`, `v2`", empty.address),
        format!("  ns4 ({}): {owner}: REFUSED, lacks `v1`, `v2`", lame.address),
        format!("  ns5 ({}): {owner}: SERVFAIL, lacks `v1`, `v2`", failing.address),
        format!("  ns6 ({}): {owner}: timed out, lacks `v1`, `v2`", silent.address),
        format!(
            "  ns7 ({}): {owner}: a CNAME record to `web.example.test.` in place of TXT records, \
             lacks `v1`, `v2`",
            alias.address
        ),
    ];
    assert_eq!(error.to_string(), lines.join("\n"));
    assert!(error.hint().unwrap().starts_with("a server that answers without the values"));
    let Error::Propagation { servers, .. } = error else { panic!("another error") };
    assert_eq!(servers.len(), 7);
    assert_eq!(full.asked().len(), 1);
    assert!(empty.asked().len() > 1);
}

#[tokio::test]
async fn a_silent_server_alone_gets_another_hint_and_many_names_one_line() {
    let silent = Mock::start().await;
    let names: Vec<String> =
        (0..5).map(|n| format!("_acme-challenge.n{n}.example.test.")).collect();
    let wanted: Vec<Expected> = names
        .iter()
        .map(|name| {
            silent.fault(name, Fault::Silent);
            expected(name, vec![silent.server("ns1")], ["v"])
        })
        .collect();
    let limit = Duration::from_millis(50);
    let error = dns().wait(&wanted, limit, |_| panic!("nothing is seen")).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the TXT records did not reach every authoritative server within 50ms\n  ns1 ({}): \
             `_acme-challenge.n0.example.test.`: no answer yet, lacks `v`; \
             `_acme-challenge.n1.example.test.`: no answer yet, lacks `v`; \
             `_acme-challenge.n2.example.test.`: no answer yet, lacks `v`; and 2 more names",
            silent.address
        )
    );
    assert!(error.hint().unwrap().starts_with("a server that does not answer"));
}

#[tokio::test]
async fn truncated_answers_are_asked_for_again_over_tcp() {
    let mock = server(&["one"]).await;
    mock.fault(CHALLENGE, Fault::Truncate);
    let server = mock.server("ns1");
    let values = dns().txt(&server, &CHALLENGE.parse().unwrap()).await.unwrap();
    assert_eq!(values, ["one"]);
    let asked: Vec<bool> = mock.asked().iter().map(|asked| asked.tcp).collect();
    assert_eq!(asked, [false, true]);

    dns().wait(&[expected(CHALLENGE, vec![server], ["one"])], LONG, |_| {}).await.unwrap();
}

#[tokio::test]
async fn txt_tells_absence_from_refusal() {
    let (mock, lame) = (server(&[]).await, Mock::start().await);
    let owner = CHALLENGE.parse().unwrap();
    assert!(dns().txt(&mock.server("ns1"), &owner).await.unwrap().is_empty());
    let error = dns().txt(&lame.server("ns2"), &owner).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("no server answered `{CHALLENGE} TXT`: ns2 ({}): REFUSED", lame.address)
    );
}

#[tokio::test]
async fn nothing_to_wait_for_and_nobody_to_ask() {
    dns().wait(&[], LONG, |_| {}).await.unwrap();
    let error = dns().wait(&[expected(CHALLENGE, vec![], ["v"])], LONG, |_| {}).await.unwrap_err();
    assert!(matches!(error, Error::NoServers { .. }), "{error}");
}
