//! A server as a child process.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// A server that ends with this value; its output goes to a file.
#[derive(Debug)]
pub(crate) struct Process {
    name: &'static str,
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts the server that `prepare` configures and waits until `probe` says that it answers.
    ///
    /// Between choosing a free port and binding it somebody else may take it, so `prepare` is asked
    /// again, for a command on other ports, when the server ends at once.
    ///
    /// # Panics
    /// When it does not come up, with what it said.
    pub(crate) fn start<T>(
        name: &'static str,
        log: &Path,
        mut prepare: impl FnMut() -> (Command, T),
        probe: impl Fn(&T) -> bool,
    ) -> (Self, T) {
        for _ in 0..ATTEMPTS {
            let (mut command, made) = prepare();
            let file = File::create(log).expect("a log file");
            let child = command
                .stdin(Stdio::null())
                .stdout(file.try_clone().expect("a second handle of the log"))
                .stderr(file)
                .spawn()
                .unwrap_or_else(|error| panic!("failed to start `{name}`: {error}"));
            let mut process = Self { name, child, log: log.to_owned() };
            if process.answers(|| probe(&made)) {
                return (process, made);
            }
        }
        panic!("`{name}` did not come up:\n{}", tail(log));
    }

    /// What the server has said so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    fn answers(&mut self, probe: impl Fn() -> bool) -> bool {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            if probe() {
                return true;
            }
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return false;
            }
            thread::sleep(PAUSE);
        }
        false
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("---- {} said last ----\n{}", self.name, tail(&self.log));
        }
    }
}

fn tail(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(SHOWN)..].join("\n")
}

const ATTEMPTS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(10);
const SHOWN: usize = 60;
