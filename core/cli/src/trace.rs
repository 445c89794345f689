//! What `--verbose` tells, and the log file at all times.

use tracing_subscriber::{
    Layer,
    filter::{LevelFilter, Targets},
    fmt,
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

use crate::log::Log;

/// Sends traces to stderr and to the log: of our own crates only, since others could show what is secret.
pub(crate) fn start(verbose: u8, log: Option<Log>) {
    // The name of every crate of ours begins with it.
    let ours = |level| Targets::new().with_target("wildcert", level);
    let level = match verbose {
        0 if log.is_none() => return,
        0 => LevelFilter::OFF,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let stderr = fmt::layer().with_ansi(false).with_writer(std::io::stderr);
    let log = log.map(|log| {
        let lines = fmt::layer().with_ansi(false).without_time();
        lines.with_writer(move || log.clone()).with_filter(ours(LevelFilter::DEBUG.max(level)))
    });
    tracing_subscriber::registry().with(stderr.with_filter(ours(level))).with(log).init();
}
