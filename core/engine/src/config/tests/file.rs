use std::{fs, path::PathBuf, time::Duration};

use time::macros::datetime;
use wildcert_acme::AccountKeyType;
use wildcert_dns::{Identifier, OwnerName};

use super::parse;
use crate::{
    config::{Config, Error, Language, PfxSetting, SecretSource, schema},
    key::KeyType,
    outputs::PfxFormat,
};

/// Every key there is.
const EVERYTHING: &str = r#"
path = "state"
server = "letsencrypt"
email = ["me@example.com", "you@example.com"]
accept-tos = true
account-key = "ES384"
lang = "ja"
log-file = "run.log"
prometheus = "metrics/wildcert.prom"
provider-dirs = ["modules", "/opt/modules"]
require-signature = true
nameservers = ["example.com=192.0.2.53:5353"]
resolvers = "192.0.2.1"
ca-bundle = "root.pem"
account = "you@example.com"
key-type = "rsa3072"
reuse-key = true
profile = "shortlived"
preferred-chain = "Example Root X1"
not-after = 2030-01-31T12:00:00Z
days = 20
windows = "Sun 02:00-05:00 Asia/Tokyo"
emergency-days = 8
with-www = true
pem = true
der = true
pfx = true

[cas.internal]
server = "https://ca.example/dir"
email = "pki@example.com"
accept-tos = false
account-key = "rsa2048"
eab-kid = "kid-7"
eab-hmac-key = { file = "hmac" }

[cas.zerossl]
eab-file = "certbot.txt"

[providers.work]
provider = "rfc2136"
zones = ["Example.com", "例え.jp"]
propagation-timeout = 90
[providers.work.settings]
nameserver = "192.0.2.53:53"
tsig-secret = { env = "WORK_TSIG" }
ttl = 300

[providers.own]
provider = "./own.wasm"

[certificates.main]
domains = ["example.com", "*.example.com"]
server = ["letsencrypt", "internal"]
account = "me@example.com"
providers = ["work"]
key-type = "ec384"
reuse-key = false
profile = "classic"
preferred-chain = "Example Root X2"
not-after = "2031-01-31T12:00:00+09:00"
days = 10
windows = ["Mon-Fri 03:00-04:00", "daily 22:00-02:00 UTC"]
emergency-days = 3
with-www = false
pem = false
der = false
pfx = { password = { credential = "pfx" }, format = "des" }

[[certificates.main.deploy]]
name = "web"
hosts = ["root@web.example.com"]
ssh = ["ssh", "-F", "config"]
fullchain = "/tls/fullchain.pem"
cert = "/tls/cert.pem"
chain = "/tls/chain.pem"
key = "/tls/key.pem"
combined = "/tls/combined.pem"
pfx = "/tls/bundle.pfx"
owner = "root:ssl-cert"
mode = "0640"
pre = "true"
run = { shell = "systemctl reload nginx && true" }
post = ["true"]
probe = "web.example.com"
timeout = 60
delay = "10m"

[certificates."www.example.net"]
csr = "request.pem"

[[alerts]]
command = "notify"
on = ["failure", "expiry"]
days = 9

[[alerts]]
webhook = "https://hooks.example.com/x"
headers = { Authorization = { file = "token" } }

[[alerts]]
[alerts.email]
to = "me@example.com"
from = "wildcert@example.com"
server = "smtps://mail.example.com"
username = "wildcert"
password = { file = "mail" }
"#;

#[test]
fn every_key_is_read() {
    let config = parse(EVERYTHING).unwrap();
    let settings = &config.settings;
    assert_eq!(settings.path, Some("/etc/wildcert/state".into()));
    assert_eq!(settings.lang, Some(Language::Japanese));
    assert_eq!(settings.log_file, Some("/etc/wildcert/run.log".into()));
    let dirs = ["/etc/wildcert/modules", "/opt/modules"].map(PathBuf::from);
    assert_eq!(settings.provider_dirs, dirs);
    assert_eq!(settings.require_signature, Some(true));
    assert_eq!(settings.nameservers[0].to_string(), "example.com.=192.0.2.53:5353");
    assert_eq!(settings.resolvers[0].to_string(), "192.0.2.1:53");
    assert_eq!(settings.ca_bundle, [PathBuf::from("/etc/wildcert/root.pem")]);
    assert_eq!(settings.account.email, ["me@example.com", "you@example.com"]);
    assert_eq!(settings.account.accept_tos, Some(true));
    assert_eq!(settings.account.account_key, Some(AccountKeyType::Ec384));
    assert_eq!(settings.defaults.server, ["letsencrypt"]);

    let internal = &settings.cas["internal"];
    assert_eq!(internal.server.as_deref(), Some("https://ca.example/dir"));
    assert_eq!(internal.account.email, ["pki@example.com"]);
    assert_eq!(internal.account.accept_tos, Some(false));
    assert_eq!(internal.account.account_key, Some(AccountKeyType::Rsa2048));
    assert_eq!(internal.eab_kid.as_deref(), Some("kid-7"));
    let key = internal.eab_hmac_key.as_ref().unwrap();
    assert_eq!(key.to_string(), r#"{ file = "/etc/wildcert/hmac" }"#);

    let work = &settings.providers["work"];
    assert_eq!(work.provider.as_deref(), Some("rfc2136"));
    let zones: Vec<&str> = work.zones.iter().map(OwnerName::as_str).collect();
    assert_eq!(zones, ["example.com.", "xn--r8jz45g.jp."]);
    assert_eq!(work.propagation_timeout, Some(Duration::from_secs(90)));
    let names: Vec<&String> = work.settings.keys().collect();
    assert_eq!(names, ["nameserver", "tsig-secret", "ttl"]);
    assert_eq!(work.settings["ttl"].resolve().unwrap().expose(), "300");
    assert_eq!(settings.providers["own"].provider.as_deref(), Some("/etc/wildcert/./own.wasm"));

    let main = &settings.certificates["main"];
    let domains: Vec<&str> = main.domains.iter().map(Identifier::ascii).collect();
    assert_eq!(domains, ["example.com", "*.example.com"]);
    assert_eq!(main.providers, ["work"]);
    let options = &main.options;
    assert_eq!(options.server, ["letsencrypt", "internal"]);
    assert_eq!(options.account.as_deref(), Some("me@example.com"));
    assert_eq!(options.key_type, Some(KeyType::Ec384));
    assert_eq!(options.profile.as_deref(), Some("classic"));
    assert_eq!(options.preferred_chain.as_deref(), Some("Example Root X2"));
    assert_eq!(options.not_after, Some(datetime!(2031-01-31 12:00 +9)));
    assert_eq!(options.days, Some(10));
    let windows: Vec<String> = options.windows.iter().map(ToString::to_string).collect();
    assert_eq!(windows, ["Mon-Fri 03:00-04:00", "daily 22:00-02:00 UTC"]);
    assert_eq!(options.emergency_days, Some(3));
    let switches = [options.reuse_key, options.with_www, options.pem, options.der];
    assert_eq!(switches, [Some(false); 4]);
    match &options.pfx {
        Some(PfxSetting::Yes(pfx)) => {
            assert_eq!(pfx.format, Some(PfxFormat::Des));
            assert!(matches!(&pfx.password, Some(SecretSource::Credential(name)) if name == "pfx"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_table_leaves_out_the_top_says() {
    let settings = parse(EVERYTHING).unwrap().settings;
    let overlay = &settings.cas["zerossl"];
    assert_eq!(overlay.account.email, ["me@example.com", "you@example.com"]);
    assert_eq!(overlay.account.accept_tos, Some(true));
    assert_eq!(overlay.account.account_key, Some(AccountKeyType::Ec384));
    assert_eq!(overlay.eab_file, Some("/etc/wildcert/certbot.txt".into()));
    let certificate = &settings.certificates["www.example.net"];
    assert_eq!(certificate.csr, Some("/etc/wildcert/request.pem".into()));
    let options = &certificate.options;
    assert_eq!(options.server, ["letsencrypt"]);
    assert_eq!(options.account.as_deref(), Some("you@example.com"));
    assert_eq!(options.key_type, Some(KeyType::Rsa3072));
    assert_eq!(options.profile.as_deref(), Some("shortlived"));
    assert_eq!(options.preferred_chain.as_deref(), Some("Example Root X1"));
    assert_eq!(options.not_after, Some(datetime!(2030-01-31 12:00 UTC)));
    assert_eq!(options.days, Some(20));
    assert_eq!(options.windows[0].to_string(), "Sun 02:00-05:00 Asia/Tokyo");
    assert_eq!(options.emergency_days, Some(8));
    let switches = [options.reuse_key, options.with_www, options.pem, options.der];
    assert_eq!(switches, [Some(true); 4]);
    assert!(matches!(options.pfx, Some(PfxSetting::Yes(_))));
    let named = parse("[providers.pdns]\n").unwrap().settings;
    assert_eq!(named.providers["pdns"].provider.as_deref(), Some("pdns"));
}

#[test]
fn each_value_has_its_line_and_secrets_have_stars() {
    let text = "path = 's'\n\n[cas.own]\nserver = 'https://a.test/'\neab-kid = 'k'\n\
                eab-hmac-key = 's3cret'\n[providers.\"a.b\".settings]\nx = { command = 'get s3cret' }\n\
                [certificates.c]\ndomains = [\n  'a.test',\n]\npfx = { password = 's3cret' }\n";
    let config = parse(text).unwrap();
    let entries: Vec<String> = config
        .entries
        .iter()
        .map(|entry| format!("{} {} = {}", entry.line, entry.key, entry.value))
        .collect();
    let expected = [
        r#"1 path = "s""#,
        r#"4 cas.own.server = "https://a.test/""#,
        r#"5 cas.own.eab-kid = "k""#,
        "6 cas.own.eab-hmac-key = ****",
        r#"8 providers."a.b".settings.x = { command = ["get", …] }"#,
        r#"10 certificates.c.domains = ["a.test"]"#,
        "13 certificates.c.pfx.password = ****",
    ];
    assert_eq!(entries, expected);
    assert_eq!(config.line("cas.own.eab-kid"), Some(5));
    assert_eq!(config.line("email"), None);
    assert_eq!(config.plain, ["cas.own.eab-hmac-key", "certificates.c.pfx.password"]);
    let shown = format!("{config:?}");
    assert!(!shown.contains("s3cret") && shown.contains("a.test"), "{shown}");
}

#[test]
fn files_of_windows_are_read() {
    let config = parse("\u{feff}path = 'x'\r\n[certificates.a]\r\ndomains = 'a.test'\r\n").unwrap();
    assert_eq!(config.line("certificates.a.domains"), Some(3));
}

#[test]
fn an_empty_file_says_nothing() {
    let config = parse("").unwrap();
    assert!(config.entries.is_empty() && config.settings.certificates.is_empty());
}

#[test]
fn a_file_is_read_and_who_may_read_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wildcert.toml");
    fs::write(&file, "path = 'state'\n").unwrap();
    #[cfg(unix)]
    for (mode, readable) in [(0o600, None), (0o640, Some(0o640)), (0o604, Some(0o604))] {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
        assert_eq!(Config::read(&file).unwrap().readable, readable);
    }
    assert_eq!(Config::read(&file).unwrap().settings.path, Some(folder.path().join("state")));
    let absent = folder.path().join("absent.toml");
    let error = Config::read(&absent).unwrap_err();
    assert!(matches!(&error, Error::Read { path, .. } if *path == absent), "{error}");
}

/// The schema knows the keys of the file above, and the file above has every key of the schema.
#[test]
fn the_schema_has_every_key() {
    fn known(schema: &serde_json::Value, value: &toml::Value, at: &str, met: &mut Vec<String>) {
        // Where secrets come from is the same everywhere.
        if schema["allOf"].is_array() || schema["$ref"].is_string() {
            return;
        }
        if let Some(values) = value.as_array() {
            return values.iter().for_each(|value| known(schema, value, at, met));
        }
        let Some(table) = value.as_table() else { return };
        for (name, value) in table {
            let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            let below = match (&schema["properties"][name], &schema["additionalProperties"]) {
                (own, _) if own.is_object() => own,
                (_, any) if any.is_object() => any,
                _ => panic!("the schema does not have `{at}`"),
            };
            if below["description"].is_string() {
                met.push(below["description"].to_string());
            }
            let table = below["anyOf"].as_array().into_iter().flatten();
            let table = table.into_iter().find(|kind| kind["properties"].is_object());
            known(table.unwrap_or(below), value, &at, met);
        }
    }
    fn every(schema: &serde_json::Value, met: &mut Vec<String>) {
        match schema {
            serde_json::Value::Object(object) => {
                for (name, value) in object {
                    if name == "properties" {
                        for property in value.as_object().unwrap().values() {
                            met.push(property["description"].to_string());
                        }
                    }
                    every(value, met);
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| every(item, met)),
            _ => {}
        }
    }
    let mut schema = schema();
    schema["definitions"] = serde_json::Value::Null;
    let (mut met, mut all) = (Vec::new(), Vec::new());
    known(&schema, &EVERYTHING.parse::<toml::Table>().unwrap().into(), "", &mut met);
    every(&schema, &mut all);
    for list in [&mut met, &mut all] {
        list.sort();
        list.dedup();
    }
    assert_eq!(met, all);
    assert!(!all.contains(&"null".to_owned()));
}
