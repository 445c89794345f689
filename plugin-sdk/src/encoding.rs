//! Base64, percent-encoding and forms.

use base64::{Engine, engine::general_purpose};

use crate::error::{Error, Result};

/// Standard base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    general_purpose::STANDARD.encode(bytes)
}

/// The bytes of a standard base64 text; white space around it does not matter.
///
/// # Errors
/// `config` when `text`, the value of the setting `name`, is not base64. The text is not repeated.
pub fn from_base64(name: &str, text: &str) -> Result<Vec<u8>> {
    general_purpose::STANDARD
        .decode(text.trim())
        .map_err(|_| Error::config(format!("`{name}` is not base64")))
}

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3).
pub fn percent(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// `a=b&c=d`, percent-encoded.
pub fn form(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
        .collect();
    pairs.join("&")
}

/// A TXT value in the presentation form of zone files: quoted, `"` and `\` escaped (RFC 1035 §5.1).
pub fn quote(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

/// The text of a TXT value in presentation form; several quoted strings are joined, a value without
/// quotes is taken as it is.
pub fn unquote(value: &str) -> String {
    let value = value.trim();
    if !value.starts_with('"') {
        return value.to_owned();
    }
    let mut out = String::with_capacity(value.len());
    let mut quoted = false;
    let mut chars = value.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '\\' if quoted => out.extend(chars.next()),
            c if quoted => out.push(c),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_comes_back() {
        for value in ["abc", "a\"b", "a\\b", "with space", ""] {
            assert_eq!(unquote(&quote(value)), value);
        }
        assert_eq!(unquote("\"ab\" \"cd\""), "abcd");
        assert_eq!(unquote("bare"), "bare");
    }

    #[test]
    fn forms_are_percent_encoded() {
        assert_eq!(
            form(&[("name", "_acme-challenge.a b"), ("x&y", "ü")]),
            "name=_acme-challenge.a%20b&x%26y=%C3%BC"
        );
    }
}
