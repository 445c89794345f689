//! Answers to queries.

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{RData, RecordType};

use super::dns_client::{ask, cname, exchange, name, send, txt, update};
use crate::{Sandbox, SandboxOptions};

async fn sandbox(zones: &[&str]) -> Sandbox {
    let zones = zones.iter().map(|zone| (*zone).to_owned()).collect();
    Sandbox::start(SandboxOptions { zones, ..SandboxOptions::default() }).await.unwrap()
}

#[tokio::test]
async fn apex_negative_and_foreign_answers() {
    let sandbox = sandbox(&["example.test."]).await;
    let soa = ask(&sandbox, "example.test.", RecordType::SOA).await;
    assert!(soa.metadata.authoritative && matches!(soa.answers[0].data, RData::SOA(_)));
    let ns = ask(&sandbox, "EXAMPLE.test.", RecordType::NS).await;
    assert!(matches!(&ns.answers[0].data, RData::NS(ns) if ns.0 == name("ns1.example.test.")));
    let a = ask(&sandbox, "ns1.example.test.", RecordType::A).await;
    assert_eq!(a.answers[0].data.to_string(), "127.0.0.1");
    assert_eq!(ask(&sandbox, "example.test.", RecordType::ANY).await.answers.len(), 1);

    let no_data = ask(&sandbox, "ns1.example.test.", RecordType::TXT).await;
    assert_eq!(no_data.metadata.response_code, ResponseCode::NoError);
    let no_name = ask(&sandbox, "x.example.test.", RecordType::TXT).await;
    assert_eq!(no_name.metadata.response_code, ResponseCode::NXDomain);
    for negative in [no_data, no_name] {
        assert!(negative.answers.is_empty());
        assert!(matches!(negative.authorities[0].data, RData::SOA(_)));
        assert_eq!(negative.authorities[0].name, name("example.test."));
    }
    let foreign = ask(&sandbox, "example.org.", RecordType::A).await;
    assert_eq!(foreign.metadata.response_code, ResponseCode::Refused);
    let transfer = ask(&sandbox, "example.test.", RecordType::AXFR).await;
    assert_eq!(transfer.metadata.response_code, ResponseCode::Refused);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn aliases_are_followed_inside_the_servers_zones_only() {
    let sandbox = sandbox(&["example.test.", "other.test."]).await;
    update(
        &sandbox,
        "example.test.",
        vec![
            cname("a.example.test.", "b.other.test."),
            cname("loop.example.test.", "loop.example.test."),
            cname("away.example.test.", "b.example.org."),
        ],
    )
    .await;
    update(&sandbox, "other.test.", vec![txt("b.other.test.", "found")]).await;
    let answer = ask(&sandbox, "a.example.test.", RecordType::TXT).await;
    assert_eq!(answer.answers.len(), 2);
    assert_eq!(answer.answers[1].data.to_string(), "found");
    let alias = ask(&sandbox, "a.example.test.", RecordType::CNAME).await;
    assert_eq!(alias.answers.len(), 1);
    let away = ask(&sandbox, "away.example.test.", RecordType::TXT).await;
    assert_eq!((away.answers.len(), away.metadata.response_code), (1, ResponseCode::NoError));
    assert!(!ask(&sandbox, "loop.example.test.", RecordType::TXT).await.answers.is_empty());
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_child_zone_is_its_own_and_a_foreign_one_is_referred_to() {
    let sandbox = sandbox(&["example.test.", "child.example.test."]).await;
    update(&sandbox, "child.example.test.", vec![txt("a.child.example.test.", "child's")]).await;
    let answer = ask(&sandbox, "a.child.example.test.", RecordType::TXT).await;
    assert_eq!(answer.answers[0].data.to_string(), "child's");
    let soa = ask(&sandbox, "x.child.example.test.", RecordType::SOA).await;
    assert_eq!(soa.authorities[0].name, name("child.example.test."));
    let records = sandbox.zone_records("example.test.");
    let delegation = |r: &crate::ZoneRecord| r.owner == "child.example.test." && r.kind == "NS";
    assert!(records.iter().any(delegation));

    let ns = hickory_proto::rr::rdata::NS(name("ns.cut.example.test."));
    let glue = hickory_proto::rr::rdata::A::new(192, 0, 2, 1);
    let record = |owner, data| hickory_proto::rr::Record::from_rdata(name(owner), 60, data);
    update(
        &sandbox,
        "example.test.",
        vec![
            record("cut.example.test.", RData::NS(ns)),
            record("ns.cut.example.test.", RData::A(glue)),
        ],
    )
    .await;
    let referral = ask(&sandbox, "x.cut.example.test.", RecordType::TXT).await;
    assert!(referral.answers.is_empty() && !referral.metadata.authoritative);
    assert_eq!(referral.authorities[0].name, name("cut.example.test."));
    assert_eq!(referral.additionals[0].data.to_string(), "192.0.2.1");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn long_answers_are_cut_over_udp_and_whole_over_tcp() {
    let sandbox = sandbox(&["example.test."]).await;
    let values: Vec<String> = (0..40).map(|i| format!("{i:0>60}")).collect();
    let records = values.iter().map(|value| txt("big.example.test.", value)).collect();
    update(&sandbox, "example.test.", records).await;
    let mut question = Message::query();
    question.add_query(hickory_proto::op::Query::query(name("big.example.test."), RecordType::TXT));
    let cut = exchange(&sandbox, &question.to_vec().unwrap()).await;
    assert!(cut.len() <= 512);
    let cut = Message::from_vec(&cut).unwrap();
    assert!(cut.metadata.truncation && cut.answers.is_empty());
    // The client goes on to TCP by itself.
    let whole = ask(&sandbox, "big.example.test.", RecordType::TXT).await;
    assert_eq!(whole.answers.len(), 40);
    // A signed question gets a signed answer, even where it is cut.
    question.metadata.id = 9;
    assert_eq!(send(&sandbox, question).await, ResponseCode::NoError);
    sandbox.shutdown().await;
}
