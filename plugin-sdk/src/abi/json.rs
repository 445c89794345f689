//! The JSON that native modules and their host exchange, operation by operation.
//!
//! An answer that may fail is `{"Ok": …}` or `{"Err": …}`. Fields are only ever added.

use serde::{Deserialize, Serialize};

use super::bytes::Octets;
use crate::types::{Options, Removal, TxtRecord};

/// What `check` takes.
#[derive(Debug, Deserialize, Serialize)]
pub struct Check {
    /// The settings.
    pub config: Options,
}

/// What `present` takes.
#[derive(Debug, Deserialize, Serialize)]
pub struct Present {
    /// The settings.
    pub config: Options,
    /// What shall be there.
    pub records: Vec<TxtRecord>,
}

/// What `remove` takes.
#[derive(Debug, Deserialize, Serialize)]
pub struct Remove {
    /// The settings.
    pub config: Options,
    /// What shall go.
    pub removals: Vec<Removal>,
}

/// What the host's `exchange` takes; it gives back [`Octets`] or an error.
#[derive(Debug, Deserialize, Serialize)]
pub struct Exchange {
    /// The value of the setting that names the server.
    pub server: String,
    /// The DNS message.
    pub message: Octets,
}

/// What the host's `log` takes.
#[derive(Debug, Deserialize, Serialize)]
pub struct Log {
    /// `debug`, `info` or `warn`.
    pub level: String,
    /// One line.
    pub message: String,
}

/// What the host's `cache_put` takes.
#[derive(Debug, Deserialize, Serialize)]
pub struct CachePut {
    /// Under which name.
    pub key: String,
    /// What to keep.
    pub value: String,
    /// For how long at the longest.
    pub ttl_ms: u64,
}
