//! From the bytes of a request to the bytes of its response.

use std::sync::{Arc, Mutex};

use hickory_proto::ProtoError;
use hickory_proto::op::{Edns, Message, MessageType, Metadata, OpCode, ResponseCode};

use super::tsig::{Check, Key, Reply};
use super::zones::Zones;
use super::{MAX_UDP, answer, update};
use crate::events::{Events, lock};

/// What the sockets share.
pub(super) struct Responder {
    pub(super) zones: Mutex<Zones>,
    pub(super) key: Key,
    pub(super) events: Arc<Events>,
}

/// How a request came, and so how long its response may be.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(super) enum Transport {
    Tcp,
    Udp,
}

impl Responder {
    /// Answers a request; none for bytes that are no request at all.
    pub(super) fn respond(&self, bytes: &[u8], transport: Transport) -> Option<Vec<u8>> {
        let request = match Message::from_vec(bytes) {
            Ok(request) if request.metadata.message_type == MessageType::Query => request,
            Ok(_) => return None,
            Err(error) => {
                tracing::debug!("malformed DNS message: {error}");
                return malformed(bytes);
            }
        };
        let mut response = Message::response(request.metadata.id, request.metadata.op_code);
        response.metadata = Metadata::response_from_request(&request.metadata);
        response.queries = request.queries.clone();
        let check = self.key.check(bytes, &request);
        let reply = match check {
            Check::Unsigned => {
                self.fill(&request, false, &mut response);
                None
            }
            Check::Right(reply) => {
                self.fill(&request, true, &mut response);
                Some(reply)
            }
            Check::Wrong(code, reply) => {
                response.metadata.response_code = code;
                reply
            }
        };
        if request.metadata.op_code == OpCode::Update {
            let tsig_ok = reply.as_ref().is_some_and(Reply::is_right);
            let code = response.metadata.response_code;
            self.events.update(update::seen(&request, tsig_ok, code));
        }
        if request.edns.is_some() {
            let mut edns = Edns::new();
            edns.set_max_payload(MAX_UDP);
            response.set_edns(edns);
        }
        let limit = match transport {
            Transport::Tcp => u16::MAX,
            Transport::Udp => request.max_payload().min(MAX_UDP),
        };
        match self.encode(response, reply.as_ref(), usize::from(limit)) {
            Ok(response) => Some(response),
            Err(error) => {
                tracing::debug!("encode a DNS response: {error}");
                let id = request.metadata.id;
                let code = ResponseCode::ServFail;
                Message::error_msg(id, request.metadata.op_code, code).to_vec().ok()
            }
        }
    }

    fn fill(&self, request: &Message, signed: bool, response: &mut Message) {
        let code = match request.metadata.op_code {
            OpCode::Query if request.version() > 0 => Err(ResponseCode::BADVERS),
            OpCode::Query => match request.queries.as_slice() {
                [question] => {
                    answer::answer(&lock(&self.zones), question, response);
                    return;
                }
                _ => Err(ResponseCode::FormErr),
            },
            OpCode::Update if !signed => Err(ResponseCode::Refused),
            OpCode::Update => update::apply(&mut lock(&self.zones), request),
            _ => Err(ResponseCode::NotImp),
        };
        response.metadata.response_code = code.err().unwrap_or(ResponseCode::NoError);
    }

    fn encode(
        &self,
        mut response: Message,
        reply: Option<&Reply>,
        limit: usize,
    ) -> Result<Vec<u8>, ProtoError> {
        let encode = |response: &mut Message| {
            if let Some(reply) = reply {
                self.key.sign(reply, response)?;
            }
            response.to_vec()
        };
        let whole = encode(&mut response)?;
        if whole.len() <= limit {
            return Ok(whole);
        }
        encode(&mut response.truncate())
    }
}

/// FORMERR to whatever at least begins like a request.
fn malformed(bytes: &[u8]) -> Option<Vec<u8>> {
    let [id_high, id_low, flags, ..] = *bytes.get(..HEADER_LENGTH)? else { return None };
    let is_response = flags & 0x80 != 0;
    if is_response {
        return None;
    }
    let op_code = OpCode::from_u8((flags >> 3) & 0x0f);
    let id = u16::from_be_bytes([id_high, id_low]);
    Message::error_msg(id, op_code, ResponseCode::FormErr).to_vec().ok()
}

const HEADER_LENGTH: usize = 12;

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand;
    use hickory_proto::op::Query;
    use hickory_proto::rr::rdata::TXT;
    use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType, TSigner};

    use super::*;
    use crate::dns::absolute_name;
    use crate::{TsigAlgorithm, TsigKey};

    fn name(text: &str) -> Name {
        absolute_name(text).unwrap()
    }

    fn responder(key: &TsigKey) -> Responder {
        Responder {
            zones: Mutex::new(Zones::new(&["example.test.".into()]).unwrap()),
            key: Key::new(key).unwrap(),
            events: Arc::default(),
        }
    }

    fn signed_update(key: &TsigKey) -> Vec<u8> {
        let mut message = Message::new(7, MessageType::Query, OpCode::Update);
        message.add_query(Query::query(name("example.test."), RecordType::SOA));
        for value in ["one", "two"] {
            let data = RData::TXT(TXT::new(vec![value.into()]));
            message.add_authority(Record::from_rdata(name("a.example.test."), 60, data));
        }
        let mut deletion = Record::update0(name("b.example.test."), 0, RecordType::ANY);
        deletion.dns_class = DNSClass::ANY;
        message.add_authority(deletion);
        let secret =
            base64::Engine::decode(&base64::engine::general_purpose::STANDARD, &key.secret_base64);
        let algorithm = hickory_proto::rr::rdata::tsig::TsigAlgorithm::HmacSha256;
        let signer = TSigner::new(secret.unwrap(), algorithm, name(&key.name), 300).unwrap();
        let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
        message.finalize(&signer, now).unwrap();
        message.to_vec().unwrap()
    }

    #[test]
    fn no_bytes_make_it_panic_and_none_but_the_signed_change_a_zone() {
        let key = TsigKey::random("wildcert.", TsigAlgorithm::HmacSha256).unwrap();
        let responder = responder(&key);
        let good = signed_update(&key);
        let before = lock(&responder.zones).records("example.test.");
        let mut random = [0; 96];
        for round in 0..20_000 {
            rand::fill(&mut random).unwrap();
            responder.respond(&random[..round % 96], Transport::Tcp);
            let mut damaged = good.clone();
            for pair in random.chunks(2).take(1 + round % 3) {
                // The signature covers neither the message ID nor the case of the key's name.
                let position = usize::from(u16::from_be_bytes([pair[0], pair[1]]));
                let bit = [0, 1, 2, 3, 4, 6, 7][usize::from(pair[0]) % 7];
                damaged[2 + position % (good.len() - 2)] ^= 1 << bit;
            }
            if damaged != good {
                responder.respond(&damaged, Transport::Udp);
            }
            responder.respond(&good[..round % good.len()], Transport::Udp);
        }
        assert_eq!(lock(&responder.zones).records("example.test."), before);
        responder.respond(&good, Transport::Udp).unwrap();
        assert_eq!(lock(&responder.zones).txt("a.example.test."), ["one", "two"]);
    }

    #[test]
    fn malformed_requests_are_answered_and_responses_are_not() {
        let key = TsigKey::random("wildcert.", TsigAlgorithm::HmacSha256).unwrap();
        let responder = responder(&key);
        let code = |bytes: &[u8]| {
            let answer = responder.respond(bytes, Transport::Udp)?;
            Some(Message::from_vec(&answer).unwrap().metadata.response_code)
        };
        let mut cut = signed_update(&key);
        cut.truncate(20);
        assert_eq!(code(&cut), Some(ResponseCode::FormErr));
        assert_eq!(code(&cut[..11]), None);
        let mut response = signed_update(&key);
        response[2] |= 0x80;
        assert_eq!(code(&response), None);
        let mut notify = Message::new(7, MessageType::Query, OpCode::Notify);
        assert_eq!(code(&notify.to_vec().unwrap()), Some(ResponseCode::NotImp));
        notify.metadata.op_code = OpCode::Query;
        assert_eq!(code(&notify.to_vec().unwrap()), Some(ResponseCode::FormErr));
    }
}
