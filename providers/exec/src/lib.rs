//! A program of the user's that changes the DNS: lego's `exec` protocol.
//!
//! Native only: a WebAssembly module cannot start programs. The program inherits the environment, as
//! it does with lego, since such programs take their own credentials from there.
#![cfg(not(target_arch = "wasm32"))]

use std::{
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::{Duration, Instant},
};

use wildcert_plugin_sdk::{
    Context, Error, Level, Provider, Removal, Result, TxtRecord, challenge, export_provider,
};

/// For how long a program may run.
const LIMIT: Duration = Duration::from_secs(300);
/// How often a program that says nothing is looked at.
const PAUSE: Duration = Duration::from_millis(10);

struct Exec {
    program: String,
    raw: bool,
    limit: Duration,
}

/// One line of output.
enum Line {
    Out(String),
    Err(String),
}

export_provider!(Exec);

impl Provider for Exec {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let program = cx.config.require("EXEC_PATH")?.to_owned();
        Ok(Self { program, raw: challenge::raw_mode(cx.config, "EXEC_MODE")?, limit: LIMIT })
    }

    /// The protocol has no call that changes nothing: only the program's presence is looked at.
    fn check(&self, _: &Context<'_>) -> Result<Vec<String>> {
        if self.program.contains('/') && !Path::new(&self.program).is_file() {
            return Err(Error::config(format!("`EXEC_PATH`: there is no file `{}`", self.program)));
        }
        Ok(Vec::new())
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        records.iter().map(|record| self.run(cx, "present", record).map(|()| None)).collect()
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        removals.iter().map(|removal| self.run(cx, "cleanup", &removal.record)).collect()
    }
}

impl Exec {
    fn run(&self, cx: &Context<'_>, action: &str, record: &TxtRecord) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.arg(action);
        if self.raw {
            let challenge = record.challenge()?;
            // A token may begin with `-`.
            command.args(["--", challenge.domain, challenge.token, challenge.key_authorization]);
        } else {
            command.args([&record.owner, &record.value]);
        }
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let doing = format!("`{} {action}` for `{}`", self.program, record.owner);
        let mut child = command.spawn().map_err(|error| {
            Error::config(format!("`EXEC_PATH`: failed to start `{}`: {error}", self.program))
        })?;
        let (status, last_error) =
            self.watch(cx, &mut child).map_err(|error| error.context(&doing))?;
        match (status.success(), last_error) {
            (true, _) => Ok(()),
            (false, Some(line)) => Err(Error::permanent(format!("{doing}: {status}: {line}"))),
            (false, None) => Err(Error::permanent(format!("{doing}: {status}"))),
        }
    }

    /// Logs what the program says until it ends; gives its status and its last line of complaint.
    #[expect(
        clippy::disallowed_methods,
        reason = "native only, and the limit needs a steady clock"
    )]
    fn watch(&self, cx: &Context<'_>, child: &mut Child) -> Result<(ExitStatus, Option<String>)> {
        let started = Instant::now();
        let (sender, lines) = mpsc::channel();
        read_lines(child.stdout.take(), Line::Out, sender.clone());
        read_lines(child.stderr.take(), Line::Err, sender);
        let mut last_error = None;
        loop {
            if started.elapsed() > self.limit {
                // What matters is that it ends; that it has ended already is no failure.
                let _ = child.kill().and_then(|()| child.wait());
                let limit = self.limit.as_secs();
                return Err(Error::transient(format!("not done after {limit} s, ended")));
            }
            match lines.recv_timeout(PAUSE) {
                Ok(Line::Out(line)) => cx.host.log(Level::Info, &line),
                Ok(Line::Err(line)) => {
                    cx.host.log(Level::Info, &line);
                    last_error = Some(line).filter(|line| !line.trim().is_empty()).or(last_error);
                }
                // A process that it left behind may hold its output open: the end is what counts.
                Err(quiet) => match child.try_wait() {
                    Ok(Some(status)) => return Ok((status, last_error)),
                    Ok(None) if quiet == RecvTimeoutError::Disconnected => cx.host.sleep(PAUSE),
                    Ok(None) => {}
                    Err(error) => {
                        return Err(Error::transient(format!("lost sight of it: {error}")));
                    }
                },
            }
        }
    }
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
    use wildcert_plugin_sdk::{
        ErrorKind,
        manifest::Manifest,
        testing::{FakeHost, record, removal, the_error},
    };

    use super::*;

    const OWNER: &str = "_acme-challenge.example.com.";
    const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/program.sh");

    fn run<T>(
        settings: &[(&str, &str)],
        operation: impl FnOnce(&mut Exec, &Context<'_>) -> T,
    ) -> (T, Vec<String>) {
        let host = FakeHost::default();
        let settings = [&[("EXEC_PATH", SCRIPT)], settings].concat();
        let result = host.call(&settings, |cx| operation(&mut Exec::new(cx).unwrap(), cx));
        (result, host.log_lines())
    }

    #[test]
    fn each_value_is_a_run_and_output_goes_to_the_log() {
        let (_, log) = run(&[], |provider, cx| {
            let results = provider.present(cx, &[record(OWNER, "a"), record(OWNER, "-b")]);
            assert_eq!(results, [Ok(None), Ok(None)]);
            assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
        });
        let line = |rest: &str| format!("info: arguments: {rest}");
        assert_eq!(
            log,
            [
                line(&format!("[present][{OWNER}][a]")),
                line(&format!("[present][{OWNER}][-b]")),
                line(&format!("[cleanup][{OWNER}][a]")),
            ]
        );
    }

    #[test]
    fn raw_mode_hands_on_the_challenge() {
        let mut with = record(OWNER, "a");
        let options = [
            (challenge::DOMAIN, "example.com"),
            (challenge::TOKEN, "-tok"),
            (challenge::KEY_AUTHORIZATION, "-tok.key"),
        ];
        with.options = options.map(|(name, value)| (name.into(), value.into())).to_vec();
        let (_, log) = run(&[("EXEC_MODE", "RAW")], |provider, cx| {
            assert_eq!(provider.present(cx, &[with]), [Ok(None)]);
            let error = the_error(provider.present(cx, &[record(OWNER, "a")]));
            assert_eq!(error.kind, ErrorKind::Unsupported);
        });
        assert_eq!(log, ["info: arguments: [present][--][example.com][-tok][-tok.key]"]);
    }

    #[test]
    fn a_failure_keeps_the_last_complaint() {
        let (error, log) =
            run(&[], |provider, cx| the_error(provider.present(cx, &[record(OWNER, "fail")])));
        assert_eq!(error.kind, ErrorKind::Permanent);
        let words = format!("`{SCRIPT} present` for `{OWNER}`: exit status: 3: no such zone");
        assert_eq!(error.message, words);
        assert!(log.contains(&"info: looking for the zone".to_owned()), "{log:?}");
    }

    #[test]
    fn a_program_that_does_not_end_is_ended() {
        let (error, _) = run(&[], |provider, cx| {
            provider.limit = Duration::from_millis(200);
            the_error(provider.present(cx, &[record(OWNER, "hang")]))
        });
        assert_eq!(error.kind, ErrorKind::Transient);
        assert!(error.message.contains("not done after"), "{error}");
    }

    #[test]
    fn what_a_program_leaves_behind_is_not_waited_for() {
        let ((), log) = run(&[], |provider, cx| {
            provider.limit = Duration::from_secs(2);
            assert_eq!(provider.present(cx, &[record(OWNER, "daemon")]), [Ok(None)]);
        });
        assert_eq!(log.len(), 1);
    }

    #[test]
    fn much_output_on_both_sides_does_not_stop_it() {
        let (_, log) = run(&[], |provider, cx| {
            assert_eq!(provider.present(cx, &[record(OWNER, "talk")]), [Ok(None)]);
        });
        assert_eq!(log.len(), 1 + 2 * 2000);
    }

    #[test]
    fn the_environment_is_handed_on() {
        let (_, log) = run(&[], |provider, cx| {
            assert_eq!(provider.present(cx, &[record(OWNER, "environment")]), [Ok(None)]);
        });
        // Cargo sets it for tests.
        assert!(log.contains(&"info: crate wildcert-provider-exec".to_owned()), "{log:?}");
    }

    #[test]
    fn a_program_that_is_not_there_is_a_fault_of_the_settings() {
        FakeHost::default().call(&[("EXEC_PATH", "/nonexistent/program")], |cx| {
            let provider = Exec::new(cx).unwrap();
            let error = the_error(provider.present(cx, &[record(OWNER, "a")]));
            assert_eq!(error.kind, ErrorKind::Config);
            assert!(error.message.contains("`EXEC_PATH`"), "{error}");
            assert_eq!(provider.check(cx).unwrap_err().kind, ErrorKind::Config);
        });
        let (checked, _) = run(&[], |provider, cx| provider.check(cx));
        assert_eq!(checked, Ok(Vec::new()));
    }

    #[test]
    fn the_manifest_is_valid_and_says_native_only() {
        let (manifest, unknown) = Manifest::parse(MANIFEST).unwrap();
        assert_eq!((manifest.id.as_str(), unknown.len()), ("exec", 0));
        assert!(manifest.native_only);
    }
}
