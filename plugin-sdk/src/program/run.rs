//! Running a program and watching it.

use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use super::Variables;
use crate::{
    error::{Error, Result},
    host::{Context, Level},
};

/// For how long a program may run unless told otherwise.
pub const LIMIT: Duration = Duration::from_secs(300);

/// How often a program that says nothing is looked at.
const PAUSE: Duration = Duration::from_millis(10);

/// For how long the rest of the output is waited for after the end: a process that was left behind
/// may hold it open for ever.
const REST: Duration = Duration::from_millis(250);

/// How many octets of the standard output are given back; a handle may be as long.
const KEPT: usize = 16 << 10;

/// A program to run: without standard input, in wildcert's working directory, as wildcert's user, in
/// a process group of its own.
pub struct Program<'a> {
    setting: &'a str,
    command: Command,
    variables: Option<&'a Variables>,
    limit: Duration,
}

/// One line of output.
enum Line {
    Out(String),
    Err(String),
}

/// How a program ended, and what it said.
struct End {
    status: ExitStatus,
    output: String,
    last_complaint: Option<String>,
}

impl<'a> Program<'a> {
    /// The program at `path`, which the setting named `setting` gave; a path without `/` is searched
    /// in `PATH`.
    ///
    /// With `variables` these are its environment, and their values are kept out of the log; without,
    /// it inherits wildcert's.
    pub fn new(
        setting: &'a str,
        path: impl AsRef<OsStr>,
        variables: Option<&'a Variables>,
    ) -> Self {
        let mut command = Command::new(path);
        if let Some(variables) = variables {
            variables.confine(&mut command);
        }
        Self { setting, command, variables, limit: LIMIT }
    }

    /// Adds arguments. Every user of the machine can read them: no secrets.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Lets it run for `limit` at the longest in place of [`LIMIT`].
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs it to its end, and gives back its standard output: the first 16 KiB, without line ends
    /// and blanks around it. `doing` says in errors what it was run for.
    ///
    /// # Errors
    /// `config` when it does not start, `permanent` with its last line of complaint when it exits
    /// with anything but 0, `transient` when the time is up.
    pub fn run(mut self, cx: &Context<'_>, doing: &str) -> Result<String> {
        self.command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        lead_a_group(&mut self.command);
        let mut child = self.command.spawn().map_err(|error| {
            let path = self.command.get_program().to_string_lossy();
            Error::config(format!("`{}`: failed to start `{path}`: {error}", self.setting))
        })?;
        let end = self.watch(cx, &mut child).map_err(|error| error.context(doing))?;
        let status = end.status;
        match (status.success(), end.last_complaint) {
            (true, _) => Ok(end.output.trim().to_owned()),
            (false, Some(line)) => Err(Error::permanent(format!("{doing}: {status}: {line}"))),
            (false, None) => Err(Error::permanent(format!("{doing}: {status}"))),
        }
    }

    /// Logs what the program says until it ends.
    fn watch(&self, cx: &Context<'_>, child: &mut Child) -> Result<End> {
        let started = Instant::now();
        let (sender, lines) = mpsc::channel();
        read_lines(child.stdout.take(), Line::Out, sender.clone());
        read_lines(child.stderr.take(), Line::Err, sender);
        let (mut output, mut last_complaint) = (String::new(), None);
        let mut ended: Option<(ExitStatus, Instant)> = None;
        loop {
            if ended.is_none() && started.elapsed() > self.limit {
                end(child);
                let limit = self.limit.as_secs();
                return Err(Error::transient(format!("not done after {limit} s, ended")));
            }
            let quiet = match lines.recv_timeout(PAUSE) {
                Ok(Line::Out(line)) => {
                    cx.host.log(Level::Info, &self.presentable(&line));
                    output.push_str(&line);
                    output.push('\n');
                    output.truncate(output.floor_char_boundary(KEPT));
                    continue;
                }
                Ok(Line::Err(line)) => {
                    let line = self.presentable(&line);
                    cx.host.log(Level::Info, &line);
                    last_complaint =
                        Some(line).filter(|line| !line.trim().is_empty()).or(last_complaint);
                    continue;
                }
                Err(quiet) => quiet,
            };
            let closed = quiet == RecvTimeoutError::Disconnected;
            match ended {
                Some((status, when)) if closed || when.elapsed() > REST => {
                    return Ok(End { status, output, last_complaint });
                }
                Some(_) => {}
                None => {
                    let status = child
                        .try_wait()
                        .map_err(|error| Error::transient(format!("lost sight of it: {error}")))?;
                    ended = status.map(|status| (status, Instant::now()));
                    if ended.is_none() && closed {
                        thread::sleep(PAUSE);
                    }
                }
            }
        }
    }

    fn presentable(&self, line: &str) -> String {
        self.variables.map_or_else(|| line.to_owned(), |variables| variables.mask(line))
    }
}

/// Makes the program the leader of a process group, so that it can be ended with all that it starts.
fn lead_a_group(command: &mut Command) {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, 0);
    #[cfg(not(unix))]
    let _ = command;
}

/// Ends the program with its process group. What matters is that it ends; that it has ended already is
/// no failure.
fn end(child: &mut Child) {
    #[cfg(unix)]
    let _ = rustix::process::kill_process_group(
        rustix::process::Pid::from_child(child),
        rustix::process::Signal::KILL,
    );
    #[cfg(not(unix))]
    let _ = child.kill();
    let _ = child.wait();
}

/// Sends on each line that comes from `output`, until it is closed.
fn read_lines(
    output: Option<impl Read + Send + 'static>,
    line: fn(String) -> Line,
    sender: Sender<Line>,
) {
    let Some(output) = output else { return };
    thread::spawn(move || {
        for octets in BufReader::new(output).split(b'\n') {
            let Ok(octets) = octets else { return };
            let text = String::from_utf8_lossy(&octets).trim_end().to_owned();
            if sender.send(line(text)).is_err() {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, host::Config, testing::FakeHost};

    /// Runs a line of shell.
    fn shell(line: &str, settings: &str, limit: Duration) -> (Result<String>, Vec<String>) {
        let host = FakeHost::default();
        let config = Config::new(vec![("X_ENV".into(), settings.into())]);
        let variables = Variables::of(&config, "X_ENV").unwrap();
        let result = host.call(&[], |cx| {
            let program = Program::new("X", "sh", Some(&variables)).args(["-c", line]);
            program.limit(limit).run(cx, "the test")
        });
        (result, host.log_lines())
    }

    #[test]
    fn output_is_given_back_and_logged_and_values_are_masked() {
        let (result, log) = shell("echo; echo got $TOKEN; echo on >&2", "TOKEN=s3cret", LIMIT);
        assert_eq!(result.unwrap(), "got s3cret");
        let mut log = log;
        log.sort();
        assert_eq!(log, ["info: ", "info: got ****", "info: on"]);
        let (result, _) = shell("echo no $TOKEN >&2; exit 4", "TOKEN=s3cret", LIMIT);
        assert_eq!(result.unwrap_err().message, "the test: exit status: 4: no ****");
    }

    #[test]
    fn only_what_was_granted_is_in_the_environment() {
        // Cargo sets many variables for tests; these are a shell's own.
        let (result, _) = shell("env | cut -d= -f1 | sort", "GRANTED=1 CARGO_PKG_NAME", LIMIT);
        let names = result.unwrap();
        let others = |name: &&str| !["PWD", "SHLVL", "_", "OLDPWD"].contains(name);
        let known: Vec<&str> = names.lines().filter(others).collect();
        let always = ["HOME", "LANG", "PATH", "TMPDIR"].into_iter();
        let mut expected: Vec<&str> =
            always.filter(|name| std::env::var_os(name).is_some()).collect();
        expected.extend(["GRANTED", "CARGO_PKG_NAME"]);
        expected.sort_unstable();
        assert_eq!(known, expected);
    }

    #[test]
    fn the_limit_ends_all_that_a_program_started() {
        let folder = std::env::temp_dir().join(format!("wildcert-program-{}", std::process::id()));
        let mark = format!("sleep 2 && : >{}", folder.display());
        let line = format!("({mark}) & {mark}");
        let (result, _) = shell(&line, "", Duration::from_millis(300));
        let error = result.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Transient);
        assert_eq!(error.message, "the test: not done after 0 s, ended");
        thread::sleep(Duration::from_millis(2500));
        let alive = folder.exists();
        let _ = std::fs::remove_file(&folder);
        assert!(!alive, "what the program started ran on");
    }

    #[test]
    fn what_a_program_leaves_behind_is_not_waited_for() {
        let started = Instant::now();
        let (result, _) = shell("sleep 5 & echo done", "", LIMIT);
        assert_eq!(result.unwrap(), "done");
        assert!(started.elapsed() < Duration::from_secs(4));
    }

    #[test]
    fn output_has_an_end() {
        let (result, _) = shell("yes äöü | head -n 9000", "", LIMIT);
        let kept = result.unwrap().len();
        assert!(kept <= KEPT && kept > KEPT - 16, "{kept}");
    }
}
