//! Transaction signatures (RFC 8945): checks those of requests, makes those of responses.

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hickory_proto::ProtoError;
use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::rdata::TSIG;
use hickory_proto::rr::rdata::tsig::{
    TsigAlgorithm as WireAlgorithm, TsigError, make_tsig_record, signed_bitmessage_to_buf,
};
use hickory_proto::rr::{DNSClass, Name, TSigner};

use super::zones::absolute_name;
use crate::{Error, TsigAlgorithm, TsigKey};

/// The one key of the server.
pub(super) struct Key {
    signer: TSigner,
    mac_length: usize,
}

/// What the TSIG record of a request, or its absence, says.
pub(super) enum Check {
    /// There is none.
    Unsigned,
    /// It is right; the answer is to be signed in turn.
    Right(Reply),
    /// It is wrong: refuse with this code.
    Wrong(ResponseCode, Option<Reply>),
}

/// How to sign the response to a request.
pub(super) struct Reply {
    key_name: Name,
    algorithm: WireAlgorithm,
    time: u64,
    error: Option<TsigError>,
    other: Vec<u8>,
    /// The MAC of the request; none where the response stays unsigned (RFC 8945 §5.3.2).
    request_mac: Option<Vec<u8>>,
}

impl Reply {
    /// Whether the request's signature was right in every respect.
    pub(super) fn is_right(&self) -> bool {
        self.error.is_none()
    }
}

impl Key {
    pub(super) fn new(key: &TsigKey) -> Result<Self, Error> {
        let error = |reason: String| Error::TsigKey { name: key.name.clone(), reason };
        let name = absolute_name(&key.name).map_err(error)?;
        let secret = STANDARD
            .decode(&key.secret_base64)
            .map_err(|_| error("its secret is not base64".into()))?;
        if secret.is_empty() {
            return Err(error("its secret is empty".into()));
        }
        let algorithm = match key.algorithm {
            TsigAlgorithm::HmacSha256 => WireAlgorithm::HmacSha256,
            TsigAlgorithm::HmacSha384 => WireAlgorithm::HmacSha384,
            TsigAlgorithm::HmacSha512 => WireAlgorithm::HmacSha512,
        };
        let signer = TSigner::new(secret, algorithm, name, FUDGE)
            .map_err(|cause| error(cause.to_string()))?;
        Ok(Self { signer, mac_length: key.algorithm.mac_length() })
    }

    /// Checks a request in the order of RFC 8945 §5.2: key, MAC, time.
    pub(super) fn check(&self, bytes: &[u8], request: &Message) -> Check {
        let Some(record) = request.signature() else { return Check::Unsigned };
        let (tsig, now) = (&record.data, now());
        let reply = |error, request_mac| Reply {
            key_name: record.name.clone(),
            algorithm: tsig.algorithm.clone(),
            time: now,
            error,
            other: Vec::new(),
            request_mac,
        };
        let refuse = |error| Check::Wrong(ResponseCode::NotAuth, Some(reply(Some(error), None)));
        if record.name != *self.signer.signer_name() || tsig.algorithm != *self.signer.algorithm() {
            return refuse(TsigError::BadKey);
        }
        if record.dns_class != DNSClass::ANY || record.ttl != 0 {
            return Check::Wrong(ResponseCode::FormErr, None);
        }
        if tsig.mac.len() > self.mac_length || tsig.mac.len() < (self.mac_length / 2).max(10) {
            return Check::Wrong(ResponseCode::FormErr, None);
        }
        // Truncated MACs are allowed by the RFC and refused here, as its §5.2.4 lets a server do.
        if tsig.mac.len() != self.mac_length {
            return refuse(TsigError::BadTrunc);
        }
        let right = signed_octets(bytes)
            .is_some_and(|signed| self.signer.verify(&signed, &tsig.mac).is_ok());
        if !right {
            return refuse(TsigError::BadSig);
        }
        let mac = Some(tsig.mac.clone());
        if tsig.time.abs_diff(now) > u64::from(tsig.fudge) {
            return Check::Wrong(
                ResponseCode::NotAuth,
                Some(Reply {
                    // The client's own time, so that it accepts the signature, and ours beside it.
                    time: tsig.time,
                    other: now.to_be_bytes().into_iter().skip(2).collect(),
                    ..reply(Some(TsigError::BadTime), mac)
                }),
            );
        }
        Check::Right(reply(None, mac))
    }

    /// Puts a TSIG record into a response, and signs with it where the request was rightly signed.
    pub(super) fn sign(&self, reply: &Reply, response: &mut Message) -> Result<(), ProtoError> {
        response.signature = None;
        let mut tsig = TSIG::new(
            reply.algorithm.clone(),
            reply.time,
            FUDGE,
            Vec::new(),
            response.metadata.id,
            reply.error,
            reply.other.clone(),
        );
        if let Some(request_mac) = &reply.request_mac {
            let unsigned = response.to_vec()?;
            let signed = self.signer.encode_response_tbs(request_mac, &unsigned, &tsig)?;
            let mac =
                self.signer.sign(&signed).map_err(|error| ProtoError::from(error.to_string()))?;
            tsig = tsig.set_mac(mac);
        }
        response.set_signature(Box::new(make_tsig_record(reply.key_name.clone(), tsig)));
        Ok(())
    }
}

/// What the MAC of a message is made over (RFC 8945 §4.3).
fn signed_octets(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut signed, _) = signed_bitmessage_to_buf(bytes, None, true).ok()?;
    // The flags as they came: the header read and written again has lost the reserved bit.
    signed.get_mut(2..4)?.copy_from_slice(bytes.get(2..4)?);
    Some(signed)
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

/// How far the clocks of client and server may differ, in seconds (RFC 8945 §10).
const FUDGE: u16 = 300;
