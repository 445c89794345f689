//! From flags and environment to what the engine takes; every fault is collected on the way.

mod ca;
mod options;
mod request;
mod table;

pub(crate) use options::Settings;
pub(crate) use request::PfxWish;
pub(crate) use table::{Line, lines};
