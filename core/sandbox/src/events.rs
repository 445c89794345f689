//! The log of what clients asked, for demonstrations and tests that count.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// A record in presentation form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ZoneRecord {
    /// The owner name, with the trailing dot.
    pub owner: String,
    /// Seconds; 0 where a deletion names the record.
    pub ttl: u32,
    /// The type, such as `TXT`.
    pub kind: String,
    /// The data; that of a TXT record is its strings joined, without quotes.
    pub data: String,
}

/// One request the ACME server answered.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct AcmeRequest {
    /// What was asked, by the RFC 8555 names: `directory`, `newNonce`, `newAccount`, `newOrder`,
    /// `account`, `orders`, `order`, `authorization`, `challenge`, `finalize`, `certificate`,
    /// `revokeCert`, `keyChange`, `renewalInfo`; `terms` for the terms of service, `unknown` for any other path.
    pub operation: &'static str,
    /// The HTTP method.
    pub method: String,
    /// The path of the URL.
    pub path: String,
    /// The HTTP status of the answer.
    pub status: u16,
    /// The problem type of the answer without its prefix, such as `badNonce`.
    pub problem: Option<&'static str>,
}

/// One UPDATE message (RFC 2136) the DNS server answered.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct UpdateSeen {
    /// The zone it named, with the trailing dot; empty where the message named none.
    pub zone: String,
    /// The records it asked to add.
    pub adds: Vec<ZoneRecord>,
    /// The records and RRsets it asked to delete; type `ANY` and empty data stand for all.
    pub deletes: Vec<ZoneRecord>,
    /// Whether its TSIG was there and right.
    pub tsig_ok: bool,
    /// The response code of the answer, such as `NOERROR` or `NOTAUTH`.
    pub response_code: String,
}

/// Both logs.
#[derive(Default)]
pub(crate) struct Events {
    requests: Mutex<Vec<AcmeRequest>>,
    updates: Mutex<Vec<UpdateSeen>>,
}

impl Events {
    pub(crate) fn request(&self, request: AcmeRequest) {
        tracing::debug!(
            operation = request.operation,
            status = request.status,
            problem = request.problem,
            "ACME request"
        );
        lock(&self.requests).push(request);
    }

    pub(crate) fn update(&self, update: UpdateSeen) {
        tracing::debug!(zone = update.zone, response = update.response_code, "DNS update");
        lock(&self.updates).push(update);
    }

    pub(crate) fn requests(&self) -> Vec<AcmeRequest> {
        lock(&self.requests).clone()
    }

    pub(crate) fn updates(&self) -> Vec<UpdateSeen> {
        lock(&self.updates).clone()
    }
}

/// Locks, and goes on with what is there if a holder of the lock panicked.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
