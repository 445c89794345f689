//! The headers of a provider's request.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use wildcert_plugin_sdk::Error;

use crate::limits;

/// Headers that describe the connection: the host's own.
const OURS: [&str; 9] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// The headers to send.
///
/// # Errors
/// When one is malformed, or the host's own, or they are too many.
pub(super) fn checked(given: &[(String, String)]) -> Result<HeaderMap, Error> {
    let length: usize = given.iter().map(|(name, value)| name.len() + value.len()).sum();
    if length > limits::HEADERS {
        return Err(Error::permanent(format!(
            "refused to send headers of {length} octets: {} are the most",
            limits::HEADERS
        )));
    }
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let broken =
            || Error::permanent(format!("refused to send the header `{}`", name.escape_debug()));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| broken())?;
        if OURS.contains(&name.as_str()) || name.as_str().starts_with("proxy-") {
            return Err(broken());
        }
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| broken())?;
        // Neither printed nor kept in the compression tables of HTTP/2.
        value.set_sensitive(true);
        headers.try_append(name, value).map_err(|_| broken())?;
    }
    Ok(headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_the_connection_are_the_host_s() {
        let refused =
            |name: &str, value: &str| checked(&[(name.to_owned(), value.to_owned())]).is_err();
        for name in
            ["Host", "content-length", "Transfer-Encoding", "Connection", "Proxy-Authorization"]
        {
            assert!(refused(name, "x"), "{name}");
        }
        assert!(refused("x-a", "b\r\nx-c: d"));
        assert!(refused("x-a\r\nx-c", "b"));
        for value in ["b\nx-c: d", "b\rx-c: d", "b\0", "b\u{7f}"] {
            assert!(refused("x-a", value), "{value:?}");
        }
        for name in ["", "x a", "x:a", "x-ä", ":authority", "x\0"] {
            assert!(refused(name, "b"), "{name:?}");
        }
        assert!(refused("x-a", &"b".repeat(limits::HEADERS)));
        assert!(!refused("Authorization", "Bearer ü"));
    }
}
