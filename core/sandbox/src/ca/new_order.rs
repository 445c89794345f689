//! New orders (RFC 8555 §7.4).

use std::collections::BTreeSet;
use std::time::Instant;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::directory::Profile;
use super::identifier::Identifier;
use super::issuer::{BACKDATING, end_of_validity};
use super::jws::parse_payload;
use super::nonces::random_token;
use super::problem::Problem;
use super::problem_type::ProblemType;
use super::reply::Reply;
use super::server::Ca;
use super::state::{Authorization, Challenge, ChallengeType, Order, State, Status};
use crate::RateLimit;
use crate::events::lock;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewOrder {
    identifiers: Vec<RequestedIdentifier>,
    not_before: Option<String>,
    not_after: Option<String>,
    profile: Option<String>,
    replaces: Option<String>,
}

#[derive(Deserialize)]
struct RequestedIdentifier {
    #[serde(rename = "type")]
    kind: String,
    value: String,
}

impl Ca {
    pub(super) fn new_order(&self, account: usize, payload: &[u8]) -> Result<Reply, Problem> {
        let request: NewOrder = parse_payload(payload)?;
        let identifiers = identifiers(&request.identifiers)?;
        let now = OffsetDateTime::now_utc();
        let expires = end_of_validity(now, self.policy.order_lifetime)?;
        let profile = Profile::parse(request.profile.as_deref())?;
        let (not_before, not_after) = self.validity(&request, profile, now)?;
        let mut order = Order {
            account,
            identifiers,
            authorizations: Vec::new(),
            expires,
            profile,
            not_before,
            not_after,
            replaces: request.replaces,
            certificate: None,
            processing_until: None,
            error: None,
        };
        let mut state = lock(&self.state);
        self.check_terms(account, &state)?;
        if self.policy.reuse_orders
            && let Some(id) = open_order(&order, &state)
        {
            return self.order_reply(201, id, &state);
        }
        let predecessor = state.predecessor(&order)?;
        if let Some(limit) = self.policy.rate_limit {
            count(account, limit, &mut state)?;
        }
        for identifier in &order.identifiers {
            let reused = state.authorized(account, identifier);
            let authorization = match reused.filter(|_| self.policy.reuse_authorizations) {
                Some(id) => id,
                None => authorize(&mut state, account, identifier, expires)?,
            };
            order.authorizations.push(authorization);
        }
        let id = state.orders.len();
        if let Some(predecessor) = predecessor.and_then(|id| state.certificates.get_mut(id)) {
            predecessor.replaced_by = Some(id);
        }
        if let Some(account) = state.accounts.get_mut(account) {
            account.orders.push(id);
        }
        state.latest_orders.insert((account, order.identifiers.clone()), id);
        state.orders.push(order);
        self.order_reply(201, id, &state)
    }

    /// The validity asked for; it must lie in the future and not exceed that of the profile.
    fn validity(
        &self,
        request: &NewOrder,
        profile: Profile,
        now: OffsetDateTime,
    ) -> Result<(Option<OffsetDateTime>, Option<OffsetDateTime>), Problem> {
        let not_before = request.not_before.as_deref().map(moment).transpose()?;
        let not_after = request.not_after.as_deref().map(moment).transpose()?;
        let start = not_before.unwrap_or(now);
        let longest = end_of_validity(start, self.lifetime(profile))?;
        let end = not_after.unwrap_or(longest);
        let fault = if start < now - BACKDATING {
            "`notBefore` is in the past"
        } else if end <= start {
            "`notAfter` is not later than the beginning"
        } else if end > longest {
            "the validity asked for is longer than that of the profile"
        } else {
            return Ok((not_before, not_after));
        };
        Err(Problem::malformed(fault))
    }
}

/// The open order which asks for the very same.
fn open_order(wanted: &Order, state: &State) -> Option<usize> {
    let id = *state.latest_orders.get(&(wanted.account, wanted.identifiers.clone()))?;
    let order = state.orders.get(id)?;
    let same = order.profile == wanted.profile
        && order.not_before == wanted.not_before
        && order.not_after == wanted.not_after
        && order.replaces == wanted.replaces;
    let open = matches!(state.order_status(order), Status::Pending | Status::Ready);
    (same && open).then_some(id)
}

/// Counts an order of an account, unless there were too many.
fn count(account: usize, limit: RateLimit, state: &mut State) -> Result<(), Problem> {
    let account = state.accounts.get_mut(account).ok_or_else(Problem::not_found)?;
    let recent = &mut account.recent_orders;
    while recent.front().is_some_and(|order| order.elapsed() >= limit.window) {
        recent.pop_front();
    }
    if recent.len() < limit.orders {
        recent.push_back(Instant::now());
        return Ok(());
    }
    let wait =
        recent.front().map_or(limit.window, |oldest| limit.window.saturating_sub(oldest.elapsed()));
    let detail = format!("{} orders in {} s are the limit", limit.orders, limit.window.as_secs());
    let problem = Problem::new(ProblemType::RateLimited, detail);
    Err(problem.with_retry_after(super::order::whole_seconds(wait)))
}

fn moment(text: &str) -> Result<OffsetDateTime, Problem> {
    let moment = OffsetDateTime::parse(text, &Rfc3339);
    moment.map_err(|error| Problem::malformed(format!("`{text}` is no RFC 3339 date: {error}")))
}

/// Checks all identifiers, so that the client learns of every wrong one at once.
fn identifiers(requested: &[RequestedIdentifier]) -> Result<Vec<Identifier>, Problem> {
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
    Ok(right.into_iter().collect())
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

const MAX_IDENTIFIERS: usize = 100;
