//! The rules of the CA.

use std::fmt;
use std::time::{Duration, SystemTime};

/// The rules of the CA; the default asks no more of a client than RFC 8555 does.
///
/// What every CA does is no rule here: it refuses weak keys, wrong algorithms and methods, checks
/// CAA records, publishes renewal information (RFC 9773) and the profiles `classic` and
/// `shortlived`, and puts members into its objects that no client knows.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How long certificates of the profile `classic` are valid; default 90 days. Those of
    /// `shortlived` are valid for six days.
    pub certificate_lifetime: Duration,
    /// The external accounts that may register (RFC 8555 §7.3.4); default none, so that anybody may.
    pub external_accounts: Vec<ExternalAccount>,
    /// What is asked of the contacts of an account.
    pub contacts: Contacts,
    /// Whether there are terms of service that accounts have to agree to; default true.
    pub terms_of_service: bool,
    /// How long an order and its pending authorizations live; default an hour.
    pub order_lifetime: Duration,
    /// How long an authorization stays valid; default a day.
    pub authorization_lifetime: Duration,
    /// Whether an order takes over the account's valid authorizations; default false.
    pub reuse_authorizations: bool,
    /// Whether a newOrder request that repeats an open order is answered with that one; default
    /// false.
    pub reuse_orders: bool,
    /// How long challenges and finalized orders stay `processing`, with a Retry-After header;
    /// default no time.
    pub processing: Duration,
    /// How many newOrder requests an account has; default any number.
    pub rate_limit: Option<RateLimit>,
    /// Whether keys of certificates may be Ed25519 keys (RFC 8410); default false.
    pub ed25519: bool,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            certificate_lifetime: 90 * DAY,
            external_accounts: Vec::new(),
            contacts: Contacts::Optional,
            terms_of_service: true,
            order_lifetime: DAY / 24,
            authorization_lifetime: DAY,
            reuse_authorizations: false,
            reuse_orders: false,
            processing: Duration::ZERO,
            rate_limit: None,
            ed25519: false,
        }
    }
}

/// What is asked of the contacts of an account.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Contacts {
    /// Any number of mail addresses.
    Optional,
    /// One to six mail addresses, none of them twice, as JPRS wants them.
    OneToSix,
}

/// So many newOrder requests per account in any period of this length.
#[derive(Clone, Copy, Debug)]
pub struct RateLimit {
    /// How many are answered.
    pub orders: usize,
    /// The length of the period.
    pub window: Duration,
}

/// An account with the CA outside of ACME, which the first ACME account is bound to.
#[derive(Clone)]
pub struct ExternalAccount {
    /// The key identifier.
    pub kid: String,
    /// The HMAC key, in base64url without padding.
    pub hmac_key: String,
    /// When the credential ends; none for never.
    pub expires: Option<SystemTime>,
}

impl ExternalAccount {
    /// An external account that does not expire; `hmac_key` is base64url without padding.
    pub fn new(kid: impl Into<String>, hmac_key: impl Into<String>) -> Self {
        Self { kid: kid.into(), hmac_key: hmac_key.into(), expires: None }
    }
}

impl fmt::Debug for ExternalAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalAccount")
            .field("kid", &self.kid)
            .field("hmac_key", &"****")
            .field("expires", &self.expires)
            .finish()
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
