//! Account keys: generation, PEM, signatures and the RFC 7638 thumbprint.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject;
use zeroize::Zeroize;

use crate::jws::{Jwk, base64url};
use crate::{AccountKeyType, Error, KeyAlgorithm, Secret};

/// The private key of an ACME account; cheap to clone, and `Debug` shows its algorithm only.
#[derive(Clone)]
pub struct AccountKey(Arc<Inner>);

impl AccountKey {
    /// Makes a new key from the system's randomness.
    ///
    /// # Errors
    /// [`Error::Key`] if the cryptographic library cannot make one.
    pub fn generate(kind: impl Into<AccountKeyType>) -> Result<AccountKey, Error> {
        let kind = kind.into();
        let rsa = |size| RsaKeyPair::generate(size).map(Pair::Rsa);
        let pair = match kind {
            AccountKeyType::Ec256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
                .map(|pair| Pair::Ec(pair, Curve::P256)),
            AccountKeyType::Ec384 => EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING)
                .map(|pair| Pair::Ec(pair, Curve::P384)),
            AccountKeyType::Ed25519 => Ed25519KeyPair::generate().map(Pair::Ed25519),
            AccountKeyType::Rsa2048 => rsa(KeySize::Rsa2048),
            AccountKeyType::Rsa3072 => rsa(KeySize::Rsa3072),
            AccountKeyType::Rsa4096 => rsa(KeySize::Rsa4096),
        };
        AccountKey::from_pair(pair.map_err(|_| Error::Key {
            reason: format!("the cryptographic library could not generate an {kind} key"),
        })?)
    }

    /// Reads a PEM text: PKCS#8 (`PRIVATE KEY`), SEC1 (`EC PRIVATE KEY`) or PKCS#1
    /// (`RSA PRIVATE KEY`); other sections in the text are passed over.
    ///
    /// # Errors
    /// [`Error::Key`] if there is no such section, or its key is none of P-256, P-384, Ed25519 and
    /// RSA with 2048 to 8192 bits.
    pub fn from_pem(pem: &str) -> Result<AccountKey, Error> {
        let mut der = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| {
            let reason = format!("it holds no unencrypted private key in PEM ({error})");
            Error::Key { reason }
        })?;
        let pair = match &der {
            PrivateKeyDer::Pkcs1(key) => {
                RsaKeyPair::from_der(key.secret_pkcs1_der()).ok().map(Pair::Rsa)
            }
            PrivateKeyDer::Sec1(key) => Pair::from_ec_der(key.secret_sec1_der()),
            PrivateKeyDer::Pkcs8(key) => Pair::from_pkcs8(key.secret_pkcs8_der()),
            _ => None,
        };
        der.zeroize();
        AccountKey::from_pair(pair.ok_or_else(|| Error::Key {
            reason: "it is none of P-256, P-384, Ed25519 and RSA with 2048 to 8192 bits".to_owned(),
        })?)
    }

    /// The key as PKCS#8 in PEM, which [`AccountKey::from_pem`] reads again.
    pub fn to_pem(&self) -> Secret {
        self.0.pem.clone()
    }

    /// The algorithm the key signs with.
    pub fn algorithm(&self) -> KeyAlgorithm {
        self.0.pair.algorithm()
    }

    /// The base64url SHA-256 thumbprint of the public key (RFC 7638), part of every key
    /// authorization.
    pub fn thumbprint(&self) -> String {
        self.0.thumbprint.clone()
    }

    pub(crate) fn jwk(&self) -> &Jwk {
        &self.0.jwk
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let failed = |_| Error::Key { reason: "signing with it failed".to_owned() };
        let random = SystemRandom::new();
        match &self.0.pair {
            Pair::Ec(pair, _) => {
                pair.sign(&random, message).map(|signature| signature.as_ref().to_vec())
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).map(|()| signature)
            }
        }
        .map_err(failed)
    }

    pub(crate) fn from_pair(pair: Pair) -> Result<AccountKey, Error> {
        let broken = || Error::Key { reason: "its parts cannot be read".to_owned() };
        let jwk = pair.jwk().ok_or_else(broken)?;
        let thumbprint = thumbprint(&jwk)?;
        let pem = pair.to_pem().ok_or_else(broken)?;
        Ok(AccountKey(Arc::new(Inner { pair, jwk, thumbprint, pem })))
    }
}

impl fmt::Debug for AccountKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountKey({}, ****)", self.algorithm())
    }
}

/// The thumbprint of any public key: RFC 7638 wants the required members only, in
/// lexicographic order and without white space, which is how [`Jwk`] serialises.
pub(crate) fn thumbprint(jwk: &Jwk) -> Result<String, Error> {
    let text = serde_json::to_vec(jwk).map_err(Error::Encode)?;
    Ok(base64url(digest(&SHA256, &text)))
}

struct Inner {
    pair: Pair,
    jwk: Jwk,
    thumbprint: String,
    pem: Secret,
}

pub(crate) enum Pair {
    Ec(EcdsaKeyPair, Curve),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

#[derive(Clone, Copy)]
pub(crate) enum Curve {
    P256,
    P384,
}

impl Pair {
    /// Reads SEC1 and PKCS#8 alike: the library tells them apart.
    fn from_ec_der(der: &[u8]) -> Option<Pair> {
        let p256 = EcdsaKeyPair::from_private_key_der(&ECDSA_P256_SHA256_FIXED_SIGNING, der);
        let p384 = || EcdsaKeyPair::from_private_key_der(&ECDSA_P384_SHA384_FIXED_SIGNING, der);
        match p256 {
            Ok(pair) => Some(Pair::Ec(pair, Curve::P256)),
            Err(_) => p384().ok().map(|pair| Pair::Ec(pair, Curve::P384)),
        }
    }

    fn from_pkcs8(der: &[u8]) -> Option<Pair> {
        // OpenSSL leaves the public key out, which only the unchecked form takes.
        let ed25519 = || Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Pair::Ed25519);
        let rsa = || RsaKeyPair::from_pkcs8(der).map(Pair::Rsa);
        Pair::from_ec_der(der).or_else(|| ed25519().or_else(|_| rsa()).ok())
    }

    fn algorithm(&self) -> KeyAlgorithm {
        match self {
            Pair::Ec(_, Curve::P256) => KeyAlgorithm::Es256,
            Pair::Ec(_, Curve::P384) => KeyAlgorithm::Es384,
            Pair::Ed25519(_) => KeyAlgorithm::EdDsa,
            Pair::Rsa(_) => KeyAlgorithm::Rs256,
        }
    }

    fn jwk(&self) -> Option<Jwk> {
        match self {
            Pair::Ec(pair, curve) => {
                // An uncompressed point (SEC1 §2.3.3): 0x04, X, Y, both of the field's length.
                let (crv, length) = match curve {
                    Curve::P256 => ("P-256", 32),
                    Curve::P384 => ("P-384", 48),
                };
                let point = pair.public_key().as_ref().strip_prefix(&[4])?;
                let (x, y) = point.split_at_checked(length)?;
                Some(Jwk::Ec { crv, kty: "EC", x: base64url(x), y: base64url(y) })
            }
            Pair::Ed25519(pair) => {
                let x = base64url(pair.public_key());
                Some(Jwk::Okp { crv: "Ed25519", kty: "OKP", x })
            }
            Pair::Rsa(pair) => {
                let (n, e) = rsa_components(pair.public_key().as_ref())?;
                Some(Jwk::Rsa { e: base64url(e), kty: "RSA", n: base64url(n) })
            }
        }
    }

    fn to_pem(&self) -> Option<Secret> {
        match self {
            Pair::Ec(pair, _) => pair.to_pkcs8v1().ok().map(|der| pem(der.as_ref())),
            Pair::Ed25519(pair) => pair.to_pkcs8v1().ok().map(|der| pem(der.as_ref())),
            Pair::Rsa(pair) => {
                let der: Pkcs8V1Der<'_> = pair.as_der().ok()?;
                Some(pem(der.as_ref()))
            }
        }
    }
}

fn pem(der: &[u8]) -> Secret {
    const LINE: usize = 64;
    let mut body = STANDARD.encode(der);
    let mut text = String::with_capacity(body.len() + body.len() / LINE + 64);
    text.push_str("-----BEGIN PRIVATE KEY-----\n");
    for (index, character) in body.chars().enumerate() {
        if index > 0 && index % LINE == 0 {
            text.push('\n');
        }
        text.push(character);
    }
    text.push_str("\n-----END PRIVATE KEY-----\n");
    body.zeroize();
    Secret::from(text)
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 §A.1.1: a SEQUENCE of two INTEGERs),
/// without leading zeros, as RFC 7518 §6.3.1 wants them.
fn rsa_components(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (sequence, _) = der_value(der, 0x30)?;
    let (modulus, rest) = der_value(sequence, 0x02)?;
    let (exponent, _) = der_value(rest, 0x02)?;
    let unsigned = |number: &'_ [u8]| number.iter().take_while(|byte| **byte == 0).count();
    Some((modulus.get(unsigned(modulus)..)?, exponent.get(unsigned(exponent)..)?))
}

/// Splits one DER value with `tag` off: its content and what follows it.
fn der_value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&first, rest) = der.strip_prefix(&[tag])?.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        (
            bytes.iter().try_fold(0_usize, |sum, byte| {
                sum.checked_mul(256)?.checked_add(usize::from(*byte))
            })?,
            rest,
        )
    };
    rest.split_at_checked(length)
}
