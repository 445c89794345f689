//! The servers themselves, tried with somebody else's tools.

use wildcert_tests::{FOREIGN, PowerDns, Rig};

#[test]
fn bind_takes_updates_and_tells_them_apart() {
    let rig = Rig::start();
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
    rig.bind.nsupdate(
        "update add _acme-challenge.example.test 60 TXT one\n\
         update add _acme-challenge.example.test 60 TXT two",
    );
    rig.bind.nsupdate("update delete _acme-challenge.example.test TXT one");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN, "two"]);
    let updates = rig.bind.updates("example.test");
    let counts = updates.iter().map(|update| (update.added.len(), update.deleted.len()));
    assert_eq!(counts.collect::<Vec<_>>(), [(2, 0), (0, 1)]);
}

#[test]
fn powerdns_answers_and_takes_records() {
    let pdns = PowerDns::start(&["example.test"]);
    pdns.add_txt("example.test", "_acme-challenge", FOREIGN);
    assert_eq!(pdns.txt("_acme-challenge.example.test"), [FOREIGN]);
}
