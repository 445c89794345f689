//! Testing a provider without its vendor.
//!
//! [`FakeHost`] follows a script of exchanges: for one question about one request. A [`Simulator`]
//! stands for the whole vendor, and the [`conformance`] suite runs against it:
//! [`conformance!`](crate::conformance!) makes a test of each of its trials.

pub mod conformance;
mod data;
mod local;
pub mod recordings;
mod script;
mod serve;
mod simulation;
mod simulator;

pub use data::{Data, Record, Zone};
pub use local::Local;
pub use script::{DnsServer, Exchange, FakeHost, NOW, record, removal, the_error};
pub use serve::{ORIGIN_HEADER, Server, serve};
pub use simulation::{Facts, Fault, Setup, Simulation, State};
pub use simulator::{Answer, Call, Simulator};
