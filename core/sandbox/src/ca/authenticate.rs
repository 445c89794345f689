//! Who sent a request (RFC 8555 §6).

use super::account::usable;
use super::jwk::{ALGORITHMS, Jwk};
use super::jws::{Jws, from_base64url};
use super::problem::Problem;
use super::problem_type::ProblemType;
use super::resource::Resource;
use super::server::Ca;
use crate::events::lock;

/// The key a request is signed with.
pub(super) enum Caller {
    /// That of an account, named by `kid`.
    Account(usize),
    /// One that came along as `jwk`.
    Key(Jwk),
}

impl Ca {
    /// Checks the JWS of a request for a resource; returns who signed it, and its payload.
    pub(super) fn authenticate(
        &self,
        resource: Resource,
        body: &[u8],
    ) -> Result<(Caller, Vec<u8>), Problem> {
        let jws = Jws::parse(body)?;
        let header = &jws.header;
        if !ALGORITHMS.contains(&header.alg.as_str()) {
            return Err(Problem::new(
                ProblemType::BadSignatureAlgorithm,
                format!("the signature algorithm `{}` is not supported", header.alg),
            ));
        }
        let nonce = header.nonce.as_deref().filter(|nonce| from_base64url(nonce).is_some());
        let nonce = nonce.ok_or_else(|| Problem::malformed("the JWS has no nonce in base64url"))?;
        if !lock(&self.state).nonces.take(nonce) {
            let detail = "the nonce was not given out by this server, or is used already";
            return Err(Problem::new(ProblemType::BadNonce, detail));
        }
        let url = self.url(resource);
        if header.url.as_deref() != Some(url.as_str()) {
            let detail = format!("the `url` of the JWS is not that of the request, `{url}`");
            return Err(Problem::unauthorized(detail).with_status(401));
        }
        let caller = self.caller(resource, &jws)?;
        match &caller {
            Caller::Key(key) => key.verify(&header.alg, jws.signed.as_bytes(), &jws.signature)?,
            Caller::Account(id) => {
                let state = lock(&self.state);
                let account = usable(state.accounts.get(*id))?;
                account.key.verify(&header.alg, jws.signed.as_bytes(), &jws.signature)?;
            }
        }
        Ok((caller, jws.payload))
    }

    fn caller(&self, resource: Resource, jws: &Jws) -> Result<Caller, Problem> {
        match (&jws.header.jwk, &jws.header.kid) {
            (Some(_), Some(_)) => Err(Problem::malformed("the JWS has both `jwk` and `kid`")),
            (None, None) => Err(Problem::malformed("the JWS has neither `jwk` nor `kid`")),
            (Some(_), None) if !takes_jwk(resource) => {
                Err(Problem::malformed("this request is signed with a `kid`, not a `jwk`"))
            }
            (None, Some(_)) if resource == Resource::NewAccount => {
                Err(Problem::malformed("a newAccount request is signed with a `jwk`, not a `kid`"))
            }
            (Some(jwk), None) => Ok(Caller::Key(Jwk::parse(jwk)?)),
            (None, Some(kid)) => match self.resource(kid) {
                Some(Resource::Account(id)) if lock(&self.state).accounts.get(id).is_some() => {
                    Ok(Caller::Account(id))
                }
                _ => {
                    let detail = format!("there is no account `{kid}`");
                    Err(Problem::new(ProblemType::AccountDoesNotExist, detail))
                }
            },
        }
    }
}

fn takes_jwk(resource: Resource) -> bool {
    matches!(resource, Resource::NewAccount | Resource::RevokeCert)
}
