//! What the CA remembers: accounts, orders, authorizations, challenges, certificates.
//!
//! Each is known by its index, which is also the number in its URL.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use time::OffsetDateTime;

use super::directory::Profile;
use super::faults::Faults;
use super::identifier::Identifier;
use super::jwk::Jwk;
use super::nonces::Nonces;
use super::problem::Problem;
use crate::RenewalWindow;

pub(super) struct State {
    pub(super) nonces: Nonces,
    pub(super) faults: Faults,
    pub(super) terms_version: usize,
    pub(super) accounts: Vec<Account>,
    pub(super) orders: Vec<Order>,
    pub(super) authorizations: Vec<Authorization>,
    pub(super) challenges: Vec<Challenge>,
    pub(super) certificates: Vec<Certificate>,
    /// The latest order of an account for these identifiers.
    pub(super) latest_orders: HashMap<(usize, Vec<Identifier>), usize>,
    /// The authorizations of an account that were valid once.
    pub(super) proofs: HashMap<(usize, Identifier), Vec<usize>>,
    /// The certificates by their identifier of RFC 9773 §4.1.
    pub(super) certificate_ids: HashMap<String, usize>,
}

pub(super) struct Account {
    pub(super) key: Jwk,
    pub(super) contact: Vec<String>,
    pub(super) deactivated: bool,
    pub(super) external_account_binding: Option<serde_json::Value>,
    /// The version of the terms of service.
    pub(super) agreed_terms: usize,
    pub(super) orders: Vec<usize>,
    /// When the orders were made that count for the rate limit.
    pub(super) recent_orders: VecDeque<Instant>,
}

pub(super) struct Order {
    pub(super) account: usize,
    pub(super) identifiers: Vec<Identifier>,
    pub(super) authorizations: Vec<usize>,
    pub(super) expires: OffsetDateTime,
    pub(super) profile: Profile,
    pub(super) not_before: Option<OffsetDateTime>,
    pub(super) not_after: Option<OffsetDateTime>,
    /// The identifier of the certificate it replaces (RFC 9773 §5).
    pub(super) replaces: Option<String>,
    pub(super) certificate: Option<usize>,
    /// Until when it is processed, once it is finalized.
    pub(super) processing_until: Option<OffsetDateTime>,
    /// Why no certificate could be issued.
    pub(super) error: Option<Problem>,
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
    pub(super) not_before: OffsetDateTime,
    pub(super) not_after: OffsetDateTime,
    /// The order that names it in `replaces`.
    pub(super) replaced_by: Option<usize>,
    pub(super) renewal_window: Option<RenewalWindow>,
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
        let now = OffsetDateTime::now_utc();
        if order.processing_until.is_some_and(|end| end > now) {
            return Status::Processing;
        }
        if order.certificate.is_some() {
            return Status::Valid;
        }
        if order.error.is_some() || order.expires <= now {
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

    /// Enters the outcome of a validation, which holds for `lifetime`.
    pub(super) fn conclude(
        &mut self,
        challenge: usize,
        outcome: Result<(), Problem>,
        lifetime: Duration,
    ) {
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
                authorization.expires = now + lifetime;
                let proof = (authorization.account, authorization.identifier.clone());
                self.proofs.entry(proof).or_default().push(challenge.authorization);
            }
            Err(problem) => {
                challenge.status = Status::Invalid;
                challenge.error = Some(problem);
                authorization.last_status = Status::Invalid;
            }
        }
    }

    /// The authorization by which an account may have a certificate for a name at this moment.
    pub(super) fn authorized(&self, account: usize, identifier: &Identifier) -> Option<usize> {
        let proofs = self.proofs.get(&(account, identifier.clone()))?;
        proofs.iter().rev().copied().find(|id| {
            let authorization = self.authorizations.get(*id);
            authorization.is_some_and(|authorization| authorization.status() == Status::Valid)
        })
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            nonces: Nonces::default(),
            faults: Faults::default(),
            terms_version: 1,
            accounts: Vec::new(),
            orders: Vec::new(),
            authorizations: Vec::new(),
            challenges: Vec::new(),
            certificates: Vec::new(),
            latest_orders: HashMap::new(),
            proofs: HashMap::new(),
            certificate_ids: HashMap::new(),
        }
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
