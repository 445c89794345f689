//! From flags, environment and configuration file to what the engine takes; every fault is collected
//! on the way.

mod ca;
mod described;
mod file;
mod hooks;
mod in_force;
mod layers;
mod options;
mod request;
mod schedule;
mod table;
#[cfg(test)]
mod tests;
mod with_www;

pub(crate) use described::Described;
#[cfg(test)]
pub(crate) use file::nothing;
pub(crate) use file::{output, plain_secrets, waiting};
pub(crate) use layers::{InForce, Origin};
pub(crate) use options::Settings;
pub(crate) use request::PfxWish;
pub(crate) use table::{Line, lines};
