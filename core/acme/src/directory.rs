//! The directory: where a CA's resources are, and what it says about itself (RFC 8555 §7.1.1).

use std::collections::BTreeMap;

use serde::Deserialize;
use url::Url;

use crate::http::{Answer, is_loopback};
use crate::problem::printable;
use crate::{Authority, Error};

/// What a CA offers.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Directory {
    /// Where nonces come from.
    pub new_nonce: Url,
    /// Where accounts are created.
    pub new_account: Url,
    /// Where orders are created.
    pub new_order: Url,
    /// Where certificates are revoked.
    pub revoke_cert: Option<Url>,
    /// Where an account's key is changed.
    pub key_change: Option<Url>,
    /// Where to ask when a certificate shall be renewed (RFC 9773).
    pub renewal_info: Option<Url>,
    /// The URL of the terms of service.
    pub terms_of_service: Option<String>,
    /// The CA's home page.
    pub website: Option<String>,
    /// The names by which CAA records allow this CA (RFC 8659).
    pub caa_identities: Vec<String>,
    /// Whether accounts must be bound to one that the user has with the CA (§7.3.4).
    pub external_account_required: bool,
    /// The certificate profiles on offer, each with its description.
    pub profiles: BTreeMap<String, String>,
}

/// The directory URL of a CA given by [short name](crate::Authority) or by URL.
///
/// # Errors
/// [`Error::Url`] if it is neither, or the name of a CA that has no directory for everybody;
/// [`Error::Insecure`] for plain http to another machine.
pub fn directory_url(short_or_url: &str) -> Result<Url, Error> {
    let given = short_or_url.trim();
    let wrong = |reason: String| Error::Url { url: printable(given), reason };
    let text = match Authority::named(given) {
        Some(Authority { directory: Some(url), .. }) => url,
        Some(authority) => return Err(wrong(authority.notes.to_owned())),
        None => given,
    };
    let url = Url::parse(text).map_err(|error| match error {
        url::ParseError::RelativeUrlWithoutBase => {
            wrong("it is neither a short name that is known nor a URL".to_owned())
        }
        error => wrong(error.to_string()),
    })?;
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(Error::Insecure { url: url.to_string() }),
        scheme => Err(wrong(format!("`{scheme}` is not https"))),
    }
}

impl Directory {
    /// Whether the CA offers a profile; one that its directory does not name must not be asked for
    /// (draft-ietf-acme-profiles §4).
    pub(crate) fn check_profile(&self, profile: &str) -> Result<(), Error> {
        if self.profiles.contains_key(profile) {
            return Ok(());
        }
        Err(Error::Unknown {
            what: "profile that the CA offers",
            name: printable(profile),
            known: self.profiles.keys().map(|name| printable(name)).collect(),
        })
    }

    /// Reads the answer to a request for the directory at `url`.
    pub(crate) fn read(url: &Url, answer: Result<Answer, Error>) -> Result<Directory, Error> {
        let not_one = |reason: String| Error::Directory { url: url.to_string(), reason };
        let answer = match answer {
            Ok(answer) => answer,
            Err(Error::Status { status: status @ 400..500, .. }) if status != 429 => {
                return Err(not_one(format!("it answered HTTP status {status}")));
            }
            Err(Error::Answer { reason, .. }) => return Err(not_one(reason)),
            Err(error) => return Err(error),
        };
        let body: serde_json::Value = serde_json::from_slice(&answer.body)
            .map_err(|_| not_one(format!("it answered {}, not JSON", answer.content_type())))?;
        let optional = |name: &str| body.get(name)?.as_str().and_then(|text| url.join(text).ok());
        let required = |name: &str| {
            optional(name).ok_or_else(|| not_one(format!("its JSON has no URL for `{name}`")))
        };
        // Whatever stands in `meta` besides, or in another form, must not stop an issuance.
        let meta = body.get("meta").cloned().unwrap_or_default();
        Ok(Directory {
            new_nonce: required("newNonce")?,
            new_account: required("newAccount")?,
            new_order: required("newOrder")?,
            revoke_cert: optional("revokeCert"),
            key_change: optional("keyChange"),
            renewal_info: optional("renewalInfo"),
            terms_of_service: member(&meta, "termsOfService"),
            website: member(&meta, "website"),
            caa_identities: member(&meta, "caaIdentities").unwrap_or_default(),
            external_account_required: member(&meta, "externalAccountRequired").unwrap_or_default(),
            profiles: member(&meta, "profiles").unwrap_or_default(),
        })
    }
}

fn member<T: for<'de> Deserialize<'de>>(meta: &serde_json::Value, name: &str) -> Option<T> {
    meta.get(name).and_then(|value| T::deserialize(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_is_a_short_name_or_a_url_that_is_encrypted_or_local() {
        let url = |name| directory_url(name).unwrap().to_string();
        assert_eq!(url("letsencrypt"), "https://acme-v02.api.letsencrypt.org/directory");
        assert_eq!(url(" SSLcomECC "), "https://acme.ssl.com/sslcom-dv-ecc");
        for url in ["https://ca.example/dir", "http://127.0.0.1:1/dir", "http://[::1]:1/dir"] {
            assert_eq!(directory_url(url).unwrap().as_str(), url);
        }
        let refused = directory_url("http://ca.example/dir");
        assert!(matches!(refused, Err(Error::Insecure { .. })));
        for text in ["letsencypt", "ftp://ca.example/", "https://", "ca.example/dir", ""] {
            let error = directory_url(text).unwrap_err();
            assert!(matches!(error, Error::Url { .. }), "{text}: {error}");
            assert!(error.hint().is_some());
        }
    }
}
