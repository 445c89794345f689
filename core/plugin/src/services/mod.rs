//! What the host does for a provider, once for both ways in which one is loaded.
//!
//! [`Services`] belongs to a loaded provider, [`Call`] to one call of it.

mod address;
mod cache;
mod call;
mod client;
mod dns;
mod headers;
mod http;
mod pace;
mod reach;
mod redact;
mod retry;
mod system;

pub(crate) use address::is_public;
pub(crate) use call::{Call, Services};
pub(crate) use client::Clients;
