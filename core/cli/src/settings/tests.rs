//! An option goes before the environment, that before the file, and that before the default.

use std::{ffi::OsString, fs, path::PathBuf};

use clap::Parser;
use tempfile::TempDir;
use wildcert::{CertificateRequest, KeyType, Options, acme::AccountKeyType};

use super::Settings;
use crate::{
    args::{Args, Command, RunArgs},
    error::Error,
};

const FILE: &str = r#"
path = "of-file"
provider-dirs = "dirs"
require-signature = true
nameservers = "a.test=192.0.2.1"
resolvers = "192.0.2.2"
ca-bundle = "root.pem"
server = "own"
email = "file@example.test"
accept-tos = true
account-key = "ec384"
key-type = "rsa3072"
days = 20
profile = "file"
preferred-chain = "Root"
not-after = "2030-01-31T00:00:00Z"
reuse-key = true
der = true
pem = true
with-www = true
pfx = { password = "of-file", format = "des" }

[cas.own]
server = "https://ca.test/dir"
eab-kid = "kid"
eab-hmac-key = "aGk"

[cas.other]
server = "https://other.test/dir"
email = "other@example.test"

[providers.internal]
provider = "rfc2136"
zones = "a.test"
settings = { tsig-secret = "s" }

[providers.rest]
provider = "rfc2136"

[certificates.one]
domains = ["a.test", "*.a.test"]
account = "second@example.test"
providers = "internal"
server = ["other", "own"]
key-type = "ec384"
pfx = false
"#;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("w.toml"), FILE).unwrap();
        fs::write(folder.path().join("root.pem"), "").unwrap();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn with<T>(
        &self,
        words: &[&str],
        variables: &[(&str, &str)],
        then: impl FnOnce(&mut Settings<'_>, &RunArgs) -> T,
    ) -> Result<(Options, T), Error> {
        let file = self.path("w.toml");
        let words = [&["wildcert", "run", "--config", file.to_str().unwrap()], words].concat();
        let Command::Run(args) = Args::try_parse_from(words).unwrap().command else { panic!() };
        let env = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let mut settings = Settings::wanted(&env, &args.wanted);
        let got = then(&mut settings, &args);
        settings.finish().map(|options| (options, got))
    }

    fn options(&self, words: &[&str], variables: &[(&str, &str)]) -> Options {
        self.with(words, variables, |_, _| ()).unwrap().0
    }

    /// The request for `-d b.test`.
    fn request(&self, words: &[&str], variables: &[(&str, &str)]) -> CertificateRequest {
        let words = [&["-d", "b.test"], words].concat();
        self.with(&words, variables, |settings, args| settings.request(&args.wanted)).unwrap().1
    }

    fn described(&self, words: &[&str], variables: &[(&str, &str)]) -> CertificateRequest {
        let described = |settings: &mut Settings<'_>, args: &RunArgs| {
            settings.described(&["one".to_owned()], &args.wanted).remove(0).request.unwrap()
        };
        self.with(words, variables, described).unwrap().1
    }
}

#[test]
fn of_what_all_certificates_share() {
    let folder = Folder::new();
    let path = |words: &[&str], variables: &[(&str, &str)]| folder.options(words, variables).path;
    assert_eq!(path(&[], &[]), folder.path("of-file"));
    assert_eq!(path(&[], &[("LEGO_PATH", "/env")]), PathBuf::from("/env"));
    assert_eq!(path(&["--path", "/flag"], &[("LEGO_PATH", "/env")]), PathBuf::from("/flag"));

    let dirs =
        |words: &[&str], variables: &[(&str, &str)]| folder.options(words, variables).provider_dirs;
    assert_eq!(dirs(&[], &[]), [folder.path("dirs")]);
    // The host of the providers reads the variable.
    assert_eq!(dirs(&[], &[("WILDCERT_PROVIDER_PATH", "/env")]), Vec::<PathBuf>::new());
    assert_eq!(dirs(&["--provider-dir", "/flag"], &[]), [PathBuf::from("/flag")]);

    let signed = |words: &[&str], variables: &[(&str, &str)]| {
        folder.options(words, variables).require_signature
    };
    let no = [("WILDCERT_REQUIRE_SIGNATURE", "0")];
    assert!(signed(&[], &[]) && !signed(&[], &no) && signed(&["--require-signature"], &no));

    let dns = |words: &[&str]| {
        let options = folder.options(words, &[]).dns;
        (options.nameservers[0].to_string(), options.resolvers[0].to_string())
    };
    assert_eq!(dns(&[]), ("a.test.=192.0.2.1:53".to_owned(), "192.0.2.2:53".to_owned()));
    let given = dns(&["--nameserver", "a.test=192.0.2.9", "--dns-resolvers", "192.0.2.8"]);
    assert_eq!(given, ("a.test.=192.0.2.9:53".to_owned(), "192.0.2.8:53".to_owned()));

    let bundles =
        |words: &[&str], variables: &[(&str, &str)]| folder.options(words, variables).ca_bundles;
    assert_eq!(bundles(&[], &[]), [folder.path("root.pem")]);
    let (null, zero) = ("/dev/null", "/dev/zero");
    assert_eq!(bundles(&[], &[("LEGO_CA_CERTIFICATES", null)]), [PathBuf::from(null)]);
    let both = bundles(&["--ca-bundle", zero], &[("LEGO_CA_CERTIFICATES", null)]);
    assert_eq!(both, [PathBuf::from(zero)]);
}

#[test]
fn of_ca_and_account() {
    let folder = Folder::new();
    let ca = |words: &[&str], variables: &[(&str, &str)]| {
        folder.request(words, variables).cas.into_iter().next().unwrap()
    };
    let of_file = ca(&[], &[]);
    assert_eq!(of_file.server, "https://ca.test/dir");
    assert_eq!(of_file.contacts, ["file@example.test"]);
    assert_eq!((of_file.terms_agreed, of_file.account_key), (true, AccountKeyType::Ec384));
    let (kid, hmac) = of_file.external.unwrap();
    assert_eq!((kid.as_str(), hmac.resolve().unwrap().expose()), ("kid", "aGk"));

    let variables =
        [("WILDCERT_SERVER", "other"), ("WILDCERT_EAB_KID", "e"), ("LEGO_EAB_HMAC", "h")];
    let of_env = ca(&[], &variables);
    assert_eq!(of_env.server, "https://other.test/dir");
    assert_eq!(of_env.contacts, ["other@example.test"], "the table of that CA");
    assert_eq!(of_env.external.unwrap().0, "e");
    assert_eq!(ca(&[], &[("LEGO_EMAIL", "e@example.test")]).contacts, ["e@example.test"]);

    let words =
        ["-s", "zerossl", "--eab-kid", "f", "-m", "f@example.test", "--account-key", "rs256"];
    let of_flags = ca(&words, &[("WILDCERT_EMAIL", "e@example.test"), variables[0], variables[2]]);
    assert_eq!(
        (of_flags.server.as_str(), of_flags.contacts.as_slice()),
        ("zerossl", &["f@example.test".to_owned()][..])
    );
    assert_eq!(of_flags.external.unwrap().0, "f");
    assert_eq!(of_flags.account_key, AccountKeyType::Rsa2048);

    let cas = folder.described(&[], &[]).cas;
    let told: Vec<_> = cas.iter().map(|ca| (ca.server.as_str(), ca.contacts.join(","))).collect();
    let second = || "second@example.test".to_owned();
    assert_eq!(told, [("https://other.test/dir", second()), ("https://ca.test/dir", second())]);
    assert_eq!(folder.described(&["-s", "zerossl"], &[]).cas[0].server, "zerossl");
}

#[test]
fn of_certificates() {
    let folder = Folder::new();
    let request = folder.request(&[], &[]);
    assert_eq!(request.domains(), ["b.test", "www.b.test"]);
    assert_eq!((request.key_type, request.days), (Some(KeyType::Rsa3072), Some(20)));
    assert_eq!(request.profile.as_deref(), Some("file"));
    assert_eq!(request.preferred_chain.as_deref(), Some("Root"));
    assert!(request.reuse_key && request.outputs.pem && request.outputs.der);
    assert_eq!(request.not_after.unwrap().year(), 2030);
    let words = ["-k", "ec256", "--days", "5", "--profile", "flag", "--preferred-chain", "X"];
    let end = ["--not-after", "2031-01-31T00:00:00Z", "--propagation-timeout", "9"];
    let given = folder.request(&[&words[..], &end].concat(), &[]);
    assert_eq!((given.key_type, given.days), (Some(KeyType::Ec256), Some(5)));
    assert_eq!(given.profile.as_deref(), Some("flag"));
    assert_eq!(given.preferred_chain.as_deref(), Some("X"));
    assert_eq!(given.not_after.unwrap().year(), 2031);
    assert_eq!(given.propagation_timeout.unwrap().as_secs(), 9);

    // The file's own table goes before its top, and options before both.
    let described = folder.described(&[], &[]);
    assert_eq!(
        (described.key_type, described.store_name().as_str()),
        (Some(KeyType::Ec384), "one")
    );
    assert_eq!(described.domains(), ["a.test", "*.a.test", "www.a.test"]);
    assert_eq!(folder.described(&["-k", "ec256"], &[]).key_type, Some(KeyType::Ec256));
}

#[test]
fn of_pkcs12_files() {
    let folder = Folder::new();
    let wish = |words: &[&str], variables: &[(&str, &str)]| {
        let words = [&["-d", "b.test"], words].concat();
        let wish = |settings: &mut Settings<'_>, args: &RunArgs| {
            let inherited = settings.file().settings.defaults.pfx.clone();
            settings.pfx(&args.wanted.certificate, inherited.as_ref(), None, None).unwrap()
        };
        let wish = folder.with(&words, variables, wish).unwrap().1;
        let password = wish.password.unwrap().resolve().unwrap();
        (wish.format.to_string(), password.expose().to_owned())
    };
    let pair = |format: &str, password: &str| (format.to_owned(), password.to_owned());
    assert_eq!(wish(&[], &[]), pair("des", "of-file"));
    let variables = [("LEGO_PFX_PASSWORD", "env")];
    assert_eq!(wish(&["--pfx-format", "sha256"], &variables), pair("sha256", "env"));
    assert_eq!(wish(&["--pfx", "--pfx.pass", "flag"], &variables), pair("des", "flag"));
    let own = |settings: &mut Settings<'_>, args: &RunArgs| {
        settings.described(&["one".to_owned()], &args.wanted).remove(0).pfx.is_none()
    };
    assert!(folder.with(&[], &[], own).unwrap().1, "the certificate wants none");
}

#[test]
fn of_providers() {
    let folder = Folder::new();
    let names = |words: &[&str]| -> Vec<(String, String, usize)> {
        let providers = folder.request(words, &[]).providers.into_iter();
        providers.map(|one| (one.name, one.module, one.zones.len())).collect()
    };
    let one = |name: &str, module: &str, zones| (name.to_owned(), module.to_owned(), zones);
    assert_eq!(names(&[]), [one("internal", "rfc2136", 1), one("rest", "rfc2136", 0)]);
    assert_eq!(names(&["--dns", "internal"]), [one("internal", "rfc2136", 0)]);
    assert_eq!(names(&["--dns", "pdns"]), [one("pdns", "pdns", 0)]);
    let own = folder.described(&[], &[]).providers;
    assert_eq!(own.len(), 1);
    assert_eq!(own[0].configured[0].1.resolve().unwrap().expose(), "s");
    assert!(!own[0].environment_first, "the file has two of them");
    let faults = folder.with(&["-d", "b.test", "--dns-opt", "A=b"], &[], |settings, args| {
        settings.request(&args.wanted);
    });
    assert!(faults.unwrap_err().to_string().contains("several providers"));
}

#[test]
fn what_a_request_from_elsewhere_cannot_have_does_not_reach_it() {
    let folder = Folder::new();
    let file = [
        FILE.split("with-www").next().unwrap(),
        "[providers.x]\n[certificates.c]\ncsr = \"c.der\"\n",
    ]
    .concat()
    .replace("\"own\"", "\"letsencrypt\"");
    fs::write(folder.path("w.toml"), file).unwrap();
    let missing = |settings: &mut Settings<'_>, args: &RunArgs| {
        settings.described(&[], &args.wanted).remove(0).request.unwrap_err().to_string()
    };
    let told = folder.with(&[], &[], missing).unwrap().1;
    assert!(told.contains("c.der"), "{told}");
    let defaults =
        wildcert::config::Config::read(&folder.path("w.toml")).unwrap().settings.defaults;
    let left = super::request::for_csr(&defaults);
    assert!(left.pem.is_none() && left.key_type.is_none() && left.reuse_key.is_none());
    assert_eq!((left.der, left.days), (Some(true), Some(20)));
}
