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

/// The texts with `between` between them; [`join`](slice::join) is much code for that.
pub(crate) fn joined<'a>(texts: impl IntoIterator<Item = &'a str>, between: &str) -> String {
    let mut joined = String::new();
    for (index, text) in texts.into_iter().enumerate() {
        if index > 0 {
            joined.push_str(between);
        }
        joined.push_str(text);
    }
    joined
}

/// `a=b&c=d`, percent-encoded.
pub fn form(fields: &[(&str, &str)]) -> String {
    let mut form = String::new();
    for (name, value) in fields {
        if !form.is_empty() {
            form.push('&');
        }
        form.push_str(&percent(name));
        form.push('=');
        form.push_str(&percent(value));
    }
    form
}

/// A TXT value in the presentation form of zone files: quoted, pieces of at most 255 octets, `"`, `\`
/// and whatever is not printable ASCII escaped (RFC 1035 §5.1).
pub fn quote(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for (index, octet) in value.bytes().enumerate() {
        if index > 0 && index % 255 == 0 {
            out.push_str("\" \"");
        }
        match octet {
            b'"' | b'\\' => out.extend(['\\', char::from(octet)]),
            b' '..=b'~' => out.push(char::from(octet)),
            _ => out.push_str(&format!("\\{octet:03}")),
        }
    }
    out.push('"');
    out
}

/// The text of a TXT value in presentation form: several quoted strings are joined, escapes undone; a
/// value without quotes is taken as it is.
pub fn unquote(value: &str) -> String {
    let value = value.trim();
    if !value.starts_with('"') {
        return value.to_owned();
    }
    let mut out = Vec::with_capacity(value.len());
    let mut quoted = false;
    let mut rest = value.as_bytes();
    while let [octet, after @ ..] = rest {
        rest = after;
        match octet {
            b'"' => quoted = !quoted,
            b'\\' if quoted => {
                let (escaped, after) = unescape(rest);
                out.extend(escaped);
                rest = after;
            }
            octet if quoted => out.push(*octet),
            _ => {}
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// `values` in presentation form; those that already stand in `before` keep the form they have there,
/// which a vendor may compare letter by letter.
pub fn requote(before: &[String], values: &[String]) -> Vec<String> {
    let form = |value: &String| {
        let known = before.iter().find(|form| unquote(form) == *value);
        known.cloned().unwrap_or_else(|| quote(value))
    };
    values.iter().map(form).collect()
}

/// The octet that stands behind a backslash, as three decimal digits or as itself, and what follows.
fn unescape(text: &[u8]) -> (Option<u8>, &[u8]) {
    if let Some((digits, after)) = text.split_at_checked(3)
        && digits.iter().all(u8::is_ascii_digit)
        && let Some(octet) = std::str::from_utf8(digits).ok().and_then(|text| text.parse().ok())
    {
        return (Some(octet), after);
    }
    match text {
        [octet, after @ ..] => (Some(*octet), after),
        [] => (None, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_comes_back() {
        let long = "x".repeat(600);
        for value in ["abc", "a\"b", "a\\b", "with space", "", "grün\t1", "a\\065", &long] {
            assert_eq!(unquote(&quote(value)), value);
        }
        assert_eq!(quote("a\"\\é"), r#""a\"\\\195\169""#);
        assert_eq!(quote(&long).matches(' ').count(), 2);
        assert_eq!(unquote(r#""\097\b\"c""#), "ab\"c");
        assert_eq!(unquote(r#""open\"#), "open");
        assert_eq!(unquote("\"ab\" \"cd\""), "abcd");
        assert_eq!(unquote("bare"), "bare");
    }

    #[test]
    fn known_values_keep_their_form() {
        let before = ["\"a\" \"b\"", "\"\\099\""].map(str::to_owned);
        let values = ["c", "d", "ab"].map(str::to_owned);
        assert_eq!(requote(&before, &values), ["\"\\099\"", "\"d\"", "\"a\" \"b\""]);
    }

    #[test]
    fn forms_are_percent_encoded() {
        assert_eq!(
            form(&[("name", "_acme-challenge.a b"), ("x&y", "ü")]),
            "name=_acme-challenge.a%20b&x%26y=%C3%BC"
        );
    }
}
