//! External account binding (RFC 8555 §7.3.4).

use std::collections::HashMap;
use std::time::SystemTime;

use aws_lc_rs::hmac;
use serde_json::Value;

use super::jwk::Jwk;
use super::jws::{Jws, from_base64url, parse_json};
use super::problem::Problem;
use super::problem_type::ProblemType;
use crate::{Error, ExternalAccount};

/// The external accounts that may register, by key identifier.
pub(super) struct ExternalAccounts(HashMap<String, Credential>);

struct Credential {
    key: Vec<u8>,
    expires: Option<SystemTime>,
}

impl ExternalAccounts {
    pub(super) fn new(accounts: &[ExternalAccount]) -> Result<Self, Error> {
        let credential = |account: &ExternalAccount| {
            let kid = account.kid.clone();
            match from_base64url(&account.hmac_key).filter(|key| !key.is_empty()) {
                Some(key) => Ok((kid, Credential { key, expires: account.expires })),
                None => Err(Error::ExternalAccountKey { kid }),
            }
        };
        accounts.iter().map(credential).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
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
        let kid = jws.header.kid.as_deref().unwrap_or_default();
        let mac_right = |credential: &&Credential| {
            let key = hmac::Key::new(algorithm, &credential.key);
            hmac::verify(&key, jws.signed.as_bytes(), &jws.signature).is_ok()
        };
        let credential = self.0.get(kid).filter(mac_right).ok_or_else(|| {
            Problem::unauthorized("the external account is unknown or its MAC is wrong")
        })?;
        if credential.expires.is_some_and(|end| end <= SystemTime::now()) {
            let detail = format!("the credential of the external account `{kid}` has expired");
            return Err(Problem::malformed(detail));
        }
        Ok(())
    }
}
