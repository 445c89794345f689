//! Certificates and providers of a configuration file.

use std::{collections::BTreeMap, fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use serde_json::Value;
use tempfile::TempDir;
use wildcert_tests::{
    Algorithm, Bind, Outcome, Pebble, PebbleOptions, PowerDns, Rig, Wildcert, Zone,
};

/// BIND with two zones, each of which another key may change, PowerDNS with a third, and Pebble.
struct Site {
    bind: Bind,
    pdns: PowerDns,
    pebble: Pebble,
    home: TempDir,
}

const ONE: Zone = Zone { name: "one.test", lines: "_acme-challenge.alias CNAME alias.two.test." };
const TWO: Zone = Zone { name: "two.test", lines: "" };

impl Site {
    fn start() -> Self {
        let pdns = PowerDns::start(&["three.test"]);
        let zones = [(ONE, &[Algorithm::HmacSha256][..]), (TWO, &[Algorithm::HmacSha512][..])];
        let bind = Bind::with(&zones, &[("three.test", pdns.server())]);
        let pebble = Pebble::start(bind.server(), &PebbleOptions::default());
        let home = TempDir::with_prefix("wildcert-config-").unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
        Self { bind, pdns, pebble, home }
    }

    /// Writes the file: the CA, the servers, `top`, the three instances and then `certificates`.
    fn configure(&self, top: &str, secret_of_two: &str, certificates: &str) -> PathBuf {
        let (bind, pdns) = (self.bind.server().address(), self.pdns.server().address());
        let text = format!(
            "path = \"state\"\nemail = \"a@example.test\"\naccept-tos = true\nserver = \"own\"\n\
             ca-bundle = \"{bundle}\"\n{top}\n\
             [cas.own]\nserver = \"{server}\"\n\
             [providers.one]\nprovider = \"rfc2136\"\nzones = \"one.test\"\n\
             [providers.one.settings]\nnameserver = \"{bind}\"\ntsig-key = \"key256\"\n\
             tsig-algorithm = \"hmac-sha256\"\ntsig-secret = {{ file = \"one.secret\" }}\n\
             [providers.two]\nprovider = \"rfc2136\"\nzones = \"two.test\"\n\
             [providers.two.settings]\nnameserver = \"{bind}\"\ntsig-key = \"key512\"\n\
             tsig-algorithm = \"hmac-sha512\"\ntsig-secret = \"{secret_of_two}\"\n\
             [providers.three]\nprovider = \"pdns\"\nzones = \"three.test\"\n\
             [providers.three.settings]\napi-url = \"{api}\"\n\
             api-key = {{ command = [\"/bin/echo\", \"{key}\"] }}\n\
             {certificates}\n",
            bundle = self.pebble.ca_bundle().display(),
            server = self.pebble.directory(),
            api = self.pdns.api(),
            key = PowerDns::API_KEY,
        );
        let servers = format!(
            "nameservers = [\"one.test={bind}\", \"two.test={bind}\", \"three.test={pdns}\"]\n"
        );
        let text = if top.contains("nameservers") { text } else { servers + &text };
        let secret = self.bind.secret(Algorithm::HmacSha256);
        self.write("one.secret", &format!("{secret}\n"));
        self.write("wildcert.toml", &text)
    }

    fn good(&self, certificates: &str) -> PathBuf {
        self.configure("", self.bind.secret(Algorithm::HmacSha512), certificates)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.home.path().join(name);
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn wildcert(&self, words: &[&str]) -> Wildcert {
        let file = self.home.path().join("wildcert.toml");
        Wildcert::new(self.home.path()).args(words).args(["--config"]).args([file])
    }

    fn run(&self) -> Outcome {
        self.wildcert(&["run", "--json"]).run()
    }

    /// What is left at the challenge's names in all three zones.
    fn left(&self) -> Vec<String> {
        let names = ["one.test", "two.test", "alias.two.test", "deep.one.test"];
        let of_bind = names.iter().flat_map(|name| self.bind.txt(&challenge(name)));
        let aliases = self.bind.txt("alias.two.test");
        let of_pdns = self.pdns.txt(&challenge("three.test"));
        of_bind.chain(aliases).chain(of_pdns).collect()
    }
}

fn challenge(name: &str) -> String {
    format!("_acme-challenge.{name}")
}

/// The status of each certificate.
fn statuses(outcome: &Outcome) -> BTreeMap<String, String> {
    let json = outcome.json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let certificates = json["certificates"].as_array().unwrap().iter();
    certificates.map(|one| (text(&one["name"]), text(&one["status"]))).collect()
}

const THREE_ZONES: &str = "[certificates.all]\ndomains = [\"one.test\", \"*.two.test\", \"three.test\", \"deep.one.test\"]";

#[test]
fn one_certificate_over_three_zones_with_three_providers() {
    let site = Site::start();
    site.good(THREE_ZONES);
    // Of two instances of one provider a variable cannot say which it means.
    let outcome = site.wildcert(&["run", "--json"]).env("RFC2136_TSIG_SECRET", "d3Jvbmc=").run();
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
    for zone in ["one.test", "two.test"] {
        assert!(!site.bind.updates(zone).is_empty(), "{zone} was not changed: {outcome}");
    }
    assert_eq!(site.left(), [""; 0]);
    let again = site.run();
    assert_eq!(again.status(), (Some(0), "unchanged".to_owned()), "{again}");

    // The only instance of its provider: the environment goes first.
    let wrong = site.wildcert(&["run", "--json", "--force"]).env("PDNS_API_KEY", "wrong").run();
    assert_eq!(wrong.status(), (Some(1), "failed".to_owned()), "{wrong}");
    assert!(wrong.error("message").contains("`three`"), "{wrong}");
    assert_eq!(site.left(), [""; 0]);
}

#[test]
fn a_broken_provider_is_named_and_nothing_is_left_in_the_zones_of_the_others() {
    let site = Site::start();
    let wrong = site.bind.secret(Algorithm::HmacSha384);
    site.configure("", wrong, THREE_ZONES);
    let outcome = site.run();
    assert_eq!(outcome.status(), (Some(1), "failed".to_owned()), "{outcome}");
    assert_eq!(outcome.error("kind"), "auth", "{outcome}");
    let message = outcome.error("message");
    assert!(message.contains("`two`") && message.contains("two.test"), "{outcome}");
    assert!(!outcome.to_string().contains(wrong), "{outcome}");
    assert_eq!(site.left(), [""; 0]);
    assert_eq!(site.pebble.count("POST /finalize-order/"), 0);
}

#[test]
fn of_five_certificates_four_are_issued() {
    let site = Site::start();
    site.good(
        "[certificates.a]\ndomains = \"a.one.test\"\n\
         [certificates.b]\ndomains = \"b.two.test\"\nkey-type = \"ec384\"\n\
         [certificates.c]\ndomains = \"nobodys.test\"\n\
         [certificates.d]\ndomains = \"d.three.test\"\n\
         [certificates.e]\ndomains = \"e.one.test\"\npem = true",
    );
    let outcome = site.run();
    assert_eq!(outcome.code, Some(3), "{outcome}");
    let told = statuses(&outcome);
    let expected = ["issued", "issued", "failed", "issued", "issued"];
    assert_eq!(told.keys().map(String::as_str).collect::<Vec<_>>(), ["a", "b", "c", "d", "e"]);
    assert_eq!(told.values().map(String::as_str).collect::<Vec<_>>(), expected, "{outcome}");
    assert!(site.home.path().join("state/certificates/e/combined.pem").exists());

    // What the file says anew makes a certificate due, for `renew` too.
    site.good(
        "[certificates.a]\ndomains = \"a.one.test\"\nkey-type = \"ec384\"\n\
         [certificates.b]\ndomains = [\"b.two.test\", \"b.three.test\"]",
    );
    let renewed = site.wildcert(&["renew", "--json"]).run();
    assert_eq!(renewed.code, Some(0), "{renewed}");
    let dues: BTreeMap<String, Value> = renewed.json()["certificates"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap().to_owned(), one["due"].clone()))
        .collect();
    let due = |name: &str| dues[name].as_str().map(str::to_owned);
    assert_eq!(due("a").as_deref(), Some("key"), "{renewed}");
    assert_eq!(due("b").as_deref(), Some("domains"), "{renewed}");
    assert_eq!((due("d"), due("e")), (None, None), "{renewed}");
    let named = site.wildcert(&["run", "b", "--json"]).run();
    assert_eq!(named.status(), (Some(0), "unchanged".to_owned()), "{named}");
    assert_eq!(site.left(), [""; 0]);
}

#[test]
fn a_name_that_leads_into_the_zone_of_another_instance_is_left_to_that_one() {
    let site = Site::start();
    site.good("[certificates.alias]\ndomains = \"alias.one.test\"");
    let outcome = site.run();
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
    assert!(site.bind.updates("one.test").is_empty());
    assert!(!site.bind.updates("two.test").is_empty());
    assert_eq!(site.left(), [""; 0]);
}

#[test]
fn after_kill_9_cleanup_has_the_secrets_of_the_file() {
    let site = Site::start();
    let laggard = Bind::start(&[Zone { name: "one.test", lines: "" }]);
    let (bind, late) = (site.bind.server().address(), laggard.server().address());
    let servers =
        format!("nameservers = [\"one.test={bind}\", \"two.test={bind}\", \"one.test={late}\"]");
    let secret = site.bind.secret(Algorithm::HmacSha512);
    let certificates = "[certificates.both]\ndomains = [\"one.test\", \"two.test\"]";
    site.configure(&servers, secret, certificates);
    let running = site.wildcert(&["run"]).start();
    let there = |name: &str| site.bind.txt(&challenge(name)).len() == 1;
    Rig::wait("the records", || there("one.test") && there("two.test"));
    running.signal("KILL");
    running.finish();
    assert_eq!(site.left().len(), 2);
    let state = site.home.path().join("state");
    let without = Wildcert::new(site.home.path()).args(["cleanup", "--path"]).args([state]).run();
    assert_eq!((without.code, site.left().len()), (Some(1), 2), "{without}");
    let cleanup = site.wildcert(&["cleanup"]).run();
    assert_eq!(cleanup.code, Some(0), "{cleanup}");
    assert_eq!(site.left(), [""; 0], "{cleanup}");
}

#[test]
fn check_tells_all_faults_and_sends_nothing() {
    let site = Site::start();
    let file = site.good(THREE_ZONES);
    let good = site.wildcert(&["config", "check"]).run();
    assert_eq!(good.code, Some(0), "{good}");
    assert!(!good.stderr.contains("warning"), "{good}");

    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let readable = site.wildcert(&["config", "check"]).run();
    assert!(readable.stderr.contains("providers.two.settings.tsig-secret"), "{readable}");
    assert!(!readable.stderr.contains("tsig-key"), "no secret: {readable}");

    fs::remove_file(site.home.path().join("one.secret")).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("api-url", "api-ulr")).unwrap();
    let bad = site.wildcert(&["config", "check", "--json"]).run();
    assert_eq!(bad.code, Some(4), "{bad}");
    let told = bad.stdout.as_str();
    for part in ["providers.one.settings.tsig-secret", "PDNS_API_URL", "api-ulr", "`three`"] {
        assert!(told.contains(part), "{part}: {bad}");
    }
    assert_eq!(site.pebble.requests(), [""; 0]);
    assert!(!site.home.path().join("state").exists(), "it wrote something");

    fs::write(&file, text.replace("accept-tos", "accept-tso").replace("\"all\"", "1")).unwrap();
    for words in [&["config", "check"][..], &["list"], &["run"]] {
        let broken = site.wildcert(words).run();
        assert_eq!(broken.code, Some(4), "{broken}");
        assert!(broken.stderr.contains("did you mean `accept-tos`"), "{broken}");
    }
}

#[test]
fn show_says_where_each_value_comes_from() {
    let site = Site::start();
    let file = site.good("key-type = \"rsa2048\"");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(
        &file,
        format!("key-type = \"rsa3072\"\n{}", text.replace("key-type = \"rsa2048\"", "")),
    )
    .unwrap();
    let show = |words: &[&str]| {
        let words = [&["config", "show", "--json"], words].concat();
        let wildcert = site.wildcert(&words).env("WILDCERT_EMAIL", "b@example.test");
        let wildcert = wildcert.env("PDNS_API_KEY", "hush").env("RFC2136_TSIG_KEY", "other");
        let outcome = wildcert.run();
        assert_eq!(outcome.code, Some(0), "{outcome}");
        for secret in ["hush", site.bind.secret(Algorithm::HmacSha512)] {
            assert!(!outcome.to_string().contains(secret), "{outcome}");
        }
        let json = outcome.json();
        move |key: &str| {
            let values = json["values"].as_array().unwrap();
            let found = values.iter().find(|one| one["key"] == key);
            let one = found.unwrap_or_else(|| panic!("no {key}: {json:#}")).clone();
            let text = |member: &str| one[member].as_str().unwrap_or_default().to_owned();
            (text("value"), text("from"), text("name"), one["line"].as_u64())
        }
    };
    let own = |value: &str, from: &str, name: &str, line: Option<u64>| {
        (value.to_owned(), from.to_owned(), name.to_owned(), line)
    };
    let of = show(&[]);
    assert_eq!(of("email"), own("b@example.test", "variable", "WILDCERT_EMAIL", None));
    assert_eq!(of("key-type"), own("rsa3072", "file", "", Some(1)));
    assert_eq!(of("account-key"), own("ec256", "default", "", None));
    let (key, from, name, _) = of("providers.three.settings.api-key");
    assert_eq!((key.as_str(), from.as_str(), name.as_str()), ("****", "variable", "PDNS_API_KEY"));
    let (key, from, ..) = of("providers.two.settings.tsig-key");
    assert_eq!((key.as_str(), from.as_str()), ("key512", "file"), "two instances: the file's");
    let (secret, from, ..) = of("providers.two.settings.tsig-secret");
    assert_eq!((secret.as_str(), from.as_str()), ("****", "file"));
    assert_eq!(of("lang"), own("en", "default", "", None));
    let of = show(&["-k", "ec384", "-m", "c@example.test", "--lang", "ja"]);
    assert_eq!(of("lang"), own("ja", "option", "--lang", None));
    assert_eq!(of("key-type"), own("ec384", "option", "--key-type", None));
    assert_eq!(of("email"), own("c@example.test", "option", "--email", None));
}
