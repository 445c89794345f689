//! Digests and keyed digests, for vendors that want their requests signed.
//!
//! ```
//! use wildcert_plugin_sdk::{encoding, hash};
//!
//! let text = "GET\n/v1/zones\n1700000000";
//! let as_hex = hash::hex(&hash::hmac_sha256(b"secret", text.as_bytes()));
//! let as_base64 = encoding::base64(&hash::hmac_sha1(b"secret", text.as_bytes()));
//! # assert_eq!((as_hex.len(), as_base64.len()), (64, 28));
//! ```
//!
//! SHA-1 and MD5 are here because vendors' signatures are made of them.

use hmac::{
    Hmac, Mac,
    digest::{Digest, KeyInit, Output},
};
use md5::Md5;
use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// `bytes` in lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.filter_map(|digit| char::from_digit(digit.into(), 16)).collect()
}

/// The MD5 digest of `data` (RFC 1321).
pub fn md5(data: &[u8]) -> [u8; 16] {
    Md5::digest(data).into()
}

/// The SHA-1 digest of `data` (FIPS 180-4).
pub fn sha1(data: &[u8]) -> [u8; 20] {
    Sha1::digest(data).into()
}

/// The SHA-256 digest of `data` (FIPS 180-4).
pub fn sha256(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}

/// The SHA-512 digest of `data` (FIPS 180-4).
pub fn sha512(data: &[u8]) -> [u8; 64] {
    Sha512::digest(data).into()
}

/// HMAC-SHA1 of `data` under a `key` of any length (RFC 2104).
pub fn hmac_sha1(key: &[u8], data: &[u8]) -> [u8; 20] {
    mac::<Hmac<Sha1>>(key, &[data]).into()
}

/// HMAC-SHA256 of `data` under a `key` of any length (RFC 2104).
pub fn hmac_sha256(key: &[u8], data: &[u8]) -> [u8; 32] {
    mac::<Hmac<Sha256>>(key, &[data]).into()
}

/// HMAC-SHA512 of `data` under a `key` of any length (RFC 2104).
pub fn hmac_sha512(key: &[u8], data: &[u8]) -> [u8; 64] {
    mac::<Hmac<Sha512>>(key, &[data]).into()
}

/// The keyed digest of `parts`, one after the other.
pub(crate) fn mac<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Output<M> {
    // HMAC takes keys of every length.
    let Ok(mut mac) = <M as Mac>::new_from_slice(key) else { return Output::<M>::default() };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The digests of `abc`: RFC 1321 appendix A.5, FIPS 180-2 appendices A.1, B.1 and C.1.
    #[test]
    fn digests_are_those_of_the_standards() {
        assert_eq!(hex(&md5(b"abc")), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex(&sha1(b"abc")), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            hex(&sha256(b"abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        assert_eq!(
            hex(&sha512(b"abc")),
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
             2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        );
    }

    /// RFC 4231 sections 4.2, 4.3 and 4.7: a short key, a text key, a key longer than a block.
    #[test]
    fn keyed_digests_are_those_of_rfc_4231() {
        for (key, data, sha256, sha512) in [
            (
                vec![0x0b; 20],
                "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde\
                 daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
            ),
            (
                b"Jefe".to_vec(),
                "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554\
                 9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
            ),
            (
                vec![0xaa; 131],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
                "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352\
                 6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
            ),
        ] {
            assert_eq!(hex(&hmac_sha256(&key, data.as_bytes())), sha256);
            assert_eq!(hex(&hmac_sha512(&key, data.as_bytes())), sha512);
        }
    }

    /// RFC 2202 section 3, cases 1, 2 and 6.
    #[test]
    fn hmac_sha1_is_that_of_rfc_2202() {
        for (key, data, expected) in [
            (vec![0x0b; 20], "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"),
            (
                b"Jefe".to_vec(),
                "what do ya want for nothing?",
                "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79",
            ),
            (
                vec![0xaa; 80],
                "Test Using Larger Than Block-Size Key - Hash Key First",
                "aa4ae5e15272d00e95705637ce8a3b55ed402112",
            ),
        ] {
            assert_eq!(hex(&hmac_sha1(&key, data.as_bytes())), expected);
        }
    }
}
