//! One-time passwords of two-factor authentication (TOTP, RFC 6238, with SHA-1).
//!
//! ```
//! # use wildcert_plugin_sdk::{Context, Result};
//! use wildcert_plugin_sdk::totp;
//!
//! # fn example(cx: &Context<'_>) -> Result<String> {
//! let secret = cx.config.require("EXAMPLE_SHARED_SECRET")?;
//! totp::code("EXAMPLE_SHARED_SECRET", secret, 6, 30, cx.host.now())
//! # }
//! ```

use crate::{
    error::{Error, Result},
    hash::hmac_sha1,
};

/// The code of `digits` digits, 6 to 8, that counts at `now`, in milliseconds since 1970.
///
/// `secret` is the shared secret in base32, the value of the setting `name`: case, spaces, hyphens
/// and padding do not matter. A code changes every `period` seconds; 30 is usual.
/// Vendors take a code once: a log-in with one is not
/// [repeatable](crate::RequestBuilder::repeatable).
///
/// # Errors
/// `config` when `secret` is not base32. It is not repeated.
pub fn code(name: &str, secret: &str, digits: u32, period: u64, now: u64) -> Result<String> {
    let key = base32(secret).filter(|key| !key.is_empty());
    let key = key.ok_or_else(|| Error::config(format!("`{name}` is not base32")))?;
    let counter = now / 1000 / period.max(1);
    let mac = hmac_sha1(&key, &counter.to_be_bytes());
    // Which four octets count is in the last one (RFC 4226 §5.3).
    let start = mac.last().map_or(0, |last| usize::from(last & 15));
    let number = mac.iter().skip(start).take(4).fold(0, |sum, octet| sum << 8 | u32::from(*octet));
    let digits = digits.clamp(6, 8);
    let number = (number & 0x7fff_ffff) % 10_u32.pow(digits);
    Ok(format!("{number:0width$}", width = digits as usize))
}

/// The octets of a base32 text (RFC 4648 §6), as people copy it.
fn base32(text: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for symbol in text.trim_end_matches(['=', ' ', '\n', '\r']).bytes() {
        let value = match symbol.to_ascii_uppercase() {
            b' ' | b'-' | b'\n' | b'\r' => continue,
            letter @ b'A'..=b'Z' => letter - b'A',
            digit @ b'2'..=b'7' => digit - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u32::from(value);
        count += 5;
        if count >= 8 {
            count -= 8;
            octets.push((bits >> count) as u8);
            bits &= (1 << count) - 1;
        }
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    /// `12345678901234567890`.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    /// RFC 6238 appendix B, the rows of SHA-1.
    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, expected) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(code("S", SECRET, 8, 30, seconds * 1000 + 999).unwrap(), expected);
            assert_eq!(code("S", SECRET, 6, 30, seconds * 1000).unwrap(), expected[2..]);
        }
        assert_eq!(code("S", SECRET, 8, 60, 119_999), code("S", SECRET, 8, 30, 59_999));
    }

    /// RFC 4648 section 10.
    #[test]
    fn secrets_are_read_as_people_copy_them() {
        for (text, expected) in [
            ("", ""),
            ("MY======", "f"),
            ("MZXQ====", "fo"),
            ("MZXW6===", "foo"),
            ("MZXW6YQ=", "foob"),
            ("MZXW6YTB", "fooba"),
            (" mzxw 6ytb-oi\n", "foobar"),
        ] {
            assert_eq!(base32(text).unwrap(), expected.as_bytes());
        }
    }

    #[test]
    fn a_secret_that_is_not_base32_is_named_not_repeated() {
        for secret in ["0189", "MZXW6===MZXW6", "====", "ü"] {
            let error = code("EXAMPLE_SECRET", secret, 6, 30, 0).unwrap_err();
            assert_eq!(error.kind, ErrorKind::Config);
            assert_eq!(error.message, "`EXAMPLE_SECRET` is not base32");
        }
    }
}
