//! Which CA is asked, and as whom.

use std::fmt;

use url::Url;
use wildcert_acme::{AccountKeyType, Secret};

use crate::error::Error;

/// A CA, and the account there that is used or made.
#[derive(Clone)]
pub struct CaAccount {
    /// The CA: a short name (`letsencrypt`, `letsencrypt-staging`, …) or its directory URL.
    pub server: String,
    /// The account's contacts: e-mail addresses. The first one tells the accounts of a CA apart.
    pub contacts: Vec<String>,
    /// Whether the user agrees to the CA's terms of service.
    pub terms_agreed: bool,
    /// External account binding: key identifier and HMAC key, as the CA gave them.
    pub external: Option<(String, Secret)>,
    /// The kind of a new account's key.
    pub account_key: AccountKeyType,
}

impl CaAccount {
    /// A CA without contacts, binding or agreement, and a P-256 key.
    pub fn new(server: impl Into<String>) -> Self {
        Self {
            server: server.into(),
            contacts: Vec::new(),
            terms_agreed: false,
            external: None,
            account_key: AccountKeyType::default(),
        }
    }

    /// The directory URL.
    ///
    /// # Errors
    /// When the server is neither a short name that is known nor a URL that may be asked.
    pub fn directory(&self) -> Result<Url, Error> {
        wildcert_acme::directory_url(&self.server)
            .map_err(|source| Error::Acme { doing: "find the CA".to_owned(), source })
    }
}

impl fmt::Debug for CaAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CaAccount")
            .field("server", &self.server)
            .field("contacts", &self.contacts)
            .field("terms_agreed", &self.terms_agreed)
            .field("external", &self.external.as_ref().map(|(kid, _)| kid))
            .field("account_key", &self.account_key)
            .finish()
    }
}
