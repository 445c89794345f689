//! Running a command: its time is limited, and what it started ends with it.

use std::{
    fmt, io,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, Command},
    time::{sleep, timeout},
};
use zeroize::Zeroizing;

use crate::stop::{Signal, Stop};

/// How a command failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// It said so.
    #[error("ended with {status}{}", Said(.output))]
    Failed {
        /// Its exit code or signal.
        status: ExitStatus,
        /// The last that it wrote.
        output: String,
    },
    /// It could not be run.
    #[error("could not be run: {0}")]
    Start(io::Error),
    /// It took too long.
    #[error("did not end within {} s and was ended{}", limit.as_secs(), Said(.output))]
    Slow {
        /// Its time limit.
        limit: Duration,
        /// The last that it wrote.
        output: String,
    },
    /// Somebody asked to stop.
    #[error("was ended as wildcert was stopped")]
    Stopped(Signal),
}

impl CommandError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Start(error) if error.kind() == io::ErrorKind::NotFound => {
                "name the program by its whole path: there is no shell in between, and services \
                 have a short PATH"
            }
            Self::Failed { .. } => {
                "mend it; the next run tries again, without a new order, and `wildcert deploy \
                 --failed` does so at once"
            }
            Self::Slow { .. } => "it has no input and may not ask; give it more time by `timeout`",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// A command that is to be run.
pub(super) struct Task<'a> {
    /// The program and its arguments.
    pub(super) words: Vec<String>,
    /// What its environment has besides ours.
    pub(super) variables: &'a [(String, String)],
    /// What it reads; its input then stays open until it ends.
    pub(super) input: Option<Zeroizing<Vec<u8>>>,
    /// How long it may take.
    pub(super) limit: Duration,
}

impl Task<'_> {
    /// Runs it to its end; gives the last that it wrote. After its time, and when `stop` asks, it is
    /// ended together with every process that it has started and that is still in its group.
    pub(super) async fn run(self, stop: Option<&Stop>) -> Result<String, CommandError> {
        let nothing = || CommandError::Start(io::ErrorKind::InvalidInput.into());
        let (program, arguments) = self.words.split_first().ok_or_else(nothing)?;
        let mut command = Command::new(program);
        command.args(arguments).envs(self.variables.iter().map(|(name, value)| (name, value)));
        let stdin = if self.input.is_some() { Stdio::piped() } else { Stdio::null() };
        command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().map_err(CommandError::Start)?;
        let group = child.id();

        let output = Arc::new(Mutex::new(Vec::new()));
        let readers = [
            child.stdout.take().map(|pipe| tokio::spawn(listen(pipe, Arc::clone(&output)))),
            child.stderr.take().map(|pipe| tokio::spawn(listen(pipe, Arc::clone(&output)))),
        ];
        let mut stdin = child.stdin.take();
        let feed = async {
            if let (Some(pipe), Some(input)) = (&mut stdin, &self.input) {
                // Who ends without reading it tells why by its exit code.
                let _ = pipe.write_all(input).await;
                let _ = pipe.flush().await;
            }
            std::future::pending::<()>().await;
        };
        let stopped = async {
            match stop {
                Some(stop) => stop.asked().await,
                None => std::future::pending().await,
            }
        };
        let ended = tokio::select! {
            status = child.wait() => Ended::Itself(status),
            () = sleep(self.limit) => Ended::Slow,
            signal = stopped => Ended::Stopped(signal),
            () = feed => Ended::Slow,
        };
        drop(stdin);
        if !matches!(ended, Ended::Itself(_)) {
            end(&mut child, group).await;
        }
        for mut reader in readers.into_iter().flatten() {
            // A server that it started may hold the pipe for as long as it lives.
            if timeout(LAST_WORDS, &mut reader).await.is_err() {
                reader.abort();
            }
        }
        let output = last_lines(&output.lock().unwrap_or_else(PoisonError::into_inner));
        match ended {
            Ended::Itself(Ok(status)) if status.success() => Ok(output),
            Ended::Itself(Ok(status)) => Err(CommandError::Failed { status, output }),
            Ended::Itself(Err(error)) => Err(CommandError::Start(error)),
            Ended::Slow => Err(CommandError::Slow { limit: self.limit, output }),
            Ended::Stopped(signal) => Err(CommandError::Stopped(signal)),
        }
    }
}

enum Ended {
    Itself(io::Result<ExitStatus>),
    Slow,
    Stopped(Signal),
}

/// Asks the processes of a group to end, and ends those that do not.
#[cfg(unix)]
async fn end(child: &mut Child, group: Option<u32>) {
    use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};

    let group = group.and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let Some(group) = group else { return };
    // An Err says that none is left.
    let _ = kill_process_group(group, Signal::TERM);
    let begun = tokio::time::Instant::now();
    while begun.elapsed() < GRACE && test_kill_process_group(group).is_ok() {
        let _ = timeout(PAUSE, child.wait()).await;
        sleep(PAUSE).await;
    }
    let _ = kill_process_group(group, Signal::KILL);
    let _ = child.wait().await;
}

#[cfg(not(unix))]
async fn end(child: &mut Child, _: Option<u32>) {
    let _ = child.kill().await;
}

/// Reads to the end and keeps the last.
async fn listen(mut pipe: impl AsyncRead + Unpin, output: Arc<Mutex<Vec<u8>>>) {
    let mut part = [0; 4096];
    while let Ok(read @ 1..) = pipe.read(&mut part).await {
        let mut output = output.lock().unwrap_or_else(PoisonError::into_inner);
        output.extend_from_slice(part.get(..read).unwrap_or_default());
        let over = output.len().saturating_sub(KEPT);
        output.drain(..over);
    }
}

fn last_lines(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<&str> = text.trim().lines().map(str::trim_end).collect();
    lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n")
}

/// What a command wrote, behind what became of it.
struct Said<'a>(&'a str);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" => Ok(()),
            output if output.contains('\n') => write!(f, ":\n{output}"),
            output => write!(f, ": {output}"),
        }
    }
}

/// How long processes that are asked to end may take.
#[cfg(unix)]
const GRACE: Duration = Duration::from_secs(5);
#[cfg(unix)]
const PAUSE: Duration = Duration::from_millis(10);
/// How long is waited for the rest of what a command wrote, once it has ended.
const LAST_WORDS: Duration = Duration::from_millis(200);
/// How much of what it writes is kept, in octets.
const KEPT: usize = 16 << 10;
/// How many lines of it are told.
const LINES: usize = 12;

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::{fs, path::Path, thread};

    use super::*;

    fn run(script: &str, limit: u64, stop: Option<&Stop>) -> Result<String, CommandError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let variables = [("NAME".to_owned(), "value".to_owned())];
        let words = ["sh", "-c", script].map(str::to_owned).to_vec();
        let limit = Duration::from_millis(limit);
        let task = Task { words, variables: &variables, input: None, limit };
        runtime.block_on(task.run(stop))
    }

    /// Whether a process goes on.
    fn lives(file: &Path) -> bool {
        let id = fs::read_to_string(file).unwrap();
        let status = fs::read_to_string(Path::new("/proc").join(id.trim()).join("status"));
        status.is_ok_and(|status| !status.contains("\nState:\tZ"))
    }

    /// Whether a process that was killed is gone as soon as the system comes to it.
    fn ends(file: &Path) -> bool {
        let begun = std::time::Instant::now();
        while lives(file) && begun.elapsed() < GRACE {
            thread::sleep(PAUSE);
        }
        !lives(file)
    }

    #[test]
    fn what_a_command_says_and_how_it_ends_is_told() {
        assert_eq!(run("echo $NAME; echo b >&2", 5000, None).unwrap().len(), "value\nb".len());
        let error = run("echo why >&2; exit 3", 5000, None).unwrap_err().to_string();
        assert_eq!(error, "ended with exit status: 3: why");
        let error = run("seq 1 9999; exit 1", 5000, None).unwrap_err().to_string();
        assert!(error.ends_with("9998\n9999") && error.lines().count() == LINES + 1, "{error}");
        let words = vec!["/does/not/exist".to_owned()];
        let task = Task { words, variables: &[], input: None, limit: GRACE };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let error = runtime.block_on(task.run(None)).unwrap_err();
        assert!(error.hint().is_some(), "{error}");
    }

    #[test]
    fn its_time_over_a_command_ends_with_its_children() {
        let folder = tempfile::tempdir().unwrap();
        let [own, child] = ["own", "child"].map(|name| folder.path().join(name));
        // The child does not listen to SIGTERM.
        let script = format!(
            "echo $$ > {}; sh -c 'trap \"\" TERM; echo $$ > {}; sleep 60; sleep 60' & sleep 60",
            own.display(),
            child.display()
        );
        let error = run(&script, 400, None).unwrap_err();
        assert!(matches!(error, CommandError::Slow { .. }), "{error}");
        assert!(ends(&own) && ends(&child));
    }

    #[test]
    fn a_stop_ends_a_command() {
        let (handle, stop) = Stop::new();
        let asks = thread::spawn(move || {
            thread::sleep(Duration::from_millis(200));
            handle.ask(Signal::Interrupt);
        });
        let error = run("sleep 60", 60_000, Some(&stop)).unwrap_err();
        assert!(matches!(error, CommandError::Stopped(Signal::Interrupt)), "{error}");
        asks.join().unwrap();
    }

    #[test]
    fn a_server_that_a_command_starts_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let server = folder.path().join("server");
        let script = format!("sh -c 'echo $$ > {}; exec sleep 3' & sleep 0.3", server.display());
        run(&script, 5000, None).unwrap();
        assert!(lives(&server));
    }
}
