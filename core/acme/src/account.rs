//! Accounts: what is needed to make one, and one that exists.

use std::fmt;
use std::sync::Arc;

use url::Url;

use crate::client::Core;
use crate::http::Answer;
use crate::post::Post;
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
        let url = |contact: &String| match contact.contains(':') {
            true => contact.clone(),
            false => format!("mailto:{contact}"),
        };
        self.contacts.iter().map(url).collect()
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
        &self.0.body.contact
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

    pub(crate) async fn new_order_url(&self) -> Result<&Url, Error> {
        Ok(&self.0.core.directory().await?.new_order)
    }
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
