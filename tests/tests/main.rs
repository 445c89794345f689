//! The proofs: each against processes that the test starts itself, on loopback.
#![expect(
    clippy::unwrap_used,
    reason = "clippy does not see that the helpers of an integration test are tests"
)]

mod accounts;
mod alerts;
mod author;
mod bindings;
mod bridges;
mod canary;
mod coming_from;
mod config;
mod confined;
mod deploy;
mod errors;
mod explanations;
mod faults;
mod forms;
mod frozen;
mod hostile;
mod import;
mod import_formats;
mod install;
mod issue;
mod languages;
mod life;
mod limits;
mod links;
mod manifests;
mod manuals;
mod many;
mod modules;
mod moto;
mod names;
mod packages;
mod probe;
mod record;
mod reference;
mod renewal;
mod resumed;
mod rollover;
mod scale;
mod schedule;
mod servers;
mod signals;
mod signatures;
mod status;
mod structure;
mod trust;
mod unchanged;
