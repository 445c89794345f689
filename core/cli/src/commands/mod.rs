//! One file for each command.

pub(crate) mod accounts;
pub(crate) mod alerts;
pub(crate) mod cas;
pub(crate) mod cleanup;
pub(crate) mod completions;
mod conclude;
pub(crate) mod config;
pub(crate) mod demo;
mod demo_checks;
pub(crate) mod deploy;
pub(crate) mod explain;
pub(crate) mod history;
pub(crate) mod import;
mod issue;
pub(crate) mod list;
pub(crate) mod man;
mod pfx;
pub(crate) mod probe;
pub(crate) mod providers;
pub(crate) mod renew;
pub(crate) mod revoke;
pub(crate) mod run;
pub(crate) mod sandbox;
pub(crate) mod schedule;
pub(crate) mod status;
pub(crate) mod stored;
mod terms;
