//! What a run of wildcert said.

use std::{process::ExitStatus, time::Duration};

use serde_json::Value;

/// Exit status and output of a run.
#[derive(Debug)]
pub struct Outcome {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// What went to stdout.
    pub stdout: String,
    /// What went to stderr.
    pub stderr: String,
    /// From start to end.
    pub took: Duration,
}

impl Outcome {
    pub(crate) fn new(status: ExitStatus, stdout: &[u8], stderr: &[u8], took: Duration) -> Self {
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        Self { code: status.code(), stdout: text(stdout), stderr: text(stderr), took }
    }

    /// Stdout as JSON.
    ///
    /// # Panics
    /// When stdout holds anything else.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("stdout is not JSON ({error}):\n{self}"))
    }

    /// The only certificate of `run --json`.
    ///
    /// # Panics
    /// When there is another number of them.
    pub fn certificate(&self) -> Value {
        let json = self.json();
        match json.get("certificates").and_then(Value::as_array).map(Vec::as_slice) {
            Some([certificate]) => certificate.clone(),
            _ => panic!("not one certificate:\n{self}"),
        }
    }

    /// The exit code and the status of the only certificate.
    pub fn status(&self) -> (Option<i32>, String) {
        let certificate = self.certificate();
        (self.code, certificate.get("status").and_then(Value::as_str).unwrap_or("").to_owned())
    }

    /// A member of the only certificate's error: `kind`, `message` or `hint`.
    ///
    /// # Panics
    /// When the certificate has no such error.
    pub fn error(&self, member: &str) -> String {
        let certificate = self.certificate();
        let value = certificate.get("error").and_then(|error| error.get(member));
        match value.and_then(Value::as_str) {
            Some(text) => text.to_owned(),
            None => panic!("no error with `{member}`:\n{self}"),
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { code, stdout, stderr, took } = self;
        write!(f, "exit {code:?} after {took:?}\nstdout: {stdout}\nstderr: {stderr}")
    }
}
