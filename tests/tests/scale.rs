//! Ten thousand certificates in one store.

use std::time::Duration;

use wildcert_sandbox::Policy;
use wildcert_tests::{SandboxRig, multiply};

const MANY: usize = 10_000;
const LIMIT: u64 = 100 * 1024 * 1024;

#[test]
fn with_ten_thousand_certificates_nothing_is_asked_and_little_memory_is_needed() {
    let rig = SandboxRig::start(Policy::default());
    let issued = rig.run().domains(["example.test"]).run();
    assert_eq!(issued.status(), (Some(0), "issued".to_owned()), "{issued}");
    let renewed = rig.renew().run();
    assert_eq!(renewed.status(), (Some(0), "unchanged".to_owned()), "{renewed}");
    multiply(&rig.path(), "example.test", MANY);

    let asked = rig.sandbox.requests().len();
    let (list, memory) = rig.wildcert(&["list"]).run_measured();
    assert_eq!(list.code, Some(0), "{}", list.stderr);
    assert_eq!(list.stdout.lines().count(), MANY + 2, "{}", list.stderr);
    assert!(memory < LIMIT, "list: {memory} bytes");

    let status = rig.wildcert(&["status"]).run();
    assert_eq!(status.code, Some(0), "{}", status.stderr);
    assert_eq!(status.stdout.lines().count(), MANY + 2, "{}", status.stderr);
    assert!(status.took < Duration::from_secs(5), "status: {:?}", status.took);

    let (renew, memory) = rig.renew().run_measured();
    assert_eq!(renew.code, Some(0), "{}", renew.stderr);
    let certificates = renew.json();
    let certificates = certificates["certificates"].as_array().unwrap();
    assert_eq!(certificates.len(), MANY + 1);
    assert!(certificates.iter().all(|one| one["status"] == "unchanged"));
    assert!(memory < LIMIT, "renew: {memory} bytes");
    assert_eq!(rig.sandbox.requests().len(), asked);
}
