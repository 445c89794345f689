//! Octets as base64 text inside JSON.

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Octets that travel as base64 text.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Octets(#[serde(with = "self")] pub Vec<u8>);

/// Writes octets as base64 text; for `#[serde(with = …)]`.
///
/// # Errors
/// The serialiser's own.
pub fn serialize<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(octets))
}

/// Reads octets from base64 text; for `#[serde(with = …)]`.
///
/// # Errors
/// When the text is not base64.
pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD.decode(text).map_err(D::Error::custom)
}
