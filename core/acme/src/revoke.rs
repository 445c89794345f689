//! Revoking certificates (RFC 8555 §7.6).

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use url::Url;

use crate::client::Core;
use crate::jws::base64url;
use crate::post::Post;
use crate::problem::printable;
use crate::{Account, AccountKey, Client, Error, Operation};

/// Why a certificate is revoked (RFC 5280 §5.3.1); serialised as its number.
///
/// From the owners of server certificates most CAs take 0, 1, 3, 4 and 5 only (Baseline
/// Requirements §4.9.1.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RevocationReason {
    /// 0: none in particular.
    Unspecified,
    /// 1: somebody else may have the private key.
    KeyCompromise,
    /// 2: somebody else may have the CA's private key.
    CaCompromise,
    /// 3: the names or the organisation in it have changed.
    AffiliationChanged,
    /// 4: another certificate has taken its place.
    Superseded,
    /// 5: the site is given up.
    CessationOfOperation,
    /// 6: for the time being.
    CertificateHold,
    /// 8: no longer on hold.
    RemoveFromCrl,
    /// 9: the CA takes it back.
    PrivilegeWithdrawn,
    /// 10: somebody else may have the attribute authority's private key.
    AaCompromise,
}

impl RevocationReason {
    /// All of them, by number.
    pub const ALL: [RevocationReason; 10] = [
        RevocationReason::Unspecified,
        RevocationReason::KeyCompromise,
        RevocationReason::CaCompromise,
        RevocationReason::AffiliationChanged,
        RevocationReason::Superseded,
        RevocationReason::CessationOfOperation,
        RevocationReason::CertificateHold,
        RevocationReason::RemoveFromCrl,
        RevocationReason::PrivilegeWithdrawn,
        RevocationReason::AaCompromise,
    ];

    /// The number (RFC 5280 §5.3.1).
    pub fn number(self) -> u8 {
        match self {
            RevocationReason::Unspecified => 0,
            RevocationReason::KeyCompromise => 1,
            RevocationReason::CaCompromise => 2,
            RevocationReason::AffiliationChanged => 3,
            RevocationReason::Superseded => 4,
            RevocationReason::CessationOfOperation => 5,
            RevocationReason::CertificateHold => 6,
            RevocationReason::RemoveFromCrl => 8,
            RevocationReason::PrivilegeWithdrawn => 9,
            RevocationReason::AaCompromise => 10,
        }
    }

    /// The name (RFC 5280 §5.3.1).
    pub fn as_str(self) -> &'static str {
        match self {
            RevocationReason::Unspecified => "unspecified",
            RevocationReason::KeyCompromise => "keyCompromise",
            RevocationReason::CaCompromise => "cACompromise",
            RevocationReason::AffiliationChanged => "affiliationChanged",
            RevocationReason::Superseded => "superseded",
            RevocationReason::CessationOfOperation => "cessationOfOperation",
            RevocationReason::CertificateHold => "certificateHold",
            RevocationReason::RemoveFromCrl => "removeFromCRL",
            RevocationReason::PrivilegeWithdrawn => "privilegeWithdrawn",
            RevocationReason::AaCompromise => "aACompromise",
        }
    }
}

/// Reads a number, or a name in any case, with or without `-` and `_` between its words.
impl FromStr for RevocationReason {
    type Err = Error;

    fn from_str(text: &str) -> Result<RevocationReason, Error> {
        let word: String = text.trim().chars().filter(|c| !matches!(c, '-' | '_')).collect();
        let number = text.trim().parse::<u8>().ok();
        let is = |reason: &RevocationReason| {
            number == Some(reason.number()) || reason.as_str().eq_ignore_ascii_case(&word)
        };
        RevocationReason::ALL.into_iter().find(is).ok_or_else(|| Error::Unknown {
            what: "reason to revoke a certificate",
            name: printable(text),
            known: RevocationReason::ALL
                .map(|reason| format!("{} ({})", reason.as_str(), reason.number()))
                .to_vec(),
        })
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RevocationReason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(self.number())
    }
}

impl Account {
    /// Revokes a certificate, in DER, that this account ordered; CAs also take it from an account
    /// that is authorized for all its names.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if the CA has no revokeCert; [`Error::Problem`] of type
    /// `alreadyRevoked` if it was revoked before, `badRevocationReason` if the CA does not take
    /// `reason`, `unauthorized` if the account may not.
    pub async fn revoke(
        &self,
        certificate_der: &[u8],
        reason: Option<RevocationReason>,
    ) -> Result<(), Error> {
        revoke(self.core(), self.key(), Some(self.url()), certificate_der, reason).await
    }
}

impl Client {
    /// Revokes a certificate, in DER, with its own private key; no account is needed.
    ///
    /// # Errors
    /// As [`Account::revoke`].
    pub async fn revoke_with_key(
        &self,
        certificate_key: &AccountKey,
        certificate_der: &[u8],
        reason: Option<RevocationReason>,
    ) -> Result<(), Error> {
        revoke(self.core(), certificate_key, None, certificate_der, reason).await
    }
}

async fn revoke(
    core: &Core,
    key: &AccountKey,
    kid: Option<&Url>,
    certificate_der: &[u8],
    reason: Option<RevocationReason>,
) -> Result<(), Error> {
    let operation = Operation::RevokeCert;
    let directory = core.directory().await?;
    let url = directory.revoke_cert.as_ref().ok_or(Error::Unsupported { operation })?;
    let payload = Revocation { certificate: base64url(certificate_der), reason };
    let payload = serde_json::to_vec(&payload).map_err(Error::Encode)?;
    let post = Post { operation, url, key, kid, payload: &payload, accept: None };
    let sent = core.post_once(post).await;
    match sent.result {
        Err(error) if sent.unsure && error.is_problem("alreadyRevoked") => Ok(()),
        result => result.map(drop),
    }
}

#[derive(Serialize)]
struct Revocation {
    certificate: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<RevocationReason>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_numbers_or_names() {
        for reason in RevocationReason::ALL {
            assert_eq!(reason.number().to_string().parse::<RevocationReason>().unwrap(), reason);
            assert_eq!(reason.to_string().parse::<RevocationReason>().unwrap(), reason);
            assert_eq!(serde_json::to_string(&reason).unwrap(), reason.number().to_string());
        }
        for text in ["key-compromise", "KEY_COMPROMISE", " keycompromise "] {
            assert_eq!(text.parse::<RevocationReason>().unwrap(), RevocationReason::KeyCompromise);
        }
        for text in ["7", "11", "256", "-1", "", "because"] {
            let error = text.parse::<RevocationReason>().unwrap_err();
            assert!(error.hint().unwrap().contains("superseded (4)"), "{text}: {error}");
        }
    }
}
