//! What the manuals of CAs tell their customers to do with other clients.

use std::{fs, path::Path, process::Command};

use serde_json::Value;
use wildcert_tests::{
    Binding, EXAMPLE, FOREIGN, Outcome, PebbleOptions, Rig, Wildcert, built, command, mode,
    repository, succeed,
};

const KID: &str = "kid-of-example";
const MAC: &str = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

/// Pebble with `-strict`, for customers only.
fn bound() -> Rig {
    let binding = Some(Binding { kid: KID.to_owned(), hmac: MAC.to_owned() });
    Rig::with(&PebbleOptions { binding, ..PebbleOptions::default() }, &[EXAMPLE])
}

/// The words of SECOM's manual for lego, with `wildcert` and `--dns rfc2136` in their places; what the
/// loopback needs comes by the environment and at the end.
fn manual(rig: &Rig, line: &str) -> Wildcert {
    let line = line
        .replace("URL", &rig.pebble.directory())
        .replace("MAC", MAC)
        .replace("KID", KID)
        .replace("DIR", rig.path().to_str().unwrap());
    let mut words = line.split_whitespace();
    assert_eq!(words.next(), Some("wildcert"));
    let words: Vec<&str> = words.collect();
    let dns = words.contains(&"run") || words.contains(&"renew");
    Wildcert::new(rig.home())
        .args(words)
        .args(rig.nameservers().iter().filter(|_| dns))
        .env("LEGO_CA_CERTIFICATES", rig.pebble.ca_bundle())
        .tsig(&rig.bind, wildcert_tests::Algorithm::HmacSha256)
}

fn openssl(words: &[&str], file: &Path) -> String {
    succeed(command("openssl").args(words).arg("-in").arg(file))
}

/// The first issue, as the manual writes it but for the agreement to the terms.
const FIRST: &str = "wildcert -s URL --eab --hmac MAC --kid KID -d example.test -m a@example.test \
                     --dns rfc2136 --key-type rsa2048 --path DIR --accept-tos run";

#[test]
fn the_first_issue_leaves_the_four_files_that_the_manual_names() {
    let rig = bound();
    let outcome = manual(&rig, FIRST).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(!outcome.to_string().contains(MAC), "{outcome}");

    let file = |name: &str| rig.path().join("certificates").join(name);
    let [crt, issuer, key, json] =
        ["crt", "issuer.crt", "key", "json"].map(|ending| file(&format!("example.test.{ending}")));
    let text = openssl(&["x509", "-noout", "-text"], &crt);
    assert!(text.contains("Public-Key: (2048 bit)") && text.contains("rsaEncryption"), "{text}");
    assert!(text.contains("DNS:example.test"), "{text}");
    let own = openssl(&["x509", "-noout", "-issuer"], &crt);
    let above = openssl(&["x509", "-noout", "-subject"], &issuer);
    assert_eq!(own.split_once('=').unwrap().1.trim(), above.split_once('=').unwrap().1.trim());
    let public = openssl(&["x509", "-noout", "-pubkey"], &crt);
    assert_eq!(openssl(&["pkey", "-pubout"], &key), public);
    assert_eq!(mode(&key), 0o600);
    let json: Value = serde_json::from_str(&fs::read_to_string(json).unwrap()).unwrap();
    assert_eq!(json["domain"], "example.test");
    assert!(json["certUrl"].as_str().unwrap().starts_with("https://localhost:"), "{json}");
    rig.stored("example.test").verify(&rig.pebble.root());
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
}

#[test]
fn several_names_and_a_pfx_whose_password_others_need_not_see() {
    let several = "wildcert -s URL --eab --hmac MAC --kid KID -d example.test -d www.example.test \
                   -d mail.example.test -m a@example.test --dns rfc2136 --key-type rsa2048 \
                   --path DIR --accept-tos";
    let rig = bound();
    let opens = |password: &str| {
        let pfx = rig.path().join("certificates/example.test.pfx");
        let mut openssl = command("openssl");
        openssl.args(["pkcs12", "-noout", "-passin", &format!("pass:{password}"), "-in"]);
        openssl.arg(pfx).output().unwrap().status.success()
    };
    let outcome = manual(&rig, &format!("{several} --pfx --pfx.pass in-the-manual run")).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let names = ["example.test", "mail.example.test", "www.example.test"];
    assert_eq!(rig.stored("example.test").names(), names);
    assert!(opens("in-the-manual") && !opens("other"));

    let again = format!("{several} --pfx run --force");
    let password = rig.home().join("password");
    fs::write(&password, "in-a-file\n").unwrap();
    let by_file = manual(&rig, &again).args(["--pfx-password-file"]).args([&password]).start();
    assert!(!by_file.command_line().contains("in-a-file"));
    let by_file = by_file.finish();
    assert_eq!(by_file.code, Some(0), "{by_file}");
    assert!(opens("in-a-file") && !opens("in-the-manual"));

    for variable in ["WILDCERT_PFX_PASSWORD", "LEGO_PFX_PASSWORD"] {
        let outcome = manual(&rig, &again).env(variable, variable.to_lowercase()).run();
        assert_eq!(outcome.code, Some(0), "{outcome}");
        assert!(opens(&variable.to_lowercase()), "{outcome}");
    }
    let nothing = manual(&rig, &again).run();
    assert_eq!(nothing.code, Some(2), "{nothing}");
    assert!(nothing.stderr.contains("--pfx-password-file"), "{nothing}");
}

/// `-s URL … -d NAME -m MAIL --dns rfc2136 --key-type rsa2048 WORDS`.
fn later(rig: &Rig, words: &str) -> Outcome {
    let options = "-s URL --eab --hmac MAC --kid KID -d example.test -m a@example.test \
                   --dns rfc2136 --key-type rsa2048 --path DIR";
    manual(rig, &format!("wildcert {options} {words}")).run()
}

#[test]
fn renewals_wait_for_their_days_or_are_forced() {
    let rig = bound();
    let first = manual(&rig, FIRST).run();
    assert_eq!(first.code, Some(0), "{first}");
    let serial = || rig.stored("example.test").serial();
    let (before, requests) = (serial(), rig.pebble.requests().len());
    for words in ["renew --days 10", "renew", "run"] {
        let outcome = later(&rig, words);
        assert_eq!((outcome.code, serial()), (Some(0), before.clone()), "{words}: {outcome}");
    }
    let asked = rig.pebble.requests().split_off(requests);
    assert!(asked.is_empty(), "nothing is asked of the CA: {asked:?}");

    let mut serials = vec![before];
    // Pebble's certificates live for five years.
    for words in ["renew --days 2000", "renew --force", "renew --renew-force", "run --days 2000"] {
        let outcome = later(&rig, words);
        assert_eq!(outcome.code, Some(0), "{words}: {outcome}");
        assert!(!serials.contains(&serial()), "{words}: {outcome}");
        serials.push(serial());
    }
    let text = openssl(&["x509", "-noout", "-text"], &rig.stored("example.test").file("cert.pem"));
    assert!(text.contains("Public-Key: (2048 bit)"), "{text}");
}

#[test]
fn a_certificate_is_revoked_for_a_reason_by_number_or_name() {
    let reasons = [
        ("0", 0),
        ("1", 1),
        ("3", 3),
        ("4", 4),
        ("5", 5),
        ("unspecified", 0),
        ("keyCompromise", 1),
        ("affiliationChanged", 3),
        ("superseded", 4),
        ("cessationOfOperation", 5),
    ];
    let rig = bound();
    for (index, (reason, number)) in reasons.into_iter().enumerate() {
        let words = if index == 0 { FIRST } else { &format!("{FIRST} --force") };
        let issued = manual(&rig, words).run();
        assert_eq!(issued.code, Some(0), "{issued}");
        let serial = rig.stored("example.test").serial();
        assert_eq!(rig.pebble.status(&serial)["Status"], "Valid");
        // The manual has the option on either side.
        let words = match index % 2 {
            0 => format!("--reason {reason} revoke"),
            _ => format!("revoke --reason {reason}"),
        };
        let revoked = later(&rig, &words);
        assert_eq!(revoked.code, Some(0), "{words}: {revoked}");
        let status = rig.pebble.status(&serial);
        assert_eq!(status["Status"], "Revoked", "{words}: {revoked}");
        assert_eq!(status["Reason"], number, "{words}: {status}");
    }
    let wrong = later(&rig, "revoke --reason because");
    assert_eq!(wrong.code, Some(2), "{wrong}");
    assert!(wrong.stderr.contains("superseded (4)"), "{wrong}");
}

#[test]
fn who_leaves_http_in_the_command_is_told_what_goes_there() {
    let rig = bound();
    for word in ["--http", "--tls"] {
        let outcome = manual(&rig, &FIRST.replace("--dns rfc2136", word)).run();
        assert_eq!(outcome.code, Some(2), "{outcome}");
        assert!(outcome.stderr.contains("put --dns ID in its place"), "{outcome}");
        assert_eq!(outcome.stderr.matches("error:").count(), 1, "{outcome}");
    }
}

/// The text that SECOM's customers get: a command for certbot.
#[test]
fn the_file_with_a_certbot_command_gives_server_and_credentials() {
    let rig = bound();
    let file = rig.home().join("eab.txt");
    let server = rig.pebble.directory();
    let text = format!(
        "sudo certbot --server {server} --eab-hmac-key {MAC} --eab-kid {KID} -d example.test \
         --key-type rsa\r\n"
    );
    fs::write(&file, text).unwrap();
    let line = "wildcert --eab-file eab.txt -d example.test -m a@example.test --dns rfc2136 \
                --key-type rsa2048 --path DIR --accept-tos run";
    let outcome = manual(&rig, line).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(!outcome.to_string().contains(MAC), "{outcome}");
    let account = manual(&rig, "wildcert --path DIR accounts show --json").run().json();
    assert_eq!(account["accounts"][0]["server"], server, "{account}");
    assert_eq!(account["accounts"][0]["status"], "valid", "{account}");
}

/// Runs a command line on a terminal, with `answer` typed there.
fn on_a_terminal(rig: &Rig, line: &str, answer: &str) -> String {
    let line = line
        .replacen("wildcert", built("wildcert").to_str().unwrap(), 1)
        .replace("URL", &rig.pebble.directory())
        .replace("MAC", MAC)
        .replace("KID", KID)
        .replace("DIR", rig.path().to_str().unwrap());
    let line = format!("{line} {}; echo exit $?", rig.nameservers().join(" "));
    let secret = rig.bind.secret(wildcert_tests::Algorithm::HmacSha256);
    let mut script = command("script");
    script.args(["-qec", &line, "/dev/null"]).current_dir(rig.home());
    script
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TERM", "xterm")
        .env("LEGO_CA_CERTIFICATES", rig.pebble.ca_bundle())
        .env("RFC2136_NAMESERVER", rig.bind.server().address())
        .env("RFC2136_TSIG_ALGORITHM", "hmac-sha256")
        .env("RFC2136_TSIG_KEY", "key256")
        .env("RFC2136_TSIG_SECRET", secret);
    let typed = rig.home().join("typed");
    fs::write(&typed, answer).unwrap();
    succeed(script.stdin(fs::File::open(typed).unwrap()))
}

#[test]
fn the_terms_are_agreed_to_at_a_terminal_or_by_option() {
    let rig = bound();
    let asking = FIRST.replace(" --accept-tos", "");
    let alone = manual(&rig, &asking).run();
    assert_eq!(alone.code, Some(1), "{alone}");
    assert!(alone.stderr.contains("--accept-tos"), "nobody is there to be asked: {alone}");
    let refused = on_a_terminal(&rig, &asking, "n\n");
    assert!(refused.contains("Y/n") && refused.contains("exit 1"), "{refused}");
    assert_eq!(rig.pebble.count("POST /sign-me-up"), 0, "{refused}");
    let agreed = on_a_terminal(&rig, &asking, "y\n");
    assert!(agreed.contains("Y/n") && agreed.contains("exit 0"), "{agreed}");
    assert_eq!(rig.stored("example.test").names(), ["example.test"]);
    // Nobody is asked twice.
    let again = on_a_terminal(&rig, &format!("{asking} --force"), "");
    assert!(!again.contains("Y/n") && again.contains("exit 0"), "{again}");
}

#[test]
fn the_script_for_jprs_does_what_it_says() {
    let rig = bound();
    let address = rig.bind.server().address();
    let secret = rig.bind.secret(wildcert_tests::Algorithm::HmacSha256);
    let programs = built("wildcert").parent().unwrap().to_owned();
    let path = std::env::join_paths([programs.as_path(), Path::new("/usr/bin"), Path::new("/bin")]);
    let mut script = Command::new("sh");
    script
        .arg(repository().join("docs/guide/manuals/jprs.sh"))
        .args(rig.nameservers())
        .current_dir(rig.home())
        .env_clear()
        .env("PATH", path.unwrap())
        .env("WILDCERT_PATH", rig.path())
        .env("LEGO_CA_CERTIFICATES", rig.pebble.ca_bundle())
        .env("SERVER", rig.pebble.directory())
        .env("DOMAIN", "example.test")
        .env("EMAIL", "a@example.test")
        .env("DNS", "rfc2136")
        .env("DNS_OPT", format!("RFC2136_NAMESERVER={address}"))
        .env("WILDCERT_EAB_KID", KID)
        .env("WILDCERT_EAB_HMAC_KEY", MAC)
        .env("RFC2136_TSIG_ALGORITHM", "hmac-sha256")
        .env("RFC2136_TSIG_KEY", "key256")
        .env("RFC2136_TSIG_SECRET", secret);
    let said = succeed(&mut script);
    assert!(!said.contains(MAC) && !said.contains(secret), "{said}");

    // The account: URL, status, key.
    for wanted in ["/my-account/", "valid", "ES256", "a@example.test, ops@example.test"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    // The first certificate's facts, by openssl.
    let archive = rig.path().join("certificates/.archive/example.test");
    let [first, second] = ["0001", "0002"].map(|version| archive.join(version).join("cert.pem"));
    let fact = |words: &[&str], file: &Path| {
        let text = openssl(&[&["x509", "-noout"], words].concat(), file);
        text.trim().split_once('=').unwrap().1.replace(':', "").to_lowercase()
    };
    let serial = |file: &Path| fact(&["-serial"], file);
    let thumbprint = fact(&["-fingerprint", "-sha1"], &first);
    assert_ne!(serial(&first), serial(&second), "it was renewed by force");
    let json = said.split("\n{\n").nth(1).map(|rest| format!("{{\n{rest}"));
    let json = json.as_deref().and_then(|rest| rest.split("\n}\n").next());
    let json: Value = serde_json::from_str(&format!("{}\n}}", json.unwrap())).unwrap();
    assert_eq!(json["fingerprint_sha1"], thumbprint);
    assert_eq!(json["key_bits"], 256);
    let names = ["example.test", "www.example.test", "mail.example.test"];
    assert_eq!(json["domains"], Value::from(names.to_vec()));
    let until = json["not_after"].as_str().unwrap();
    let end = openssl(&["x509", "-noout", "-enddate", "-dateopt", "iso_8601"], &first);
    assert_eq!(end.trim().trim_start_matches("notAfter=").replace(' ', "T"), until);
    // The table has the same facts, after the issue and when asked for.
    for wanted in [
        thumbprint.as_str(),
        until.split('T').next().unwrap(),
        "256 bits",
        &names.join(", "),
        json["subject"].as_str().unwrap(),
    ] {
        assert!(said.matches(wanted).count() >= 2, "{wanted}: {said}");
    }
    assert_eq!(rig.pebble.status(&serial(&second))["Status"], "Revoked");
    assert_eq!(rig.pebble.status(&serial(&second))["Reason"], 5);
    assert_eq!(rig.pebble.status(&serial(&first))["Status"], "Valid");
    assert_eq!(rig.challenge_values("example.test"), [FOREIGN]);
}

/// What `run --json` tells of a certificate is enough to know it by.
#[test]
fn programs_get_the_facts_of_a_new_certificate() {
    let rig = bound();
    let outcome = manual(&rig, FIRST).args(["--json"]).run();
    let told = outcome.certificate();
    let shown = manual(&rig, "wildcert show example.test --path DIR --json").run().json();
    for member in [
        "domains",
        "fingerprint_sha1",
        "fingerprint_sha256",
        "issuer",
        "key_bits",
        "key_type",
        "not_after",
        "not_before",
        "serial",
        "subject",
    ] {
        assert!(!told[member].is_null(), "{member}: {outcome}");
        assert_eq!(told[member], shown[member], "{member}");
    }
    assert_eq!((&told["key_type"], &told["key_bits"]), (&"rsa2048".into(), &2048.into()));
}
