//! How many requests were sent, and what for.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::Serialize;

/// What a request is for, in the words of RFC 8555 and RFC 9773.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Operation {
    /// Fetching the directory (§7.1.1).
    Directory,
    /// Asking for a nonce (§7.2).
    NewNonce,
    /// Creating or finding an account (§7.3).
    NewAccount,
    /// Looking at, updating or deactivating an account (§7.3.2, §7.3.6).
    Account,
    /// Changing an account's key (§7.3.5).
    KeyChange,
    /// Creating an order (§7.4).
    NewOrder,
    /// Looking at an order (§7.4).
    Order,
    /// Fetching or deactivating an authorization (§7.5).
    Authorization,
    /// Answering a challenge (§7.5.1).
    Challenge,
    /// Finalizing an order (§7.4).
    Finalize,
    /// Downloading a certificate chain (§7.4.2).
    Certificate,
    /// Revoking a certificate (§7.6).
    RevokeCert,
    /// Asking when a certificate shall be renewed (RFC 9773 §4).
    RenewalInfo,
}

impl Operation {
    /// The name that people who know the protocol expect.
    pub fn as_str(self) -> &'static str {
        match self {
            Operation::Directory => "directory",
            Operation::NewNonce => "newNonce",
            Operation::NewAccount => "newAccount",
            Operation::Account => "account",
            Operation::KeyChange => "keyChange",
            Operation::NewOrder => "newOrder",
            Operation::Order => "order",
            Operation::Authorization => "authorization",
            Operation::Challenge => "challenge",
            Operation::Finalize => "finalize",
            Operation::Certificate => "certificate",
            Operation::RevokeCert => "revokeCert",
            Operation::RenewalInfo => "renewalInfo",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The requests that a client has sent so far; those sent again are counted in `retries` alone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RequestCounts {
    /// Directory.
    pub directory: u64,
    /// newNonce.
    pub new_nonce: u64,
    /// newAccount.
    pub new_account: u64,
    /// Accounts looked at, updated or deactivated.
    pub account: u64,
    /// Keys changed.
    pub key_change: u64,
    /// newOrder.
    pub new_order: u64,
    /// Looks at an order.
    pub order: u64,
    /// Authorizations fetched or deactivated.
    pub authorization: u64,
    /// Challenges answered.
    pub challenge: u64,
    /// Orders finalized.
    pub finalize: u64,
    /// Chains downloaded.
    pub certificate: u64,
    /// Certificates revoked.
    pub revoke_cert: u64,
    /// Looks at renewal information.
    pub renewal_info: u64,
    /// Requests sent again: refused nonces, 429, 503, broken connections.
    pub retries: u64,
}

impl RequestCounts {
    /// All requests together.
    pub fn total(&self) -> u64 {
        self.rows().iter().map(|(_, count)| count).sum()
    }

    /// Names and numbers, in the order in which an issuance sends them.
    pub fn rows(&self) -> [(&'static str, u64); 14] {
        [
            ("directory", self.directory),
            ("newNonce", self.new_nonce),
            ("newAccount", self.new_account),
            ("account", self.account),
            ("keyChange", self.key_change),
            ("newOrder", self.new_order),
            ("authorization", self.authorization),
            ("challenge", self.challenge),
            ("order", self.order),
            ("finalize", self.finalize),
            ("certificate", self.certificate),
            ("revokeCert", self.revoke_cert),
            ("renewalInfo", self.renewal_info),
            ("retries", self.retries),
        ]
    }
}

/// `9 requests: directory 1, newNonce 1, …`, without what was not sent.
impl fmt::Display for RequestCounts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.total();
        write!(f, "{total} {}", if total == 1 { "request" } else { "requests" })?;
        let sent = self.rows().into_iter().filter(|(_, count)| *count > 0);
        for (index, (name, count)) in sent.enumerate() {
            write!(f, "{} {name} {count}", if index == 0 { ":" } else { "," })?;
        }
        Ok(())
    }
}

/// The counters behind [`RequestCounts`].
#[derive(Default)]
pub(crate) struct Counters {
    directory: AtomicU64,
    new_nonce: AtomicU64,
    new_account: AtomicU64,
    account: AtomicU64,
    key_change: AtomicU64,
    new_order: AtomicU64,
    order: AtomicU64,
    authorization: AtomicU64,
    challenge: AtomicU64,
    finalize: AtomicU64,
    certificate: AtomicU64,
    revoke_cert: AtomicU64,
    renewal_info: AtomicU64,
    retries: AtomicU64,
}

impl Counters {
    pub(crate) fn sent(&self, operation: Operation, again: bool) {
        let counter = match operation {
            _ if again => &self.retries,
            Operation::Directory => &self.directory,
            Operation::NewNonce => &self.new_nonce,
            Operation::NewAccount => &self.new_account,
            Operation::Account => &self.account,
            Operation::KeyChange => &self.key_change,
            Operation::NewOrder => &self.new_order,
            Operation::Order => &self.order,
            Operation::Authorization => &self.authorization,
            Operation::Challenge => &self.challenge,
            Operation::Finalize => &self.finalize,
            Operation::Certificate => &self.certificate,
            Operation::RevokeCert => &self.revoke_cert,
            Operation::RenewalInfo => &self.renewal_info,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self) -> RequestCounts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        RequestCounts {
            directory: read(&self.directory),
            new_nonce: read(&self.new_nonce),
            new_account: read(&self.new_account),
            account: read(&self.account),
            key_change: read(&self.key_change),
            new_order: read(&self.new_order),
            order: read(&self.order),
            authorization: read(&self.authorization),
            challenge: read(&self.challenge),
            finalize: read(&self.finalize),
            certificate: read(&self.certificate),
            revoke_cert: read(&self.revoke_cert),
            renewal_info: read(&self.renewal_info),
            retries: read(&self.retries),
        }
    }
}
