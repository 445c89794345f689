//! What may run: providers.lock, and what the commands around it say.

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use wildcert_tests::{Form, Outcome, Rig, provider, providers, with_manifest};

const NAMES: [&str; 2] = ["example.test", "*.example.test"];

/// A folder of the user's own with the provider rfc2136 in it.
fn installed(rig: &Rig, form: Form) -> (PathBuf, PathBuf) {
    let folder = rig.home().join("mine");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).unwrap();
    let from = provider("rfc2136", form);
    let module = folder.join(from.file_name().unwrap());
    fs::copy(from, &module).unwrap();
    (folder, module)
}

fn run(rig: &Rig, folder: &PathBuf) -> Outcome {
    let run = rig.run().args(["--force", "--dns", "rfc2136", "--provider-dir"]);
    run.args([folder]).domains(NAMES).run()
}

#[test]
fn a_changed_module_stops_until_it_is_approved() {
    let rig = Rig::start();
    let (folder, module) = installed(&rig, Form::Wasm);
    let first = run(&rig, &folder);
    assert_eq!(first.code, Some(0), "{first}");
    assert!(first.stderr.contains("used for the first time"), "{first}");
    let again = run(&rig, &folder);
    assert_eq!(again.code, Some(0), "{again}");
    assert!(!again.stderr.contains("used for the first time"), "{again}");

    // An empty custom section named `x`: another file that does the same.
    let mut bytes = fs::read(&module).unwrap();
    bytes.extend([0, 2, 1, b'x']);
    fs::write(&module, bytes).unwrap();
    let before = rig.bind.updates("example.test").len();
    let changed = run(&rig, &folder);
    assert_eq!(changed.code, Some(1), "{changed}");
    assert!(changed.error("message").contains("sha256"), "{changed}");
    assert!(changed.error("hint").contains("wildcert providers approve rfc2136"), "{changed}");
    assert_eq!(rig.bind.updates("example.test").len(), before);

    let approve = rig.wildcert("providers").args(["approve", "rfc2136", "--provider-dir"]);
    let approved = approve.args([&folder]).run();
    assert_eq!(approved.code, Some(0), "{approved}");
    let after = run(&rig, &folder);
    assert_eq!(after.code, Some(0), "{after}");
}

#[test]
fn a_wider_reach_and_another_file_of_the_same_id_stop_with_what_differs() {
    let rig = Rig::start();
    let (folder, module) = installed(&rig, Form::Wasm);
    assert_eq!(run(&rig, &folder).code, Some(0));
    let narrow = fs::read_to_string(providers().join("rfc2136/provider.toml")).unwrap();
    let wide = narrow.replace("[reach]\n", "[reach]\nhttp = [\"https://evil.example\"]\n");
    assert_ne!(wide, narrow);
    let original = fs::read(&module).unwrap();

    fs::write(&module, with_manifest(&original, &wide)).unwrap();
    let wider = run(&rig, &folder);
    assert_eq!(wider.code, Some(1), "{wider}");
    assert!(wider.error("message").contains("http: + https://evil.example"), "{wider}");
    assert!(wider.error("hint").contains("wildcert providers approve rfc2136"), "{wider}");

    // Another file that is found first.
    fs::write(&module, &original).unwrap();
    let second = rig.home().join("second");
    fs::create_dir(&second).unwrap();
    let other = second.join(module.file_name().unwrap());
    fs::write(&other, with_manifest(&original, &narrow)).unwrap();
    let exchanged = run(&rig, &second);
    assert_eq!(exchanged.code, Some(1), "{exchanged}");
    let message = exchanged.error("message");
    for part in ["file: was", module.to_str().unwrap(), other.to_str().unwrap(), "sha256: was"] {
        assert!(message.contains(part), "no `{part}`: {exchanged}");
    }
    assert!(exchanged.error("hint").contains("wildcert providers approve rfc2136"), "{exchanged}");
    assert_eq!(run(&rig, &folder).code, Some(0), "the approved one still runs");

    let approve = rig.wildcert("providers").args(["approve", "rfc2136", "--json"]);
    let approved = approve.env("WILDCERT_PROVIDER_PATH", &second).run();
    assert_eq!(approved.code, Some(0), "{approved}");
    assert_eq!(approved.json()["approved"]["path"], other.to_str().unwrap());
    assert_eq!(run(&rig, &second).code, Some(0));
}

#[test]
fn native_code_that_others_can_write_is_refused() {
    let rig = Rig::start();
    let (folder, module) = installed(&rig, Form::Native);
    fs::set_permissions(&module, fs::Permissions::from_mode(0o666)).unwrap();
    let refused = run(&rig, &folder);
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.error("message").contains("writable by others"), "{refused}");
}

#[test]
fn credentials_prove_themselves_and_nothing_is_written() {
    let rig = Rig::start();
    let check = || rig.wildcert("providers").args(["check", "rfc2136"]);
    let proved = check().run();
    assert_eq!(proved.code, Some(0), "{proved}");
    let refused = check().env("RFC2136_TSIG_SECRET", "d3Jvbmc=").run();
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("RFC2136_TSIG_SECRET"), "{refused}");
    assert!(!refused.stderr.contains("d3Jvbmc"), "the secret is shown: {refused}");
    assert!(rig.bind.updates("example.test").is_empty());
}

#[test]
fn the_account_is_registered_once_and_listed() {
    let rig = Rig::start();
    let register = || {
        let server = rig.pebble.directory();
        let run = rig.wildcert("accounts").args(["register", "--server", &server, "--ca-bundle"]);
        run.args([rig.pebble.ca_bundle()]).args(["-m", "a@example.test", "-a", "--json"]).run()
    };
    let (first, second) = (register(), register());
    assert_eq!((first.code, second.code), (Some(0), Some(0)), "{first}{second}");
    assert_eq!(first.json(), second.json());
    let list = rig.wildcert("accounts").args(["list", "--json"]).run();
    assert!(list.stdout.contains(&rig.pebble.directory()), "{list}");
    assert!(list.stdout.contains("a@example.test"), "{list}");
}
