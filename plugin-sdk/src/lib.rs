//! What the author of a wildcert provider uses.

pub mod abi;
pub mod encoding;
mod error;
mod export;
mod host;
mod http;
#[cfg(feature = "manifest")]
pub mod manifest;
mod provider;
mod record;
mod rrset;
mod types;
pub mod zones;

pub use error::{Error, ErrorKind, Result};
pub use host::{Config, Context, Host, Level};
pub use http::RequestBuilder;
pub use provider::Provider;
pub use record::{Listed, RecordApi, Records};
pub use rrset::{Rrset, RrsetApi, Rrsets};
pub use types::{Options, Removal, Request, Response, TxtRecord};
