//! An ACME CA and an authoritative DNS server in one process.
//!
//! [`Sandbox::start`] brings both up on loopback ports which the system chooses:
//!
//! - a CA that speaks RFC 8555 over HTTPS and validates dns-01 by real DNS queries, and
//! - a DNS server that is authoritative for the zones asked for, answers over UDP and TCP, and takes
//!   RFC 2136 updates signed with TSIG (RFC 8945).
//!
//! It exists so that a provider or a client can be tried without a domain, without an account and
//! without a network. For that to prove anything the two are strict: the CA refuses whatever RFC 8555
//! refuses, with the problem type and status named there, and the DNS server refuses every update
//! that is unsigned, wrongly signed or malformed.
//!
//! ```no_run
//! # async fn example() -> Result<(), wildcert_sandbox::Error> {
//! use wildcert_sandbox::{Sandbox, SandboxOptions};
//!
//! let sandbox = Sandbox::start(SandboxOptions::default()).await?;
//! println!("ACME directory: {}", sandbox.directory_url());
//! println!("DNS server:     {}", sandbox.dns_addr());
//! println!("TSIG key:       {} {}", sandbox.tsig().algorithm, sandbox.tsig().name);
//! sandbox.shutdown().await;
//! # Ok(()) }
//! ```
//!
//! The rules of the CA are in [`Policy`]; how to bring about each error is told at [`ProblemType`].

mod ca;
mod dns;
mod error;
mod events;
mod options;
mod policy;
mod renewal_window;
mod sandbox;
#[cfg(test)]
mod tests;
mod tls;

pub use ca::{Problem, ProblemType};
pub use error::Error;
pub use events::{AcmeRequest, UpdateSeen, ZoneRecord};
pub use options::{SandboxOptions, TsigAlgorithm, TsigKey};
pub use policy::{Contacts, ExternalAccount, Policy, RateLimit};
pub use renewal_window::RenewalWindow;
pub use sandbox::Sandbox;
