//! Renewals that happen by themselves: units, cron, maintenance windows, the log file.

mod log;
mod units;
mod windows;
