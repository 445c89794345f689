//! Changing the key of an account (RFC 8555 §7.3.5).

use std::sync::Arc;

use serde::Serialize;

use crate::jws::{self, Jwk};
use crate::types::AccountBody;
use crate::{Account, AccountKey, Client, Error, Operation};

impl Account {
    /// Gives the account another key; the one that it has is worth nothing afterwards.
    ///
    /// The caller keeps `new` in a safe place before, so that the account cannot be lost whatever
    /// happens. If the answer of the CA is lost, this asks which key is the account's; after an
    /// interruption the caller does so with [`Client::find_account`].
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
        let changed = match &error {
            Error::KeyInUse { account } => account == self.url(),
            _ => sent.unsure && self.is_key(&new).await,
        };
        if changed { Ok(self.with(new, AccountBody::default())) } else { Err(error) }
    }

    /// Whether the CA has it that `key` is this account's.
    async fn is_key(&self, key: &AccountKey) -> bool {
        let found = Client::of(Arc::clone(self.core())).find_account(key.clone()).await;
        found.is_ok_and(|found| found.url() == self.url())
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct KeyChange<'a> {
    account: &'a str,
    old_key: &'a Jwk,
}
