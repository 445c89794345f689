//! What others do wrong: a CA that refuses nonces, credentials and providers that are wrong.

use wildcert_tests::{
    Algorithm, Bind, Binding, EXAMPLE, FOREIGN, Pebble, PebbleOptions, Rig, Wildcert, target,
};

fn run(rig: &Rig) -> Wildcert {
    rig.run().domains(["example.test", "*.example.test"])
}

#[test]
fn nine_of_ten_nonces_refused() {
    let options = PebbleOptions { nonce_reject: 90, ..PebbleOptions::default() };
    let rig = Rig::with(&options, &[EXAMPLE]);
    let outcome = run(&rig).args(["--dns", "rfc2136"]).run();
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
}

#[test]
fn a_ca_that_sees_no_record_is_told_of_and_the_records_go() {
    let mut rig = Rig::start();
    let elsewhere = Bind::start(&[EXAMPLE]);
    rig.pebble = Pebble::start(elsewhere.server(), &PebbleOptions::default());
    let outcome = run(&rig).args(["--dns", "rfc2136"]).run();
    assert_eq!(outcome.status(), (Some(1), "failed".to_owned()), "{outcome}");
    assert_eq!(outcome.error("kind"), "acme");
    assert!(outcome.error("message").contains("example.test"), "{outcome}");
    assert_eq!(rig.bind.updates("example.test").len(), 2);
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
    assert_eq!(rig.pebble.count("POST /finalize-order/"), 0);
}

#[test]
fn a_ca_for_customers_only_wants_a_binding() {
    let binding = Binding {
        kid: "customer-1".to_owned(),
        hmac: "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W".to_owned(),
    };
    let options = PebbleOptions { binding: Some(binding.clone()), ..PebbleOptions::default() };
    let rig = Rig::with(&options, &[EXAMPLE]);
    let without = run(&rig).args(["--dns", "rfc2136"]).run();
    assert_eq!(without.status(), (Some(1), "failed".to_owned()), "{without}");
    assert_eq!(without.error("kind"), "account");
    assert!(without.error("hint").contains("--eab-kid"), "{without}");

    let keys = ["--eab-kid", &binding.kid, "--eab-hmac-key", &binding.hmac];
    let with = run(&rig).args(["--dns", "rfc2136"]).args(keys).run();
    assert_eq!(with.status(), (Some(0), "issued".to_owned()), "{with}");
    assert!(!format!("{with}").contains(&binding.hmac), "{with}");
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

#[test]
fn a_module_that_is_not_there_says_what_dns_takes() {
    let rig = Rig::start();
    let outcome = run(&rig).args(["--dns", "./absent.wasm"]).run();
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.error("message").contains("absent.wasm"), "{outcome}");
    assert!(outcome.error("hint").contains("wildcert providers list"), "{outcome}");
}
