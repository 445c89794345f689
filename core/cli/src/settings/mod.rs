//! From flags and environment to what the engine takes; every fault is collected on the way.

mod options;
mod request;

pub(crate) use options::Settings;
