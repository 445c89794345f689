//! What the CA remembers: accounts, orders, authorizations, challenges, certificates.
//!
//! Each is known by its index, which is also the number in its URL.

use std::time::Instant;

use time::{Duration, OffsetDateTime};

use super::identifier::Identifier;
use super::jwk::Jwk;
use super::nonces::Nonces;
use super::problem::Problem;

#[derive(Default)]
pub(super) struct State {
    pub(super) nonces: Nonces,
    pub(super) accounts: Vec<Account>,
    pub(super) orders: Vec<Order>,
    pub(super) authorizations: Vec<Authorization>,
    pub(super) challenges: Vec<Challenge>,
    pub(super) certificates: Vec<Certificate>,
}

pub(super) struct Account {
    pub(super) key: Jwk,
    pub(super) contact: Vec<String>,
    pub(super) deactivated: bool,
    pub(super) external_account_binding: Option<serde_json::Value>,
}

pub(super) struct Order {
    pub(super) account: usize,
    pub(super) identifiers: Vec<Identifier>,
    pub(super) authorizations: Vec<usize>,
    pub(super) expires: OffsetDateTime,
    pub(super) certificate: Option<usize>,
}

pub(super) struct Authorization {
    pub(super) account: usize,
    pub(super) identifier: Identifier,
    pub(super) challenges: Vec<usize>,
    pub(super) expires: OffsetDateTime,
    /// The status as last changed; [`Authorization::status`] also looks at the clock.
    pub(super) last_status: Status,
}

pub(super) struct Challenge {
    pub(super) authorization: usize,
    pub(super) kind: ChallengeType,
    pub(super) token: String,
    pub(super) status: Status,
    pub(super) started: Option<Instant>,
    pub(super) validated: Option<OffsetDateTime>,
    pub(super) error: Option<Problem>,
}

pub(super) struct Certificate {
    pub(super) account: usize,
    pub(super) identifiers: Vec<Identifier>,
    pub(super) der: Vec<u8>,
    pub(super) subject_public_key: Vec<u8>,
    pub(super) pem: String,
    pub(super) revoked: bool,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ChallengeType {
    Dns01,
    Http01,
}

/// The states of orders, authorizations and challenges (RFC 8555 §7.1.6).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Status {
    Deactivated,
    Expired,
    Invalid,
    Pending,
    Processing,
    Ready,
    Valid,
}

impl State {
    /// The status of an order, which follows from its authorizations and certificate.
    pub(super) fn order_status(&self, order: &Order) -> Status {
        if order.certificate.is_some() {
            return Status::Valid;
        }
        if order.expires <= OffsetDateTime::now_utc() {
            return Status::Invalid;
        }
        let authorizations = order.authorizations.iter();
        let mut statuses = authorizations
            .map(|id| self.authorizations.get(*id).map_or(Status::Invalid, Authorization::status));
        statuses
            .try_fold(Status::Ready, |so_far, status| match status {
                Status::Valid => Ok(so_far),
                Status::Pending => Ok(Status::Pending),
                _ => Err(Status::Invalid),
            })
            .unwrap_or_else(|invalid| invalid)
    }

    /// Enters the outcome of a validation.
    pub(super) fn conclude(&mut self, challenge: usize, outcome: Result<(), Problem>) {
        let Some(challenge) = self.challenges.get_mut(challenge) else { return };
        let Some(authorization) = self.authorizations.get_mut(challenge.authorization) else {
            return;
        };
        // It may have been given up, decided by another challenge, or have expired meanwhile.
        if authorization.status() != Status::Pending {
            return;
        }
        let now = OffsetDateTime::now_utc();
        match outcome {
            Ok(()) => {
                challenge.status = Status::Valid;
                challenge.validated = Some(now);
                authorization.last_status = Status::Valid;
                authorization.expires = now + VALID_LIFETIME;
            }
            Err(problem) => {
                challenge.status = Status::Invalid;
                challenge.error = Some(problem);
                authorization.last_status = Status::Invalid;
            }
        }
    }

    /// Whether an account may have a certificate for a name at this moment.
    pub(super) fn is_authorized(&self, account: usize, identifier: &Identifier) -> bool {
        self.authorizations.iter().any(|authorization| {
            authorization.account == account
                && authorization.identifier == *identifier
                && authorization.status() == Status::Valid
        })
    }
}

impl Authorization {
    pub(super) fn status(&self) -> Status {
        match self.last_status {
            Status::Pending | Status::Valid if self.expires <= OffsetDateTime::now_utc() => {
                Status::Expired
            }
            status => status,
        }
    }
}

impl ChallengeType {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Dns01 => "dns-01",
            Self::Http01 => "http-01",
        }
    }
}

impl Status {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Deactivated => "deactivated",
            Self::Expired => "expired",
            Self::Invalid => "invalid",
            Self::Pending => "pending",
            Self::Processing => "processing",
            Self::Ready => "ready",
            Self::Valid => "valid",
        }
    }
}

/// How long orders and pending authorizations live.
pub(super) const PENDING_LIFETIME: Duration = Duration::HOUR;
/// How long a valid authorization lives.
const VALID_LIFETIME: Duration = Duration::days(1);
