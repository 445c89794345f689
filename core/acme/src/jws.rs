//! JSON Web Signatures in the flattened form that RFC 8555 §6.2 asks for.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Serialize;
use url::Url;
use zeroize::Zeroizing;

use crate::{AccountKey, Error, ExternalAccount, MacAlgorithm};

/// A public key (RFC 7517); members stand in the order that RFC 7638 hashes them in.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Jwk {
    Ec { crv: &'static str, kty: &'static str, x: String, y: String },
    Okp { crv: &'static str, kty: &'static str, x: String },
    Rsa { e: String, kty: &'static str, n: String },
}

/// A signed object, ready to be sent.
#[derive(Serialize)]
pub(crate) struct Jws {
    protected: String,
    payload: String,
    signature: String,
}

/// Signs one request (RFC 8555 §6.2).
///
/// `kid` is the account's URL; without it the key itself is sent, as newAccount needs it. An empty
/// `payload` makes a POST-as-GET (§6.3).
pub(crate) fn sign(
    key: &AccountKey,
    kid: Option<&Url>,
    nonce: &str,
    url: &Url,
    payload: &[u8],
) -> Result<Vec<u8>, Error> {
    let protected = Protected {
        alg: key.algorithm().as_str(),
        jwk: kid.is_none().then(|| key.jwk()),
        kid: kid.map(Url::as_str),
        nonce: Some(nonce),
        url: url.as_str(),
    };
    let jws = Jws::new(&protected, payload, |input| key.sign(input))?;
    serde_json::to_vec(&jws).map_err(Error::Encode)
}

/// Binds the account key to an account that the user has with the CA (RFC 8555 §7.3.4).
pub(crate) fn bind(
    key: &AccountKey,
    external: &ExternalAccount,
    new_account: &Url,
) -> Result<Jws, Error> {
    let refused = |reason| Error::ExternalAccount { kid: external.kid.clone(), reason };
    let secret = mac_key(external.hmac.expose())
        .ok_or_else(|| refused("its HMAC key is not base64url text".to_owned()))?;
    if secret.is_empty() {
        return Err(refused("its HMAC key is empty".to_owned()));
    }
    let algorithm = match external.algorithm {
        MacAlgorithm::Hs256 => hmac::HMAC_SHA256,
        MacAlgorithm::Hs384 => hmac::HMAC_SHA384,
        MacAlgorithm::Hs512 => hmac::HMAC_SHA512,
    };
    let mac = hmac::Key::new(algorithm, &secret);
    let protected = Protected {
        alg: external.algorithm.as_str(),
        jwk: None,
        kid: Some(&external.kid),
        nonce: None,
        url: new_account.as_str(),
    };
    let payload = serde_json::to_vec(key.jwk()).map_err(Error::Encode)?;
    Jws::new(&protected, &payload, |input| Ok(hmac::sign(&mac, input).as_ref().to_vec()))
}

/// Signs what stands inside a keyChange request: by the new key, which it carries, without a nonce
/// (RFC 8555 §7.3.5).
pub(crate) fn sign_inner(key: &AccountKey, url: &Url, payload: &[u8]) -> Result<Jws, Error> {
    let protected = Protected {
        alg: key.algorithm().as_str(),
        jwk: Some(key.jwk()),
        kid: None,
        nonce: None,
        url: url.as_str(),
    };
    Jws::new(&protected, payload, |input| key.sign(input))
}

/// base64url without padding (RFC 7515 §2).
pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Jws {
    fn new(
        protected: &Protected<'_>,
        payload: &[u8],
        sign: impl FnOnce(&[u8]) -> Result<Vec<u8>, Error>,
    ) -> Result<Jws, Error> {
        let protected = base64url(serde_json::to_vec(protected).map_err(Error::Encode)?);
        let payload = base64url(payload);
        let signature = base64url(sign(format!("{protected}.{payload}").as_bytes())?);
        Ok(Jws { protected, payload, signature })
    }
}

#[derive(Serialize)]
struct Protected<'a> {
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    jwk: Option<&'a Jwk>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    url: &'a str,
}

/// CAs hand their HMAC keys out as base64url, some with padding, some in the standard alphabet.
fn mac_key(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    const TOLERANT: GeneralPurpose = GeneralPurpose::new(
        &base64::alphabet::URL_SAFE,
        GeneralPurposeConfig::new()
            .with_decode_allow_trailing_bits(true)
            .with_decode_padding_mode(DecodePaddingMode::Indifferent),
    );
    let url_safe = |character| match character {
        '+' => '-',
        '/' => '_',
        other => other,
    };
    let text: Zeroizing<String> =
        Zeroizing::new(text.chars().filter(|c| !c.is_whitespace()).map(url_safe).collect());
    TOLERANT.decode(text.as_bytes()).ok().map(Zeroizing::new)
}
