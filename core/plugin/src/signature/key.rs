//! A public key of minisign.

use std::{fs, path::Path, str::FromStr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use minisign_verify::PublicKey;
use serde::{Deserialize, Serialize};

use super::error::SignatureError;

/// The octets of a key or signature before its content: the algorithm, then the key's id.
const ALGORITHM: usize = 2;
const ID: usize = 8;

/// Somebody whose signatures count: a public key of minisign.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Stored", into = "Stored")]
#[non_exhaustive]
pub struct Signer {
    /// The key's id as minisign shows it: 16 hexadecimal digits in upper case.
    pub id: String,
    /// The key in base64, the second line of `minisign.pub`.
    pub key: String,
    pub(super) public: PublicKey,
}

/// A key as providers.keys holds it.
#[derive(Deserialize, Serialize)]
struct Stored {
    id: String,
    key: String,
}

impl Signer {
    /// The key that `text` is, or that the file of this name holds.
    ///
    /// # Errors
    /// [`SignatureError::NotAKey`] when it is neither.
    pub fn read(text: &str) -> Result<Self, SignatureError> {
        let path = Path::new(text);
        if !path.is_file() {
            return text.parse();
        }
        let not_a_key = |reason: String| SignatureError::NotAKey { text: text.to_owned(), reason };
        let content = fs::read_to_string(path).map_err(|error| not_a_key(error.to_string()))?;
        // A comment stands above the key.
        let key = content.lines().nth(1).ok_or_else(|| not_a_key("it has no two lines".into()))?;
        key.parse().map_err(|error| match error {
            SignatureError::NotAKey { reason, .. } => not_a_key(reason),
            error => error,
        })
    }

    /// The octets of the ed25519 key.
    pub(super) fn octets(&self) -> Vec<u8> {
        let octets = STANDARD.decode(&self.key).unwrap_or_default();
        octets.get(ALGORITHM + ID..).unwrap_or_default().to_vec()
    }
}

impl FromStr for Signer {
    type Err = SignatureError;

    fn from_str(text: &str) -> Result<Self, SignatureError> {
        let key = text.trim().to_owned();
        let not_a_key = |reason: String| SignatureError::NotAKey { text: key.clone(), reason };
        let public = PublicKey::from_base64(&key).map_err(|error| not_a_key(error.to_string()))?;
        let id = key_id(&key).ok_or_else(|| not_a_key("it is too short".to_owned()))?;
        Ok(Self { id, key, public })
    }
}

impl TryFrom<Stored> for Signer {
    type Error = SignatureError;

    fn try_from(stored: Stored) -> Result<Self, SignatureError> {
        stored.key.parse()
    }
}

impl From<Signer> for Stored {
    fn from(Signer { id, key, .. }: Signer) -> Self {
        Self { id, key }
    }
}

/// The id of the key in the base64 of a key or of a signature, as minisign shows it.
pub(super) fn key_id(base64: &str) -> Option<String> {
    let octets = STANDARD.decode(base64.trim()).ok()?;
    let id = octets.get(ALGORITHM..)?.first_chunk::<ID>()?;
    Some(format!("{:016X}", u64::from_le_bytes(*id)))
}
