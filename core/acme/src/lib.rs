//! An RFC 8555 and RFC 9773 client over reqwest.
//!
//! A [`Client`] stands for one CA; it gives out [`Account`]s, which do everything that is signed:
//!
//! ```no_run
//! # async fn example(key: wildcert_acme::AccountKey, csr_der: &[u8])
//! # -> Result<(), wildcert_acme::Error> {
//! # use std::time::Duration;
//! # use wildcert_acme::{Client, ClientOptions, Identifier, NewAccount, NewOrder, directory_url};
//! let client = Client::new(ClientOptions::new(directory_url("letsencrypt-staging")?))?;
//! let new = NewAccount { terms_agreed: true, ..NewAccount::default() };
//! let account = client.register(key, new).await?;
//!
//! let names = ["example.com", "*.example.com"].map(Identifier::dns);
//! let order = account.new_order(&NewOrder::new(names)).await?;
//! let authorizations = account.authorizations(&order).await?;
//! let challenges: Vec<_> =
//!     authorizations.iter().filter_map(|found| found.challenge("dns-01")).collect();
//! for challenge in &challenges {
//!     let _txt_value = account.key_authorization_digest(&challenge.token);
//! }
//! // … the TXT records are published, every authoritative server has them …
//! account.answer(&challenges).await?;
//! let order = account.wait_ready(&order, Duration::from_secs(90)).await?;
//! let order = account.finalize(&order, csr_der).await?;
//! let order = account.wait_valid(&order, Duration::from_secs(90)).await?;
//! let _chain = account.certificate(&order).await?;
//! # Ok(())
//! # }
//! ```
//!
//! The number of requests is the protocol's minimum: nonces are kept from every answer, an order
//! is watched by one request per look however many names it has, and nothing is fetched twice.
//! The crate knows JSON, JWS, HTTP and as much of X.509 as ACME needs; it has no part in DNS, files
//! or providers.

mod account;
mod authorities;
mod authority;
mod chain;
mod classify;
mod client;
mod count;
mod directory;
mod error;
mod hint;
mod http;
mod jws;
mod key;
mod key_type;
mod near;
mod nonce;
mod order;
mod poll;
mod post;
mod private_jwk;
mod problem;
mod renewal;
mod retry;
mod revoke;
mod rollover;
mod secret;
mod types;

#[cfg(test)]
mod tests;

pub use account::{Account, ExternalAccount, MacAlgorithm, NewAccount};
pub use authority::Authority;
pub use client::{Client, ClientOptions};
pub use count::{Operation, RequestCounts};
pub use directory::{Directory, directory_url};
pub use error::{Error, FailedIdentifier};
pub use key::AccountKey;
pub use key_type::{AccountKeyType, KeyAlgorithm};
pub use problem::{Problem, Subproblem};
pub use renewal::{RenewalInfo, certificate_id};
pub use revoke::RevocationReason;
pub use secret::Secret;
pub use types::{Authorization, Chain, Challenge, Identifier, NewOrder, Order, Status};
