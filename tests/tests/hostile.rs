//! A provider that does its worst ends its own call, nothing else.

use std::{
    net::{TcpListener, UdpSocket},
    path::Path,
    time::Duration,
};

use wildcert_tests::{FOREIGN, Outcome, Rig, built};

/// Runs the provider `tests/guests/hostile` in `mode`, then a good one with the same state.
fn misbehave(mode: &str, target: &str) -> Outcome {
    let rig = Rig::start();
    let module = built("guests/hostile.wasm");
    let names = ["example.test", "*.example.test"];
    let outcome = rig
        .run()
        .args([Path::new("--dns"), &module])
        .env("HOSTILE_MODE", mode)
        .env("HOSTILE_TARGET", target)
        .domains(names)
        .run();
    assert!(matches!(outcome.code, Some(1 | 4)), "{outcome}");

    let next = rig.run().args(["--dns", "rfc2136"]).domains(names).run();
    assert_eq!(next.status(), (Some(0), "issued".to_owned()), "{next}");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
    outcome
}

#[test]
fn a_loop_is_cut() {
    let outcome = misbehave("loop", "");
    assert!(outcome.error("message").contains("CPU"), "{outcome}");
    assert!(outcome.took < Duration::from_secs(60), "{outcome}");
}

#[test]
fn memory_is_bounded() {
    let outcome = misbehave("memory", "");
    assert!(outcome.error("message").contains("memory"), "{outcome}");
}

#[test]
fn a_panic_is_an_error() {
    let outcome = misbehave("panic", "");
    assert!(outcome.error("message").contains("hostile"), "{outcome}");
}

#[test]
fn http_to_an_undeclared_address_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let target = listener.local_addr().unwrap().to_string();
    let outcome = misbehave("http", &target);
    assert!(outcome.error("message").contains(&target), "{outcome}");
    assert!(listener.accept().is_err(), "the guest got through: {outcome}");
}

#[test]
fn dns_to_an_undeclared_address_is_refused() {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    socket.set_nonblocking(true).unwrap();
    let target = socket.local_addr().unwrap().to_string();
    let outcome = misbehave("dns", &target);
    assert!(outcome.error("message").contains(&target), "{outcome}");
    assert!(socket.recv(&mut [0; 12]).is_err(), "the guest got through: {outcome}");
}
