use std::{collections::HashMap, ffi::OsString, fs, time::Duration};

use wildcert_plugin_sdk::manifest::Manifest;

use super::{Fault, Settings};
use crate::{error::Error, samples};

const CONFIG: &str = r#"
credential-sets = [["ACME_TOKEN"], ["ACME_USER", "ACME_PASSWORD"]]

[propagation]
timeout-s = 30

[ttl]
minimum = 60
default = 120
maximum = 3600

[[config]]
name = "ACME_TOKEN"
aliases = ["ACME_OLD_TOKEN"]
secret = true
help = "token"

[[config]]
name = "ACME_USER"
help = "user"

[[config]]
name = "ACME_PASSWORD"
secret = true
help = "password"

[[config]]
name = "ACME_URL"
default = "https://acme.example"
help = "URL"

[[config]]
name = "ACME_ACCOUNT"
aliases = ["ACME_ID"]
required = true
help = "the account's number"

[[config]]
name = "ACME_TTL"
role = "ttl"
help = "TTL"

[[config]]
name = "ACME_PROPAGATION_TIMEOUT"
role = "propagation-timeout"
help = "seconds"

[[config]]
name = "ACME_HTTP_TIMEOUT"
role = "http-timeout"
help = "seconds"
"#;

/// What the settings become of a command line and an environment.
fn resolve(overrides: &[(&str, &str)], env: &[(&str, &str)]) -> Result<Settings, Error> {
    let (manifest, unknown) =
        Manifest::parse(&(samples::manifest("acme", "0.1") + CONFIG)).unwrap();
    assert!(unknown.is_empty());
    let overrides: Vec<(String, String)> =
        overrides.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
    let env: HashMap<&str, OsString> =
        env.iter().map(|(name, value)| (*name, OsString::from(value))).collect();
    Settings::resolve(&manifest, &overrides, &|name| env.get(name).cloned(), &[])
}

/// The faults, as people read them.
fn faults(overrides: &[(&str, &str)], env: &[(&str, &str)]) -> Vec<String> {
    match resolve(overrides, env) {
        Err(Error::Settings { faults, .. }) => faults.iter().map(Fault::to_string).collect(),
        other => panic!("no faults: {other:?}"),
    }
}

const ACCOUNT: (&str, &str) = ("ACME_ACCOUNT", "7");

#[test]
fn the_nearer_source_wins() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "from file\r\n").unwrap();
    let file = file.to_str().unwrap();

    // From the last resort to the first.
    let sources = [
        (("ACME_OLD_TOKEN_FILE", file), "from file"),
        (("ACME_OLD_TOKEN", "old"), "old"),
        (("ACME_TOKEN_FILE", file), "from file"),
        (("ACME_TOKEN", "new"), "new"),
    ];
    let mut env = vec![ACCOUNT];
    for (source, expected) in sources {
        env.push(source);
        assert_eq!(resolve(&[], &env).unwrap().get("ACME_TOKEN"), Some(expected));
        // The whole command line goes before the environment.
        let settings = resolve(&[("ACME_OLD_TOKEN", "option")], &env).unwrap();
        assert_eq!(settings.get("ACME_TOKEN"), Some("option"));
    }
}

#[test]
fn defaults_and_empty_values() {
    let env = [ACCOUNT, ("ACME_TOKEN", "t"), ("ACME_URL", "")];
    let settings = resolve(&[], &env).unwrap();
    assert_eq!(settings.get("ACME_URL"), Some("https://acme.example"));
    assert_eq!(settings.get("ACME_USER"), None);
    assert_eq!(settings.get("ACME_OLD_TOKEN"), None, "canonical names only");
    let settings = resolve(&[("ACME_URL", "")], &env).unwrap();
    assert_eq!(settings.get("ACME_URL"), None, "an empty option takes a setting away");
    assert_eq!(settings.ttl(), 120);
    assert_eq!(settings.propagation_timeout(), Duration::from_secs(30));
    assert_eq!(settings.http_timeout(), None);
}

#[test]
fn roles_are_read() {
    let roles =
        [("ACME_TTL", "300"), ("ACME_PROPAGATION_TIMEOUT", " 90 "), ("ACME_HTTP_TIMEOUT", "5")];
    let settings = resolve(&roles, &[ACCOUNT, ("ACME_TOKEN", "t")]).unwrap();
    assert_eq!(settings.ttl(), 300);
    assert_eq!(settings.propagation_timeout(), Duration::from_secs(90));
    assert_eq!(settings.http_timeout(), Some(Duration::from_secs(5)));
}

#[test]
fn all_faults_at_once() {
    let overrides =
        [("ACME_TOKN", "x"), ("ZZZ", "x"), ("ACME_TTL", "5"), ("ACME_HTTP_TIMEOUT", "soon")];
    let env = [("ACME_USER", "me"), ("ACME_PROPAGATION_TIMEOUT", "-1")];
    let expected = [
        "`ACME_TOKN` is no setting of this provider; did you mean `ACME_TOKEN`?",
        "`ZZZ` is no setting of this provider",
        "`ACME_ACCOUNT` is missing (or `ACME_ID`): the account's number",
        // Both sets lack one; the first is the preferred one.
        "credentials are incomplete: `ACME_TOKEN`, or `ACME_USER` + `ACME_PASSWORD`; nearest lacks \
         `ACME_TOKEN`",
        "`ACME_TTL` is 5; the provider takes 60 to 3600",
        "`ACME_PROPAGATION_TIMEOUT` is not a whole number of seconds",
        "`ACME_HTTP_TIMEOUT` is not a whole number of seconds",
    ];
    assert_eq!(faults(&overrides, &env), expected);
}

#[test]
fn a_file_that_cannot_be_used_is_the_only_fault() {
    let folder = tempfile::tempdir().unwrap();
    let absent = folder.path().join("absent");
    let binary = folder.path().join("binary");
    fs::write(&binary, b"\xff\xfe").unwrap();

    let env = [ACCOUNT, ("ACME_TOKEN_FILE", absent.to_str().unwrap())];
    let found = faults(&[], &env);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("`ACME_TOKEN_FILE` names `") && found[0].contains("absent"));

    let env = [("ACME_TOKEN", "t"), ("ACME_ID_FILE", binary.to_str().unwrap())];
    assert_eq!(faults(&[], &env), ["the value of `ACME_ID_FILE` is not UTF-8"]);
}

#[cfg(unix)]
#[test]
fn an_environment_that_is_not_text() {
    use std::os::unix::ffi::OsStringExt;

    let (manifest, _) = Manifest::parse(&(samples::manifest("acme", "0.1") + CONFIG)).unwrap();
    let env = |name: &str| match name {
        "ACME_ACCOUNT" => Some("7".into()),
        "ACME_TOKEN" => Some(OsString::from_vec(vec![0xff])),
        _ => None,
    };
    let error = Settings::resolve(&manifest, &[], &env, &[]).unwrap_err();
    assert!(error.to_string().ends_with("the value of `ACME_TOKEN` is not UTF-8"), "{error}");
}

#[test]
fn values_are_never_printed() {
    let settings = resolve(&[], &[("ACME_ACCOUNT", "number"), ("ACME_TOKEN", "hush")]).unwrap();
    let text = format!("{settings:?}");
    assert!(text.contains("ACME_TOKEN") && !text.contains("hush") && !text.contains("number"));
    assert_eq!(settings.secrets().collect::<Vec<_>>(), ["hush"]);
    let error = resolve(&[], &[ACCOUNT, ("ACME_TOKEN", "t"), ("ACME_TTL", "hush")]).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hush"));
}

#[test]
fn a_configuration_file_fills_what_neither_options_nor_environment_say() {
    let (manifest, _) = Manifest::parse(&(samples::manifest("acme", "0.1") + CONFIG)).unwrap();
    let names: Vec<&str> = manifest.config.iter().map(|setting| setting.name.as_str()).collect();
    assert!(names.contains(&"ACME_HTTP_TIMEOUT"), "{names:?}");
    let value = |env: &'static str, configured: &str| {
        let configured = [
            (configured.to_owned(), "7".to_owned()),
            ("acme-token".to_owned(), "t".to_owned()),
            ("account".to_owned(), "1".to_owned()),
        ];
        let env = move |_: &str| (!env.is_empty()).then(|| OsString::from(env));
        let env = |name: &str| if name == "ACME_HTTP_TIMEOUT" { env(name) } else { None };
        match Settings::resolve(&manifest, &[], &env, &configured) {
            Ok(settings) => settings.get("ACME_HTTP_TIMEOUT").map(str::to_owned),
            Err(error) => panic!("{error}"),
        }
    };
    for name in ["ACME_HTTP_TIMEOUT", "http-timeout", "http_timeout", "acme-http-timeout"] {
        assert_eq!(value("", name).as_deref(), Some("7"), "{name}");
        assert_eq!(value("3", name).as_deref(), Some("3"), "{name}");
    }
}
