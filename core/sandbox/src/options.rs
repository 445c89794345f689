//! What a sandbox is started with.

use std::fmt;
use std::net::SocketAddr;

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::{Error, Policy};

/// What a sandbox is started with; the default suits demonstrations.
pub struct SandboxOptions {
    /// The zones the DNS server is authoritative for; default `example.test.`.
    ///
    /// A zone below another one is delegated from it.
    pub zones: Vec<String>,
    /// The key which updates must be signed with; default a random hmac-sha256 key `wildcert.`.
    pub tsig: Option<TsigKey>,
    /// The rules of the CA.
    pub policy: Policy,
    /// The recursive resolver that the CA asks about names outside of `zones`; default none, so
    /// that their validation fails with a `dns` problem.
    pub resolver: Option<SocketAddr>,
}

impl Default for SandboxOptions {
    fn default() -> Self {
        Self {
            zones: vec!["example.test.".into()],
            tsig: None,
            policy: Policy::default(),
            resolver: None,
        }
    }
}

/// A shared key that signs DNS messages (RFC 8945).
#[derive(Clone, Eq, PartialEq)]
pub struct TsigKey {
    /// The name of the key, with the trailing dot.
    pub name: String,
    /// The MAC algorithm.
    pub algorithm: TsigAlgorithm,
    /// The secret in standard base64.
    pub secret_base64: String,
}

impl TsigKey {
    /// Makes a key of random bytes, as many as the algorithm's MAC is long.
    ///
    /// # Errors
    /// [`Error::Random`] when the system has no random bytes.
    pub fn random(name: &str, algorithm: TsigAlgorithm) -> Result<Self, Error> {
        let mut secret = vec![0; algorithm.mac_length()];
        rand::fill(&mut secret).map_err(|_| Error::Random)?;
        Ok(Self { name: name.into(), algorithm, secret_base64: STANDARD.encode(secret) })
    }
}

impl fmt::Debug for TsigKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TsigKey")
            .field("name", &self.name)
            .field("algorithm", &self.algorithm)
            .field("secret_base64", &"****")
            .finish()
    }
}

/// The MAC algorithms of TSIG that the sandbox takes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum TsigAlgorithm {
    /// `hmac-sha256`, which every implementation has.
    HmacSha256,
    /// `hmac-sha384`.
    HmacSha384,
    /// `hmac-sha512`.
    HmacSha512,
}

impl TsigAlgorithm {
    /// The algorithm's name as RFC 8945 §6 spells it, without a trailing dot.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSha384 => "hmac-sha384",
            Self::HmacSha512 => "hmac-sha512",
        }
    }

    pub(crate) fn mac_length(self) -> usize {
        match self {
            Self::HmacSha256 => 32,
            Self::HmacSha384 => 48,
            Self::HmacSha512 => 64,
        }
    }
}

impl fmt::Display for TsigAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
