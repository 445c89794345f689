//! The keys of certificates.

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    encoding::AsDer as _,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, RsaKeyPair,
    },
};
use rcgen::{KeyPair, RsaKeySize};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde::{Deserialize, Serialize};
use x509_parser::{public_key::PublicKey, x509::SubjectPublicKeyInfo};
use zeroize::Zeroizing;

use crate::error::Error;

/// The kind of a certificate's key.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyType {
    /// ECDSA on P-256.
    #[default]
    Ec256,
    /// ECDSA on P-384.
    Ec384,
    /// Ed25519; few CAs sign such keys.
    Ed25519,
    /// RSA with 2048 bits.
    Rsa2048,
    /// RSA with 3072 bits.
    Rsa3072,
    /// RSA with 4096 bits.
    Rsa4096,
}

impl KeyType {
    /// Every kind, as it is written on the command line.
    pub const ALL: [(&'static str, Self); 6] = [
        ("ec256", Self::Ec256),
        ("ec384", Self::Ec384),
        ("rsa2048", Self::Rsa2048),
        ("rsa3072", Self::Rsa3072),
        ("rsa4096", Self::Rsa4096),
        ("ed25519", Self::Ed25519),
    ];

    /// A new key.
    ///
    /// # Errors
    /// When the cryptographic library refuses.
    pub(crate) fn generate(self) -> Result<KeyPair, rcgen::Error> {
        match self {
            Self::Ec256 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
            Self::Ec384 => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384),
            Self::Ed25519 => {
                // With rcgen's own generator the PEM would be of PKCS#8's second version, which
                // OpenSSL 1.1 and older do not read.
                let key = Ed25519KeyPair::generate().map_err(|_| rcgen::Error::RingUnspecified)?;
                let der = key.to_pkcs8v1().map_err(|_| rcgen::Error::RingUnspecified)?;
                KeyPair::try_from(der.as_ref())
            }
            Self::Rsa2048 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_2048),
            Self::Rsa3072 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_3072),
            Self::Rsa4096 => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, RsaKeySize::_4096),
        }
    }
}

impl fmt::Display for KeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = Self::ALL.iter().find(|(_, kind)| kind == self).map(|(name, _)| *name);
        f.pad(name.unwrap_or_default())
    }
}

/// Takes the spellings of other clients too: lego's `P256`, `EC256` and plain sizes, certbot's
/// curves `secp256r1` and `secp384r1`, and the same with `-`, `_` or `:` between kind and size.
impl FromStr for KeyType {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.trim().to_ascii_lowercase().replace(['-', '_', ':'], "");
        let wanted = match lower.as_str() {
            "p256" | "prime256v1" | "secp256r1" => "ec256".to_owned(),
            "p384" | "secp384r1" => "ec384".to_owned(),
            size if size.chars().all(|c| c.is_ascii_digit()) => format!("rsa{size}"),
            _ => lower,
        };
        let found = Self::ALL.iter().find(|(name, _)| *name == wanted).map(|(_, kind)| *kind);
        found.ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|(name, _)| *name).collect();
            format!("`{text}` is not one of {}", names.join(", "))
        })
    }
}

/// What a public key is, whoever made it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct KeyFacts {
    /// `RSA`, `EC P-256`, `EC P-384`, `EC P-521`, `Ed25519`, or an object identifier.
    pub(crate) algorithm: String,
    /// Its length; 0 when that is not known.
    pub(crate) bits: u32,
}

impl KeyFacts {
    /// Those of the key of a certificate or of a certificate request.
    pub(crate) fn of(key: &SubjectPublicKeyInfo<'_>) -> Self {
        let facts = |algorithm: &str, bits| Self { algorithm: algorithm.to_owned(), bits };
        let oid = key.algorithm.algorithm.to_id_string();
        match (oid.as_str(), key.parsed()) {
            (ED25519, _) => facts("Ed25519", 256),
            (_, Ok(PublicKey::RSA(rsa))) => {
                // The library counts the bytes: a modulus may have fewer bits than that.
                let leading = rsa.modulus.iter().find(|byte| **byte != 0);
                let unused = leading.map_or(0, |byte| byte.leading_zeros());
                let bytes = rsa.modulus.iter().skip_while(|byte| **byte == 0).count();
                let bits = u32::try_from(bytes * 8).unwrap_or(u32::MAX);
                facts("RSA", bits.saturating_sub(unused))
            }
            (_, Ok(PublicKey::EC(point))) => {
                let curve = key.algorithm.parameters.as_ref();
                let curve = curve.and_then(|curve| curve.as_oid().ok());
                match curve.map(|curve| curve.to_id_string()).as_deref() {
                    Some(P256) => facts("EC P-256", 256),
                    Some(P384) => facts("EC P-384", 384),
                    Some(P521) => facts("EC P-521", 521),
                    other => facts(
                        &format!("EC {}", other.unwrap_or("without a named curve")),
                        u32::try_from(point.key_size()).unwrap_or_default(),
                    ),
                }
            }
            _ => facts(&oid, 0),
        }
    }

    /// The kind, if it is one that wildcert makes.
    pub(crate) fn key_type(&self) -> Option<KeyType> {
        match (self.algorithm.as_str(), self.bits) {
            ("EC P-256", _) => Some(KeyType::Ec256),
            ("EC P-384", _) => Some(KeyType::Ec384),
            ("Ed25519", _) => Some(KeyType::Ed25519),
            ("RSA", 2048) => Some(KeyType::Rsa2048),
            ("RSA", 3072) => Some(KeyType::Rsa3072),
            ("RSA", 4096) => Some(KeyType::Rsa4096),
            _ => None,
        }
    }
}

/// Reads a private key in PEM: PKCS#8 (`PRIVATE KEY`), SEC1 (`EC PRIVATE KEY`) or PKCS#1
/// (`RSA PRIVATE KEY`); other sections are passed over. Whatever it was, it is PKCS#8 afterwards.
///
/// # Errors
/// What is wrong with the text, without any of it.
pub(crate) fn load(pem: &str) -> Result<KeyPair, Error> {
    let failed = |reason: String| Error::Crypto { doing: "read the private key", reason };
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| failed("it holds no unencrypted private key in PEM".to_owned()))?;
    let pkcs8 = pkcs8(&key).ok_or_else(|| failed(KINDS.to_owned()))?;
    KeyPair::try_from(pkcs8.as_slice()).map_err(|_| failed(KINDS.to_owned()))
}

fn pkcs8(key: &PrivateKeyDer<'_>) -> Option<Zeroizing<Vec<u8>>> {
    let owned = |der: &[u8]| Some(Zeroizing::new(der.to_vec()));
    let rsa = |pair: RsaKeyPair| owned(pair.as_der().ok()?.as_ref());
    match key {
        PrivateKeyDer::Pkcs1(der) => rsa(RsaKeyPair::from_der(der.secret_pkcs1_der()).ok()?),
        PrivateKeyDer::Sec1(der) => {
            let der = der.secret_sec1_der();
            let on = |curve| EcdsaKeyPair::from_private_key_der(curve, der).ok();
            let pair = on(&ECDSA_P256_SHA256_ASN1_SIGNING);
            let pair = pair.or_else(|| on(&ECDSA_P384_SHA384_ASN1_SIGNING))?;
            owned(pair.to_pkcs8v1().ok()?.as_ref())
        }
        PrivateKeyDer::Pkcs8(der) => owned(der.secret_pkcs8_der()),
        _ => None,
    }
}

const ED25519: &str = "1.3.101.112";
const KINDS: &str = "it is none of P-256, P-384, Ed25519 and RSA with 2048 to 8192 bits";
const P256: &str = "1.2.840.10045.3.1.7";
const P384: &str = "1.3.132.0.34";
const P521: &str = "1.3.132.0.35";

#[cfg(test)]
mod tests {
    use rcgen::PublicKeyData as _;
    use x509_parser::prelude::FromDer;

    use super::*;
    use crate::openssl::openssl;

    fn facts(key: &KeyPair) -> KeyFacts {
        let der = key.subject_public_key_info();
        let (_, info) = SubjectPublicKeyInfo::from_der(&der).unwrap();
        KeyFacts::of(&info)
    }

    #[test]
    fn every_spelling_of_the_other_clients_is_taken() {
        for (text, kind) in [
            ("EC256", KeyType::Ec256),
            ("P256", KeyType::Ec256),
            ("secp256r1", KeyType::Ec256),
            ("prime256v1", KeyType::Ec256),
            ("p-384", KeyType::Ec384),
            ("ec-384", KeyType::Ec384),
            ("2048", KeyType::Rsa2048),
            ("RSA3072", KeyType::Rsa3072),
            ("rsa:4096", KeyType::Rsa4096),
            ("Ed25519", KeyType::Ed25519),
        ] {
            assert_eq!(text.parse(), Ok(kind), "{text}");
        }
        for text in ["rsa1024", "8192", "secp521r1", "", "25519"] {
            let error = text.parse::<KeyType>().unwrap_err();
            assert!(error.ends_with("rsa4096, ed25519"), "{text}: {error}");
        }
    }

    #[test]
    fn a_made_key_is_of_its_kind_and_openssl_reads_it() {
        for (name, kind) in KeyType::ALL.into_iter().filter(|(name, _)| *name != "rsa4096") {
            let key = kind.generate().unwrap();
            assert_eq!(facts(&key).key_type(), Some(kind), "{name}");
            assert_eq!(kind.to_string(), name);
            let text = openssl(&["pkey", "-noout", "-text"], key.serialize_pem().as_bytes());
            let bits = facts(&key).bits.to_string();
            assert!(text.contains(if name == "ed25519" { "ED25519" } else { &bits }), "{text}");
        }
    }

    #[test]
    fn keys_of_openssl_are_read_in_every_form() {
        let rsa = openssl(&["genrsa", "-traditional", "2048"], b"");
        let parameters = openssl(&["ecparam", "-genkey", "-name", "prime256v1"], b"");
        let p384 = openssl(&["ecparam", "-genkey", "-noout", "-name", "secp384r1"], b"");
        let ed25519 = openssl(&["genpkey", "-algorithm", "ed25519"], b"");
        assert!(rsa.contains("BEGIN RSA PRIVATE KEY"), "{rsa}");
        assert!(parameters.contains("BEGIN EC PARAMETERS"), "{parameters}");
        for (pem, kind) in [
            (rsa, KeyType::Rsa2048),
            (parameters, KeyType::Ec256),
            (p384, KeyType::Ec384),
            (ed25519, KeyType::Ed25519),
        ] {
            let key = load(&pem).unwrap();
            assert_eq!(facts(&key).key_type(), Some(kind));
            let public = |pem: &str| openssl(&["pkey", "-pubout"], pem.as_bytes());
            assert_eq!(public(&key.serialize_pem()), public(&pem), "{kind}");
            // PKCS#8 in name and in content: openssl tells them apart by the name.
            assert!(key.serialize_pem().starts_with("-----BEGIN PRIVATE KEY-----"));
        }
    }

    #[test]
    fn what_is_no_usable_key_is_refused_without_showing_it() {
        let small = openssl(&["genrsa", "1024"], b"");
        let closed = openssl(&["genrsa", "-aes128", "-passout", "pass:x", "2048"], b"");
        for (pem, reason) in [
            (small.as_str(), "none of P-256"),
            (closed.as_str(), "no unencrypted"),
            ("hello", "no unencrypted"),
        ] {
            let error = load(pem).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
