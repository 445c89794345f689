//! The same certificate through every form of provider: native and WebAssembly, by path and by id.

use std::path::Path;

use wildcert_tests::{
    Algorithm, FOREIGN, Form, Outcome, Pebble, PebbleOptions, PowerDns, Rig, Wildcert, provider,
};

const NAMES: [&str; 2] = ["example.test", "*.example.test"];

#[test]
fn native_module_by_path() {
    by_path(&provider("rfc2136", Form::Native));
}

#[test]
fn wasm_module_by_path() {
    by_path(&provider("rfc2136", Form::Wasm));
}

fn by_path(module: &Path) {
    let rig = Rig::start();
    let outcome = rig.run().args([Path::new("--dns"), module]).domains(NAMES).run();
    issued(&outcome);
    assert_eq!(rig.bind.updates("example.test").first().map(|update| update.added.len()), Some(2));
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
    rig.stored("example.test").verify(&rig.pebble.root());
}

#[test]
fn every_tsig_algorithm() {
    let rig = Rig::start();
    for algorithm in Algorithm::ALL {
        let name = format!("{}.example.test", algorithm.name());
        let run = rig.run().tsig(&rig.bind, algorithm).args(["--dns", "rfc2136"]);
        issued(&run.domains([name]).run());
    }
}

#[test]
fn powerdns_through_its_api() {
    let pdns = PowerDns::start(&["example.test"]);
    pdns.add_txt("example.test", "_acme-challenge", FOREIGN);
    let pebble = Pebble::start(pdns.server(), &PebbleOptions::default());
    let home = tempfile::tempdir().unwrap();
    let nameserver = format!("example.test={}", pdns.server().address());
    let outcome = Wildcert::new(home.path())
        .args(["run", "--json", "-a", "-m", "a@example.test", "--path", "state"])
        .args(["--server", &pebble.directory(), "--ca-bundle"])
        .args([pebble.ca_bundle()])
        .args(["--nameserver", &nameserver, "--dns", "pdns"])
        .env("PDNS_API_URL", pdns.api())
        .env("PDNS_API_KEY", PowerDns::API_KEY)
        .domains(NAMES)
        .run();
    issued(&outcome);
    assert_eq!(pdns.txt("_acme-challenge.example.test"), [FOREIGN]);
}

fn issued(outcome: &Outcome) {
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
}
