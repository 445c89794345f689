//! JSON Web Signatures in the flattened serialisation (RFC 7515 §7.2.2, RFC 8555 §6.2).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::problem::Problem;

/// A JWS that is well formed; its signature is not yet checked.
#[derive(Debug)]
pub(super) struct Jws {
    pub(super) header: Header,
    pub(super) payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
    /// The octets that are signed.
    pub(super) signed: String,
}

/// The protected header.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) jwk: Option<Value>,
    pub(super) kid: Option<String>,
    pub(super) nonce: Option<String>,
    pub(super) url: Option<String>,
    crit: Option<Value>,
}

/// Unprotected headers and several signatures are forbidden, so no other member is let through.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Flattened {
    protected: String,
    payload: String,
    signature: String,
}

impl Jws {
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        Self::from_flattened(parse_json(bytes, "JWS")?)
    }

    pub(super) fn from_value(value: Value) -> Result<Self, Problem> {
        let flattened = serde_json::from_value(value);
        Self::from_flattened(flattened.map_err(|error| not_json("JWS", &error))?)
    }

    fn from_flattened(flattened: Flattened) -> Result<Self, Problem> {
        let decode = |part: &str, what: &str| {
            from_base64url(part).ok_or_else(|| {
                Problem::malformed(format!("the {what} of the JWS is not base64url"))
            })
        };
        let header = decode(&flattened.protected, "protected header")?;
        let header: Header = parse_json(&header, "protected header")?;
        if header.crit.is_some() {
            return Err(Problem::malformed("no critical header extension is understood"));
        }
        Ok(Self {
            header,
            payload: decode(&flattened.payload, "payload")?,
            signature: decode(&flattened.signature, "signature")?,
            signed: format!("{}.{}", flattened.protected, flattened.payload),
        })
    }
}

/// Reads JSON, calling it `what` in the problem that tells it is none.
pub(super) fn parse_json<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| not_json(what, &error))
}

/// Reads the payload of a request.
pub(super) fn parse_payload<T: DeserializeOwned>(payload: &[u8]) -> Result<T, Problem> {
    // A struct could be read from an array, too; requests are objects.
    let object: serde_json::Map<String, Value> = parse_json(payload, "payload")?;
    serde_json::from_value(Value::Object(object)).map_err(|error| not_json("payload", &error))
}

pub(super) fn to_base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes base64url without padding; any deviation is none.
pub(super) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

fn not_json(what: &str, error: &serde_json::Error) -> Problem {
    Problem::malformed(format!("the {what} cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand;
    use serde_json::json;

    use super::super::jwk::Jwk;
    use super::*;

    fn flattened(header: &str, more: Option<(&str, Value)>) -> Vec<u8> {
        let mut jws = json!({
            "protected": to_base64url(header.as_bytes()),
            "payload": "",
            "signature": to_base64url(&[0; 64]),
        });
        if let Some((member, value)) = more {
            jws[member] = value;
        }
        jws.to_string().into_bytes()
    }

    #[test]
    fn well_formed_and_malformed_envelopes() {
        assert!(Jws::parse(&flattened(r#"{"alg":"ES256"}"#, None)).is_ok());
        for bytes in [
            flattened("{}", None),
            flattened("[]", None),
            flattened(r#"{"alg":"ES256","crit":["b64"]}"#, None),
            flattened(r#"{"alg":"ES256"}"#, Some(("header", json!({})))),
            flattened(r#"{"alg":"ES256"}"#, Some(("signatures", json!([])))),
            flattened(r#"{"alg":"ES256"}"#, Some(("payload", json!("e30=")))),
            flattened(r#"{"alg":"ES256"}"#, Some(("payload", json!(7)))),
            b"a.b.c".to_vec(),
            Vec::new(),
        ] {
            let problem = Jws::parse(&bytes).unwrap_err();
            assert_eq!(problem.kind.name(), "malformed", "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn no_bytes_make_it_panic() {
        let good = flattened(
            r#"{"alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"},"nonce":"x","url":"u"}"#,
            None,
        );
        let mut random = [0; 64];
        for _ in 0..5_000 {
            rand::fill(&mut random).unwrap();
            let _ = Jws::parse(&random);
            let mut damaged = good.clone();
            for pair in random.chunks(2).take(3) {
                let at = usize::from(u16::from_be_bytes([pair[0], pair[1]])) % damaged.len();
                damaged[at] = pair[1];
            }
            if let Ok(jws) = Jws::parse(&damaged)
                && let Some(Ok(key)) = jws.header.jwk.as_ref().map(Jwk::parse)
            {
                let _ = key.verify(&jws.header.alg, jws.signed.as_bytes(), &jws.signature);
            }
        }
    }
}
