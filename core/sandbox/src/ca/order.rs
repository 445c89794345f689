//! Orders and their finalization (RFC 8555 §7.1.3, §7.4).

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::account::{owned, post_as_get};
use super::csr::Csr;
use super::identifier::Identifier;
use super::issuer::{BACKDATING, end_of_validity};
use super::jws::{from_base64url, parse_payload};
use super::problem::Problem;
use super::problem_type::ProblemType;
use super::reply::Reply;
use super::resource::Resource;
use super::server::Ca;
use super::state::{Certificate, Order, State, Status};
use crate::events::lock;

#[derive(Deserialize)]
struct Finalize {
    csr: String,
}

impl Ca {
    pub(super) fn order(&self, caller: usize, id: usize, payload: &[u8]) -> Result<Reply, Problem> {
        let state = lock(&self.state);
        found(caller, id, &state)?;
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
        let order = found(caller, id, &state)?;
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
        let csr = Csr::check(&der, &names, &account.key, self.policy.ed25519)?;
        let now = OffsetDateTime::now_utc();
        let processing_until = end_of_validity(now, self.policy.processing)?;
        let outcome = match state.faults.take("issuance") {
            Ok(()) => Ok(self.issue(csr, &names, id, &mut state)?),
            Err(problem) => Err(problem),
        };
        let order = state.orders.get_mut(id).ok_or_else(Problem::not_found)?;
        order.processing_until = Some(processing_until);
        match outcome {
            Ok(certificate) => order.certificate = Some(certificate),
            Err(problem) => order.error = Some(problem),
        }
        self.order_reply(200, id, &state)
    }

    /// Issues a certificate for an order; returns its number.
    fn issue(
        &self,
        csr: Csr,
        names: &BTreeSet<String>,
        order: usize,
        state: &mut State,
    ) -> Result<usize, Problem> {
        let order = state.orders.get(order).ok_or_else(Problem::not_found)?;
        let now = OffsetDateTime::now_utc();
        let lifetime = self.lifetime(order.profile);
        let not_before = order.not_before.unwrap_or(now - BACKDATING);
        let not_after = match order.not_after {
            Some(not_after) => not_after,
            None => end_of_validity(order.not_before.unwrap_or(now), lifetime)?,
        };
        let issued = self.issuer.issue(&csr, names, not_before, not_after)?;
        let certificate = Certificate {
            account: order.account,
            identifiers: order.identifiers.clone(),
            subject_public_key: csr.subject_public_key,
            pem: issued.pem,
            revoked: false,
            not_before,
            not_after,
            replaced_by: None,
            renewal_window: None,
            der: issued.der,
        };
        let id = state.certificates.len();
        let name = super::renewal::certificate_id(&certificate.der)
            .ok_or_else(|| Problem::internal("the certificate issued cannot be read"))?;
        state.certificate_ids.insert(name, id);
        state.certificates.push(certificate);
        Ok(id)
    }

    pub(super) fn order_reply(
        &self,
        status: u16,
        id: usize,
        state: &State,
    ) -> Result<Reply, Problem> {
        let order = state.orders.get(id).ok_or_else(Problem::not_found)?;
        let urls: Vec<String> =
            order.authorizations.iter().map(|id| self.url(Resource::Authorization(*id))).collect();
        let order_status = state.order_status(order);
        let mut body = json!({
            "status": order_status.as_str(),
            "expires": rfc3339(order.expires)?,
            "identifiers": order.identifiers.iter().map(Identifier::to_json).collect::<Vec<_>>(),
            "authorizations": urls,
            "finalize": self.url(Resource::Finalize(id)),
            "profile": order.profile.name(),
        });
        for (member, moment) in [("notBefore", order.not_before), ("notAfter", order.not_after)] {
            if let Some(moment) = moment {
                body[member] = rfc3339(moment)?.into();
            }
        }
        if let Some(replaces) = &order.replaces {
            body["replaces"] = replaces.as_str().into();
        }
        let mut wait = None;
        match (order_status, order.certificate) {
            (Status::Processing, _) => {
                let left = order.processing_until.map(|end| end - OffsetDateTime::now_utc());
                let left = left.and_then(|left| Duration::try_from(left).ok());
                wait = Some(whole_seconds(left.unwrap_or_default()));
            }
            (_, Some(certificate)) => {
                body["certificate"] = self.url(Resource::Certificate(certificate)).into();
            }
            _ => {
                if let Some(problem) = first_error(state, order) {
                    body["error"] = problem;
                }
            }
        }
        let reply = Reply::json(status, body)?.location(self.url(Resource::Order(id)));
        Ok(reply.retry_after(wait))
    }
}

/// An order of the caller's that has not expired.
fn found(caller: usize, id: usize, state: &State) -> Result<&Order, Problem> {
    let order = state.orders.get(id).ok_or_else(Problem::not_found)?;
    owned(caller, order.account)?;
    if order.certificate.is_none() && order.expires <= OffsetDateTime::now_utc() {
        let detail = format!("the order expired at {}", rfc3339(order.expires)?);
        return Err(Problem::malformed(detail).with_status(404));
    }
    Ok(order)
}

/// A moment as RFC 8555 writes it, in whole seconds.
pub(super) fn rfc3339(moment: OffsetDateTime) -> Result<String, Problem> {
    let whole = moment.replace_nanosecond(0).unwrap_or(moment);
    whole.format(&Rfc3339).map_err(|error| Problem::internal(error.to_string()))
}

/// How long to wait, for Retry-After headers: whole seconds, at least one.
pub(super) fn whole_seconds(duration: Duration) -> u64 {
    duration.as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX).max(1)
}

/// Why an order became invalid: the issuance, or the first challenge that failed.
fn first_error(state: &State, order: &Order) -> Option<Value> {
    if let Some(problem) = &order.error {
        return Some(problem.to_json());
    }
    order.authorizations.iter().find_map(|id| {
        let authorization = state.authorizations.get(*id)?;
        authorization
            .challenges
            .iter()
            .find_map(|id| state.challenges.get(*id)?.error.as_ref().map(Problem::to_json))
    })
}
