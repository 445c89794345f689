//! What others do wrong: a CA that refuses nonces, credentials and providers that are wrong.

use wildcert_tests::{Algorithm, FOREIGN, PebbleOptions, Rig, Wildcert, target};

fn run(rig: &Rig) -> Wildcert {
    rig.run().domains(["example.test", "*.example.test"])
}

#[test]
fn nine_of_ten_nonces_refused() {
    let options = PebbleOptions { nonce_reject: 90, ..PebbleOptions::default() };
    let rig = Rig::with(&options, &[wildcert_tests::EXAMPLE]);
    let outcome = run(&rig).args(["--dns", "rfc2136"]).run();
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
}

#[test]
fn a_wrong_tsig_secret_says_which_setting_to_look_at() {
    let rig = Rig::start();
    let wrong = rig.bind.secret(Algorithm::HmacSha512);
    let outcome = run(&rig).args(["--dns", "rfc2136"]).env("RFC2136_TSIG_SECRET", wrong).run();
    assert_eq!(outcome.status(), (Some(1), "failed".to_owned()), "{outcome}");
    assert_eq!(outcome.error("kind"), "auth");
    assert!(outcome.error("hint").contains("RFC2136_TSIG_SECRET"), "{outcome}");
    assert!(!format!("{outcome}").contains(wrong), "{outcome}");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
    assert!(rig.bind.updates("example.test").is_empty());
    // Each of the two authorizations is fetched, and deactivated afterwards, which ends the order.
    let requests = rig.pebble.requests();
    assert_eq!(rig.pebble.count("POST /authZ/"), 4, "{requests:?}");
    assert_eq!(rig.pebble.count("POST /chalZ/"), 0, "{requests:?}");
}

#[test]
fn missing_settings_are_named_at_once_before_the_ca_is_asked() {
    let rig = Rig::start();
    let outcome =
        run(&rig).args(["--dns", "pdns"]).env("PDNS_API_URL", "").env("PDNS_API_KEY", "").run();
    assert_ne!(outcome.code, Some(0), "{outcome}");
    let text = outcome.to_string();
    assert!(text.contains("PDNS_API_URL") && text.contains("PDNS_API_KEY"), "{outcome}");
    assert_eq!(rig.pebble.requests(), [""; 0], "{outcome}");
}

#[test]
fn an_unknown_provider_names_the_folders_and_near_names() {
    let rig = Rig::start();
    let folder = rig.home().join("own-providers");
    std::fs::create_dir(&folder).unwrap();
    let outcome = run(&rig).args(["--dns", "rfc2163", "--provider-dir"]).args([&folder]).run();
    assert_ne!(outcome.code, Some(0), "{outcome}");
    let text = outcome.to_string();
    assert!(text.contains("`rfc2136`"), "{outcome}");
    let beside = target().join("providers");
    for searched in [folder, beside, rig.path().join("providers")] {
        assert!(
            text.contains(&searched.display().to_string()),
            "{}: {outcome}",
            searched.display()
        );
    }
    assert_eq!(rig.pebble.requests(), [""; 0], "{outcome}");
}
