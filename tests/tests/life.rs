//! What a certificate can be, and what becomes of it: kinds, forms, record, revocation, removal.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use wildcert_sandbox::{Policy, SandboxOptions};
use wildcert_tests::{Outcome, Rig, SandboxRig, Wildcert, command, mode};

const NAME: &str = "example.test";

fn issued(run: Wildcert) -> Value {
    let outcome = run.run();
    assert_eq!(outcome.status(), (Some(0), "issued".to_owned()), "{outcome}");
    outcome.certificate()
}

fn renewed(renew: Wildcert) -> Outcome {
    let outcome = renew.run();
    assert_eq!(outcome.status(), (Some(0), "renewed".to_owned()), "{outcome}");
    outcome
}

fn done(command: Wildcert) -> Outcome {
    let outcome = command.run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    outcome
}

/// What openssl prints.
fn openssl<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> String {
    let output = command("openssl").args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "openssl: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

fn x509(file: &Path, fact: &str) -> String {
    openssl(["x509", "-noout", fact, "-in", file.to_str().unwrap()])
}

fn show(rig: &SandboxRig, name: &str) -> Value {
    done(rig.wildcert(&["show", "--json", name])).json()
}

#[test]
fn keys_are_of_every_kind_that_the_ca_takes() {
    let rig = SandboxRig::start(Policy { ed25519: true, ..Policy::default() });
    let kinds = [
        ("ec256", "ASN1 OID: prime256v1"),
        ("ec384", "ASN1 OID: secp384r1"),
        ("rsa2048", "Public-Key: (2048 bit)"),
        ("rsa3072", "Public-Key: (3072 bit)"),
        ("rsa4096", "Public-Key: (4096 bit)"),
        ("ed25519", "ED25519 Public-Key"),
    ];
    for (kind, expected) in kinds {
        let name = format!("{kind}.{NAME}");
        issued(rig.run().args(["-k", kind]).domains([&name]));
        let stored = rig.stored(&name);
        let text = x509(&stored.file("cert.pem"), "-text");
        assert!(text.contains(expected), "{kind}: {text}");
        let [certificate, key] = stored.public_keys();
        assert_eq!(certificate, key, "{kind}");
        stored.verify(rig.sandbox.issuer_root_pem());
        assert_eq!(show(&rig, &name)["key_type"], kind);
    }
    // The kind is kept.
    renewed(rig.renew().args(["--force", "ec384.example.test"]));
    assert_eq!(show(&rig, "ec384.example.test")["key_type"], "ec384");

    let strict = SandboxRig::start(Policy::default());
    let refused = strict.run().args(["-k", "ed25519"]).domains([NAME]).run();
    assert_eq!(refused.status(), (Some(1), "failed".to_owned()), "{refused}");
    assert!(refused.error("message").contains("badCSR"), "{refused}");
}

#[test]
fn a_key_is_kept_where_that_is_wanted_and_new_otherwise() {
    let rig = SandboxRig::start(Policy::default());
    issued(rig.run().args(["--reuse-key"]).domains([NAME]));
    let stored = rig.stored(NAME);
    let first = (stored.public_keys(), stored.serial());
    renewed(rig.renew().args(["--force"]));
    assert_eq!(stored.public_keys(), first.0);
    assert_ne!(stored.serial(), first.1);

    issued(rig.run().domains(["www.example.test"]));
    let stored = rig.stored("www.example.test");
    let first = stored.public_keys();
    renewed(rig.renew().args(["--force", "www.example.test"]));
    assert_ne!(stored.public_keys(), first);
}

#[test]
fn a_request_from_elsewhere_is_certified_without_its_private_key() {
    let rig = SandboxRig::start(Policy::default());
    for (form, names) in [("PEM", ["a", "b"]), ("DER", ["c", "d"])] {
        let [first, second] = names.map(|name| format!("{name}.{NAME}"));
        let [key, csr] = ["key", "csr"].map(|file| rig.home().join(format!("{form}.{file}")));
        let alternatives = format!("subjectAltName=DNS:{first},DNS:{second}");
        let curve = "ec_paramgen_curve:P-256";
        let make = ["req", "-new", "-newkey", "ec", "-pkeyopt", curve, "-nodes", "-subj", "/"];
        let make = make.map(str::to_owned).into_iter();
        let files = ["-keyout", key.to_str().unwrap(), "-out", csr.to_str().unwrap()];
        let more = ["-outform", form, "-addext", &alternatives];
        openssl(make.chain(files.into_iter().chain(more).map(str::to_owned)));
        let wanted = openssl(["pkey", "-pubout", "-in", key.to_str().unwrap()]);
        fs::remove_file(&key).unwrap();

        issued(rig.run().args([OsStr::new("--csr"), csr.as_os_str()]));
        let stored = rig.stored(&first);
        assert_eq!(stored.names(), [first.clone(), second]);
        assert_eq!(x509(&stored.file("cert.pem"), "-pubkey"), wanted);
        for absent in [stored.file("privkey.pem"), stored.beside("key")] {
            assert!(!absent.exists(), "{}", absent.display());
        }
        // The store has the request itself.
        fs::remove_file(&csr).unwrap();
        renewed(rig.renew().args(["--force", &first]));
        assert_eq!(x509(&stored.file("cert.pem"), "-pubkey"), wanted);
        assert!(!stored.file("privkey.pem").exists());

        let pem = rig.renew().args(["--force", "--pem", &first]).run();
        assert_eq!(pem.status().1, "failed", "{pem}");
        assert!(pem.error("message").contains("private key"), "{pem}");
    }
}

#[test]
fn profiles_are_those_that_the_ca_offers() {
    let rig = SandboxRig::start(Policy::default());
    issued(rig.run().args(["--profile", "shortlived"]).domains([NAME]));
    let ends_within = |days: u32| {
        let seconds = (days * 24 * 60 * 60).to_string();
        let file = rig.stored(NAME).file("cert.pem");
        let arguments = ["x509", "-noout", "-checkend", &seconds, "-in"];
        !command("openssl").args(arguments).arg(file).output().unwrap().status.success()
    };
    assert!(ends_within(7) && !ends_within(5));
    // It is kept, and another one is a reason for another certificate.
    renewed(rig.renew().args(["--force"]));
    assert!(ends_within(7));
    let other = renewed(rig.run().args(["--profile", "classic"]).domains([NAME]));
    assert_eq!(other.certificate()["due"], "profile");
    assert!(!ends_within(80));

    let asked = rig.answers("newOrder").len();
    let unknown = rig.run().args(["--profile", "shortlive"]).domains(["www.example.test"]).run();
    assert_eq!(unknown.status(), (Some(1), "failed".to_owned()), "{unknown}");
    let hint = unknown.error("hint");
    assert!(["`shortlived`", "classic"].iter().all(|name| hint.contains(name)), "{unknown}");
    assert_eq!(rig.answers("newOrder").len(), asked);
}

#[test]
fn the_chain_leads_to_the_preferred_root() {
    let rig = Rig::start();
    let alternate = rig.home().join("alternate.pem");
    fs::write(&alternate, rig.pebble.alternate_root()).unwrap();
    let subject = x509(&alternate, "-subject");
    let name = subject.trim().rsplit_once("CN = ").unwrap().1;
    let run = || rig.run().args(["--dns", "rfc2136"]).domains([NAME]);
    issued(run());
    rig.stored(NAME).verify(&rig.pebble.root());
    renewed(run().args(["--force", "--preferred-chain", name]));
    rig.stored(NAME).verify(&rig.pebble.alternate_root());
    // It is kept, and a root that the CA does not have is told.
    let renew = || {
        let renew = rig.wildcert("renew").args(["--json", "--force", "--ca-bundle"]);
        renew.args([rig.pebble.ca_bundle()]).args(rig.nameservers())
    };
    renewed(renew());
    rig.stored(NAME).verify(&rig.pebble.alternate_root());
    let unknown = renewed(renew().args(["--preferred-chain", "Nobody's Root"]));
    assert!(unknown.stderr.contains("no chain to `Nobody's Root`"), "{unknown}");
    rig.stored(NAME).verify(&rig.pebble.root());
}

#[test]
fn an_end_can_be_asked_for() {
    let rig = SandboxRig::start(Policy::default());
    let date = command("date").args(["-u", "-d", "+10 days", "+%FT%TZ"]).output().unwrap();
    let end = String::from_utf8(date.stdout).unwrap().trim().to_owned();
    let certificate = issued(rig.run().args(["--not-after", &end]).domains([NAME]));
    assert_eq!(certificate["not_after"], json!(end));
    let late = rig.run().args(["--not-after", "2999-01-01T00:00:00Z", "--force"]);
    let late = late.domains([NAME]).run();
    assert_eq!(late.status(), (Some(1), "failed".to_owned()), "{late}");
    assert!(late.error("message").contains("longer than that of the profile"), "{late}");
}

#[test]
fn international_names_are_taken_as_they_are_and_shown_both_ways() {
    let zones = vec!["xn--r8jz45g.test.".to_owned()];
    let rig = SandboxRig::with(SandboxOptions { zones, ..SandboxOptions::default() });
    let run = || rig.issue().args(rig.nameserver("xn--r8jz45g.test"));
    let told = done(run().args(["--with-www"]).domains(["例え.test"])).stdout;
    let shown = done(rig.wildcert(&["show", "xn--r8jz45g.test"])).stdout;
    let listed = done(rig.wildcert(&["list"])).stdout;
    for text in [&told, &shown, &listed] {
        assert!(text.contains("xn--r8jz45g.test") && text.contains("例え.test"), "{text}");
    }
    let names = ["www.xn--r8jz45g.test", "xn--r8jz45g.test"];
    assert_eq!(rig.stored("xn--r8jz45g.test").names(), names);
    // Programs are told one form, the one that is in the certificate.
    let domains = ["xn--r8jz45g.test", "www.xn--r8jz45g.test"];
    assert_eq!(show(&rig, "xn--r8jz45g.test")["domains"], json!(domains));
    let again = run().args(["--json"]).domains(["xn--r8jz45g.test", "www.例え.test"]).run();
    assert_eq!(again.status(), (Some(0), "unchanged".to_owned()), "{again}");
}

#[test]
fn a_name_covers_its_www() {
    let rig = SandboxRig::start(Policy::default());
    let names = [NAME, "*.a.example.test", "www.b.example.test"];
    issued(rig.run().args(["--with-www"]).domains(names));
    let expected = ["*.a.example.test", NAME, "www.b.example.test", "www.example.test"];
    assert_eq!(rig.stored(NAME).names(), expected);
}

#[test]
fn other_forms_stand_beside_and_are_kept() {
    let rig = SandboxRig::start(Policy::default());
    let run = rig.run().args(["--pem", "--der", "--pfx"]).domains([NAME]);
    issued(run.env("WILDCERT_PFX_PASSWORD", "pässword"));
    let stored = rig.stored(NAME);
    let certificates = rig.path().join("certificates");
    let check = |password: &str| {
        let links = [("pem", "combined.pem"), ("der", "certificate.der"), ("pfx", "bundle.pfx")];
        for (ending, file) in links {
            let target = fs::read_link(stored.beside(ending)).unwrap();
            assert_eq!(target, PathBuf::from(NAME).join(file));
            assert_eq!(mode(&certificates.join(target)), 0o600, "{file}");
        }
        let fingerprint = x509(&stored.file("cert.pem"), "-fingerprint");
        let der = stored.file("certificate.der");
        let arguments = ["x509", "-noout", "-fingerprint", "-inform", "DER", "-in"];
        assert_eq!(openssl(arguments.into_iter().chain(der.to_str())), fingerprint);
        assert_eq!(x509(&stored.file("combined.pem"), "-fingerprint"), fingerprint);
        let [public, _] = stored.public_keys();
        let of = |arguments: &[&str], file: &str| {
            let file = stored.file(file);
            openssl(arguments.iter().copied().chain(file.to_str()))
        };
        assert_eq!(of(&["pkey", "-pubout", "-inform", "DER", "-in"], "privkey.der"), public);
        assert_eq!(of(&["pkey", "-pubout", "-in"], "combined.pem"), public);
        let bundle = stored.file("bundle.pfx");
        let password = format!("pass:{password}");
        let open = ["pkcs12", "-nodes", "-passin", &password, "-in"];
        let content = openssl(open.into_iter().chain(bundle.to_str()));
        assert_eq!(content.matches("BEGIN CERTIFICATE").count(), 2, "{content}");
        assert_eq!(content.matches("BEGIN PRIVATE KEY").count(), 1, "{content}");
    };
    check("pässword");

    let password = rig.home().join("password");
    fs::write(&password, "another\n").unwrap();
    let nobody = rig.renew().args(["--force"]).run();
    assert_eq!(nobody.status().1, "failed", "{nobody}");
    assert!(nobody.error("message").contains("--pfx-password-file"), "{nobody}");
    renewed(rig.renew().args(["--force", "--pfx-password-file", "password"]));
    check("another");
}
