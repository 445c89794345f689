//! Reading the files of another client.

use std::{fs, path::Path};

use rcgen::KeyPair;
use serde_json::Value;
use wildcert_acme::AccountKey;
use zeroize::Zeroizing;

use super::{found::addresses, note::Note};
use crate::key;

/// The text of a file: UTF-8, or UTF-16 as Windows PowerShell writes it.
pub(super) fn text(path: &Path) -> Result<Zeroizing<String>, Note> {
    let unreadable = |reason: String| Note::Unreadable { path: path.to_owned(), reason };
    let octets =
        fs::read(path).map(Zeroizing::new).map_err(|error| unreadable(error.to_string()))?;
    let decoded = match octets.as_slice() {
        [0xff, 0xfe, rest @ ..] => utf16(rest),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        plain => String::from_utf8(plain.to_vec()).ok(),
    };
    decoded.map(Zeroizing::new).ok_or_else(|| unreadable("it is not text".to_owned()))
}

/// UTF-16 in little-endian order.
pub(super) fn utf16(octets: &[u8]) -> Option<String> {
    let (units, []) = octets.as_chunks::<2>() else { return None };
    String::from_utf16(&units.iter().map(|unit| u16::from_le_bytes(*unit)).collect::<Vec<_>>()).ok()
}

/// The JSON in a file.
pub(super) fn json(path: &Path) -> Result<Value, Note> {
    let unreadable = |error: serde_json::Error| Note::Unreadable {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    serde_json::from_str(&text(path)?).map_err(unreadable)
}

/// The account key that `read` takes out of a file's text.
pub(super) fn account_key(
    path: &Path,
    read: impl FnOnce(&str) -> Result<AccountKey, wildcert_acme::Error>,
) -> Result<AccountKey, Note> {
    read(&text(path)?)
        .map_err(|error| Note::Key { path: path.to_owned(), reason: error.to_string() })
}

/// The private key of a certificate.
pub(super) fn certificate_key(path: &Path) -> Result<KeyPair, Note> {
    let refused =
        |error: crate::error::Error| Note::Key { path: path.to_owned(), reason: error.to_string() };
    key::load(&text(path)?).map_err(refused)
}

/// The contacts in an account object (RFC 8555 §7.1.2).
pub(super) fn contacts(account: &Value) -> Vec<String> {
    addresses(account["contact"].as_array().into_iter().flatten().filter_map(Value::as_str))
}

/// The status in an account object, when it cannot be used.
pub(super) fn closed(account: &Value) -> Option<Note> {
    let status = account["status"].as_str().filter(|status| *status != "valid")?;
    Some(Note::Closed { status: status.to_owned() })
}

/// What there is, or else the note that says why not, which is kept.
pub(super) fn noted<T>(notes: &mut Vec<Note>, result: Result<T, Note>) -> Option<T> {
    result.map_err(|note| notes.push(note)).ok()
}
