//! Many names, several zones, delegated challenges.

use wildcert_tests::{Outcome, PebbleOptions, Rig, Zone};

const PARENT: Zone = Zone {
    name: "example.test",
    lines: "child NS ns.child\n\
            ns.child A 127.0.0.1\n\
            _acme-challenge.alias CNAME alias.other.test.\n\
            *.wild CNAME elsewhere.other.test.",
};
const CHILD: Zone = Zone { name: "child.example.test", lines: "" };
const OTHER: Zone = Zone { name: "other.test", lines: "" };

fn issue(names: &[String]) -> (Rig, Outcome) {
    let rig = Rig::with(&PebbleOptions::default(), &[PARENT, CHILD, OTHER]);
    let outcome = rig.run().args(["--dns", "rfc2136"]).domains(names).run();
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
    (rig, outcome)
}

/// The owner names that got a value in `zone`, each once.
fn owners(rig: &Rig, zone: &str) -> Vec<String> {
    let updates = rig.bind.updates(zone);
    let added = updates.into_iter().flat_map(|update| update.added);
    let mut owners: Vec<String> = added.map(|(owner, _)| owner).collect();
    owners.sort();
    owners.dedup();
    owners
}

/// Every value that was added has been removed.
fn clean(rig: &Rig) {
    for zone in [PARENT, CHILD, OTHER] {
        let updates = rig.bind.updates(zone.name);
        let mut added: Vec<_> = updates.iter().flat_map(|update| &update.added).collect();
        let mut deleted: Vec<_> = updates.iter().flat_map(|update| &update.deleted).collect();
        added.sort();
        deleted.sort();
        assert_eq!(added, deleted, "{}", zone.name);
    }
}

#[test]
fn fifty_names_in_one_certificate() {
    let mut names: Vec<String> = (0..50).map(|n| format!("n{n:02}.example.test")).collect();
    let (rig, _) = issue(&names);
    names.sort();
    assert_eq!(rig.stored("n00.example.test").names(), names);
    let owners = owners(&rig, "example.test");
    assert_eq!(owners, names.iter().map(|n| format!("_acme-challenge.{n}")).collect::<Vec<_>>());
    clean(&rig);
}

#[test]
fn two_zones_and_a_delegated_child() {
    let names = ["example.test", "www.child.example.test", "*.child.example.test", "other.test"];
    let (rig, _) = issue(&names.map(str::to_owned));
    assert_eq!(owners(&rig, "example.test"), ["_acme-challenge.example.test"]);
    assert_eq!(
        owners(&rig, "child.example.test"),
        ["_acme-challenge.child.example.test", "_acme-challenge.www.child.example.test"]
    );
    assert_eq!(owners(&rig, "other.test"), ["_acme-challenge.other.test"]);
    clean(&rig);
}

#[test]
fn a_challenge_delegated_by_cname() {
    let names = ["alias.example.test", "*.alias.example.test"].map(str::to_owned);
    let (rig, _) = issue(&names);
    assert_eq!(owners(&rig, "example.test"), [""; 0]);
    assert_eq!(owners(&rig, "other.test"), ["alias.other.test"]);
    clean(&rig);
}

#[test]
fn a_cname_that_only_a_wildcard_makes_is_not_followed() {
    let (rig, _) = issue(&["host.wild.example.test".to_owned()]);
    assert_eq!(owners(&rig, "example.test"), ["_acme-challenge.host.wild.example.test"]);
    assert_eq!(owners(&rig, "other.test"), [""; 0]);
    clean(&rig);
}
