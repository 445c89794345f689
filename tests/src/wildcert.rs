//! Running the program wildcert.

use std::{
    ffi::OsStr,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::Instant,
};

use crate::{modules, outcome::Outcome, program};

/// A command line of wildcert, with nothing in its environment but what the test gives it.
#[derive(Debug)]
pub struct Wildcert(Command);

impl Wildcert {
    /// The built program with `home` as the user's home.
    ///
    /// # Panics
    /// With the line that builds it when it is absent.
    pub fn new(home: &Path) -> Self {
        let mut command = Command::new(modules::built("wildcert"));
        command.env_clear().env("HOME", home).env("PATH", "/usr/bin:/bin").current_dir(home);
        Self(command)
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.0.args(arguments);
        self
    }

    /// Adds `-d NAME` for each name.
    #[must_use]
    pub fn domains<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        for name in names {
            self.0.args(["-d", name.as_ref()]);
        }
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs it to its end.
    pub fn run(self) -> Outcome {
        self.start().finish()
    }

    /// Runs it to its end; tells its peak memory in bytes too.
    ///
    /// # Panics
    /// When Python, which can tell it, is not there.
    pub fn run_measured(self) -> (Outcome, u64) {
        let report = Path::new("peak-memory");
        let mut command = Command::new(program::path("python3"));
        command.args(["-c", MEASURE]).arg(report).arg(self.0.get_program()).args(self.0.get_args());
        let set = self.0.get_envs().filter_map(|(name, value)| Some((name, value?)));
        command.env_clear().envs(set);
        let folder = self.0.get_current_dir().expect("a folder").to_owned();
        command.current_dir(&folder);
        let outcome = Self(command).run();
        let kibibytes = fs::read_to_string(folder.join(report)).expect("what Python wrote");
        (outcome, kibibytes.trim().parse::<u64>().expect("a number") * 1024)
    }

    /// Starts it.
    pub fn start(mut self) -> Running {
        let started = Instant::now();
        self.0.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Running { child: Some(self.0.spawn().expect("wildcert starts")), started }
    }
}

/// Runs a command, and writes down how many KiB it needed at its peak.
const MEASURE: &str = "\
import resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
open(sys.argv[1], 'w').write(str(peak))
sys.exit(code)";

/// A run that goes on; it is killed when dropped.
#[derive(Debug)]
pub struct Running {
    child: Option<Child>,
    started: Instant,
}

impl Running {
    /// Sends a signal: `INT`, `TERM` or `KILL`.
    pub fn signal(&self, name: &str) {
        let id = self.child.as_ref().expect("a run that goes on").id();
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {id}")]).status();
        assert!(status.expect("sh runs").success(), "there is no process {id} any more");
    }

    /// Whether it has not ended yet.
    pub fn goes_on(&mut self) -> bool {
        let child = self.child.as_mut().expect("a run that goes on");
        child.try_wait().expect("a child of ours").is_none()
    }

    /// Its command line, as every user of the machine sees it.
    pub fn command_line(&self) -> String {
        let id = self.child.as_ref().expect("a run that goes on").id();
        let octets = fs::read(format!("/proc/{id}/cmdline")).expect("a running process");
        String::from_utf8_lossy(&octets).replace('\0', " ")
    }

    /// Waits for its end.
    pub fn finish(mut self) -> Outcome {
        let child = self.child.take().expect("a run that goes on");
        let output = child.wait_with_output().expect("wildcert ends");
        Outcome::new(output.status, &output.stdout, &output.stderr, self.started.elapsed())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // Both fail only when it has ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
