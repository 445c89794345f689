//! `wildcert status`: how everything stands, for people, for programs and for Prometheus.

use std::{fs, process::Stdio};

use serde_json::{Value, json};
use wildcert_sandbox::Policy;
use wildcert_tests::{Outcome, SandboxRig, command, mode};

fn failing(rig: &SandboxRig, name: &str) -> Outcome {
    let run = rig.run().domains([name]).args(["--force"]);
    let run = run.env("RFC2136_TSIG_SECRET", "d3Jvbmc=").run();
    assert_eq!(run.code, Some(1), "{run}");
    run
}

fn status(rig: &SandboxRig, words: &[&str]) -> Outcome {
    let status = rig.wildcert(&[&["status"], words].concat()).run();
    assert_eq!(status.code, Some(0), "{status}");
    status
}

fn certificate(rig: &SandboxRig, name: &str) -> Value {
    let json = status(rig, &["--json"]).json();
    let all = json["certificates"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).cloned().unwrap_or_default()
}

/// What promtool says of metrics; nothing when they are as they should be.
fn promtool(metrics: &str) -> String {
    use std::io::Write as _;

    let mut command = command("promtool");
    command.args(["check", "metrics"]).stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(metrics.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    format!("{}{}", output.status.code().unwrap_or(-1), String::from_utf8_lossy(&text))
}

#[test]
fn what_failed_is_told_until_it_succeeds() {
    let rig = SandboxRig::start(Policy::default());
    assert_eq!(status(&rig, &["--json"]).json()["certificates"], json!([]));
    assert!(rig.run().domains(["example.test"]).run().code == Some(0));
    let asked = rig.requests().len();
    let good = certificate(&rig, "example.test");
    assert_eq!(good["status"], "ok");
    assert_eq!(good["renewal"]["reason"], "ending");
    assert_eq!(good["calls"], json!({ "rfc2136": { "present": 1, "remove": 1 } }));
    assert!(good["share_left"].as_f64().unwrap() > 0.99, "{good}");
    let shown = status(&rig, &[]).stdout;
    assert!(shown.contains("###|######## 89 days"), "{shown}");
    assert!(shown.lines().all(|line| line.chars().count() <= 80), "{shown}");
    assert_eq!(rig.requests().len(), asked, "nobody is asked");

    failing(&rig, "example.test");
    failing(&rig, "example.test");
    failing(&rig, "other.example.test");
    let bad = certificate(&rig, "example.test");
    assert_eq!((&bad["status"], &bad["failures"]), (&json!("failed"), &json!(2)));
    assert_eq!(bad["last_success"], good["last_success"]);
    assert!(bad["last_attempt"]["error"]["message"].is_string(), "{bad}");
    let never = certificate(&rig, "other.example.test");
    assert_eq!((&never["serial"], &never["last_success"]), (&Value::Null, &Value::Null));
    for (lang, words) in [
        ("en", ["`example.test` failed 2 times since", "none yet", "failed since"]),
        ("ja", ["2 回失敗しています", "未発行", "から失敗"]),
    ] {
        let shown = status(&rig, &["--lang", lang]).stdout;
        assert!(words.iter().all(|word| shown.contains(word)), "{shown}");
    }
    let config = rig.home().join("wildcert.toml");
    fs::write(&config, "[certificates.later]\ndomains = \"later.example.test\"\n").unwrap();
    let shown = status(&rig, &["--config", config.to_str().unwrap()]).stdout;
    assert!(shown.contains("never tried"), "{shown}");
    let one = status(&rig, &["--json", "other.example.test"]).json();
    assert_eq!(one["certificates"].as_array().map(Vec::len), Some(1));
    let unknown = rig.wildcert(&["status", "third.example.test"]).run();
    assert_eq!(unknown.code, Some(2), "{unknown}");

    assert!(rig.run().domains(["example.test"]).args(["--force"]).run().code == Some(0));
    let good = certificate(&rig, "example.test");
    assert_eq!((&good["status"], &good["failures"]), (&json!("ok"), &json!(0)));
    assert_eq!(mode(&rig.path().join("results/example.test.json")), 0o600);
    assert!(rig.wildcert(&["remove", "other.example.test"]).run().code == Some(0));
    assert_eq!(certificate(&rig, "other.example.test"), Value::Null);
}

#[test]
fn a_certificate_that_is_left_alone_has_not_failed_any_more() {
    let rig = SandboxRig::start(Policy::default());
    assert!(rig.run().domains(["example.test"]).run().code == Some(0));
    failing(&rig, "example.test");
    let results = rig.path().join("results/example.test.json");
    let renewed = rig.renew().run();
    assert_eq!(renewed.status(), (Some(0), "unchanged".to_owned()), "{renewed}");
    assert_eq!(certificate(&rig, "example.test")["status"], "ok");
    // From then on nothing is written any more.
    let written = fs::metadata(&results).unwrap().modified().unwrap();
    assert_eq!(rig.renew().run().code, Some(0));
    assert_eq!(fs::metadata(&results).unwrap().modified().unwrap(), written);
}

#[test]
fn a_broken_file_is_told_and_hides_nothing_else() {
    let rig = SandboxRig::start(Policy::default());
    assert!(rig.run().domains(["example.test"]).run().code == Some(0));
    let results = rig.path().join("results/example.test.json");
    fs::write(&results, "no JSON").unwrap();
    let shown = status(&rig, &[]);
    assert!(shown.stdout.contains("ok 20"), "{shown}");
    assert!(shown.stderr.contains("results/example.test.json` is damaged"), "{shown}");
    let json = status(&rig, &["--json"]).json();
    assert_eq!(json["damaged"][0]["kind"], "store");
    let renewed = rig.run().domains(["example.test"]).args(["--force"]).run();
    assert_eq!(renewed.status(), (Some(0), "renewed".to_owned()), "{renewed}");
    assert_eq!(status(&rig, &["--json"]).json()["damaged"], json!([]));
}

#[test]
fn prometheus_takes_the_metrics_of_every_run() {
    let rig = SandboxRig::start(Policy::default());
    let folder = rig.home().join("textfiles");
    fs::create_dir(&folder).unwrap();
    let config = rig.home().join("wildcert.toml");
    fs::write(&config, "prometheus = \"textfiles/wildcert.prom\"\n").unwrap();
    let empty = status(&rig, &["--prometheus", "-"]).stdout;
    assert_eq!(promtool(&empty), "0", "{empty}");
    let run = |words: &[&str]| {
        rig.run().domains(["example.test"]).args(words).args(["--config"]).args([&config])
    };
    assert_eq!(run(&[]).run().code, Some(0));
    let file = folder.join("wildcert.prom");
    let read = || fs::read_to_string(&file).unwrap();
    let value = |metrics: &str, name: &str| -> f64 {
        let line = metrics.lines().find(|line| line.starts_with(name));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).expect(metrics)
    };
    let first = read();
    assert_eq!(promtool(&first), "0", "{first}");
    assert_eq!(mode(&file), 0o644);
    let label = "{name=\"example.test\"}";
    let failing_now = format!("wildcert_certificate_failing{label}");
    assert_eq!(value(&first, &failing_now), 0.0);
    let calls = "wildcert_provider_calls_total{name=\"example.test\",provider=\"rfc2136\",\
                 call=\"present\"}";
    assert_eq!(value(&first, calls), 1.0);
    let end = format!("wildcert_certificate_not_after_timestamp_seconds{label}");
    let lasts = value(&first, &end)
        - value(&first, &format!("wildcert_certificate_last_success_timestamp_seconds{label}"));
    assert!(lasts > 80.0 * 86_400.0, "{first}");
    let took = format!("wildcert_certificate_last_attempt_duration_seconds{label}");
    assert!(value(&first, &took) > 0.0);

    let wrong = run(&["--force"]).env("RFC2136_TSIG_SECRET", "d3Jvbmc=").run();
    assert_eq!(wrong.code, Some(1), "{wrong}");
    let second = read();
    assert_eq!((promtool(&second).as_str(), value(&second, &failing_now)), ("0", 1.0));
    assert!(value(&second, calls) > 1.0, "a running count");
    let names: Vec<_> =
        fs::read_dir(&folder).unwrap().map(|one| one.unwrap().file_name()).collect();
    assert_eq!(names, ["wildcert.prom"]);

    let file = rig.home().join("own.prom");
    let written = status(&rig, &["--prometheus", file.to_str().unwrap()]);
    assert_eq!(written.stdout, "");
    assert_eq!(fs::read_to_string(&file).unwrap(), second);
    // Who cannot write them has got his certificate nevertheless.
    fs::remove_dir_all(&folder).unwrap();
    let warned = run(&["--force"]).run();
    assert_eq!(warned.code, Some(0), "{warned}");
    assert!(warned.stderr.contains("warning: failed to write"), "{warned}");
}
