//! `wildcert providers …`.

mod approve;
mod build;
mod check;
mod list;
mod show;

pub(crate) use approve::approve;
pub(crate) use build::build;
pub(crate) use check::check;
pub(crate) use list::list;
pub(crate) use show::show;
