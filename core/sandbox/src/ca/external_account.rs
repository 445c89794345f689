//! External account binding (RFC 8555 §7.3.4).

use aws_lc_rs::hmac;
use serde_json::Value;

use super::jwk::Jwk;
use super::jws::{Jws, from_base64url, parse_json};
use super::problem::{Problem, ProblemType};
use crate::Error;

/// The external account that may register.
pub(super) struct ExternalAccount {
    kid: String,
    key: Vec<u8>,
}

impl ExternalAccount {
    pub(super) fn new((kid, key): (String, String)) -> Result<Self, Error> {
        match from_base64url(&key).filter(|key| !key.is_empty()) {
            Some(key) => Ok(Self { kid, key }),
            None => Err(Error::ExternalAccountKey { kid }),
        }
    }

    /// Checks the binding of an account key, which `url`, that of newAccount, must be part of.
    pub(super) fn check(
        &self,
        binding: Option<&Value>,
        account_key: &Jwk,
        url: &str,
    ) -> Result<(), Problem> {
        let binding = binding.ok_or_else(|| {
            let detail = "this CA wants an external account binding";
            Problem::new(ProblemType::ExternalAccountRequired, detail)
        })?;
        let jws = Jws::from_value(binding.clone())?;
        let algorithm = match jws.header.alg.as_str() {
            "HS256" => hmac::HMAC_SHA256,
            "HS384" => hmac::HMAC_SHA384,
            "HS512" => hmac::HMAC_SHA512,
            other => {
                let detail = format!("external accounts are not bound with `{other}`");
                return Err(Problem::malformed(detail));
            }
        };
        if jws.header.nonce.is_some() || jws.header.jwk.is_some() {
            let detail = "the header of the external account binding has a `nonce` or a `jwk`";
            return Err(Problem::malformed(detail));
        }
        if jws.header.url.as_deref() != Some(url) {
            let detail = "the `url` of the external account binding is not that of the request";
            return Err(Problem::malformed(detail));
        }
        let bound: Value = parse_json(&jws.payload, "payload of the external account binding")?;
        if Jwk::parse(&bound)? != *account_key {
            let detail = "the external account binding is for another account key";
            return Err(Problem::malformed(detail));
        }
        let mac_right = || {
            let key = hmac::Key::new(algorithm, &self.key);
            hmac::verify(&key, jws.signed.as_bytes(), &jws.signature).is_ok()
        };
        if jws.header.kid.as_deref() != Some(self.kid.as_str()) || !mac_right() {
            let detail = "the external account is unknown or its MAC is wrong";
            return Err(Problem::unauthorized(detail));
        }
        Ok(())
    }
}
