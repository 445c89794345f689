//! One run of a client, and what many have in common.

use std::{fs, path::Path, process::Command, time::Instant};

/// What one run cost.
#[derive(Debug)]
pub(crate) struct Sample {
    pub(crate) seconds: f64,
    pub(crate) mebibytes: f64,
    /// `METHOD /path` of each ACME request.
    pub(crate) requests: Vec<String>,
}

/// Runs the command and gives seconds and mebibytes at the peak; what it says is shown when it
/// fails.
pub(crate) fn run(mut command: Command, folder: &Path) -> (f64, f64) {
    let start = Instant::now();
    let output = command.output().expect("the client starts");
    let seconds = start.elapsed().as_secs_f64();
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let kibibytes = fs::read_to_string(folder.join(MEMORY)).expect("what time wrote");
    let kibibytes: f64 = kibibytes.trim().parse().expect("a number");
    (seconds, kibibytes / 1024.0)
}

/// A command that runs `program` and writes down how much memory it needed.
pub(crate) fn timed(program: &Path, folder: &Path) -> Command {
    let mut command = wildcert_tests::command("time");
    command.args(["-f", "%M", "-o"]).arg(folder.join(MEMORY)).arg(program).current_dir(folder);
    command
}

/// The value in the middle.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

const MEMORY: &str = "peak-memory";
