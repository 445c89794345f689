//! The keys of certificates.

use std::{fmt, str::FromStr};

use rcgen::{KeyPair, RsaKeySize};
use serde::{Deserialize, Serialize};

/// The kind of a certificate's key.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyType {
    /// ECDSA on P-256.
    #[default]
    Ec256,
    /// ECDSA on P-384.
    Ec384,
    /// RSA with 2048 bits.
    Rsa2048,
    /// RSA with 3072 bits.
    Rsa3072,
    /// RSA with 4096 bits.
    Rsa4096,
}

impl KeyType {
    /// Every kind, as it is written on the command line.
    pub const ALL: [(&'static str, Self); 5] = [
        ("ec256", Self::Ec256),
        ("ec384", Self::Ec384),
        ("rsa2048", Self::Rsa2048),
        ("rsa3072", Self::Rsa3072),
        ("rsa4096", Self::Rsa4096),
    ];

    /// A new key.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub(crate) fn generate(self) -> Result<KeyPair, rcgen::Error> {
        match self {
            Self::Ec256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
            Self::Ec384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
            Self::Rsa2048 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048),
            Self::Rsa3072 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_3072),
            Self::Rsa4096 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_4096),
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, kind)| kind == self).map(|(name, _)| *name);
        f.write_str(name.unwrap_or_default())
    }
}

/// Takes lego's older spellings too: `P256`, `p384`, `RSA2048`, and certbot's plain sizes.
impl FromStr for KeyType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase().replace(['-', '_'], "");
        match lower.as_str() {
            "p256" => return Ok(Self::Ec256),
            "p384" => return Ok(Self::Ec384),
            _ => {}
        }
        let plain = lower.chars().all(|c| c.is_ascii_digit());
        let wanted = if plain { format!("rsa{lower}") } else { lower };
        let found = Self::ALL.iter().find(|(name, _)| *name == wanted).map(|(_, kind)| *kind);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            format!("`{text}` is not one of {}", names.join(", "))
        })
    }
}
