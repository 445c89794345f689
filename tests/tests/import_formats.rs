//! Files of clients that Debian does not have, made here as those clients write them.

use std::{fs, path::Path};

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use tempfile::TempDir;
use wildcert_tests::{Outcome, Wildcert, command, mode};

const DIRECTORY: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// Writes a file with the folders above it.
fn write(path: &Path, content: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A certificate for `name` and its key, PEM.
fn certificate(name: &str) -> [String; 2] {
    let key = KeyPair::generate().unwrap();
    let names = vec![name.to_owned(), format!("*.{name}")];
    let certificate = CertificateParams::new(names).unwrap().self_signed(&key).unwrap();
    [certificate.pem(), key.serialize_pem()]
}

fn import(home: &Path, client: &str, folder: &Path, more: &[&str]) -> Outcome {
    let state = home.join("state");
    let words = ["import", "--json", "--from", client, "--path"];
    Wildcert::new(home).args(words).args([state.as_path(), folder]).args(more).run()
}

/// What became of a certificate: its status, and the kinds of its notes.
fn became(outcome: &Outcome, name: &str) -> String {
    let json = outcome.json();
    let all = json["certificates"].as_array().unwrap();
    let found = all.iter().find(|one| one["name"] == name);
    assert!(found.is_some(), "no {name}: {outcome}");
    let found = found.unwrap();
    let notes = found["notes"].as_array().unwrap().iter();
    let mut words = vec![found["status"].as_str().unwrap().to_owned()];
    for note in notes {
        assert_ne!(note["hint"], "", "{note}");
        words.push(note["kind"].as_str().unwrap().to_owned());
    }
    words.join(" ")
}

fn info(home: &Path, name: &str) -> Value {
    let path = home.join("state/certificates").join(name).join("certificate.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The settings that a stored certificate keeps of its provider.
fn settings(info: &Value) -> Vec<[String; 2]> {
    let recipe = &info["renewal"]["providers"][0];
    let settings = recipe["settings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    settings.map(|pair| [text(&pair[0]), text(&pair[1])]).collect()
}

fn base64(text: &str) -> String {
    format!("__ACME_BASE64__START_{}__ACME_BASE64__END_", STANDARD.encode(text))
}

/// A home of acme.sh with certificates of all kinds; the account's key is one of RSA.
fn acme_sh(home: &Path) -> std::path::PathBuf {
    let folder = home.join(".acme.sh");
    write(
        &folder.join("account.conf"),
        format!(
            "LOG_LEVEL=1\nACCOUNT_EMAIL='a@example.test'\nSAVED_CF_Token='first token'\n\
             SAVED_OWN_Key='{}'\n",
            base64("it's own")
        ),
    );
    let ca = folder.join("ca/acme-v02.api.letsencrypt.org/directory");
    let key = command("openssl").args(["genrsa", "-traditional", "2048"]).output().unwrap();
    write(&ca.join("account.key"), key.stdout);
    let url = "https://acme-v02.api.letsencrypt.org/acme/acct/11";
    write(&ca.join("ca.conf"), format!("CA_EMAIL='a@example.test'\nACCOUNT_URL='{url}'\n"));
    write(&ca.join("account.json"), r#"{"status":"valid","contact":[]}"#);
    write(&folder.join("dnsapi/dns_own.sh"), "dns_own_add() { true; }\n");
    for (name, ending, webroot, more) in [
        (
            "example.test",
            "_ecc",
            "dns_cf",
            format!(
                "Le_RenewalDays='60'\nLe_Preferred_Chain='{}'\nLe_RealKeyPath='/etc/x/the key'\n\
                 Le_ReloadCmd='{}'\n",
                base64("Example Root"),
                base64("reload \"$CERT_PATH\"")
            ),
        ),
        ("own.test", "", "dns_own", "Le_ForceNewDomainKey='1'\n".to_owned()),
        ("unheard.test", "", "dns_unheard", String::new()),
        ("web.test", "", "/var/www", String::new()),
        ("odd.test", "", "dns_cf", String::new()),
    ] {
        let own = folder.join(format!("{name}{ending}"));
        let [chain, mut key] = certificate(name);
        if name == "odd.test" {
            let words = ["ecparam", "-genkey", "-noout", "-name", "secp521r1"];
            key =
                String::from_utf8(command("openssl").args(words).output().unwrap().stdout).unwrap();
        }
        write(&own.join("fullchain.cer"), chain);
        write(&own.join(format!("{name}.key")), key);
        let conf = format!(
            "Le_Domain='{name}'\nLe_Alt='*.{name}'\nLe_Webroot='{webroot}'\nLe_API='{DIRECTORY}'\n{more}"
        );
        write(&own.join(format!("{name}.conf")), conf);
    }
    folder
}

#[test]
fn what_acme_sh_has_is_taken_and_the_rest_is_told() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let folder = acme_sh(home);
    let outcome = import(home, "acme.sh", &folder, &[]);
    assert_eq!(outcome.code, Some(3), "{outcome}");
    for (name, expected) in [
        ("example.test", "taken"),
        ("own.test", "taken"),
        ("unheard.test", "left no-provider"),
        ("web.test", "left not-dns"),
        ("odd.test", "left key"),
    ] {
        assert_eq!(became(&outcome, name), expected, "{outcome}");
    }
    let account = &outcome.json()["accounts"][0];
    assert_eq!(account["account"], "letsencrypt/a@example.test");
    assert_eq!(account["status"], "taken");
    assert_eq!(account["server"], DIRECTORY);

    let own = info(home, "example.test");
    assert_eq!(own["domains"], json!(["example.test", "*.example.test"]));
    assert_eq!(own["account"], account["url"]);
    let renewal = &own["renewal"];
    assert_eq!(renewal["preferred_chain"], "Example Root");
    assert_eq!(renewal["reuse_key"], true);
    assert!(renewal["days"].as_u64().is_some_and(|days| days > 60), "{renewal}");
    assert_eq!(renewal["contacts"], json!(["a@example.test"]));
    let hook = renewal["hooks"]["deploy"]["command"]["shell"].as_str().unwrap();
    let copy = "(umask 077 && cat \"$RENEWED_LINEAGE/privkey.pem\" > '/etc/x/the key') || exit";
    assert!(hook.lines().any(|line| line == copy), "{hook}");
    assert!(hook.ends_with("\nreload \"$CERT_PATH\"") && hook.starts_with("export CERT_PATH="));
    let [[name, path]] = &settings(&own)[..] else { panic!("{own}") };
    assert_eq!(name, "CLOUDFLARE_DNS_API_TOKEN_FILE");
    assert_eq!(
        (fs::read_to_string(path).unwrap().as_str(), mode(path.as_ref())),
        ("first token", 0o600)
    );

    // The script that no provider stands for runs with what it saved.
    let own = info(home, "own.test");
    assert_eq!(own["provider"], "exec-acmesh");
    assert_eq!(own["renewal"]["reuse_key"], false);
    let settings = settings(&own);
    let script = folder.join("dnsapi/dns_own.sh").display().to_string();
    assert_eq!(settings[0], ["EXEC_ACMESH_SCRIPT".to_owned(), script]);
    assert_eq!(settings[1][0], "EXEC_ACMESH_ENV_FILE");
    let variables = fs::read_to_string(&settings[1][1]).unwrap();
    assert!(variables.contains("CF_Token='first token'"), "{variables}");
    assert!(variables.contains("OWN_Key=\"it's own\""), "{variables}");
    assert!(!variables.contains("ACCOUNT_EMAIL"), "{variables}");

    // What was left is taken when somebody names a provider, but for the key.
    let named = import(home, "acme.sh", &folder, &["--dns", "cloudflare", "web.test"]);
    assert_eq!((named.code, became(&named, "web.test").as_str()), (Some(0), "taken settings"));
    assert_eq!(named.json()["certificates"].as_array().unwrap().len(), 1);
}

/// A private key as Posh-ACME keeps it.
fn jwk(key: &KeyPair) -> Value {
    let point = key.public_key_raw();
    let der = key.serialize_der();
    // ECPrivateKey (RFC 5915 §3): version 1, then the number in 32 octets.
    let head = [2, 1, 1, 4, 32];
    let at = der.windows(5).position(|window| window == head).unwrap() + 5;
    let number = |octets: &[u8]| URL_SAFE_NO_PAD.encode(octets);
    json!({
        "kty": "EC", "crv": "P-256", "d": number(&der[at..at + 32]),
        "x": number(&point[1..33]), "y": number(&point[33..]),
    })
}

/// A text as Windows PowerShell writes it.
fn utf16(text: &str) -> Vec<u8> {
    [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
}

#[test]
fn what_posh_acme_has_is_taken_but_for_what_windows_sealed() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let folder = home.join("Posh-ACME");
    let server = folder.join("LE_PROD");
    write(&server.join("dir.json"), utf16(&json!({ "location": DIRECTORY }).to_string()));
    let url = "https://acme-v02.api.letsencrypt.org/acme/acct/22";
    let account = json!({
        "status": "valid", "contact": ["mailto:p@example.test"], "location": url, "alg": "ES256",
        "key": jwk(&KeyPair::generate().unwrap()), "sskey": null,
    });
    write(&server.join("22/acct.json"), utf16(&account.to_string()));
    let hex: String = "plain token"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .map(|o| format!("{o:02x}"))
        .collect();
    let sealed = format!("01000000d08c9ddf0115d1118c7a00c04fc297eb{hex}");
    for (name, plugin, token) in [
        ("example.test", json!(["Cloudflare", "Cloudflare"]), hex),
        ("windows.test", json!("Cloudflare"), sealed),
        ("hand.test", json!(["Manual"]), String::new()),
        ("two.test", json!(["Cloudflare", "Route53"]), String::new()),
    ] {
        let order = server.join("22").join(name);
        let [chain, key] = certificate(name);
        write(&order.join("fullchain.cer"), chain);
        write(&order.join("cert.key"), key);
        let facts = json!({
            "MainDomain": name, "Plugin": plugin, "AlwaysNewKey": true, "PreferredChain": "X",
            "certificate": "https://ca.test/certificate/3",
        });
        write(&order.join("order.json"), facts.to_string());
        let token = json!({ "CFToken": { "origType": "securestring", "value": token } });
        write(&order.join("pluginargs.json"), token.to_string());
    }
    let outcome = import(home, "Posh-ACME", &folder, &[]);
    for (name, expected) in [
        ("example.test", "taken"),
        ("windows.test", "taken sealed settings"),
        ("hand.test", "left not-dns"),
        ("two.test", "left not-dns"),
    ] {
        assert_eq!(became(&outcome, name), expected, "{outcome}");
    }
    assert_eq!(outcome.json()["accounts"][0]["account"], "letsencrypt/p@example.test");
    let own = info(home, "example.test");
    assert_eq!(
        (&own["account"], &own["certUrl"]),
        (&json!(url), &json!("https://ca.test/certificate/3"))
    );
    assert_eq!(own["renewal"]["reuse_key"], false);
    let [[name, path]] = &settings(&own)[..] else { panic!("{own}") };
    assert_eq!(name, "CLOUDFLARE_DNS_API_TOKEN_FILE");
    assert_eq!(fs::read_to_string(path).unwrap(), "plain token");
}

#[test]
fn wrong_words_are_told_before_anything_is_done() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let empty = home.join("empty");
    fs::create_dir(&empty).unwrap();
    for (client, folder, names, said) in [
        ("lego", home.join("nowhere"), &[][..], "there is no folder"),
        ("lego", empty.clone(), &[], "holds neither accounts nor certificates of lego"),
        ("certbot", empty.clone(), &["x.test"], "has no certificate `x.test`"),
        ("caddy", empty, &[], "is not one of acme.sh, certbot, dehydrated, lego, posh-acme"),
    ] {
        let outcome = import(home, client, &folder, names);
        assert_eq!(outcome.code, Some(2), "{outcome}");
        assert!(outcome.stderr.contains(said), "{outcome}");
        assert!(!home.join("state/certificates").exists());
    }
}
