//! The ACME server (RFC 8555).

mod account;
mod authenticate;
mod authorization;
mod caa;
mod certificate;
mod contact;
mod csr;
mod directory;
mod external_account;
mod faults;
mod identifier;
mod issuer;
mod jwk;
mod jws;
mod key_change;
mod new_order;
mod nonces;
mod order;
mod problem;
mod problem_type;
mod renewal;
mod reply;
mod resource;
mod server;
mod state;
mod validate;

pub use problem::Problem;
pub use problem_type::ProblemType;
pub(crate) use server::Ca;
