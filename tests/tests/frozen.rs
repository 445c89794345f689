//! Modules that were built when a contract was released load and issue for ever.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use wildcert::plugin::Sha256Digest;
use wildcert_tests::{FOREIGN, Outcome, Rig, Webhook, repository};

const NAMES: [&str; 2] = ["example.test", "*.example.test"];

/// Every module that is kept, with its digest. A difference means that a released file was
/// exchanged: put it back.
const KEPT: [(&str, &str); 3] = [
    ("0.1.0/httpreq.wasm", "652bd190669a90b9f7cce3b2ea93b9bfaea5c4556c5c0f07cbd6ad42ac8d5eb9"),
    ("0.1.0/librfc2136.so", "31f3010d4a0d99d003fdd16ed5a3bc09cd94b64c2f257debb048f5c85f564186"),
    ("0.1.0/rfc2136.wasm", "0d9f4160d8a94788e13ce4c5c25f540fad3e3e85020cc62e69582736d2350221"),
];

#[test]
fn no_module_was_rebuilt() {
    let folder = folder();
    for (file, digest) in KEPT {
        let content = fs::read(folder.join(file)).unwrap();
        assert_eq!(Sha256Digest::of(&content).to_string(), digest, "{file}");
    }
    let releases = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let modules =
        releases.filter(|path| path.is_dir()).flat_map(|path| fs::read_dir(path).unwrap());
    assert_eq!(modules.count(), KEPT.len(), "a module is not in this list");
}

#[test]
fn webassembly_of_0_1_0_sends_dns_messages() {
    rfc2136("0.1.0/rfc2136.wasm");
}

#[cfg(all(target_os = "linux", target_arch = "x86_64", target_env = "gnu"))]
#[test]
fn a_native_module_of_0_1_0_sends_dns_messages() {
    rfc2136("0.1.0/librfc2136.so");
}

fn rfc2136(file: &str) {
    let rig = Rig::start();
    issued(&rig.run().args([Path::new("--dns"), &placed(&rig, file)]).domains(NAMES).run());
    assert_eq!(rig.bind.updates("example.test").first().map(|update| update.added.len()), Some(2));
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
}

#[test]
fn webassembly_of_0_1_0_sends_http_requests() {
    let rig = Arc::new(Rig::start());
    let webhook = Webhook::updating(&rig);
    let run = rig.run().args([Path::new("--dns"), &placed(&rig, "0.1.0/httpreq.wasm")]);
    let run = run.env("HTTPREQ_ENDPOINT", webhook.url());
    issued(&run.env("SSL_CERT_FILE", webhook.certificate()).domains(NAMES).run());
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
}

fn issued(outcome: &Outcome) {
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
}

fn folder() -> PathBuf {
    repository().join("tests/frozen")
}

/// A copy where only we can write: a checkout may well be writable by the group.
fn placed(rig: &Rig, file: &str) -> PathBuf {
    let copy = rig.home().join(Path::new(file).file_name().unwrap());
    fs::copy(folder().join(file), &copy).unwrap();
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o644)).unwrap();
    copy
}
