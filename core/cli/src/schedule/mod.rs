//! Having `wildcert renew` run by itself: as a systemd timer, or by cron.

mod cron;
mod place;
mod plan;
mod seal;
mod systemd;
#[cfg(test)]
mod tests;

pub(crate) use place::{Change, Form, Found, Place};
pub(crate) use plan::{Schedule, Scope};
pub(crate) use systemd::{is_running, systemctl};
