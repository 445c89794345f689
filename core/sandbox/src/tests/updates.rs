//! Dynamic updates and their signatures.

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::tsig::TsigError;
use hickory_proto::rr::{DNSClass, Record, RecordType};

use super::dns_client::{
    cname, empty, exchange, name, now, of_class, send, serial, signer, txt, update, update_message,
};
use crate::{Sandbox, SandboxOptions, TsigAlgorithm, TsigKey};

const OWNER: &str = "_acme-challenge.example.test.";
const ZONE: &str = "example.test.";

async fn sandbox() -> Sandbox {
    Sandbox::start(SandboxOptions::default()).await.unwrap()
}

#[tokio::test]
async fn values_are_added_together_and_removed_one_by_one() {
    let sandbox = sandbox().await;
    let first = serial(&sandbox, ZONE);
    update(&sandbox, ZONE, vec![txt(OWNER, "foreign")]).await;
    update(&sandbox, ZONE, vec![txt(OWNER, "one"), txt(OWNER, "two")]).await;
    assert_eq!(sandbox.txt(OWNER), ["foreign", "one", "two"]);
    assert_eq!(serial(&sandbox, ZONE), first + 2);
    // Added twice, a value is there once, and nothing has changed.
    update(&sandbox, ZONE, vec![txt(OWNER, "one")]).await;
    assert_eq!((sandbox.txt(OWNER).len(), serial(&sandbox, ZONE)), (3, first + 2));
    // A new TTL is a change.
    let mut record = txt(OWNER, "one");
    record.ttl = 120;
    update(&sandbox, ZONE, vec![record]).await;
    assert_eq!(serial(&sandbox, ZONE), first + 3);

    let delete = |value| of_class(txt(OWNER, value), DNSClass::NONE);
    update(&sandbox, ZONE, vec![delete("one"), delete("two"), delete("absent")]).await;
    assert_eq!(sandbox.txt(OWNER), ["foreign"]);
    update(&sandbox, ZONE, vec![empty(OWNER, RecordType::TXT, DNSClass::ANY)]).await;
    assert!(sandbox.txt(OWNER).is_empty());

    let updates = sandbox.updates();
    assert!(updates.iter().all(|seen| seen.tsig_ok && seen.response_code == "NOERROR"));
    assert_eq!(updates[1].zone, ZONE);
    let added = updates[1].adds.iter().map(|record| (&*record.owner, &*record.kind, &*record.data));
    assert!(added.eq([(OWNER, "TXT", "one"), (OWNER, "TXT", "two")]));
    assert_eq!(updates[4].deletes.len(), 3);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_message_is_applied_whole_or_not_at_all() {
    let sandbox = sandbox().await;
    update(&sandbox, ZONE, vec![txt(OWNER, "there")]).await;
    let before = sandbox.zone_records(ZONE);
    let faults: Vec<(Record, ResponseCode)> = vec![
        (txt("a.example.org.", "x"), ResponseCode::NotZone),
        (empty(OWNER, RecordType::TXT, DNSClass::IN), ResponseCode::FormErr),
        (empty(OWNER, RecordType::TXT, DNSClass::NONE), ResponseCode::FormErr),
        (empty(OWNER, RecordType::AXFR, DNSClass::ANY), ResponseCode::FormErr),
        (of_class(txt(OWNER, "x"), DNSClass::ANY), ResponseCode::FormErr),
        (of_class(txt(OWNER, "x"), DNSClass::CH), ResponseCode::FormErr),
    ];
    for (fault, code) in faults {
        let description = fault.to_string();
        let records = vec![txt(OWNER, "new"), of_class(txt(OWNER, "there"), DNSClass::NONE), fault];
        assert_eq!(send(&sandbox, update_message(ZONE, records)).await, code, "{description}");
        assert_eq!(sandbox.zone_records(ZONE), before, "{description}");
    }
    assert_eq!(sandbox.updates().last().unwrap().response_code, "FORMERR");
    let elsewhere = update_message("example.org.", vec![]);
    assert_eq!(send(&sandbox, elsewhere).await, ResponseCode::NotAuth);
    let below = update_message("a.example.test.", vec![]);
    assert_eq!(send(&sandbox, below).await, ResponseCode::NotAuth);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn prerequisites() {
    let sandbox = sandbox().await;
    update(&sandbox, ZONE, vec![txt(OWNER, "one"), txt(OWNER, "two")]).await;
    let (any, none) = (DNSClass::ANY, DNSClass::NONE);
    let exact = |value| of_class(txt(OWNER, value), DNSClass::IN);
    let absent = "absent.example.test.";
    let cases: Vec<(Vec<Record>, ResponseCode)> = vec![
        (vec![empty(OWNER, RecordType::ANY, any)], ResponseCode::NoError),
        (vec![empty(absent, RecordType::ANY, any)], ResponseCode::NXDomain),
        (vec![empty(OWNER, RecordType::ANY, none)], ResponseCode::YXDomain),
        (vec![empty(absent, RecordType::ANY, none)], ResponseCode::NoError),
        (vec![empty(OWNER, RecordType::TXT, any)], ResponseCode::NoError),
        (vec![empty(OWNER, RecordType::A, any)], ResponseCode::NXRRSet),
        (vec![empty(OWNER, RecordType::TXT, none)], ResponseCode::YXRRSet),
        (vec![empty(OWNER, RecordType::A, none)], ResponseCode::NoError),
        (vec![exact("two"), exact("one")], ResponseCode::NoError),
        (vec![exact("one")], ResponseCode::NXRRSet),
        (vec![exact("one"), exact("two"), exact("three")], ResponseCode::NXRRSet),
        (vec![txt(OWNER, "one")], ResponseCode::FormErr),
        (vec![empty("example.org.", RecordType::ANY, none)], ResponseCode::NotZone),
    ];
    for (number, (prerequisites, code)) in cases.into_iter().enumerate() {
        let added = format!("{number}.example.test.");
        let mut message = update_message(ZONE, vec![txt(&added, "x")]);
        message.add_answers(prerequisites);
        assert_eq!(send(&sandbox, message).await, code, "case {number}");
        let applied = code == ResponseCode::NoError;
        assert_eq!(!sandbox.txt(&added).is_empty(), applied, "case {number}");
    }
    sandbox.shutdown().await;
}

#[tokio::test]
async fn the_apex_and_aliases_are_protected() {
    let sandbox = sandbox().await;
    let before = sandbox.zone_records(ZONE);
    update(&sandbox, ZONE, vec![empty(ZONE, RecordType::ANY, DNSClass::ANY)]).await;
    update(&sandbox, ZONE, vec![empty(ZONE, RecordType::NS, DNSClass::ANY)]).await;
    let ns = hickory_proto::rr::rdata::NS(name("ns1.example.test."));
    let ns = Record::from_rdata(name(ZONE), 0, hickory_proto::rr::RData::NS(ns));
    update(&sandbox, ZONE, vec![of_class(ns, DNSClass::NONE)]).await;
    assert_eq!(sandbox.zone_records(ZONE), before);

    update(&sandbox, ZONE, vec![cname("a.example.test.", "b.example.test.")]).await;
    update(&sandbox, ZONE, vec![txt("a.example.test.", "not beside a CNAME")]).await;
    assert!(sandbox.txt("a.example.test.").is_empty());
    update(&sandbox, ZONE, vec![cname("a.example.test.", "c.example.test.")]).await;
    let records = sandbox.zone_records(ZONE);
    let aliases = records.iter().filter(|record| record.kind == "CNAME");
    assert!(aliases.map(|record| &*record.data).eq(["c.example.test."]));
    update(&sandbox, ZONE, vec![txt("t.example.test.", "x")]).await;
    update(&sandbox, ZONE, vec![cname("t.example.test.", "b.example.test.")]).await;
    assert_eq!(sandbox.txt("t.example.test."), ["x"]);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn every_algorithm_signs_and_its_answer_is_signed() {
    for algorithm in
        [TsigAlgorithm::HmacSha256, TsigAlgorithm::HmacSha384, TsigAlgorithm::HmacSha512]
    {
        let tsig = Some(TsigKey::random("Some.Key", algorithm).unwrap());
        let options = SandboxOptions { tsig, ..SandboxOptions::default() };
        let sandbox = Sandbox::start(options).await.unwrap();
        update(&sandbox, ZONE, vec![txt(OWNER, "signed")]).await;
        assert_eq!(sandbox.txt(OWNER), ["signed"], "{algorithm}");
        sandbox.shutdown().await;
    }
}

/// Sends an update signed with a key at a time; returns code and TSIG error, and whether the answer
/// bears a signature.
async fn signed_with(sandbox: &Sandbox, key: &TsigKey, time: u64) -> (ResponseCode, u16, bool) {
    let mut message = update_message(ZONE, vec![txt(OWNER, "x")]);
    message.finalize(&signer(key), time).unwrap();
    let answer = exchange(sandbox, &message.to_vec().unwrap()).await;
    let answer = Message::from_vec(&answer).unwrap();
    let tsig = &answer.signature().unwrap().data;
    let error = tsig.error.map_or(0, u16::from);
    (answer.metadata.response_code, error, !tsig.mac.is_empty())
}

#[tokio::test]
async fn wrong_signatures_change_nothing() {
    let sandbox = sandbox().await;
    let right = sandbox.tsig().clone();
    let secret = TsigKey::random(&right.name, TsigAlgorithm::HmacSha256).unwrap();
    let named = TsigKey { name: "other.".into(), ..right.clone() };
    let stronger = TsigKey { algorithm: TsigAlgorithm::HmacSha512, ..right.clone() };
    let not_auth = ResponseCode::NotAuth;
    let (bad_sig, bad_key) = (u16::from(TsigError::BadSig), u16::from(TsigError::BadKey));
    let bad_time = u16::from(TsigError::BadTime);
    assert_eq!(signed_with(&sandbox, &secret, now()).await, (not_auth, bad_sig, false));
    assert_eq!(signed_with(&sandbox, &named, now()).await, (not_auth, bad_key, false));
    assert_eq!(signed_with(&sandbox, &stronger, now()).await, (not_auth, bad_key, false));
    for time in [now() - 400, now() + 400, 0, (1 << 48) - 1] {
        assert_eq!(signed_with(&sandbox, &right, time).await, (not_auth, bad_time, true), "{time}");
    }

    let unsigned = update_message(ZONE, vec![txt(OWNER, "x")]).to_vec().unwrap();
    let answer = Message::from_vec(&exchange(&sandbox, &unsigned).await).unwrap();
    assert_eq!(answer.metadata.response_code, ResponseCode::Refused);
    assert!(answer.signature().is_none());

    assert!(sandbox.txt(OWNER).is_empty());
    assert_eq!(sandbox.updates().len(), 8);
    assert!(sandbox.updates().iter().all(|seen| !seen.tsig_ok));
    assert_eq!(signed_with(&sandbox, &right, now()).await, (ResponseCode::NoError, 0, true));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_bad_time_answer_is_signed_with_the_clients_time() {
    let sandbox = sandbox().await;
    let mut message = update_message(ZONE, vec![txt(OWNER, "x")]);
    let late = now() - 1000;
    let mut verifier = message.finalize(&signer(sandbox.tsig()), late).unwrap().unwrap();
    let answer = exchange(&sandbox, &message.to_vec().unwrap()).await;
    let answer = verifier.verify(&answer).unwrap();
    let tsig = &answer.signature().unwrap().data;
    assert_eq!((tsig.time, tsig.other.len()), (late, 6));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn unusable_keys_are_refused_at_the_start() {
    let random = TsigKey::random("k.", TsigAlgorithm::HmacSha256).unwrap();
    for key in [
        TsigKey { secret_base64: "???".into(), ..random.clone() },
        TsigKey { secret_base64: String::new(), ..random.clone() },
        TsigKey { name: "a..b".into(), ..random.clone() },
    ] {
        let options = SandboxOptions { tsig: Some(key), ..SandboxOptions::default() };
        let error = Sandbox::start(options).await.err().unwrap();
        assert!(matches!(error, crate::Error::TsigKey { .. }) && error.hint().is_some());
    }
    assert!(!format!("{random:?}").contains(&random.secret_base64));
}
