//! What account keys there are, and how they sign.

use std::fmt;
use std::str::FromStr;

use crate::Error;
use crate::problem::printable;

/// The signature algorithm of an account key (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum KeyAlgorithm {
    /// ECDSA over P-256 with SHA-256: small, fast and accepted everywhere.
    Es256,
    /// ECDSA over P-384 with SHA-384.
    Es384,
    /// Ed25519; few CAs accept it.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
}

/// A kind of account key that can be generated.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum AccountKeyType {
    /// P-256: what to take where the CA asks for nothing else.
    #[default]
    Ec256,
    /// P-384.
    Ec384,
    /// Ed25519; few CAs accept it.
    Ed25519,
    /// RSA with 2048 bits.
    Rsa2048,
    /// RSA with 3072 bits.
    Rsa3072,
    /// RSA with 4096 bits.
    Rsa4096,
}

impl KeyAlgorithm {
    /// The value of the JWS header's `alg`.
    pub fn as_str(self) -> &'static str {
        match self {
            KeyAlgorithm::Es256 => "ES256",
            KeyAlgorithm::Es384 => "ES384",
            KeyAlgorithm::EdDsa => "EdDSA",
            KeyAlgorithm::Rs256 => "RS256",
        }
    }
}

impl AccountKeyType {
    /// All of them.
    pub const ALL: [AccountKeyType; 6] = [
        AccountKeyType::Ec256,
        AccountKeyType::Ec384,
        AccountKeyType::Rsa2048,
        AccountKeyType::Rsa3072,
        AccountKeyType::Rsa4096,
        AccountKeyType::Ed25519,
    ];

    /// The name on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            AccountKeyType::Ec256 => "ec256",
            AccountKeyType::Ec384 => "ec384",
            AccountKeyType::Ed25519 => "ed25519",
            AccountKeyType::Rsa2048 => "rsa2048",
            AccountKeyType::Rsa3072 => "rsa3072",
            AccountKeyType::Rsa4096 => "rsa4096",
        }
    }

    /// The algorithm that keys of this kind sign with.
    pub fn algorithm(self) -> KeyAlgorithm {
        match self {
            AccountKeyType::Ec256 => KeyAlgorithm::Es256,
            AccountKeyType::Ec384 => KeyAlgorithm::Es384,
            AccountKeyType::Ed25519 => KeyAlgorithm::EdDsa,
            AccountKeyType::Rsa2048 | AccountKeyType::Rsa3072 | AccountKeyType::Rsa4096 => {
                KeyAlgorithm::Rs256
            }
        }
    }
}

/// The shortest key of an algorithm.
impl From<KeyAlgorithm> for AccountKeyType {
    fn from(algorithm: KeyAlgorithm) -> AccountKeyType {
        match algorithm {
            KeyAlgorithm::Es256 => AccountKeyType::Ec256,
            KeyAlgorithm::Es384 => AccountKeyType::Ec384,
            KeyAlgorithm::EdDsa => AccountKeyType::Ed25519,
            KeyAlgorithm::Rs256 => AccountKeyType::Rsa2048,
        }
    }
}

/// Reads a name such as `ec256`, in any case, or the name of an algorithm such as `ES256`.
impl FromStr for AccountKeyType {
    type Err = Error;

    fn from_str(text: &str) -> Result<AccountKeyType, Error> {
        let algorithms =
            [KeyAlgorithm::Es256, KeyAlgorithm::Es384, KeyAlgorithm::EdDsa, KeyAlgorithm::Rs256];
        let is = |name: &str| name.eq_ignore_ascii_case(text.trim());
        let kind = AccountKeyType::ALL.into_iter().find(|kind| is(kind.as_str()));
        let algorithm = || algorithms.into_iter().find(|algorithm| is(algorithm.as_str()));
        kind.or_else(|| algorithm().map(AccountKeyType::from)).ok_or_else(|| Error::Unknown {
            what: "type of account key",
            name: printable(text),
            known: AccountKeyType::ALL.map(|kind| kind.as_str().to_owned()).to_vec(),
        })
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for AccountKeyType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_types_are_read_in_any_case_and_by_algorithm() {
        for kind in AccountKeyType::ALL {
            assert_eq!(kind.to_string().parse::<AccountKeyType>().unwrap(), kind);
            assert_eq!(AccountKeyType::from(kind.algorithm()).algorithm(), kind.algorithm());
        }
        assert_eq!(" RSA4096".parse::<AccountKeyType>().unwrap(), AccountKeyType::Rsa4096);
        assert_eq!("es384".parse::<AccountKeyType>().unwrap(), AccountKeyType::Ec384);
        let error = "rsa2084".parse::<AccountKeyType>().unwrap_err();
        assert_eq!(error.to_string(), "`rsa2084` is no type of account key");
        assert!(error.hint().unwrap().starts_with("did you mean `rsa2048`"), "{error:?}");
    }
}
