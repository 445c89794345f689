//! Orders (RFC 8555 §7.4).

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::account::{owned, post_as_get};
use super::csr::Csr;
use super::identifier::Identifier;
use super::jws::{from_base64url, parse_payload};
use super::nonces::random_token;
use super::problem::{Problem, ProblemType};
use super::reply::Reply;
use super::resource::Resource;
use super::server::Ca;
use super::state::{
    Authorization, Certificate, Challenge, ChallengeType, Order, PENDING_LIFETIME, State, Status,
};
use crate::events::lock;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewOrder {
    identifiers: Vec<RequestedIdentifier>,
    not_before: Option<Value>,
    not_after: Option<Value>,
}

#[derive(Deserialize)]
struct RequestedIdentifier {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

#[derive(Deserialize)]
struct Finalize {
    csr: String,
}

impl Ca {
    pub(super) fn new_order(&self, account: usize, payload: &[u8]) -> Result<Reply, Problem> {
        let request: NewOrder = parse_payload(payload)?;
        if request.not_before.is_some() || request.not_after.is_some() {
            let detail = "`notBefore` and `notAfter` are not supported";
            return Err(Problem::malformed(detail));
        }
        let identifiers = identifiers(&request.identifiers)?;
        let mut state = lock(&self.state);
        let expires = OffsetDateTime::now_utc() + PENDING_LIFETIME;
        let mut authorizations = Vec::with_capacity(identifiers.len());
        for identifier in &identifiers {
            authorizations.push(authorize(&mut state, account, identifier, expires)?);
        }
        let id = state.orders.len();
        let order = Order {
            account,
            identifiers: identifiers.into_iter().collect(),
            authorizations,
            expires,
            certificate: None,
        };
        state.orders.push(order);
        self.order_reply(201, id, &state)
    }

    pub(super) fn order(&self, caller: usize, id: usize, payload: &[u8]) -> Result<Reply, Problem> {
        let state = lock(&self.state);
        owned(caller, state.orders.get(id).ok_or_else(Problem::not_found)?.account)?;
        post_as_get(payload)?;
        self.order_reply(200, id, &state)
    }

    /// Issues the certificate of an order that is ready.
    pub(super) fn finalize(
        &self,
        caller: usize,
        id: usize,
        payload: &[u8],
    ) -> Result<Reply, Problem> {
        let mut state = lock(&self.state);
        let order = state.orders.get(id).ok_or_else(Problem::not_found)?;
        owned(caller, order.account)?;
        let request: Finalize = parse_payload(payload)?;
        let status = state.order_status(order);
        if status != Status::Ready {
            let detail = format!("the order is {}, not ready", status.as_str());
            return Err(Problem::new(ProblemType::OrderNotReady, detail));
        }
        let der = from_base64url(&request.csr)
            .ok_or_else(|| Problem::new(ProblemType::BadCsr, "the CSR is not base64url"))?;
        let names: BTreeSet<String> = order.identifiers.iter().map(Identifier::name).collect();
        let account = state.accounts.get(caller).ok_or_else(Problem::not_found)?;
        let csr = Csr::check(&der, &names, &account.key)?;
        let issued = self.issuer.issue(&csr, &names, self.certificate_lifetime)?;
        let certificate = Certificate {
            account: caller,
            identifiers: order.identifiers.clone(),
            der: issued.der,
            subject_public_key: csr.subject_public_key,
            pem: issued.pem,
            revoked: false,
        };
        let certificate_id = state.certificates.len();
        state.certificates.push(certificate);
        if let Some(order) = state.orders.get_mut(id) {
            order.certificate = Some(certificate_id);
        }
        self.order_reply(200, id, &state)
    }

    fn order_reply(&self, status: u16, id: usize, state: &State) -> Result<Reply, Problem> {
        let order = state.orders.get(id).ok_or_else(Problem::not_found)?;
        let urls: Vec<String> =
            order.authorizations.iter().map(|id| self.url(Resource::Authorization(*id))).collect();
        let mut body = json!({
            "status": state.order_status(order).as_str(),
            "expires": rfc3339(order.expires)?,
            "identifiers": order.identifiers.iter().map(Identifier::to_json).collect::<Vec<_>>(),
            "authorizations": urls,
            "finalize": self.url(Resource::Finalize(id)),
        });
        if let Some(certificate) = order.certificate {
            body["certificate"] = self.url(Resource::Certificate(certificate)).into();
        } else if let Some(problem) = first_error(state, order) {
            body["error"] = problem;
        }
        Ok(Reply::json(status, &body).location(self.url(Resource::Order(id))))
    }
}

/// A moment as RFC 8555 writes it, in whole seconds.
pub(super) fn rfc3339(moment: OffsetDateTime) -> Result<String, Problem> {
    let whole = moment.replace_nanosecond(0).unwrap_or(moment);
    whole.format(&Rfc3339).map_err(|error| Problem::internal(error.to_string()))
}

/// Checks all identifiers, so that the client learns of every wrong one at once.
fn identifiers(requested: &[RequestedIdentifier]) -> Result<BTreeSet<Identifier>, Problem> {
    if requested.is_empty() {
        return Err(Problem::malformed("the order has no identifiers"));
    }
    let (mut right, mut wrong) = (BTreeSet::new(), Vec::new());
    for identifier in requested {
        match Identifier::parse(&identifier.kind, &identifier.value) {
            Ok(identifier) => {
                right.insert(identifier);
            }
            Err(problem) => wrong.push(problem),
        }
    }
    if !wrong.is_empty() {
        return Err(Problem::compound(wrong));
    }
    if right.len() > MAX_IDENTIFIERS {
        let detail = format!("an order has at most {MAX_IDENTIFIERS} identifiers");
        return Err(Problem::malformed(detail));
    }
    Ok(right)
}

/// Makes a pending authorization; wildcards can be validated by dns-01 only.
fn authorize(
    state: &mut State,
    account: usize,
    identifier: &Identifier,
    expires: OffsetDateTime,
) -> Result<usize, Problem> {
    let kinds: &[ChallengeType] = if identifier.wildcard {
        &[ChallengeType::Dns01]
    } else {
        &[ChallengeType::Http01, ChallengeType::Dns01]
    };
    let authorization = state.authorizations.len();
    let mut challenges = Vec::with_capacity(kinds.len());
    for kind in kinds {
        challenges.push(state.challenges.len());
        state.challenges.push(Challenge {
            authorization,
            kind: *kind,
            token: random_token()?,
            status: Status::Pending,
            started: None,
            validated: None,
            error: None,
        });
    }
    state.authorizations.push(Authorization {
        account,
        identifier: identifier.clone(),
        challenges,
        expires,
        last_status: Status::Pending,
    });
    Ok(authorization)
}

/// Why an order became invalid: the first challenge that failed.
fn first_error(state: &State, order: &Order) -> Option<Value> {
    order.authorizations.iter().find_map(|id| {
        let authorization = state.authorizations.get(*id)?;
        authorization
            .challenges
            .iter()
            .find_map(|id| state.challenges.get(*id)?.error.as_ref().map(Problem::to_json))
    })
}

const MAX_IDENTIFIERS: usize = 100;
