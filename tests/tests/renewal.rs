//! When certificates are renewed: as the CA suggests (RFC 9773), else by their lifetime.

use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use wildcert_sandbox::{Policy, RenewalWindow};
use wildcert_tests::{Acme2certifier, FOREIGN, Outcome, Rig, SandboxRig, Wildcert};

const NAME: &str = "example.test";

/// A sandbox, and a certificate that lives for 90 days.
fn issued() -> SandboxRig {
    let rig = SandboxRig::start(Policy::default());
    let outcome = rig.run().domains([NAME]).run();
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
    rig
}

/// The outcome's status, and why the stored certificate did not do.
fn result(outcome: &Outcome) -> (String, Option<String>) {
    let certificate = outcome.certificate();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let due = certificate.get("due").and_then(Value::as_str).map(str::to_owned);
    (outcome.status().1, due)
}

fn unchanged() -> (String, Option<String>) {
    ("unchanged".to_owned(), None)
}

fn renewed(why: &str) -> (String, Option<String>) {
    ("renewed".to_owned(), Some(why.to_owned()))
}

/// A window that begins and ends so many days from now.
fn window(start: i64, end: i64) -> RenewalWindow {
    let at = |days: i64| {
        let distance = Duration::from_secs(days.unsigned_abs() * 24 * 60 * 60);
        let now = SystemTime::now();
        if days < 0 { now - distance } else { now + distance }
    };
    RenewalWindow::new(at(start), at(end))
}

fn suggest(rig: &SandboxRig, window: RenewalWindow) {
    assert!(rig.sandbox.set_renewal_window(&rig.stored(NAME).serial(), window));
}

/// Changes a JSON file of the state.
fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    change(&mut value);
    fs::write(path, value.to_string()).unwrap();
}

/// Makes the stored certificate look old: 90 days of more than a year are left.
fn age(certificate: &Path) {
    edit(certificate, |info| info["not_before"] = json!("2020-01-01T00:00:00Z"));
}

#[test]
fn a_window_in_the_past_renews_at_once_and_the_order_says_what_it_replaces() {
    let rig = issued();
    suggest(&rig, window(-2, -1));
    let other = rig.home().join("other-machine");
    let copied = Command::new("cp").arg("-a").args([&rig.path(), &other]).status();
    assert!(copied.unwrap().success());

    assert_eq!(result(&rig.renew().run()), renewed("suggested"));
    assert_eq!(rig.answers("newOrder"), ["201", "201"]);
    assert_eq!(result(&rig.renew().run()), unchanged());

    // The CA knows what was replaced: who does so again orders without saying it.
    assert_eq!(result(&rig.ask("renew", &other).run()), renewed("suggested"));
    assert_eq!(rig.answers("newOrder"), ["201", "201", "409 alreadyReplaced", "201"]);
    assert_eq!(rig.challenge_values(), [""; 0]);
}

#[test]
fn a_window_in_the_future_leaves_even_an_old_certificate_alone() {
    let rig = issued();
    let file = rig.stored(NAME).file("certificate.json");
    suggest(&rig, window(30, 31));
    age(&file);
    assert_eq!(result(&rig.renew().run()), unchanged());
    assert_eq!(result(&rig.run().domains([NAME]).run()), unchanged());
    assert_eq!(rig.answers("newOrder"), ["201"]);
    // The same certificate, without the CA's word: less than a third is left.
    assert_eq!(result(&rig.renew().args(["--no-ari"]).run()), renewed("ending"));
}

#[test]
fn the_ca_is_asked_no_more_often_than_it_likes() {
    let rig = issued();
    suggest(&rig, window(30, 31));
    assert_eq!(result(&rig.renew().run()), unchanged());
    assert_eq!(rig.answers("renewalInfo"), ["200"]);
    let kept = rig.path().join("certificates/.renewal").join(format!("{NAME}.json"));

    // A window that it does not know of yet: its word of before holds, and nobody is asked.
    suggest(&rig, window(-2, -1));
    let before = rig.sandbox.requests().len();
    assert_eq!(result(&rig.renew().run()), unchanged());
    assert_eq!(result(&rig.run().domains([NAME]).run()), unchanged());
    assert_eq!(rig.sandbox.requests().len(), before);

    edit(&kept, |told| told["ask_again"] = json!("2020-01-01T00:00:00Z"));
    assert_eq!(result(&rig.renew().run()), renewed("suggested"));
    assert_eq!(rig.answers("renewalInfo"), ["200", "200"]);
}

#[test]
fn a_window_that_is_none_leaves_it_to_the_lifetime() {
    let rig = issued();
    suggest(&rig, window(-1, -2));
    assert_eq!(result(&rig.renew().run()), unchanged());
    assert_eq!(rig.answers("renewalInfo"), ["200"]);
    age(&rig.stored(NAME).file("certificate.json"));
    assert_eq!(result(&rig.renew().run()), renewed("ending"));
    // What could not be used is not asked for again at once.
    assert_eq!(rig.answers("renewalInfo"), ["200"]);
}

#[test]
fn a_ca_without_renewal_information_leaves_it_to_the_lifetime() {
    let rig = Rig::start();
    let outcome = rig.run().args(["--dns", "rfc2136"]).domains([NAME]).run();
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
    let renew = || {
        let renew = rig.wildcert("renew").args(["--json", "--ca-bundle"]);
        result(&renew.args([rig.pebble.ca_bundle()]).args(rig.nameservers()).run())
    };
    // Five years are left of those that Pebble gives.
    assert_eq!(renew(), unchanged());
    let before = rig.pebble.requests().len();
    assert_eq!(renew(), unchanged());
    assert_eq!(rig.pebble.requests().len(), before);
    edit(&rig.stored(NAME).file("certificate.json"), |info| {
        info["not_before"] = json!("2000-01-01T00:00:00Z");
    });
    assert_eq!(renew(), renewed("ending"));
    // The new one is as young as it says.
    assert_eq!(renew(), unchanged());
}

#[test]
fn days_force_and_no_ari_go_before_the_ca() {
    let rig = issued();
    suggest(&rig, window(-2, -1));
    // Its word is not heard where the user's decides.
    assert_eq!(result(&rig.renew().args(["--no-ari"]).run()), unchanged());
    assert_eq!(result(&rig.renew().args(["--no-ari", "--days", "10"]).run()), unchanged());
    assert_eq!(result(&rig.renew().args(["--days", "100"]).run()), renewed("ending"));
    assert_eq!(result(&rig.renew().args(["--force", "--days", "10"]).run()), renewed("forced"));
    assert_eq!(rig.answers("renewalInfo"), [""; 0]);
    // `--days` is kept, and the CA's earlier window still counts.
    assert_eq!(result(&rig.renew().run()), unchanged());
    suggest(&rig, window(-2, -1));
    let kept = rig.path().join("certificates/.renewal").join(format!("{NAME}.json"));
    fs::remove_file(kept).unwrap();
    assert_eq!(result(&rig.renew().args(["--days", "10"]).run()), renewed("suggested"));
}

#[test]
fn nothing_due_is_no_failure_and_told_only_on_demand() {
    let rig = issued();
    suggest(&rig, window(30, 31));
    let told = rig.renew().args(["--exit-code-unchanged"]).run();
    assert_eq!(told.status(), (Some(5), "unchanged".to_owned()), "{told}");
    let named = rig.renew().args([NAME]).run();
    assert_eq!(named.status(), (Some(0), "unchanged".to_owned()), "{named}");
    let unknown = rig.renew().args(["other.test"]).run();
    assert_eq!(unknown.code, Some(2), "{unknown}");
    assert!(unknown.stderr.contains("`other.test`"), "{unknown}");
}

/// Renewals at acme2certifier, with a window as its settings make it.
struct Witness {
    rig: Rig,
    ca: Acme2certifier,
}

impl Witness {
    fn issued(renewal: &str) -> Self {
        let rig = Rig::start();
        let ca = Acme2certifier::start(rig.bind.server(), renewal);
        let witness = Self { rig, ca };
        let run = witness.run().domains([NAME, "*.example.test"]).run();
        assert_eq!(run.status(), (Some(0), "issued".to_owned()), "{run}");
        witness.rig.stored(NAME).verify(witness.ca.root());
        witness
    }

    fn run(&self) -> Wildcert {
        let run = self.rig.wildcert("run").args(["--json", "-a", "-m", "a@example.test"]);
        let run = run.args(["--server", &self.ca.directory(), "--dns", "rfc2136"]);
        run.args(self.rig.nameservers())
    }

    fn renew(&self) -> (String, Option<String>) {
        let renew = self.rig.wildcert("renew").args(["--json"]);
        result(&renew.args(self.rig.nameservers()).run())
    }

    fn asked(&self) -> usize {
        self.ca.count("/acme/renewal-info/", 200)
    }
}

#[test]
fn another_ca_that_wants_a_renewal_gets_it() {
    // From the beginning of the certificate on, for a second.
    let past = "renewalthreshold_pctg: 0\nrenewal_window_duration: 1";
    let witness = Witness::issued(past);
    thread::sleep(Duration::from_secs(2));
    assert_eq!(witness.renew(), renewed("suggested"));
    assert_eq!(witness.asked(), 1);
    assert_eq!(witness.ca.count("/acme/neworders", 201), 2);
    witness.rig.stored(NAME).verify(witness.ca.root());
    assert_eq!(witness.rig.challenge_values(NAME), [FOREIGN]);
}

#[test]
fn another_ca_that_wants_none_yet_is_obeyed_and_asked_once() {
    let witness = Witness::issued("renewalthreshold_pctg: 50\nretry_after_timeout: 3600");
    age(&witness.rig.stored(NAME).file("certificate.json"));
    assert_eq!(witness.renew(), unchanged());
    assert_eq!(witness.renew(), unchanged());
    assert_eq!(witness.asked(), 1);
    assert_eq!(witness.ca.count("/directory", 200), 2);
    assert_eq!(witness.ca.count("/acme/neworders", 201), 1);

    let profile = |name| witness.run().args(["--profile", name]).domains(["www.example.test"]);
    let unknown = profile("pubilc").run();
    assert_eq!(unknown.status(), (Some(1), "failed".to_owned()), "{unknown}");
    let hint = unknown.error("hint");
    assert!(Acme2certifier::PROFILES.iter().all(|name| hint.contains(name)), "{unknown}");
    let known = profile("public").run();
    assert_eq!(known.status(), (Some(0), "issued".to_owned()), "{known}");
}
