//! A wildcard certificate, end to end: Pebble, BIND, the provider rfc2136.

use std::path::{Path, PathBuf};

use serde_json::Value;
use wildcert_tests::{FOREIGN, Outcome, Rig, mode};

fn issue() -> (Rig, Outcome) {
    let rig = Rig::start();
    let outcome =
        rig.run().args(["--dns", "rfc2136"]).domains(["example.test", "*.example.test"]).run();
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
    (rig, outcome)
}

#[test]
fn both_values_stand_at_the_name_together_and_only_they_go() {
    let (rig, _) = issue();
    let updates = rig.bind.updates("example.test");
    let [present, removals @ ..] = updates.as_slice() else { panic!("no update was made") };
    let [(first, one), (second, two)] = present.added.as_slice() else {
        panic!("not two values in one update: {updates:?}")
    };
    assert_eq!(first, "_acme-challenge.example.test");
    assert_eq!(first, second);
    assert_ne!(one, two);
    assert!(present.deleted.is_empty(), "{updates:?}");

    assert!(removals.iter().all(|update| update.added.is_empty()), "{updates:?}");
    let mut removed: Vec<_> = removals.iter().flat_map(|update| update.deleted.clone()).collect();
    let mut added = present.added.clone();
    removed.sort();
    added.sort();
    assert_eq!(removed, added);
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
}

#[test]
fn openssl_accepts_chain_and_key() {
    let (rig, outcome) = issue();
    let stored = rig.stored("example.test");
    stored.verify(&rig.pebble.root());
    assert_eq!(stored.names(), ["*.example.test", "example.test"]);
    let [certificate, key] = stored.public_keys();
    assert_eq!(certificate, key);
    let fullchain = stored.read("cert.pem") + &stored.read("chain.pem");
    assert_eq!(stored.read("fullchain.pem"), fullchain);
    assert_eq!(outcome.certificate().get("serial"), Some(&Value::from(stored.serial())));
}

#[test]
fn files_are_private_and_those_of_lego_stand_beside() {
    let (rig, outcome) = issue();
    let stored = rig.stored("example.test");
    let files = ["fullchain.pem", "cert.pem", "chain.pem", "privkey.pem", "certificate.json"];
    let beside = ["crt", "issuer.crt", "key", "json"];
    let files = files.map(|file| stored.file(file)).into_iter();
    for file in files.chain(beside.map(|extension| stored.beside(extension))) {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    for path in tree(&rig.path()) {
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{}", path.display());
    }
    let same = |extension, file| {
        let beside = std::fs::read_to_string(stored.beside(extension)).unwrap();
        assert_eq!(beside, stored.read(file), "{extension}");
    };
    same("crt", "fullchain.pem");
    same("issuer.crt", "chain.pem");
    same("key", "privkey.pem");
    let path = outcome.certificate().get("path").and_then(Value::as_str).map(PathBuf::from);
    assert_eq!(path, Some(rig.path().join("certificates/example.test")));
}

#[test]
fn the_result_says_what_is_stored() {
    let (_rig, outcome) = issue();
    let certificate = outcome.certificate();
    let get = |member: &str| certificate.get(member).cloned().unwrap_or(Value::from("absent"));
    assert_eq!(get("name"), "example.test");
    assert_eq!(get("domains"), Value::from(["example.test", "*.example.test"].to_vec()));
    assert_eq!(get("error"), Value::Null);
    assert!(get("not_after").as_str().unwrap_or("").contains('T'), "{certificate}");
}

/// Everything in `folder`, links followed.
fn tree(folder: &Path) -> Vec<PathBuf> {
    let mut paths = vec![folder.to_owned()];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { paths.extend(tree(&path)) } else { paths.push(path) }
    }
    paths
}
