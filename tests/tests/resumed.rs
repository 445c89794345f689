//! Orders of runs that were stopped are taken up again while the CA has them.

use std::{path::PathBuf, thread, time::Duration};

use wildcert_sandbox::{Policy, Problem, ProblemType};
use wildcert_tests::{Bind, Outcome, Rig, Running, SandboxRig, Wildcert, Zone, mode};

const NAME: &str = "example.test";
const WILDCARD: &str = "*.example.test";

/// A step of a run that the CA or the DNS has seen.
#[derive(Clone, Copy, Debug)]
enum Step {
    Ordered,
    Presented,
    Answered,
    Finalized,
}

/// A rig, and what keeps its runs from going on after a step.
struct Stage {
    rig: SandboxRig,
    /// A second server of the zone, which never gets the records.
    laggard: Bind,
}

impl Stage {
    fn set(policy: Policy) -> Self {
        let laggard = Bind::start(&[Zone { name: NAME, lines: "" }]);
        Self { rig: SandboxRig::start(policy), laggard }
    }

    fn wish(&self) -> Wildcert {
        self.rig.run().domains([NAME, WILDCARD])
    }

    /// A run that has come as far as `step`, and does not get much further.
    fn at(&self, step: Step) -> Running {
        let laggard = format!("--nameserver={NAME}={}", self.laggard.server().address());
        let wish = match step {
            Step::Ordered | Step::Presented => self.wish().args([laggard]),
            Step::Answered | Step::Finalized => self.wish(),
        };
        let running = wish.start();
        Rig::wait(&format!("{step:?}"), || match step {
            Step::Ordered => !self.rig.answers("newOrder").is_empty(),
            Step::Presented => self.rig.challenge_values().len() == 2,
            Step::Answered => !self.rig.answers("challenge").is_empty(),
            Step::Finalized => !self.rig.answers("finalize").is_empty(),
        });
        running
    }

    /// What is kept of the open order.
    fn kept(&self, file: &str) -> PathBuf {
        self.rig.path().join("certificates/.orders").join(NAME).join(file)
    }

    /// Nothing is left of the order, neither here nor in the zone.
    fn is_clean(&self, outcome: &Outcome) {
        assert_eq!(self.rig.challenge_values(), [""; 0], "{outcome}");
        assert!(!self.kept("").exists(), "{outcome}");
    }
}

/// A CA that takes its time for whatever it does after it was asked.
fn slow() -> Policy {
    Policy { processing: Duration::from_secs(3), ..Policy::default() }
}

fn stopped_and_resumed(signal: &str, step: Step) {
    let stage = Stage::set(slow());
    let running = stage.at(step);
    running.signal(signal);
    let stopped = running.finish();
    assert_ne!(stopped.code, Some(0), "{stopped}");
    if signal == "INT" {
        assert_eq!(stopped.code, Some(130), "{stopped}");
        assert_eq!(stage.rig.challenge_values(), [""; 0], "{stopped}");
    }
    if let Step::Finalized = step {
        assert_eq!(mode(&stage.kept("privkey.pem")), 0o600);
        assert_eq!(mode(&stage.kept("")), 0o700);
    }

    let next = stage.wish().run();
    assert_eq!(next.status(), (Some(0), "issued".to_owned()), "{next}");
    assert_eq!(stage.rig.answers("newOrder"), ["201"], "{signal} when {step:?}: {next}");
    assert_eq!(stage.rig.answers("finalize").len(), 1, "{signal} when {step:?}: {next}");
    let stored = stage.rig.stored(NAME);
    let [certificate, key] = stored.public_keys();
    assert_eq!(certificate, key);
    stored.verify(stage.rig.sandbox.issuer_root_pem());
    stage.is_clean(&next);
}

#[test]
fn an_interrupted_run_goes_on_with_its_order() {
    for step in [Step::Ordered, Step::Presented, Step::Answered, Step::Finalized] {
        stopped_and_resumed("INT", step);
    }
}

#[test]
fn a_killed_run_goes_on_with_its_order() {
    // Killed before it has noted the order, a run makes another one; after that it never does.
    for step in [Step::Presented, Step::Answered, Step::Finalized] {
        stopped_and_resumed("KILL", step);
    }
}

#[test]
fn a_certificate_that_was_issued_and_not_downloaded_is_fetched() {
    let stage = Stage::set(Policy::default());
    let problem = || Problem::new(ProblemType::ServerInternal, "the archive is away");
    stage.rig.sandbox.fail_always("certificate", problem());
    let failed = stage.wish().run();
    assert_eq!(failed.status(), (Some(1), "failed".to_owned()), "{failed}");
    assert_eq!(mode(&stage.kept("privkey.pem")), 0o600);
    let key = std::fs::read_to_string(stage.kept("privkey.pem")).unwrap();
    stage.rig.sandbox.clear_failures();

    let next = stage.wish().run();
    assert_eq!(next.status(), (Some(0), "issued".to_owned()), "{next}");
    assert_eq!(stage.rig.answers("newOrder"), ["201"], "{next}");
    assert_eq!(stage.rig.answers("finalize"), ["200"], "{next}");
    assert_eq!(stage.rig.stored(NAME).read("privkey.pem"), key);
    stage.is_clean(&next);
}

#[test]
fn an_order_that_is_taken_up_in_vain_keeps_its_key() {
    let stage = Stage::set(Policy::default());
    let problem = || Problem::new(ProblemType::ServerInternal, "the archive is away");
    stage.rig.sandbox.fail_always("certificate", problem());
    let mut keys = Vec::new();
    for _ in 0..3 {
        let failed = stage.wish().run();
        assert_eq!(failed.status(), (Some(1), "failed".to_owned()), "{failed}");
        keys.push(std::fs::read_to_string(stage.kept("privkey.pem")).unwrap());
    }
    assert!(keys.iter().all(|key| *key == keys[0]));
    stage.rig.sandbox.clear_failures();

    let next = stage.wish().run();
    assert_eq!(next.status(), (Some(0), "issued".to_owned()), "{next}");
    assert_eq!(stage.rig.answers("newOrder"), ["201"], "{next}");
    assert_eq!(stage.rig.answers("finalize"), ["200"], "{next}");
    assert_eq!(stage.rig.stored(NAME).read("privkey.pem"), keys[0]);
    stage.is_clean(&next);
}

#[test]
fn what_fails_before_the_ca_is_asked_leaves_the_order_as_it_was() {
    let stage = Stage::set(Policy::default());
    let problem = Problem::new(ProblemType::ServerInternal, "the archive is away");
    stage.rig.sandbox.fail_always("certificate", problem);
    stage.wish().run();
    stage.rig.sandbox.clear_failures();
    let kept = || std::fs::read_to_string(stage.kept("privkey.pem")).unwrap();
    let key = kept();
    let requests = stage.rig.sandbox.count(None);
    let mistaken = stage.wish().args(["--dns", "nosuch"]).run();
    assert_eq!(mistaken.status(), (Some(1), "failed".to_owned()), "{mistaken}");
    assert_eq!(stage.rig.sandbox.count(None), requests, "{mistaken}");
    assert_eq!(kept(), key);

    let next = stage.wish().run();
    assert_eq!(next.status(), (Some(0), "issued".to_owned()), "{next}");
    assert_eq!(stage.rig.answers("newOrder"), ["201"], "{next}");
    assert_eq!(stage.rig.stored(NAME).read("privkey.pem"), key);
    stage.is_clean(&next);
}

#[test]
fn another_wish_makes_another_order() {
    let wishes: [&[&str]; 3] = [
        &["-d", NAME, "-d", WILDCARD, "-k", "ec384"],
        &["-d", NAME, "-d", "www.example.test"],
        &["-d", NAME, "-d", WILDCARD, "--profile", "shortlived"],
    ];
    for wish in wishes {
        let stage = Stage::set(Policy::default());
        let running = stage.at(Step::Presented);
        running.signal("INT");
        running.finish();
        let next = stage.rig.run().args(wish).run();
        assert_eq!(next.status(), (Some(0), "issued".to_owned()), "{next}");
        assert_eq!(stage.rig.answers("newOrder"), ["201", "201"], "{wish:?}: {next}");
        stage.is_clean(&next);
    }
}

#[test]
fn an_order_that_has_expired_is_replaced() {
    let lifetime = Duration::from_secs(8);
    let stage = Stage::set(Policy { order_lifetime: lifetime, ..Policy::default() });
    let running = stage.at(Step::Presented);
    running.signal("KILL");
    running.finish();
    assert_eq!(stage.rig.challenge_values().len(), 2);
    thread::sleep(lifetime);
    let next = stage.wish().run();
    assert_eq!(next.status(), (Some(0), "issued".to_owned()), "{next}");
    assert_eq!(stage.rig.answers("newOrder"), ["201", "201"], "{next}");
    assert!(stage.rig.answers("order").contains(&"404 malformed".to_owned()), "{next}");
    stage.is_clean(&next);
}

#[test]
fn an_order_that_the_ca_has_refused_is_not_taken_up_again() {
    let stage = Stage::set(Policy::default());
    let problem = Problem::new(ProblemType::Unauthorized, "not this time");
    stage.rig.sandbox.fail_next("issuance", problem);
    let failed = stage.wish().run();
    assert_eq!(failed.status(), (Some(1), "failed".to_owned()), "{failed}");
    stage.is_clean(&failed);
    let next = stage.wish().run();
    assert_eq!(next.status(), (Some(0), "issued".to_owned()), "{next}");
    assert_eq!(stage.rig.answers("newOrder"), ["201", "201"], "{next}");
}
