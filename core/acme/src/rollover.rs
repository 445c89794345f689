//! Changing the key of an account (RFC 8555 §7.3.5).

use std::sync::Arc;

use serde::Serialize;
use url::Url;

use crate::jws::{self, Jwk};
use crate::types::AccountBody;
use crate::{Account, AccountKey, Client, Error, Operation};

impl Account {
    /// Gives the account another key; the one that it has is worth nothing afterwards.
    ///
    /// The caller keeps `new` in a safe place before, so that the account cannot be lost whatever
    /// happens. If the answer of the CA is lost or unclear, this asks whose the new key is; after
    /// an interruption the caller does so with [`Client::find_account`].
    ///
    /// # Errors
    /// [`Error::Unsupported`] if the CA has no keyChange; [`Error::KeyInUse`] if `new` has an
    /// account of its own; [`Error::Key`] if it is the key that the account has;
    /// [`Error::Problem`] of type `badPublicKey` or `badSignatureAlgorithm` if the CA does not
    /// take such keys. In all these cases the old key stays. After [`Error::Broken`],
    /// [`Error::Timeout`] and the like either may be the account's.
    pub async fn change_key(&self, new: AccountKey) -> Result<Account, Error> {
        if new.thumbprint() == self.key().thumbprint() {
            let reason = "it is the one that the account has already".to_owned();
            return Err(Error::Key { reason });
        }
        let operation = Operation::KeyChange;
        let directory = self.core().directory().await?;
        let url = directory.key_change.as_ref().ok_or(Error::Unsupported { operation })?;
        let change = KeyChange { account: self.url().as_str(), old_key: self.key().jwk() };
        let change = serde_json::to_vec(&change).map_err(Error::Encode)?;
        let payload = serde_json::to_vec(&jws::sign_inner(&new, url, &change)?);
        let sent = self.post_once(operation, url, &payload.map_err(Error::Encode)?).await;
        let error = match sent.result {
            Ok(answer) => return Ok(self.with(new, answer.json().unwrap_or_default())),
            Err(error) => error,
        };
        // Either the answer was lost, or the CA does not say clearly that the key is in use.
        let unclear = sent.unsure || error.status().is_some() && !error.is_rate_limited();
        let owner = match &error {
            Error::KeyInUse { account } => Some(account.clone()),
            _ if unclear => self.owner(&new).await,
            _ => None,
        };
        match owner {
            Some(account) if account == *self.url() => Ok(self.with(new, AccountBody::default())),
            Some(account) => Err(Error::KeyInUse { account }),
            None => Err(error),
        }
    }

    /// The URL of the account whose key the CA takes `key` for.
    async fn owner(&self, key: &AccountKey) -> Option<Url> {
        let client = Client::of(Arc::clone(self.core()));
        client.find_account(key.clone()).await.ok().map(|found| found.url().clone())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyChange<'a> {
    account: &'a str,
    old_key: &'a Jwk,
}
