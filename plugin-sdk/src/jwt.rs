//! Service accounts: a signed statement in place of a password (JSON Web Tokens with RS256, RFC 7519,
//! RFC 7523). Needs the feature `rs256`.
//!
//! ```
//! # use wildcert_plugin_sdk::{Context, Response, Result};
//! use wildcert_plugin_sdk::jwt::ServiceAccount;
//!
//! # fn example(cx: &Context<'_>) -> Result<Response> {
//! let key_file = cx.config.require("EXAMPLE_SERVICE_ACCOUNT")?;
//! let account = ServiceAccount::from_json("EXAMPLE_SERVICE_ACCOUNT", key_file)?;
//! let token = account.token(cx, "https://dns.vendor.example/auth/readwrite")?;
//! cx.request("GET", "https://dns.vendor.example/zones").bearer(&token).send()
//! # }
//! ```

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{
    Pkcs1v15Sign, RsaPrivateKey,
    pkcs8::DecodePrivateKey,
    rand_core::{CryptoRng, Error as RandError, RngCore, impls},
};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::{
    error::{Error, Result},
    hash::sha256,
    host::{Context, Host},
    oauth2, session,
};

/// The grant of RFC 7523.
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Seconds for which a statement counts; Google takes no more.
const LIFETIME: u64 = 3600;

/// An RSA key that signs tokens.
#[derive(Clone)]
pub struct Key(RsaPrivateKey);

impl Key {
    /// The key in `pem`, a PKCS#8 text (`-----BEGIN PRIVATE KEY-----`), or none when it is something
    /// else.
    pub fn from_pem(pem: &str) -> Option<Self> {
        RsaPrivateKey::from_pkcs8_pem(pem.trim()).ok().map(Self)
    }

    /// The token with this header, whose `alg` is `RS256`, and these claims, both JSON texts
    /// (RFC 7515 §3.1).
    ///
    /// # Errors
    /// `permanent` when the key cannot sign, being too short.
    pub fn sign(&self, host: &dyn Host, header: &str, claims: &str) -> Result<String> {
        let text = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let digest = sha256(text.as_bytes());
        let scheme = Pkcs1v15Sign::new::<Sha256>();
        let signature = self.0.sign_with_rng(&mut Random(host), scheme, &digest);
        let signature = signature
            .map_err(|error| Error::permanent(format!("failed to sign with the key: {error}")))?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").finish_non_exhaustive()
    }
}

/// A service account's key file, in Google's JSON.
#[derive(Clone, Debug)]
pub struct ServiceAccount {
    /// The project that the account is in, where the file says so.
    pub project: Option<String>,
    email: String,
    key: Key,
    key_id: Option<String>,
    token_url: String,
}

impl ServiceAccount {
    /// Reads `text`, the content of a key file and the value of the setting `name`.
    ///
    /// # Errors
    /// `config` with all that is missing or malformed; the text is not repeated.
    pub fn from_json(name: &str, text: &str) -> Result<Self> {
        let file: Value = serde_json::from_slice(text.as_bytes()).map_err(|error| {
            Error::config(format!(
                "`{name}` is not JSON: {error}; the path of a key file goes into `{name}_FILE`"
            ))
        })?;
        let field = |name: &str| file.get(name).and_then(Value::as_str).filter(|v| !v.is_empty());
        let mut faults = Vec::new();
        if field("type") != Some("service_account") {
            faults.push("its `type` is not `service_account`".to_owned());
        }
        let mut required = |name: &str| {
            field(name).unwrap_or_else(|| {
                faults.push(format!("it has no `{name}`"));
                ""
            })
        };
        let (email, token_url) = (required("client_email"), required("token_uri"));
        let key = match required("private_key") {
            "" => None,
            pem => Key::from_pem(pem).or_else(|| {
                faults.push("its `private_key` is no RSA key in PKCS#8 PEM".to_owned());
                None
            }),
        };
        match key {
            Some(key) if faults.is_empty() => Ok(Self {
                project: field("project_id").map(str::to_owned),
                email: email.to_owned(),
                key,
                key_id: field("private_key_id").map(str::to_owned),
                token_url: token_url.to_owned(),
            }),
            _ => {
                let faults = faults.join(", ");
                Err(Error::config(format!("`{name}` is no service account's key: {faults}")))
            }
        }
    }

    /// An access token for `scope`, several of them separated by spaces. The host keeps it until a
    /// minute before its end.
    ///
    /// # Errors
    /// Those of [`oauth2::grant`] and [`Key::sign`].
    pub fn token(&self, cx: &Context<'_>, scope: &str) -> Result<String> {
        session::token(cx, &format!("{} {scope}", self.token_url), || {
            let mut header = json!({"alg": "RS256", "typ": "JWT"});
            if let Some(id) = &self.key_id {
                header["kid"] = id.as_str().into();
            }
            let now = cx.host.now() / 1000;
            let claims = json!({
                "iss": self.email,
                "scope": scope,
                "aud": self.token_url,
                "iat": now,
                "exp": now + LIFETIME,
            });
            let assertion = self.key.sign(cx.host, &header.to_string(), &claims.to_string())?;
            let fields = [("grant_type", GRANT), ("assertion", assertion.as_str())];
            oauth2::grant(cx, &self.token_url, &fields)
        })
    }
}

/// The host's random octets, with which the key is blinded: the time that a signature takes then says
/// nothing about it.
struct Random<'a>(&'a dyn Host);

impl CryptoRng for Random<'_> {}

impl RngCore for Random<'_> {
    fn next_u32(&mut self) -> u32 {
        impls::next_u32_via_fill(self)
    }

    fn next_u64(&mut self) -> u64 {
        impls::next_u64_via_fill(self)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        // What the host gives at a time.
        for chunk in out.chunks_mut(4096) {
            let octets = self.0.random(chunk.len());
            chunk.iter_mut().zip(octets).for_each(|(to, from)| *to = from);
        }
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), RandError> {
        self.fill_bytes(out);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
