//! Account key rollover (RFC 8555 §7.3.5).

use serde::Deserialize;
use serde_json::Value;

use super::jwk::Jwk;
use super::jws::{Jws, parse_payload};
use super::problem::Problem;
use super::reply::Reply;
use super::resource::Resource;
use super::server::Ca;
use crate::events::lock;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KeyChange {
    account: String,
    old_key: Value,
}

impl Ca {
    /// Gives an account the key that the inner JWS, the payload, is signed with.
    pub(super) fn key_change(&self, account: usize, payload: &[u8]) -> Result<Reply, Problem> {
        let inner = Jws::parse(payload)?;
        let (Some(jwk), None, None) = (&inner.header.jwk, &inner.header.kid, &inner.header.nonce)
        else {
            let detail = "the inner JWS has a `jwk`, and neither `kid` nor `nonce`";
            return Err(Problem::malformed(detail));
        };
        if inner.header.url != Some(self.url(Resource::KeyChange)) {
            return Err(Problem::malformed("the `url` of the inner JWS is not the outer one"));
        }
        let new_key = Jwk::parse(jwk)?;
        new_key.verify(&inner.header.alg, inner.signed.as_bytes(), &inner.signature)?;
        let request: KeyChange = parse_payload(&inner.payload)?;
        if request.account != self.url(Resource::Account(account)) {
            return Err(Problem::malformed("the inner JWS is about another account"));
        }
        let mut state = lock(&self.state);
        if let Some(id) = state.accounts.iter().position(|account| account.key == new_key) {
            let problem = Problem::malformed("another account has the new key, or this one has it");
            return Err(problem.with_status(409).at(self.url(Resource::Account(id))));
        }
        let changed = state.accounts.get_mut(account).ok_or_else(Problem::not_found)?;
        if changed.key != Jwk::parse(&request.old_key)? {
            return Err(Problem::malformed("`oldKey` is not the key of the account"));
        }
        changed.key = new_key;
        self.account_reply(200, account, &state.accounts)
    }
}
