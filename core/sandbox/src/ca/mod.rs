//! The ACME server (RFC 8555).

mod account;
mod authenticate;
mod authorization;
mod certificate;
mod csr;
mod external_account;
mod identifier;
mod issuer;
mod jwk;
mod jws;
mod key_change;
mod nonces;
mod order;
mod problem;
mod reply;
mod resource;
mod server;
mod state;
mod validate;

pub(crate) use server::{Ca, CaOptions};
