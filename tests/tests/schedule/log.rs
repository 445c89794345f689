//! The log file: everything that is told of a run, and no secret.

use std::{fs, path::Path};

use wildcert_sandbox::Policy;
use wildcert_tests::{Outcome, SandboxRig, Wildcert, mode};

const NAME: &str = "example.test";

/// The lines, without the time and process that each begins with.
fn lines(log: &Path) -> Vec<String> {
    let text = fs::read_to_string(log).unwrap();
    let line = |line: &str| {
        let (time, rest) = line.split_once(' ').unwrap();
        // 2026-11-22T13:00:00.123Z
        let digits = time.bytes().filter(u8::is_ascii_digit).count();
        assert!(time.len() == 24 && digits == 17 && time.ends_with('Z'), "{line}");
        let (process, words) = rest.split_once(": ").unwrap();
        let id = process.strip_prefix("wildcert[").and_then(|rest| rest.strip_suffix(']'));
        assert!(id.unwrap().parse::<u32>().is_ok(), "{line}");
        words.to_owned()
    };
    text.lines().map(line).collect()
}

fn has(lines: &[String], words: &str) {
    assert!(lines.iter().any(|line| line.contains(words)), "{words}: {lines:#?}");
}

fn code(outcome: &Outcome, code: i32) {
    assert_eq!(outcome.code, Some(code), "{outcome}");
}

#[test]
fn a_quiet_run_for_programs_is_told_whole_and_without_its_secrets() {
    let rig = SandboxRig::start(Policy::default());
    let log = rig.home().join("run.log");
    let quiet = |run: Wildcert| run.args(["--quiet", "--log-file", "run.log"]).run();
    let outcome = quiet(rig.run().domains([NAME]));
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
    let told = lines(&log);
    assert!(told[0].starts_with("begin: wildcert ") && told[0].ends_with(" run"), "{told:#?}");
    for words in [
        "order https://localhost:",
        "records set 1 value at _acme-challenge.example.test.",
        "DEBUG wildcert",
        "example.test: issued, valid until ",
    ] {
        has(&told, words);
    }
    assert!(told.last().unwrap().starts_with("end: exit code 0 after "), "{told:#?}");
    assert_eq!(mode(&log), 0o600);

    // The next run goes behind it; an error has its hint in the same line.
    let wrong = rig.run().domains([NAME]).args(["--force", "--dns", "rfc2136"]);
    let secret = "Y2FuYXJ5LWNhbmFyeS1jYW5hcnk=";
    let failed = quiet(wrong.env("RFC2136_TSIG_SECRET", secret));
    assert_ne!(failed.code, Some(0), "{failed}");
    let both = lines(&log);
    assert_eq!(both[..told.len()], told);
    let error = both[told.len()..].iter().find(|line| line.starts_with("error: ")).unwrap();
    assert!(error.contains("hint: "), "{error}");
    has(&both[told.len()..], "example.test: failed");
    assert!(both.last().unwrap().starts_with("end: exit code 1 after "), "{both:#?}");
    let all = fs::read_to_string(&log).unwrap();
    for secret in [secret, rig.sandbox.tsig().secret_base64.as_str()] {
        assert!(!all.contains(&secret[..secret.len() - 4]), "{all}");
    }
}

#[test]
fn option_variable_and_file_name_it_in_this_order() {
    let rig = SandboxRig::start(Policy::default());
    let file = rig.home().join("wildcert.toml");
    fs::write(&file, "log-file = \"of-file.log\"\n").unwrap();
    let list = || rig.wildcert(&["list"]).args(["--config"]).args([&file]);
    code(&list().run(), 0);
    code(&list().env("WILDCERT_LOG_FILE", "of-variable.log").run(), 0);
    let option = list().env("WILDCERT_LOG_FILE", "of-variable.log");
    code(&option.args(["--log-file", "of-option.log"]).run(), 0);
    for name in ["of-file.log", "of-variable.log", "of-option.log"] {
        let told = lines(&rig.home().join(name));
        assert!(told.len() == 3 && told[0].ends_with(" list"), "{told:#?}");
        assert!(told[1].starts_with("no certificates in "), "{told:#?}");
    }
}

#[test]
fn a_log_file_that_cannot_be_written_stops_nothing() {
    let rig = SandboxRig::start(Policy::default());
    let outcome = rig.issue().domains([NAME]).args(["--log-file", "not/there/run.log"]).run();
    code(&outcome, 0);
    let first = outcome.stderr.lines().next().unwrap();
    assert!(first.starts_with("warning: the log file not/there/run.log cannot"), "{outcome}");
    // The disk is full.
    let outcome = rig.wildcert(&["renew", "--log-file", "/dev/full"]).run();
    code(&outcome, 0);
}
