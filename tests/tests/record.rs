//! What happened to certificates: the record, revocation, replacement, removal.

use std::{fs, path::Path};

use serde_json::{Value, json};
use wildcert_sandbox::Policy;
use wildcert_tests::{Outcome, SandboxRig, Wildcert, command};

const NAME: &str = "example.test";

fn done(wildcert: Wildcert) -> Outcome {
    let outcome = wildcert.run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    outcome
}

/// A sandbox with one certificate, and its serial number.
fn with_one() -> (SandboxRig, String) {
    let rig = SandboxRig::start(Policy::default());
    let outcome = done(rig.run().domains([NAME]));
    assert_eq!(outcome.status().1, "issued");
    let serial = serial(&rig);
    (rig, serial)
}

fn serial(rig: &SandboxRig) -> String {
    rig.stored(NAME).serial()
}

fn force(rig: &SandboxRig) {
    let outcome = done(rig.renew().args(["--force", NAME]));
    assert_eq!(outcome.status().1, "renewed");
}

fn revoke(rig: &SandboxRig, words: &[&str]) -> Wildcert {
    rig.trusting(&["revoke", "--json"]).args(words)
}

/// The serial numbers that a `revoke --json` ended, and for what reason.
fn ended(outcome: &Outcome) -> Vec<(String, Value)> {
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let json = outcome.json();
    let revoked = json["revoked"].as_array().unwrap().iter();
    revoked.map(|one| (text(&one["serial"]), one["reason"].clone())).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_certificate_is_revoked_by_its_domain_as_people_write_it() {
    let rig = SandboxRig::start(Policy::default());
    done(rig.run().domains(["例え.example.test"]));
    let wrong = revoke(&rig, &["-d", "-.test,example..test"]).run();
    assert_eq!(wrong.code, Some(2), "{wrong}");
    let name = "xn--r8jz45g.example.test";
    let serial = rig.stored(name).serial();
    let revoked = done(revoke(&rig, &["-d", "例え.Example.test."]));
    assert_eq!(ended(&revoked), [(serial, Value::Null)]);
}

#[test]
fn the_record_tells_every_event_with_serials_request_and_certificate() {
    let (rig, first) = with_one();
    let certificate = rig.stored(NAME).read("cert.pem");
    force(&rig);
    let second = serial(&rig);
    done(rig.run().domains(["www.example.test"]));
    done(revoke(&rig, &["--serial", &first, "--reason", "keyCompromise"]));
    done(rig.wildcert(&["remove", NAME]));

    let history = |words: &[&str]| done(rig.wildcert(&[&["history"], words].concat()));
    let events = |outcome: &Outcome| outcome.json()["events"].as_array().unwrap().clone();
    let brief = |event: &Value| (text(&event["event"]), text(&event["serial"]));
    let all = events(&history(&["--json", NAME]));
    let expected =
        [("issued", &first), ("renewed", &second), ("revoked", &first), ("removed", &second)];
    let expected = expected.map(|(event, serial)| (event.to_owned(), serial.clone()));
    assert_eq!(all.iter().map(brief).collect::<Vec<_>>(), expected);
    assert_eq!(all[0]["certificate"], json!(certificate));
    for event in &all {
        assert!(text(&event["csr"]).starts_with("-----BEGIN CERTIFICATE REQUEST-----"), "{event}");
        assert!(text(&event["certificate"]).starts_with("-----BEGIN CERTIFICATE-----"), "{event}");
        assert!(!event.to_string().contains("PRIVATE KEY"), "{event}");
    }
    assert_eq!(all[2]["reason"], "keyCompromise");
    assert_eq!(events(&history(&["--json"])).len(), 5);
    // With colons and capital letters, as others print it.
    let pairs: Vec<&str> = first.as_bytes().chunks(2).map(|c| str::from_utf8(c).unwrap()).collect();
    let spelled = pairs.join(":").to_uppercase();
    let one = events(&history(&["--json", "--serial", &spelled]));
    assert_eq!(
        one.iter().map(brief).collect::<Vec<_>>(),
        [&expected[0], &expected[2]].map(Clone::clone)
    );

    let table = history(&[NAME]).stdout;
    assert_eq!(table.matches(&first).count(), 2, "{table}");
    let tsv = history(&["--tsv"]).stdout;
    let lines: Vec<Vec<&str>> = tsv.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(lines.len(), 6, "{tsv}");
    assert!(lines.iter().all(|line| line.len() == lines[0].len()), "{tsv}");
    let column = |name| lines[0].iter().position(|title| *title == name).unwrap();
    assert_eq!(lines[1][column("serial")], first);
    for line in &lines[1..] {
        for file in ["certificate", "csr"] {
            assert!(Path::new(line[column(file)]).is_file(), "{line:?}");
        }
    }
}

#[test]
fn a_certificate_is_revoked_by_name_file_serial_and_key() {
    let (rig, first) = with_one();
    let by_name = revoke(&rig, &[NAME, "--reason", "4"]).run();
    assert_eq!(ended(&by_name), [(first.clone(), json!("superseded"))]);
    // The CA knows, and says so.
    let again = revoke(&rig, &[NAME]).run();
    assert_eq!(again.code, Some(1), "{again}");
    assert!(again.stderr.contains("alreadyRevoked"), "{again}");

    force(&rig);
    let second = serial(&rig);
    let file = rig.stored(NAME).file("cert.pem");
    let by_file = revoke(&rig, &[file.to_str().unwrap()]).run();
    assert_eq!(ended(&by_file), [(second.clone(), Value::Null)]);

    force(&rig);
    let third = serial(&rig);
    let by_serial = revoke(&rig, &["--serial", &third.to_uppercase()]).run();
    assert_eq!(ended(&by_serial), [(third.clone(), Value::Null)]);

    // From elsewhere: there is no account, only certificate and key.
    force(&rig);
    let fourth = serial(&rig);
    for file in ["cert.pem", "privkey.pem"] {
        fs::copy(rig.stored(NAME).file(file), rig.home().join(file)).unwrap();
    }
    let elsewhere = rig.home().join("elsewhere");
    let words = ["cert.pem", "--key", "privkey.pem", "--server", rig.sandbox.directory_url()];
    let by_key = Wildcert::new(rig.home())
        .args(["revoke", "--json", "--path", "elsewhere", "--ca-bundle"])
        .args([rig.ca_bundle()])
        .args(words)
        .args(["--reason", "1"])
        .run();
    assert_eq!(ended(&by_key), [(fourth, json!("keyCompromise"))]);
    assert!(!elsewhere.join("accounts").exists());
    let expected = ["200", "400 alreadyRevoked", "200", "200", "200"];
    assert_eq!(rig.answers("revokeCert"), expected);

    let unknown = revoke(&rig, &["--serial", "01"]).run();
    assert_eq!(unknown.code, Some(2), "{unknown}");
    let reason = revoke(&rig, &[NAME, "--reason", "superceded"]).run();
    assert_eq!(reason.code, Some(2), "{reason}");
    assert!(reason.stderr.contains("superseded (4)"), "{reason}");
    assert_eq!(rig.answers("revokeCert"), expected);
}

#[test]
fn a_revoked_certificate_comes_back_by_run_and_not_by_renew() {
    let (rig, first) = with_one();
    done(revoke(&rig, &[NAME, "--reason", "keyCompromise"]));
    let listed = done(rig.wildcert(&["list"])).stdout;
    assert!(listed.contains("revoked"), "{listed}");
    for words in [&[][..], &[NAME]] {
        let renew = done(rig.renew().args(words));
        assert_eq!(renew.json()["certificates"], json!([]), "{renew}");
        assert_eq!(renew.stderr.contains("is revoked and not renewed"), !words.is_empty());
    }
    assert_eq!(rig.answers("newOrder").len(), 1);
    let key = rig.stored(NAME).public_keys();
    let run = done(rig.run().args(["--reuse-key"]).domains([NAME]));
    assert_eq!(
        (run.status().1.as_str(), &run.certificate()["due"]),
        ("renewed", &json!("revoked"))
    );
    assert_ne!(serial(&rig), first);
    // Whoever has the old key must not have the new certificate's.
    assert_ne!(rig.stored(NAME).public_keys(), key);
    let next = done(rig.renew());
    assert_eq!(next.status().1, "unchanged");
}

#[test]
fn what_was_replaced_is_recalled_after_two_weeks_and_revoked_on_demand() {
    let (rig, first) = with_one();
    let archive = rig.path().join("certificates/.archive").join(NAME);
    force(&rig);
    let second = serial(&rig);
    assert!(archive.join("0001/privkey.pem").is_file());
    let list = || done(rig.wildcert(&["list"]));
    assert!(!list().stderr.contains(&first));

    let came = |days: u32| {
        let ago = format!("-{days} days");
        let date = command("date").args(["-u", "-d", &ago, "+%FT%TZ"]).output();
        let path = archive.join("0002/certificate.json");
        let mut info: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        info["stored"] = json!(String::from_utf8(date.unwrap().stdout).unwrap().trim());
        fs::write(path, info.to_string()).unwrap();
    };
    came(13);
    assert!(!list().stderr.contains(&first));
    came(15);
    let told = list().stderr;
    assert!(told.contains(&first) && told.contains("revoke --replaced"), "{told}");
    assert!(!told.contains(&second), "{told}");
    let json = done(rig.wildcert(&["list", "--json"])).json();
    assert_eq!(json["replaced"][0]["serial"], json!(first));

    let revoked = revoke(&rig, &["--replaced"]).run();
    assert_eq!(ended(&revoked), [(first.clone(), json!("superseded"))]);
    assert!(!list().stderr.contains(&first));
    assert_eq!(ended(&revoke(&rig, &["--replaced"]).run()), []);
    // The one in use is untouched.
    assert_eq!(done(rig.renew()).status().1, "unchanged");
    assert!(done(rig.wildcert(&["show", NAME])).stdout.contains("valid"));
}

#[test]
fn what_is_removed_is_out_of_use_and_kept() {
    let (rig, first) = with_one();
    let key = rig.stored(NAME).read("privkey.pem");
    let removed = done(rig.wildcert(&["remove", "--json", NAME])).json();
    let kept = Path::new(removed["kept"].as_str().unwrap());
    assert_eq!(fs::read_to_string(kept.join("0001/privkey.pem")).unwrap(), key);
    let certificates = rig.path().join("certificates");
    let left = fs::read_dir(&certificates).unwrap().map(|entry| entry.unwrap().file_name());
    let left: Vec<_> = left.filter(|name| !name.to_string_lossy().starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(done(rig.wildcert(&["list", "--json"])).json()["certificates"], json!([]));
    let show = rig.wildcert(&["show", NAME]).run();
    assert_eq!(show.code, Some(2), "{show}");
    // It can still be revoked, and its name is free.
    assert_eq!(ended(&revoke(&rig, &["--serial", &first]).run()).len(), 1);
    assert_eq!(done(rig.run().domains([NAME])).status().1, "issued");
    done(rig.wildcert(&["remove", NAME]));
    assert!(kept.with_file_name(format!("{NAME}.2")).is_dir());
}
