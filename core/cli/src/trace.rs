//! What `--verbose` tells.

use tracing_subscriber::EnvFilter;

/// Sends traces to stderr: of our own crates only, since others could show what is secret.
pub(crate) fn start(verbose: u8) {
    let filter = match verbose {
        0 => return,
        1 => "wildcert=debug",
        _ => "wildcert=trace",
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
}
