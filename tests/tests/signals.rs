//! Runs that are stopped or killed while a server has no record yet.

use wildcert_tests::{Bind, FOREIGN, Rig, Running, Wildcert, Zone};

/// The rig, and a second server of the zone that never gets the records.
fn start() -> (Rig, Bind, Running) {
    let rig = Rig::start();
    let laggard = Bind::start(&[Zone { name: "example.test", lines: "" }]);
    let running = run(&rig)
        .args(["--nameserver", &format!("example.test={}", laggard.server().address())])
        .start();
    Rig::wait("the records", || rig.challenge_values("example.test").len() == 3);
    (rig, laggard, running)
}

fn run(rig: &Rig) -> Wildcert {
    rig.run().args(["--dns", "rfc2136"]).domains(["example.test", "*.example.test"])
}

fn stopped_by(signal: &str, code: i32) {
    let (rig, _laggard, running) = start();
    running.signal(signal);
    let outcome = running.finish();
    assert_eq!(outcome.status(), (Some(code), "failed".to_owned()), "{outcome}");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN], "{outcome}");
    assert!(outcome.error("message").contains(&format!("SIG{signal}")), "{outcome}");

    let next = run(&rig).run();
    assert_eq!(next.status(), (Some(0), "issued".to_owned()), "{next}");
}

#[test]
fn sigint_removes_the_records() {
    stopped_by("INT", 130);
}

#[test]
fn sigterm_removes_the_records() {
    stopped_by("TERM", 143);
}

#[test]
fn the_run_after_a_killed_one_removes_its_records() {
    let (rig, _laggard, running) = start();
    running.signal("KILL");
    let killed = running.finish();
    assert_eq!(killed.code, None, "{killed}");
    assert_eq!(rig.challenge_values("example.test").len(), 3, "{killed}");

    let next = run(&rig).run();
    assert_eq!(next.status(), (Some(0), "issued".to_owned()), "{next}");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN], "{next}");
}

#[test]
fn cleanup_removes_the_records_of_a_killed_run() {
    let (rig, _laggard, running) = start();
    running.signal("KILL");
    running.finish();
    let cleanup = rig.wildcert("cleanup").run();
    assert_eq!(cleanup.code, Some(0), "{cleanup}");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN], "{cleanup}");
}

#[test]
fn a_server_that_never_gets_the_records_is_named() {
    let rig = Rig::start();
    let laggard = Bind::start(&[Zone { name: "example.test", lines: "" }]);
    let outcome = run(&rig)
        .args(["--nameserver", &format!("example.test={}", laggard.server().address())])
        .env("RFC2136_PROPAGATION_TIMEOUT", "1")
        .run();
    assert_eq!(outcome.status(), (Some(1), "failed".to_owned()), "{outcome}");
    assert_eq!(outcome.error("kind"), "dns");
    assert!(outcome.error("message").contains(&laggard.server().address()), "{outcome}");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
}
