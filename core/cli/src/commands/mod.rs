//! One file for each command.

pub(crate) mod accounts;
pub(crate) mod cleanup;
pub(crate) mod completions;
pub(crate) mod demo;
mod demo_checks;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod providers;
pub(crate) mod run;
pub(crate) mod sandbox;
mod terms;
