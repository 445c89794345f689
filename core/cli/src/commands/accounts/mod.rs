//! `wildcert accounts …`.

mod change;
mod list;
mod register;
mod shown;

pub(crate) use change::{deactivate, rollover, update};
pub(crate) use list::{list, show};
pub(crate) use register::{recover, register};
