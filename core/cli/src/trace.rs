//! What `--verbose` tells.

use tracing_subscriber::{
    filter::{LevelFilter, Targets},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Sends traces to stderr: of our own crates only, since others could show what is secret.
pub(crate) fn start(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(std::io::stderr);
    // The name of every crate of ours begins with it.
    let ours = Targets::new().with_target("wildcert", level);
    tracing_subscriber::registry().with(lines).with(ours).init();
}
