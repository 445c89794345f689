//! Programs that print a secret.

use std::{
    io::{self, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

/// Why a program did not print a secret; what it printed never appears.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// It failed.
    #[error("it ended with {0}")]
    Failed(ExitStatus),
    /// It could not be started, or its output not be read.
    #[error("it could not be run: {0}")]
    Io(#[from] io::Error),
    /// It printed too much.
    #[error("it printed more than {LONGEST} octets")]
    Long,
    /// It did not end in time.
    #[error("it did not end within {} seconds", .0.as_secs())]
    Slow(Duration),
}

impl CommandError {
    pub(super) fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Failed(_) => "what it wrote to stderr stands above",
            Self::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                "there is no shell in between: name the program, or `[\"/bin/sh\", \"-c\", \"…\"]`"
            }
            Self::Slow(_) => "it must not ask anybody: it has no input",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// What a program prints; `words` are the program and its arguments.
///
/// It has no input, and its stderr is ours.
pub(super) fn output(words: &[String]) -> Result<Vec<u8>, CommandError> {
    output_within(words, TIME)
}

fn output_within(words: &[String], time: Duration) -> Result<Vec<u8>, CommandError> {
    let nothing = || io::Error::from(io::ErrorKind::InvalidInput);
    let (program, arguments) = words.split_first().ok_or_else(nothing)?;
    let begun = Instant::now();
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = Running(command.spawn()?);
    let stdout = child.0.stdout.take();
    let (sender, receiver) = mpsc::channel();
    // Not joined: a grandchild may hold the output open for as long as it likes.
    thread::spawn(move || {
        let mut printed = Zeroizing::new(Vec::new());
        let limit = LONGEST as u64 + 1;
        let read = stdout.map_or(Ok(0), |stdout| stdout.take(limit).read_to_end(&mut printed));
        let _ = sender.send(read.map(|_| printed));
    });
    let mut printed = match receiver.recv_timeout(time) {
        Ok(printed) => printed?,
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
            return Err(CommandError::Slow(time));
        }
    };
    if printed.len() > LONGEST {
        return Err(CommandError::Long);
    }
    // It may have closed its output long before its end.
    let status = loop {
        match child.0.try_wait()? {
            Some(status) => break status,
            None if begun.elapsed() > time => return Err(CommandError::Slow(time)),
            None => thread::sleep(Duration::from_millis(5)),
        }
    };
    if !status.success() {
        return Err(CommandError::Failed(status));
    }
    Ok(std::mem::take(&mut *printed))
}

/// A program that does not outlive the wait for it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // After its end both do nothing.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const TIME: Duration = Duration::from_secs(30);
/// Secrets are shorter.
const LONGEST: usize = 64 << 10;

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let begun = Instant::now();
        let folder = tempfile::tempdir().unwrap();
        let pid = folder.path().join("pid");
        // Silent; with its output closed; with a child that holds the output open.
        for script in
            ["exec sleep 60", "exec >&-; exec sleep 60", "sleep 3 & echo s3cret; exec sleep 60"]
        {
            let script = format!("echo $$ > {}; {script}", pid.display());
            let words = ["/bin/sh", "-c", &script].map(str::to_owned);
            let error = output_within(&words, Duration::from_millis(300)).unwrap_err();
            assert!(matches!(error, CommandError::Slow(_)), "{script}: {error}");
            let pid = std::fs::read_to_string(&pid).unwrap();
            let process = std::path::Path::new("/proc").join(pid.trim());
            assert!(!process.exists(), "{script}: it still runs");
        }
        assert!(begun.elapsed() < Duration::from_secs(30));
    }
}
