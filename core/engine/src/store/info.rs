//! What is known of a stored certificate.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, serde::rfc3339};

use crate::{due, key::KeyType, outputs::OutputKinds, renewal::Renewal};

/// A stored certificate, as `certificate.json` tells it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CertificateInfo {
    /// Its name in the store.
    pub name: String,
    /// What it is for, as A-labels.
    pub domains: Vec<String>,
    /// The serial number in lower-case hexadecimal.
    pub serial: String,
    /// From when it is valid.
    #[serde(with = "rfc3339")]
    pub not_before: OffsetDateTime,
    /// Until when it is valid.
    #[serde(with = "rfc3339")]
    pub not_after: OffsetDateTime,
    /// The kind of its key; none when it is one that wildcert does not make.
    #[serde(default)]
    pub key_type: Option<KeyType>,
    /// `RSA`, `EC P-256`, `EC P-384`, `EC P-521`, `Ed25519`, or an object identifier.
    #[serde(default)]
    pub key_algorithm: String,
    /// The length of its key; 0 when that is not known.
    #[serde(default)]
    pub key_bits: u32,
    /// Whom it names; often nobody, as the domains stand elsewhere.
    #[serde(default)]
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// SHA-1 over the certificate, in lower-case hexadecimal: what Windows calls its thumbprint.
    #[serde(default)]
    pub fingerprint_sha1: String,
    /// SHA-256 over the certificate, in lower-case hexadecimal.
    pub fingerprint_sha256: String,
    /// The CA's directory URL.
    pub server: String,
    /// The URL of the account that ordered it.
    #[serde(default)]
    pub account: String,
    /// The provider that proved the names.
    pub provider: String,
    /// Whether its request came from outside, so that there is no private key.
    #[serde(default)]
    pub external_csr: bool,
    /// The forms that it is stored in besides the PEM set.
    #[serde(default)]
    pub outputs: OutputKinds,
    /// When it was stored.
    #[serde(default, with = "rfc3339::option")]
    pub stored: Option<OffsetDateTime>,
    /// The first domain, under the name that lego's readers look for.
    #[serde(default)]
    pub domain: String,
    /// Where the CA keeps it, under the name that lego's readers look for.
    #[serde(default, rename = "certUrl")]
    pub certificate_url: String,
    /// How it is renewed.
    #[serde(default)]
    pub renewal: Renewal,
    /// Which certificate took its place; never in `certificate.json`.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Replacement>,
    /// Its revocation; never in `certificate.json`.
    #[serde(default, skip_deserializing, skip_serializing_if = "Option::is_none")]
    pub revoked: Option<Revocation>,
    /// Its folder: the link that always leads to the newest, or that of an older one.
    #[serde(skip)]
    pub path: PathBuf,
}

/// The certificate that took another's place.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Replacement {
    /// Its serial number in lower-case hexadecimal.
    pub serial: String,
    /// When it came.
    #[serde(with = "rfc3339")]
    pub time: OffsetDateTime,
}

/// That a certificate was revoked by wildcert.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Revocation {
    /// When.
    #[serde(with = "rfc3339")]
    pub time: OffsetDateTime,
    /// Why, as RFC 5280 §5.3.1 names it; none when the CA was told nothing.
    #[serde(default)]
    pub reason: Option<String>,
}

impl CertificateInfo {
    /// Its key as people read it: `ec256`, or its algorithm where wildcert makes no such keys, and
    /// its length.
    pub fn key(&self) -> String {
        let kind =
            self.key_type.map_or_else(|| self.key_algorithm.clone(), |kind| kind.to_string());
        match self.key_bits {
            0 => kind,
            bits => format!("{kind} ({bits} bits)"),
        }
    }

    /// Whether it is time to renew it, as far as the CA does not suggest another time.
    pub fn is_due(&self) -> bool {
        due::by_time(self.renewal.days, self, None, OffsetDateTime::now_utc()).is_some()
    }

    /// When it came into the store, as far as that is known.
    pub(crate) fn came(&self) -> OffsetDateTime {
        self.stored.unwrap_or(self.not_before)
    }

    /// One of an older wildcert, with what every `certificate.json` has: valid for 90 days from
    /// 1970 on.
    #[cfg(test)]
    pub(crate) fn sample(name: &str) -> Self {
        serde_json::from_value(serde_json::json!({
            "name": name,
            "domains": [name, format!("*.{name}")],
            "serial": "01",
            "not_before": "1970-01-01T00:00:00Z",
            "not_after": "1970-04-01T00:00:00Z",
            "key_type": "rsa2048",
            "issuer": "CN=test",
            "fingerprint_sha256": "ff",
            "server": "https://ca.test/dir",
            "provider": "rfc2136",
        }))
        .unwrap()
    }
}
