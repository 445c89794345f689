//! Which CA is asked, and as whom.

use std::fmt;

use url::Url;
use wildcert_acme::{AccountKeyType, Authority};

use crate::{error::Error, key::KeyType, late::LateSecret, store::CertificateInfo};

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
    pub external: Option<(String, LateSecret)>,
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

    /// The CA of a stored certificate, and the account that ordered it.
    pub(crate) fn of(stored: &CertificateInfo) -> Self {
        Self { contacts: stored.renewal.contacts.clone(), ..Self::new(&stored.server) }
    }

    /// The directory URL.
    ///
    /// # Errors
    /// When the server is neither a short name that is known nor a URL that may be asked.
    pub fn directory(&self) -> Result<Url, Error> {
        wildcert_acme::directory_url(&self.server)
            .map_err(|source| Error::Acme { doing: "find the CA".to_owned(), source })
    }

    /// Refuses a kind of certificate key that the CA is known not to take.
    pub(crate) fn check_key(&self, kind: KeyType) -> Result<(), Error> {
        let directory = self.directory()?;
        let taken = Authority::at(&directory).map_or(&[][..], |known| known.certificate_keys);
        let key = kind.to_string();
        if taken.is_empty() || taken.contains(&key.as_str()) {
            return Ok(());
        }
        let taken = taken.iter().map(|one| (*one).to_owned()).collect();
        Err(Error::KeyNotTaken { server: self.server.clone(), key, taken })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_a_ca_does_not_take_are_refused_by_name_and_by_url() {
        let rsa = "https://acme.ssl.com/sslcom-dv-rsa";
        for (server, kind, taken) in [
            ("sslcom-rsa", KeyType::Ec256, false),
            (rsa, KeyType::Ec384, false),
            (rsa, KeyType::Rsa2048, true),
            ("sslcom-ecc", KeyType::Rsa2048, false),
            ("letsencrypt", KeyType::Ec256, true),
            ("https://ca.test/dir", KeyType::Ed25519, true),
        ] {
            let checked = CaAccount::new(server).check_key(kind);
            assert_eq!(checked.is_ok(), taken, "{server} {kind}");
        }
        let error = CaAccount::new("sslcom-rsa").check_key(KeyType::Ec256).unwrap_err();
        assert!(error.to_string().contains("only rsa2048, rsa3072, rsa4096"), "{error}");
        assert!(error.hint().unwrap().contains("-k rsa2048"));
    }
}
