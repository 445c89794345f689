//! A loaded provider, whatever it is made of, and why a call of it failed.

use std::{path::PathBuf, time::Duration};

use async_trait::async_trait;
use wildcert_plugin_sdk::{Error as Answer, ErrorKind, Removal, TxtRecord, manifest::Manifest};

use crate::failure::Failure;

/// A provider that can be called; [`PluginHost::load`](crate::PluginHost::load) gives one.
///
/// Calls may be made side by side: those that touch one zone wait for each other as the manifest's
/// `concurrency` asks. A call whose future is dropped ends; a native module runs on until it
/// returns, and calls for the same zones wait for that.
#[async_trait]
pub trait DnsProvider: Send + Sync {
    /// What the provider says of itself.
    fn manifest(&self) -> &Manifest;

    /// Proves the credentials and tells which zones they reach. Writes nothing.
    ///
    /// # Errors
    /// When the provider refuses, or its module fails.
    async fn check(&self) -> Result<Vec<String>, ProviderError>;

    /// Adds each record's value beside whatever stands at its owner name: exactly one result per
    /// record, in order, with the handle to remove it by.
    ///
    /// All values of one owner name belong into the same call.
    async fn present(&self, records: Vec<TxtRecord>) -> Vec<Result<Option<String>, ProviderError>>;

    /// Removes exactly the given values: exactly one result per removal, in order.
    async fn remove(&self, removals: Vec<Removal>) -> Vec<Result<(), ProviderError>>;
}

/// Why an operation of a provider failed. Secrets have been taken out.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    /// The provider's own answer.
    #[error("provider `{provider}`: {answer}")]
    Answered {
        /// The provider's id.
        provider: String,
        /// What it said.
        answer: Answer,
        /// The settings that hold its credentials.
        credentials: Vec<String>,
    },
    /// The module gave no answer that could be used.
    #[error("provider `{provider}`: module `{path}` {failure}")]
    Failed {
        /// The provider's id.
        provider: String,
        /// The module.
        path: PathBuf,
        /// What it did.
        failure: Failure,
    },
}

impl ProviderError {
    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Answered { answer, .. } => answer.kind,
            Self::Failed { failure: Failure::Time { .. }, .. } => ErrorKind::Transient,
            Self::Failed { .. } => ErrorKind::Permanent,
        }
    }

    /// For how long the vendor asked to be left alone.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Answered { answer, .. } => answer.retry_after_ms.map(Duration::from_millis),
            Self::Failed { .. } => None,
        }
    }

    /// What the user can do about it, where there is something to do.
    pub fn hint(&self) -> Option<String> {
        let (provider, kind, credentials) = match self {
            Self::Answered { provider, answer, credentials } => {
                (provider, answer.kind, credentials)
            }
            Self::Failed { failure, provider, .. } => return Some(failure.hint(provider)),
        };
        let hint = match kind {
            ErrorKind::Auth if credentials.is_empty() => {
                format!("`wildcert providers show {provider}` tells which rights it needs")
            }
            ErrorKind::Auth => format!(
                "look at {}; `wildcert providers show {provider}` tells which rights it needs",
                credentials.join(", ")
            ),
            ErrorKind::Config => {
                format!("`wildcert providers show {provider}` explains each setting")
            }
            ErrorKind::RateLimited => "wait before you try again".to_owned(),
            ErrorKind::ZoneNotFound => {
                format!("`wildcert providers check {provider}` lists the zones in reach")
            }
            _ => return None,
        };
        Some(hint)
    }
}
