//! `wildcert providers …`.

mod approve;
mod build;
mod check;
mod install;
mod list;
mod new;
mod remove;
mod show;
mod test;
mod trust;

pub(crate) use approve::approve;
pub(crate) use build::build;
pub(crate) use check::check;
pub(crate) use install::install;
pub(crate) use list::list;
pub(crate) use new::new;
pub(crate) use remove::remove;
pub(crate) use show::show;
pub(crate) use test::test;
pub(crate) use trust::trust;
