//! A second run leaves alone what is not due, unless it is forced.

use wildcert_tests::Rig;

#[test]
fn a_second_run_asks_the_ca_nothing() {
    let rig = Rig::start();
    let run = || rig.run().args(["--dns", "rfc2136"]).domains(["example.test", "*.example.test"]);
    let first = run().run();
    assert_eq!(first.status(), (Some(0), "issued".to_owned()), "{first}");
    let serial = rig.stored("example.test").serial();
    let requests = rig.pebble.requests();
    assert_eq!(rig.pebble.count("POST /order-plz"), 1, "{requests:?}");

    let second = run().run();
    assert_eq!(second.status(), (Some(0), "unchanged".to_owned()), "{second}");
    assert_eq!(rig.pebble.requests(), requests);
    assert_eq!(rig.stored("example.test").serial(), serial);
    assert_eq!(rig.bind.updates("example.test").len(), 2);
}

#[test]
fn a_forced_run_renews_with_the_same_account() {
    let rig = Rig::start();
    let run = || rig.run().args(["--dns", "rfc2136", "--force"]).domains(["example.test"]);
    let first = run().run();
    assert_eq!(first.status(), (Some(0), "issued".to_owned()), "{first}");
    let stored = rig.stored("example.test");
    let serial = stored.serial();

    let second = run().run();
    assert_eq!(second.status(), (Some(0), "renewed".to_owned()), "{second}");
    assert_eq!(rig.pebble.count("POST /sign-me-up"), 1, "{:?}", rig.pebble.requests());
    assert_ne!(stored.serial(), serial);
    stored.verify(&rig.pebble.root());
    let [certificate, key] = stored.public_keys();
    assert_eq!(certificate, key);
}
