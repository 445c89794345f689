//! Authorizations and challenges (RFC 8555 §7.5).

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::account::owned;
use super::jws::{parse_payload, to_base64url};
use super::order::{rfc3339, whole_seconds};
use super::problem::Problem;
use super::reply::Reply;
use super::resource::Resource;
use super::server::Ca;
use super::state::{Authorization, Challenge, State, Status};
use super::validate::validate;
use crate::events::lock;

#[derive(Deserialize)]
struct Update {
    status: String,
}

impl Ca {
    /// Shows an authorization, or deactivates it (RFC 8555 §7.5.2).
    pub(super) fn authorization(
        &self,
        caller: usize,
        id: usize,
        payload: &[u8],
    ) -> Result<Reply, Problem> {
        let mut state = lock(&self.state);
        let authorization = state.authorizations.get_mut(id).ok_or_else(Problem::not_found)?;
        owned(caller, authorization.account)?;
        unexpired(authorization)?;
        if !payload.is_empty() {
            let update: Update = parse_payload(payload)?;
            if update.status != "deactivated" {
                let detail = "an authorization's status can be changed to `deactivated` only";
                return Err(Problem::malformed(detail));
            }
            match authorization.status() {
                Status::Pending | Status::Valid => authorization.last_status = Status::Deactivated,
                status => {
                    let detail = format!("the authorization is {} already", status.as_str());
                    return Err(Problem::malformed(detail));
                }
            }
        }
        let authorization = state.authorizations.get(id).ok_or_else(Problem::not_found)?;
        let waiting = authorization.challenges.iter().filter_map(|id| state.challenges.get(*id));
        let wait = waiting.filter_map(|challenge| self.retry_after(challenge)).max();
        let body = self.authorization_json(authorization, &state)?;
        Ok(Reply::json(200, body)?.retry_after(wait))
    }

    /// Shows a challenge, or begins its validation (RFC 8555 §7.5.1).
    pub(super) fn challenge(
        &self,
        caller: usize,
        id: usize,
        payload: &[u8],
    ) -> Result<Reply, Problem> {
        let mut state = lock(&self.state);
        let challenge = state.challenges.get(id).ok_or_else(Problem::not_found)?;
        let authorization_id = challenge.authorization;
        let authorization =
            state.authorizations.get(authorization_id).ok_or_else(Problem::not_found)?;
        owned(caller, authorization.account)?;
        unexpired(authorization)?;
        if !payload.is_empty() {
            let _: serde_json::Map<String, Value> = parse_payload(payload)?;
            let status = authorization.status();
            match (status, challenge.status) {
                (Status::Pending, Status::Pending) => self.begin(id, &mut state)?,
                // Told again what it knows, the server goes on as before.
                (Status::Pending, Status::Processing) | (_, Status::Valid) => {}
                _ => {
                    let detail = format!("the authorization is {}", status.as_str());
                    return Err(Problem::malformed(detail));
                }
            }
        }
        let challenge = state.challenges.get(id).ok_or_else(Problem::not_found)?;
        let body = self.challenge_json(id, challenge)?;
        let up = self.url(Resource::Authorization(authorization_id));
        Ok(Reply::json(200, body)?.link("up", &up).retry_after(self.retry_after(challenge)))
    }

    fn begin(&self, id: usize, state: &mut State) -> Result<(), Problem> {
        let challenge = state.challenges.get(id).ok_or_else(Problem::not_found)?;
        let authorization =
            state.authorizations.get(challenge.authorization).ok_or_else(Problem::not_found)?;
        let account = state.accounts.get(authorization.account).ok_or_else(Problem::not_found)?;
        let key_authorization = format!("{}.{}", challenge.token, account.key.thumbprint());
        let (kind, identifier) = (challenge.kind, authorization.identifier.clone());
        let account_url = self.url(Resource::Account(authorization.account));
        let fault = state.faults.take("validation");
        let mut validations = lock(&self.validations);
        while validations.try_join_next().is_some() {}
        let (shared, resolver) = (self.state.clone(), self.resolver.clone());
        let (processing, lifetime) = (self.policy.processing, self.policy.authorization_lifetime);
        validations.spawn(async move {
            sleep(processing).await;
            let outcome = match fault {
                Ok(()) => {
                    validate(&resolver, kind, &identifier, &key_authorization, &account_url).await
                }
                Err(problem) => Err(problem),
            };
            lock(&shared).conclude(id, outcome, lifetime);
        });
        if let Some(challenge) = state.challenges.get_mut(id) {
            challenge.status = Status::Processing;
            challenge.started = Some(Instant::now());
        }
        Ok(())
    }

    fn authorization_json(
        &self,
        authorization: &Authorization,
        state: &State,
    ) -> Result<Value, Problem> {
        let status = authorization.status();
        let mut challenges = Vec::new();
        for id in &authorization.challenges {
            let Some(challenge) = state.challenges.get(*id) else { continue };
            // Once it is decided, only the challenge that decided it is shown (RFC 8555 §7.1.4).
            let decided = matches!(status, Status::Valid | Status::Invalid);
            if !decided || challenge.status == status {
                challenges.push(self.challenge_json(*id, challenge)?);
            }
        }
        let mut body = json!({
            "identifier": { "type": "dns", "value": authorization.identifier.base },
            "status": status.as_str(),
            "expires": rfc3339(authorization.expires)?,
            "challenges": challenges,
        });
        if authorization.identifier.wildcard {
            body["wildcard"] = true.into();
        }
        Ok(body)
    }

    fn challenge_json(&self, id: usize, challenge: &Challenge) -> Result<Value, Problem> {
        let mut body = json!({
            "type": challenge.kind.as_str(),
            "url": self.url(Resource::Challenge(id)),
            "status": challenge.status.as_str(),
            "token": challenge.token,
        });
        if let Some(validated) = challenge.validated {
            body["validated"] = rfc3339(validated)?.into();
        }
        if let Some(error) = &challenge.error {
            body["error"] = error.to_json();
        }
        Ok(body)
    }

    /// Validations take milliseconds, shorter than any whole second one could be told to wait. Only
    /// those that are delayed or hang on a slow resolver are worth a pause.
    fn retry_after(&self, challenge: &Challenge) -> Option<u64> {
        let started = challenge.started.filter(|_| challenge.status == Status::Processing)?;
        let delay = self.policy.processing.saturating_sub(started.elapsed());
        let worth = !delay.is_zero() || started.elapsed() > Duration::from_secs(1);
        worth.then(|| whole_seconds(delay))
    }
}

/// The TXT value that proves control of a name (RFC 8555 §8.4).
pub(super) fn txt_proof(key_authorization: &str) -> String {
    use aws_lc_rs::digest::{SHA256, digest};
    to_base64url(digest(&SHA256, key_authorization.as_bytes()).as_ref())
}

/// Refuses what has expired, as if it were gone.
fn unexpired(authorization: &Authorization) -> Result<(), Problem> {
    if authorization.status() != Status::Expired {
        return Ok(());
    }
    let detail = format!("the authorization expired at {}", rfc3339(authorization.expires)?);
    Err(Problem::malformed(detail).with_status(404))
}
