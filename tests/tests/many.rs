//! Many certificates from one file, some lines of it wrong.

use std::{fmt::Write as _, fs, path::Path};

use serde_json::Value;
use wildcert_sandbox::{Policy, Problem, ProblemType};
use wildcert_tests::{SandboxRig, Wildcert};

/// Where the wrong lines are, and what is said of each.
const WRONG: &[(usize, &str, &str)] = &[
    (7, "bad..example.test\twww7.example.test", "`bad..example.test` is not a usable domain name"),
    (31, "h1.example.test", "certificate `h1.example.test` is on line 1 already"),
    (60, "h60.example.test\t192.0.2.60", "`192.0.2.60` is not a usable domain name"),
];

/// 60 lines, three of them wrong.
fn write(path: &Path) {
    let mut text = String::new();
    for number in 1..=60 {
        match WRONG.iter().find(|(line, _, _)| *line == number) {
            Some((_, wrong, _)) => writeln!(text, "{wrong}"),
            None => writeln!(text, "h{number}.example.test\twww.h{number}.example.test"),
        }
        .unwrap();
    }
    fs::write(path, text).unwrap();
}

fn run(rig: &SandboxRig, words: &[&str]) -> Wildcert {
    write(&rig.home().join("names.tsv"));
    rig.issue().args(["--from", "names.tsv", "--on-error"]).args(words)
}

#[test]
fn stop_issues_none_and_lists_the_wrong_lines() {
    let rig = SandboxRig::start(Policy::default());
    let outcome = run(&rig, &["stop"]).run();
    assert_eq!(outcome.code, Some(2), "{outcome}");
    for (line, _, fault) in WRONG {
        assert!(outcome.stderr.contains(&format!("names.tsv:{line}: {fault}")), "{outcome}");
    }
    assert_eq!(outcome.stderr.matches("names.tsv:").count(), WRONG.len(), "{outcome}");
    assert_eq!(rig.count(None), 0, "{outcome}");
    assert!(!rig.path().join("certificates").exists());
    // It is what happens when nothing is said.
    let same = rig.issue().args(["--from", "names.tsv"]).run();
    assert_eq!((same.code, same.stderr), (Some(2), outcome.stderr));
}

#[test]
fn continue_issues_the_others_and_tells_each_line() {
    let rig = SandboxRig::start(Policy::default());
    let outcome = run(&rig, &["continue", "--json"]).run();
    assert_eq!(outcome.code, Some(3), "{outcome}");
    let json = outcome.json();
    let certificates = json["certificates"].as_array().unwrap();
    let lines: Vec<u64> = certificates.iter().map(|one| one["line"].as_u64().unwrap()).collect();
    assert_eq!(lines, (1..=60).collect::<Vec<u64>>());
    for (line, one) in (1..).zip(certificates) {
        match WRONG.iter().find(|(wrong, _, _)| *wrong == line) {
            Some((_, _, fault)) => {
                let message = one["error"]["message"].as_str().unwrap_or_default();
                assert!(message.starts_with(&format!("names.tsv:{line}: {fault}")), "{one}");
                assert_eq!((&one["status"], &one["serial"]), (&"failed".into(), &Value::Null));
            }
            None => {
                let name = format!("h{line}.example.test");
                assert_eq!(one["name"], name);
                assert_eq!((&one["status"], &one["error"]), (&"issued".into(), &Value::Null));
                assert_eq!(rig.stored(&name).names(), [name.clone(), format!("www.{name}")]);
            }
        }
    }
    let issued = certificates.iter().filter(|one| one["status"] == "issued").count();
    assert_eq!(issued, 57);
    let list = rig.wildcert(&["list", "--names"]).run();
    assert_eq!(list.stdout.lines().count(), 57, "{list}");
    println!("57 certificates in {:.1} s", outcome.took.as_secs_f64());

    // What was wrong is put right: the others are left alone.
    let orders = rig.count(Some("newOrder"));
    let text = fs::read_to_string(rig.home().join("names.tsv")).unwrap();
    fs::write(rig.home().join("names.tsv"), text.replace("bad..example.test\t", "")).unwrap();
    let again = rig.issue().args(["--from", "names.tsv", "--on-error", "continue"]).run();
    assert_eq!(again.code, Some(3), "{again}");
    assert_eq!(rig.count(Some("newOrder")), orders + 1, "{again}");
    assert!(again.stderr.contains("1 issued, 0 renewed, 57 unchanged, 2 failed"), "{again}");
}

#[test]
fn a_file_that_asks_for_nothing_is_not_passed_over_in_silence() {
    let rig = SandboxRig::start(Policy::default());
    fs::write(rig.home().join("names.tsv"), "# none\n\n").unwrap();
    for policy in ["stop", "continue"] {
        let outcome = rig.issue().args(["--from", "names.tsv", "--on-error", policy]).run();
        assert_eq!(outcome.code, Some(2), "{outcome}");
        assert!(outcome.stderr.contains("`names.tsv` asks for no certificate"), "{outcome}");
    }
}

/// A CA that refuses one of them is no reason to leave the others out, unless that is wanted.
#[test]
fn a_certificate_that_fails_stops_the_others_only_where_that_is_said() {
    for (policy, code, issued) in [("continue", 3, 2), ("stop", 3, 1)] {
        let rig = SandboxRig::start(Policy::default());
        let text = "a.example.test\nb.example.test\nc.example.test\n";
        fs::write(rig.home().join("names.tsv"), text).unwrap();
        let first = rig.issue().domains(["a.example.test"]).run();
        assert_eq!(first.code, Some(0), "{first}");
        rig.fail_next("newOrder", Problem::new(ProblemType::RejectedIdentifier, "not this one"));
        let words = ["--from", "names.tsv", "--on-error", policy, "--json"];
        let outcome = rig.issue().args(words).run();
        assert_eq!(outcome.code, Some(code), "{policy}: {outcome}");
        let list = rig.wildcert(&["list", "--names"]).run();
        assert_eq!(list.stdout.lines().count(), issued, "{policy}: {outcome}");
        assert!(outcome.stderr.contains("not this one"), "{policy}: {outcome}");
    }
}
