//! What a server serves, beside what is stored.
//!
//! Nothing in here trusts anybody. A probe is a client that takes whatever certificate comes, writes
//! it down and leaves; whether it is the right one, the store says. So a probe answers "what would a
//! client get here", also where a client that checks would be refused.

mod conversation;
mod endpoint;
mod error;
mod handshake;
mod recorder;
mod seen;
mod served;
mod verdict;

#[cfg(test)]
mod tests;

pub use endpoint::{Endpoint, EndpointError, EndpointFault, Protocol};
pub use error::{ProbeError, ProbeStep};
pub use handshake::probe;
pub use served::Served;
pub use verdict::{Finding, Verdict};
