//! What a provider may ask of wildcert, and the context in which it is called.

use std::time::Duration;

use crate::{
    error::{Error, Result},
    types::{Options, Request, Response},
};

/// The services of the plugin host. A provider has no others: no files, no environment, no sockets.
pub trait Host {
    /// Sends one HTTP request; any status is an answer, redirects are not followed.
    ///
    /// # Errors
    /// When no answer came: reach refused (`config`), no connection or time-out (`transient`).
    fn send(&self, request: Request) -> Result<Response>;

    /// Sends one raw DNS message to the server that a setting names, and gives back the answer.
    ///
    /// # Errors
    /// When the server is not one of the user's settings, or gave no answer.
    fn exchange(&self, server: &str, message: &[u8]) -> Result<Vec<u8>>;

    /// Milliseconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> u64;

    /// Waits.
    fn sleep(&self, duration: Duration);

    /// `length` bytes fit for keys; at most 4096.
    fn random(&self, length: usize) -> Vec<u8>;

    /// Writes one line to the log.
    fn log(&self, level: Level, message: &str);

    /// What an earlier call with the same credentials kept under `key`.
    fn cache_get(&self, key: &str) -> Option<String>;

    /// Keeps `value` in memory under `key`, for `ttl` at the longest.
    fn cache_put(&self, key: &str, value: &str, ttl: Duration);
}

/// How loud a log line is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Level {
    /// For the author of the provider.
    Debug,
    /// For the user who asked for details.
    Info,
    /// For every user.
    Warn,
}

impl Level {
    /// The level's word in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
        }
    }
}

/// Everything a call has: the settings and the host.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The host's services.
    pub host: &'a dyn Host,
    /// The settings, under the names of provider.toml.
    pub config: &'a Config,
}

/// The settings of one call, under the names of provider.toml, aliases and defaults resolved.
#[derive(Clone)]
pub struct Config(Options);

impl Config {
    /// Settings from name and value pairs.
    pub fn new(options: Options) -> Self {
        Self(options)
    }

    /// The value of `name`; empty counts as absent.
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(key, _)| key == name)?;
        (!value.is_empty()).then_some(value.as_str())
    }

    /// The value of `name`, which provider.toml requires or gives a default.
    ///
    /// # Errors
    /// `config` when it is absent.
    pub fn require(&self, name: &str) -> Result<&str> {
        self.get(name).ok_or_else(|| Error::config(format!("`{name}` is not set")))
    }

    /// Whether the switch `name` is on: `true`, `t` or `1`, in any case; absent, `false`, `f` and `0`
    /// are off.
    ///
    /// # Errors
    /// `config` when it is something else.
    pub fn is_on(&self, name: &str) -> Result<bool> {
        match self.get(name).unwrap_or("false").to_ascii_lowercase().as_str() {
            "true" | "t" | "1" => Ok(true),
            "false" | "f" | "0" => Ok(false),
            _ => Err(Error::config(format!("`{name}` is neither `true` nor `false`"))),
        }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_switch_is_on_off_or_wrong() {
        let is_on = |value: &str| Config::new(vec![("A".into(), value.into())]).is_on("A");
        assert_eq!(["true", "T", "1"].map(is_on), [Ok(true), Ok(true), Ok(true)]);
        assert_eq!(
            ["", "False", "f", "0"].map(is_on),
            [Ok(false), Ok(false), Ok(false), Ok(false)]
        );
        let error = is_on("yes").unwrap_err();
        assert_eq!((error.kind, error.message.contains("yes")), (ErrorKind::Config, false));
    }
}
