//! Accounts: what is needed to make one, and one that exists.

use std::fmt;
use std::sync::Arc;

use serde_json::json;
use url::Url;

use crate::client::Core;
use crate::http::Answer;
use crate::post::{Outcome, Post};
use crate::types::AccountBody;
use crate::{AccountKey, Error, Operation, Secret, Status};

/// What a CA is told when an account is created (RFC 8555 §7.3).
#[derive(Clone, Debug, Default)]
pub struct NewAccount {
    /// E-mail addresses, or URLs such as `mailto:someone@example.com`.
    pub contacts: Vec<String>,
    /// Whether the user agrees to the CA's terms of service.
    pub terms_agreed: bool,
    /// The user's account with the CA, where it wants one (§7.3.4).
    pub external: Option<ExternalAccount>,
}

/// An account that the user has with the CA outside ACME (RFC 8555 §7.3.4).
#[derive(Clone, Debug)]
pub struct ExternalAccount {
    /// The key identifier that the CA gave.
    pub kid: String,
    /// The HMAC key as the CA gave it: base64url, with or without padding, or plain base64.
    pub hmac: Secret,
    /// The algorithm; CAs that name none mean [`MacAlgorithm::Hs256`].
    pub algorithm: MacAlgorithm,
}

/// The algorithm of an external account binding (RFC 7518 §3.2).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum MacAlgorithm {
    /// HMAC with SHA-256.
    #[default]
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
}

impl MacAlgorithm {
    /// The value of the JWS header's `alg`.
    pub fn as_str(self) -> &'static str {
        match self {
            MacAlgorithm::Hs256 => "HS256",
            MacAlgorithm::Hs384 => "HS384",
            MacAlgorithm::Hs512 => "HS512",
        }
    }
}

impl ExternalAccount {
    /// A binding with [`MacAlgorithm::Hs256`].
    pub fn new(kid: impl Into<String>, hmac: Secret) -> ExternalAccount {
        ExternalAccount { kid: kid.into(), hmac, algorithm: MacAlgorithm::default() }
    }
}

impl NewAccount {
    /// The contacts as URLs, which is what the CA wants.
    pub(crate) fn contact_urls(&self) -> Vec<String> {
        contact_urls(&self.contacts)
    }
}

/// An account at a CA; all its clones share the client's connections and nonces.
#[derive(Clone)]
pub struct Account(Arc<Inner>);

impl Account {
    pub(crate) fn new(core: Arc<Core>, key: AccountKey, url: Url, body: AccountBody) -> Account {
        Account(Arc::new(Inner { core, key, url, body }))
    }

    /// The account's URL, by which the CA knows it: what to keep with its key.
    pub fn url(&self) -> &Url {
        &self.0.url
    }

    /// The key that signs for the account.
    pub fn key(&self) -> &AccountKey {
        &self.0.key
    }

    /// The account's status, where the CA has just told it.
    pub fn status(&self) -> Option<&Status> {
        self.0.body.status.as_ref()
    }

    /// The contacts on file, where the CA has just told them.
    pub fn contacts(&self) -> &[String] {
        self.0.body.contact.as_deref().unwrap_or_default()
    }

    /// Whether the CA has it that the terms of service were agreed to, where it has just told.
    pub fn terms_agreed(&self) -> Option<bool> {
        self.0.body.terms_of_service_agreed
    }

    /// Where the CA lists the account's orders (RFC 8555 §7.1.2.1); few CAs do.
    pub fn orders_url(&self) -> Option<&str> {
        self.0.body.orders.as_deref()
    }

    /// Whether the CA has just shown that the account is bound to one outside ACME (RFC 8555
    /// §7.3.4). `false` says little: most CAs do not show it.
    pub fn is_externally_bound(&self) -> bool {
        self.0.body.external_account_binding.as_ref().is_some_and(|binding| !binding.is_null())
    }

    /// Asks the CA what it has on file for the account (RFC 8555 §7.3.3).
    ///
    /// # Errors
    /// [`Error::Problem`] if the CA does not show it: of type `unauthorized` if it is deactivated,
    /// `accountDoesNotExist` if the CA has forgotten it.
    pub async fn refresh(&self) -> Result<Account, Error> {
        let answer = self.post(Operation::Account, self.url(), b"", None).await?;
        Ok(self.with(self.key().clone(), answer.json()?))
    }

    /// Replaces the contacts on file (RFC 8555 §7.3.2).
    ///
    /// `contacts` are e-mail addresses or URLs, as in [`NewAccount::contacts`]; an empty slice
    /// removes all.
    ///
    /// # Errors
    /// [`Error::Problem`] if the CA refuses: of type `invalidContact`, `unsupportedContact` or
    /// `malformed`.
    pub async fn update(&self, contacts: &[String]) -> Result<Account, Error> {
        let payload = json!({ "contact": contact_urls(contacts) }).to_string();
        let answer = self.post(Operation::Account, self.url(), payload.as_bytes(), None).await?;
        // Some CAs send no body; that the contacts were taken is what matters.
        Ok(self.with(self.key().clone(), answer.json().unwrap_or_default()))
    }

    /// Gives the account up for good (RFC 8555 §7.3.6): the CA takes no request of it any more.
    ///
    /// Certificates stay valid, and can be revoked with their own keys only.
    ///
    /// # Errors
    /// [`Error::Problem`] if the CA refuses.
    pub async fn deactivate(&self) -> Result<(), Error> {
        let payload = json!({ "status": "deactivated" }).to_string();
        let sent = self.post_once(Operation::Account, self.url(), payload.as_bytes()).await;
        match sent.result {
            // To an account that is deactivated a CA says nothing else.
            Err(error) if sent.unsure && error.is_problem("unauthorized") => Ok(()),
            result => result.map(drop),
        }
    }

    /// Sends `payload`, signed by the account; an empty one makes a POST-as-GET.
    pub(crate) async fn post(
        &self,
        operation: Operation,
        url: &Url,
        payload: &[u8],
        accept: Option<&'static str>,
    ) -> Result<Answer, Error> {
        let (key, kid) = (&self.0.key, Some(&self.0.url));
        self.0.core.post(Post { operation, url, key, kid, payload, accept }).await
    }

    /// Sends `payload` where a second try may be refused because the first one was carried out.
    pub(crate) async fn post_once(
        &self,
        operation: Operation,
        url: &Url,
        payload: &[u8],
    ) -> Outcome {
        let (key, kid) = (&self.0.key, Some(&self.0.url));
        self.0.core.post_once(Post { operation, url, key, kid, payload, accept: None }).await
    }

    pub(crate) fn core(&self) -> &Arc<Core> {
        &self.0.core
    }

    /// The same account with a key and a body of now.
    pub(crate) fn with(&self, key: AccountKey, body: AccountBody) -> Account {
        Account::new(Arc::clone(&self.0.core), key, self.0.url.clone(), body)
    }
}

fn contact_urls(contacts: &[String]) -> Vec<String> {
    let url = |contact: &String| match contact.contains(':') {
        true => contact.clone(),
        false => format!("mailto:{contact}"),
    };
    contacts.iter().map(url).collect()
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("url", &self.0.url.as_str()).finish_non_exhaustive()
    }
}

struct Inner {
    core: Arc<Core>,
    key: AccountKey,
    url: Url,
    body: AccountBody,
}
