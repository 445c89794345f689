//! A DNS client that asks and updates.

use std::time::UNIX_EPOCH;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::tsig::TsigAlgorithm as WireAlgorithm;
use hickory_proto::rr::rdata::{CNAME, TXT};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType, TSigner};
use tokio::net::UdpSocket;

use crate::dns::{absolute_name, query};
use crate::{Sandbox, TsigAlgorithm, TsigKey};

pub(super) fn name(text: &str) -> Name {
    absolute_name(text).unwrap()
}

pub(super) fn txt(owner: &str, value: &str) -> Record {
    Record::from_rdata(name(owner), 60, RData::TXT(TXT::new(vec![value.into()])))
}

pub(super) fn cname(owner: &str, target: &str) -> Record {
    Record::from_rdata(name(owner), 60, RData::CNAME(CNAME(name(target))))
}

/// The record as an update or prerequisite of another class has it.
pub(super) fn of_class(mut record: Record, class: DNSClass) -> Record {
    record.dns_class = class;
    record.ttl = 0;
    record
}

/// A record without data: all of a type, or with `ANY` all of a name.
pub(super) fn empty(owner: &str, rtype: RecordType, class: DNSClass) -> Record {
    of_class(Record::update0(name(owner), 0, rtype), class)
}

pub(super) fn update_message(zone: &str, records: Vec<Record>) -> Message {
    let mut message = Message::new(4711, MessageType::Query, OpCode::Update);
    message.add_query(Query::query(name(zone), RecordType::SOA));
    message.add_authorities(records);
    message
}

pub(super) fn signer(key: &TsigKey) -> TSigner {
    let algorithm = match key.algorithm {
        TsigAlgorithm::HmacSha256 => WireAlgorithm::HmacSha256,
        TsigAlgorithm::HmacSha384 => WireAlgorithm::HmacSha384,
        TsigAlgorithm::HmacSha512 => WireAlgorithm::HmacSha512,
    };
    let secret = STANDARD.decode(&key.secret_base64).unwrap();
    TSigner::new(secret, algorithm, name(&key.name), 300).unwrap()
}

pub(super) fn now() -> u64 {
    UNIX_EPOCH.elapsed().unwrap().as_secs()
}

/// Sends bytes over UDP and returns those that come back.
pub(super) async fn exchange(sandbox: &Sandbox, bytes: &[u8]) -> Vec<u8> {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    socket.send_to(bytes, sandbox.dns_addr()).await.unwrap();
    let mut buffer = vec![0; 65_535];
    let length = socket.recv(&mut buffer).await.unwrap();
    buffer.truncate(length);
    buffer
}

/// Signs a message with the sandbox's key, sends it, checks the signature of the answer.
pub(super) async fn send(sandbox: &Sandbox, mut message: Message) -> ResponseCode {
    let verifier = message.finalize(&signer(sandbox.tsig()), now()).unwrap();
    let answer = exchange(sandbox, &message.to_vec().unwrap()).await;
    let answer = verifier.unwrap().verify(&answer).unwrap();
    answer.metadata.response_code
}

/// Updates a zone with the sandbox's key.
pub(super) async fn update(sandbox: &Sandbox, zone: &str, records: Vec<Record>) {
    let code = send(sandbox, update_message(zone, records)).await;
    assert_eq!(code, ResponseCode::NoError);
}

pub(super) async fn ask(sandbox: &Sandbox, owner: &str, rtype: RecordType) -> Message {
    query(sandbox.dns_addr(), &name(owner), rtype).await.unwrap()
}

pub(super) fn serial(sandbox: &Sandbox, zone: &str) -> u32 {
    let records = sandbox.zone_records(zone);
    let soa = records.iter().find(|record| record.kind == "SOA").unwrap();
    soa.data.split(' ').nth(2).unwrap().parse().unwrap()
}
