//! The contract's records, as Rust types. The same types travel as JSON to native modules.

use serde::{Deserialize, Serialize};

/// Named values: settings, and what later versions of the contract add to a record.
pub type Options = Vec<(String, String)>;

/// One TXT record that wildcert wants to see or to be rid of.
///
/// Names are absolute, lower case, A-labels, with the trailing dot.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TxtRecord {
    /// The zone as wildcert found it: the nearest SOA above `owner`.
    pub zone: String,
    /// The owner name, at or below `zone`.
    pub owner: String,
    /// The text, without quotes, at most 255 octets.
    pub value: String,
    /// Seconds, already within the range that provider.toml declares.
    pub ttl: u32,
    /// Room for later versions of the contract.
    #[serde(default)]
    pub options: Options,
}

impl TxtRecord {
    /// The owner name relative to `zone`, without a trailing dot; empty at the zone's apex.
    ///
    /// `zone` is absolute. An owner outside of it comes back whole, without its trailing dot.
    pub fn relative_to<'a>(&'a self, zone: &str) -> &'a str {
        crate::zones::relative(&self.owner, zone)
    }
}

/// A record to remove, with the handle that [`Provider::present`](crate::Provider::present) gave.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Removal {
    /// The record, with exactly the value to remove.
    pub record: TxtRecord,
    /// What `present` returned; absent after a crash before its answer arrived.
    pub handle: Option<String>,
}

/// An HTTP request for the host to send.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Request {
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// Absolute URL within the reach that provider.toml declares.
    pub url: String,
    /// Names and values, in the order in which they are sent.
    pub headers: Vec<(String, String)>,
    /// The body, empty for none.
    #[serde(with = "crate::abi::bytes")]
    pub body: Vec<u8>,
    /// Room for later versions of the contract.
    #[serde(default)]
    pub options: Options,
}

/// The answer to a [`Request`]; any status is an answer, redirects too.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    #[serde(with = "crate::abi::bytes")]
    pub body: Vec<u8>,
    /// Room for later versions of the contract.
    #[serde(default)]
    pub options: Options,
}
