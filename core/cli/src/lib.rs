//! The command `wildcert`: arguments, printing and exit codes over the engine.
//!
//! The binary calls [`main`]. The rest of what is public feeds the reference pages: [`command`] has
//! every option, [`env::ALL`] every environment variable, [`exit::ALL`] every exit code,
//! [`explain::ALL`] every error type.

mod app;
mod args;
mod commands;
pub mod env;
mod error;
pub mod exit;
pub mod explain;
mod fault;
mod json;
mod lang;
mod log;
mod path;
mod printer;
mod report;
mod schedule;
mod settings;
mod show;
mod signals;
mod trace;

pub use app::{command, main};
pub use lang::Lang;
