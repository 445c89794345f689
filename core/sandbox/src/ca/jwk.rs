//! Account keys: JSON Web Keys (RFC 7517), their thumbprints (RFC 7638), their signatures.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::Value;

use super::jws::from_base64url;
use super::problem::Problem;
use super::problem_type::ProblemType;

/// The signature algorithms accepted, for the `algorithms` field of badSignatureAlgorithm problems.
pub(super) const ALGORITHMS: [&str; 3] = ["ES256", "ES384", "RS256"];

/// A public key.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Jwk {
    Ec { curve: Curve, x: Vec<u8>, y: Vec<u8> },
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Curve {
    P256,
    P384,
}

impl Jwk {
    /// Reads a public key; anything but a whole, canonical one is a badPublicKey problem.
    pub(super) fn parse(value: &Value) -> Result<Self, Problem> {
        if value.get("d").is_some() {
            return Err(bad_key("the JWK holds a private key"));
        }
        match text(value, "kty")? {
            "EC" => {
                let curve = match text(value, "crv")? {
                    "P-256" => Curve::P256,
                    "P-384" => Curve::P384,
                    other => return Err(bad_key(format!("the curve `{other}` is not supported"))),
                };
                let (x, y) = (bytes(value, "x")?, bytes(value, "y")?);
                if x.len() != curve.size() || y.len() != curve.size() {
                    return Err(bad_key("a coordinate of the JWK has the wrong length"));
                }
                Ok(Self::Ec { curve, x, y })
            }
            "RSA" => {
                let (n, e) = (bytes(value, "n")?, bytes(value, "e")?);
                if n.first().is_none_or(|byte| *byte == 0) || e.first().is_none_or(|b| *b == 0) {
                    return Err(bad_key("a number of the JWK is empty or has leading zeros"));
                }
                if !(256..=1024).contains(&n.len()) || n.first().is_some_and(|b| *b < 0x80) {
                    return Err(bad_key("RSA keys have 2048 to 8192 bits, in whole octets"));
                }
                Ok(Self::Rsa { n, e })
            }
            other => Err(bad_key(format!("the key type `{other}` is not supported"))),
        }
    }

    /// Checks a signature made with one of [`ALGORITHMS`].
    pub(super) fn verify(
        &self,
        algorithm: &str,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), Problem> {
        let verified = match (self, algorithm) {
            (Self::Ec { curve: Curve::P256, .. }, "ES256") => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, self.public_bytes())
                    .verify(message, signature)
            }
            (Self::Ec { curve: Curve::P384, .. }, "ES384") => {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, self.public_bytes())
                    .verify(message, signature)
            }
            (Self::Rsa { n, e }, "RS256") => RsaPublicKeyComponents { n, e }.verify(
                &RSA_PKCS1_2048_8192_SHA256,
                message,
                signature,
            ),
            _ if ALGORITHMS.contains(&algorithm) => {
                return Err(Problem::malformed(format!("the key cannot sign with `{algorithm}`")));
            }
            _ => {
                return Err(Problem::new(
                    ProblemType::BadSignatureAlgorithm,
                    format!("the signature algorithm `{algorithm}` is not supported"),
                ));
            }
        };
        verified.map_err(|_| Problem::malformed("the signature of the JWS is wrong"))
    }

    /// The SHA-256 thumbprint in base64url (RFC 7638): required members only, sorted, no blanks.
    pub(super) fn thumbprint(&self) -> String {
        let encode = super::jws::to_base64url;
        let canonical = match self {
            Self::Ec { curve, x, y } => {
                let (curve, x, y) = (curve.name(), encode(x), encode(y));
                format!(r#"{{"crv":"{curve}","kty":"EC","x":"{x}","y":"{y}"}}"#)
            }
            Self::Rsa { n, e } => {
                format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, encode(e), encode(n))
            }
        };
        encode(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref())
    }

    /// Whether this is the key of a certificate or CSR, given the key's BIT STRING.
    pub(super) fn is_subject_key(&self, subject_public_key: &[u8]) -> bool {
        self.public_bytes() == subject_public_key
    }

    /// What a SubjectPublicKeyInfo holds in its BIT STRING: an uncompressed point, or the DER of
    /// both numbers.
    fn public_bytes(&self) -> Vec<u8> {
        match self {
            Self::Ec { x, y, .. } => [&[4], x.as_slice(), y].concat(),
            Self::Rsa { n, e } => der(0x30, &[der_unsigned(n), der_unsigned(e)].concat()),
        }
    }
}

impl Curve {
    fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
        }
    }

    fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }
}

fn der_unsigned(number: &[u8]) -> Vec<u8> {
    let negative_without_zero = number.first().is_some_and(|byte| *byte >= 0x80);
    let zero: &[u8] = if negative_without_zero { &[0] } else { &[] };
    der(0x02, &[zero, number].concat())
}

/// A DER element with its length in the shortest form.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length: Vec<u8> =
        content.len().to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    let head = match length.as_slice() {
        [] => vec![tag, 0],
        [short @ ..0x80] => vec![tag, *short],
        long => [&[tag, 0x80 | u8::try_from(long.len()).unwrap_or(0x7f)], long].concat(),
    };
    [head.as_slice(), content].concat()
}

fn text<'a>(value: &'a Value, member: &str) -> Result<&'a str, Problem> {
    let text = value.get(member).and_then(Value::as_str);
    text.ok_or_else(|| bad_key(format!("the JWK has no `{member}`")))
}

fn bytes(value: &Value, member: &str) -> Result<Vec<u8>, Problem> {
    from_base64url(text(value, member)?)
        .ok_or_else(|| bad_key(format!("`{member}` of the JWK is not base64url")))
}

fn bad_key(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemType::BadPublicKey, detail)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn thumbprint_of_rfc_7638() {
        let key = json!({
            "kty": "RSA",
            "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6\
                  tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5\
                  v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD0\
                  8qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU\
                  8awapJzKnqDKgw",
            "e": "AQAB",
            "alg": "RS256",
            "kid": "2011-04-29",
        });
        let key = Jwk::parse(&key).unwrap();
        assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    #[test]
    fn keys_that_are_not_whole_are_refused() {
        let x = super::super::jws::to_base64url(&[1; 32]);
        for key in [
            json!(null),
            json!([]),
            json!({ "kty": "oct", "k": x }),
            json!({ "kty": "EC", "crv": "P-256", "x": x }),
            json!({ "kty": "EC", "crv": "P-384", "x": x, "y": x }),
            json!({ "kty": "EC", "crv": "P-256", "x": x, "y": format!("{x}=") }),
            json!({ "kty": "EC", "crv": "P-256", "x": x, "y": x, "d": x }),
            json!({ "kty": "RSA", "n": x, "e": "AQAB" }),
        ] {
            assert_eq!(Jwk::parse(&key).unwrap_err().kind, ProblemType::BadPublicKey, "{key}");
        }
    }

    #[test]
    fn der_lengths_are_the_shortest() {
        assert_eq!(der(2, &[1]), [2, 1, 1]);
        assert_eq!(der(4, &[0; 0x80])[..3], [4, 0x81, 0x80]);
        assert_eq!(der(4, &[0; 0x100])[..4], [4, 0x82, 1, 0]);
    }
}
