//! From flags and environment to what the engine takes; collects every fault on the way.

use std::{fs::File, path::PathBuf, str::FromStr, time::Duration};

use wildcert::{
    CertificateRequest, Options,
    acme::{KeyAlgorithm, Secret, directory_url},
    dns::{DnsOptions, Identifier},
};

use crate::{
    args::{CaArgs, DirArgs, DnsArgs, RunArgs, StateArgs},
    env::{self, Lookup},
    error::{Error, Fault},
    path,
};

/// The engine's options in the making.
pub(crate) struct Settings<'a> {
    env: Lookup<'a>,
    options: Options,
    faults: Vec<Fault>,
}

impl<'a> Settings<'a> {
    /// Begins with the state folder; everything else has its default.
    pub(crate) fn new(env: Lookup<'a>, state: &StateArgs) -> Self {
        let mut faults = Vec::new();
        let path = state.path.clone().or_else(|| path::default_state(env));
        if path.is_none() {
            let message = "there is no home folder to keep the state in".to_owned();
            faults.push(Fault { message, hint: Some("name a folder with --path".to_owned()) });
        }
        let path = path.unwrap_or_default();
        let options = Options {
            path: std::path::absolute(&path).unwrap_or(path),
            server: DEFAULT_SERVER.to_owned(),
            ca_bundles: Vec::new(),
            contacts: Vec::new(),
            terms_agreed: false,
            external: None,
            account_key: KeyAlgorithm::Es256,
            dns: DnsOptions::default(),
            provider_dirs: Vec::new(),
        };
        Self { env, options, faults }
    }

    /// Takes the CA and the account.
    pub(crate) fn ca(mut self, args: &CaArgs) -> Self {
        let server = args.server.clone().or_else(|| self.text(env::SERVER, env::LEGO_SERVER));
        if let Some(server) = server {
            match directory_url(&server) {
                Ok(_) => self.options.server = server,
                Err(error) => self.fault("--server", &error, error.hint()),
            }
        }
        self.options.ca_bundles = self.ca_bundles(args);
        self.options.contacts = self.contacts(args);
        self.options.terms_agreed = args.accept_tos;
        self.options.external = self.external(args);
        if let Some(name) = &args.account_key {
            match key_algorithm(name) {
                Some(algorithm) => self.options.account_key = algorithm,
                None => {
                    let reason = format!("`{name}` is not one of ES256, ES384, RS256");
                    self.fault("--account-key", reason, None);
                }
            }
        }
        self
    }

    /// Takes the DNS servers.
    pub(crate) fn dns(mut self, args: &DnsArgs) -> Self {
        self.options.dns.nameservers = self.all("--nameserver", &args.nameserver);
        self.options.dns.resolvers = self.all("--dns-resolvers", &args.dns_resolvers);
        self
    }

    /// Takes the folders of providers.
    pub(crate) fn dirs(mut self, args: &DirArgs) -> Self {
        self.options.provider_dirs = args.provider_dir.clone();
        self
    }

    /// Takes the settings of a provider.
    pub(crate) fn provider_options(&mut self, texts: &[String]) -> Vec<(String, String)> {
        let mut options = Vec::new();
        for text in texts {
            match text.split_once('=') {
                Some((name, value)) if !name.is_empty() => {
                    options.push((name.to_owned(), value.to_owned()));
                }
                // The text may be a secret that somebody wrote without its name.
                _ => self.fault("--dns-opt", "it is not of the form NAME=VALUE", None),
            }
        }
        options
    }

    /// The certificate that `run` is asked for; faulty parts are left out, and told by `finish`.
    pub(crate) fn request(&mut self, args: &RunArgs) -> CertificateRequest {
        let mut request = CertificateRequest {
            name: args.cert_name.clone(),
            identifiers: self.all("--domain", &args.domains),
            key_type: None,
            provider: args.dns.clone().unwrap_or_default(),
            provider_options: self.provider_options(&args.dns_opt),
            propagation_timeout: None,
            days: None,
            force: args.force,
        };
        self.request_faults(&request, args);
        if let Some(kind) = &args.key_type {
            match kind.parse() {
                Ok(kind) => request.key_type = Some(kind),
                Err(reason) => self.fault("--key-type", reason, None),
            }
        }
        if request.provider.is_empty() {
            let hint = "name it with --dns ID; `wildcert providers list` shows those that are here";
            self.faults.push(Fault {
                message: "no provider is named to set the TXT records".to_owned(),
                hint: Some(hint.to_owned()),
            });
        }
        request.days = self.number("--days", args.days.as_deref());
        let seconds = self.number("--propagation-timeout", args.propagation_timeout.as_deref());
        request.propagation_timeout = seconds.map(|seconds| Duration::from_secs(seconds.into()));
        request
    }

    /// The options, or everything that was wrong.
    ///
    /// # Errors
    /// [`Error::Input`] with all faults.
    pub(crate) fn finish(self) -> Result<Options, Error> {
        if self.faults.is_empty() { Ok(self.options) } else { Err(Error::Input(self.faults)) }
    }

    fn fault(&mut self, option: &str, reason: impl std::fmt::Display, hint: Option<String>) {
        self.faults.push(Fault { message: format!("{option}: {reason}"), hint });
    }

    /// The first of two variables that is set.
    fn text(&mut self, ours: &'static str, legos: &'static str) -> Option<String> {
        for name in [ours, legos] {
            match (self.env)(name).map(std::ffi::OsString::into_string) {
                None => {}
                Some(Ok(text)) => return Some(text),
                Some(Err(_)) => {
                    self.fault(name, "its value is not UTF-8", None);
                    return None;
                }
            }
        }
        None
    }

    fn ca_bundles(&mut self, args: &CaArgs) -> Vec<PathBuf> {
        let legos = (self.env)(env::LEGO_CA_CERTIFICATES);
        let legos = legos.iter().flat_map(std::env::split_paths);
        let files: Vec<PathBuf> =
            args.ca_bundle.iter().cloned().chain(legos).filter(|p| p != "").collect();
        for file in &files {
            if let Err(error) = File::open(file) {
                let reason = format!("`{}` cannot be read: {error}", file.display());
                self.fault("--ca-bundle", reason, None);
            }
        }
        files
    }

    fn contacts(&mut self, args: &CaArgs) -> Vec<String> {
        let mut given = args.email.clone();
        if given.is_empty() {
            let text = self.text(env::EMAIL, env::LEGO_EMAIL).unwrap_or_default();
            given.extend(text.split(',').filter(|part| !part.is_empty()).map(str::to_owned));
        }
        let mut contacts: Vec<String> = Vec::new();
        for text in given {
            let address = text.trim().trim_start_matches("mailto:").to_owned();
            if !is_address(&address) {
                self.fault("--email", format!("`{text}` is not an e-mail address"), None);
            } else if contacts.contains(&address) {
                self.fault("--email", format!("`{address}` is given twice"), None);
            } else {
                contacts.push(address);
            }
        }
        contacts
    }

    fn external(&mut self, args: &CaArgs) -> Option<(String, Secret)> {
        let kid = args.eab_kid.clone().or_else(|| self.text(env::EAB_KID, env::LEGO_EAB_KID));
        let hmac = args.eab_hmac_key.clone();
        let hmac = hmac.or_else(|| self.text(env::EAB_HMAC_KEY, env::LEGO_EAB_HMAC));
        let lacking = match (kid, hmac) {
            (Some(kid), Some(hmac)) => return Some((kid, Secret::new(hmac))),
            (None, None) if !args.eab => return None,
            (None, None) => "--eab-kid and --eab-hmac-key are",
            (None, Some(_)) => "--eab-kid is",
            (Some(_), None) => "--eab-hmac-key is",
        };
        let message = format!("external account binding: {lacking} missing");
        let hint = "the CA gives out both, key identifier and HMAC key, together".to_owned();
        self.faults.push(Fault { message, hint: Some(hint) });
        None
    }

    fn number(&mut self, option: &str, text: Option<&str>) -> Option<u32> {
        let text = text?;
        let number = text.parse().ok();
        if number.is_none() {
            self.fault(option, format!("`{text}` is not a whole number"), None);
        }
        number
    }

    /// Parses each text, and tells each that cannot be.
    fn all<T>(&mut self, option: &str, texts: &[String]) -> Vec<T>
    where
        T: FromStr<Err = wildcert::dns::Error>,
    {
        let mut parsed = Vec::new();
        for text in texts {
            match text.trim().parse::<T>() {
                Ok(value) => parsed.push(value),
                Err(error) => self.fault(option, &error, error.hint()),
            }
        }
        parsed
    }

    fn request_faults(&mut self, request: &CertificateRequest, args: &RunArgs) {
        let mut probe = request.clone();
        // Domains were given, only none that can be used, which is told already.
        if probe.identifiers.is_empty() && !args.domains.is_empty() {
            probe.identifiers.extend("placeholder.invalid".parse::<Identifier>());
        }
        for message in probe.faults().0 {
            self.faults.push(Fault { message, hint: None });
        }
    }
}

fn key_algorithm(name: &str) -> Option<KeyAlgorithm> {
    let known = [KeyAlgorithm::Es256, KeyAlgorithm::Es384, KeyAlgorithm::Rs256];
    known.into_iter().find(|algorithm| algorithm.as_str().eq_ignore_ascii_case(name))
}

/// Rough on purpose: the CA has the last word.
fn is_address(text: &str) -> bool {
    let parts = text.split_once('@');
    parts.is_some_and(|(user, host)| !user.is_empty() && !host.is_empty() && !host.contains('@'))
        && !text.contains(char::is_whitespace)
}

const DEFAULT_SERVER: &str = "letsencrypt";

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Parser;
    use wildcert::KeyType;

    use super::*;
    use crate::args::{Args, Command};

    fn run_args(words: &[&str]) -> RunArgs {
        let words = ["wildcert", "run", "--path", "/p"].iter().chain(words);
        match Args::try_parse_from(words).unwrap().command {
            Command::Run(args) => *args,
            other => panic!("{other:?}"),
        }
    }

    fn gather(
        words: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<(Options, CertificateRequest), Vec<Fault>> {
        let env = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let args = run_args(words);
        let settings = Settings::new(&env, &args.state);
        let mut settings = settings.ca(&args.ca).dns(&args.dns_servers).dirs(&args.dirs);
        let request = settings.request(&args);
        match settings.finish() {
            Ok(options) => Ok((options, request)),
            Err(Error::Input(faults)) => Err(faults),
            Err(other) => panic!("{other}"),
        }
    }

    fn faults(words: &[&str], variables: &[(&str, &str)]) -> Vec<String> {
        gather(words, variables).unwrap_err().into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn a_good_command_line_becomes_options_and_request() {
        let (options, request) = gather(
            &[
                "-d",
                "Example.test,*.example.test",
                "--dns",
                "pdns",
                "-k",
                "RSA2048",
                "-m",
                "mailto:a@example.test",
                "-m",
                "b@example.test",
                "-a",
                "--account-key",
                "rs256",
                "--nameserver",
                "example.test=127.0.0.1:5353",
                "--dns-resolvers",
                "192.0.2.1",
                "--dns-opt",
                "PDNS_API_KEY=a=b",
                "--days",
                "10",
                "--propagation-timeout",
                "30",
                "-s",
                "letsencrypt-staging",
                "--provider-dir",
                "x",
                "--cert-name",
                "c",
                "--force",
            ],
            &[],
        )
        .unwrap();
        assert_eq!(options.path, PathBuf::from("/p"));
        assert_eq!(options.server, "letsencrypt-staging");
        assert_eq!(options.contacts, ["a@example.test", "b@example.test"]);
        assert!(options.terms_agreed);
        assert_eq!(options.account_key, KeyAlgorithm::Rs256);
        assert_eq!(options.dns.nameservers[0].to_string(), "example.test.=127.0.0.1:5353");
        assert_eq!(options.dns.resolvers[0].to_string(), "192.0.2.1:53");
        assert_eq!(options.provider_dirs, [PathBuf::from("x")]);
        let names: Vec<&str> = request.identifiers.iter().map(Identifier::ascii).collect();
        assert_eq!(names, ["example.test", "*.example.test"]);
        assert_eq!(request.store_name(), "c");
        assert_eq!(request.key_type, Some(KeyType::Rsa2048));
        assert_eq!(request.provider, "pdns");
        assert_eq!(request.provider_options, [("PDNS_API_KEY".to_owned(), "a=b".to_owned())]);
        assert_eq!(request.days, Some(10));
        assert_eq!(request.propagation_timeout, Some(Duration::from_secs(30)));
        assert!(request.force);
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let faults = faults(
            &[
                "-d",
                "a..b",
                "-d",
                "192.0.2.1",
                "--nameserver",
                "example.test",
                "--dns-resolvers",
                "192.0.2.1:0",
                "-k",
                "dsa",
                "--dns-opt",
                "s3cret",
                "--days",
                "x",
                "-m",
                "nobody",
                "--propagation-timeout",
                "1.5",
                "-s",
                "ftp://ca.test",
                "--account-key",
                "md5",
                "--ca-bundle",
                "/does/not/exist",
                "--eab-kid",
                "k",
                "--cert-name",
                "../x",
            ],
            &[],
        );
        let expected = [
            "--server: ",
            "--ca-bundle: `/does/not/exist` cannot be read",
            "--email: `nobody` is not an e-mail address",
            "external account binding: --eab-hmac-key is missing",
            "--account-key: `md5` is not one of ES256, ES384, RS256",
            "--nameserver: `example.test` names no DNS server",
            "--dns-resolvers: `192.0.2.1:0` names no DNS server",
            "--domain: `a..b` is not a usable domain name",
            "--domain: `192.0.2.1` is not a usable domain name",
            "--dns-opt: it is not of the form NAME=VALUE",
            "certificate name `../x` is not made of",
            "--key-type: `dsa` is not one of ec256",
            "no provider is named",
            "--days: `x` is not a whole number",
            "--propagation-timeout: `1.5` is not a whole number",
        ];
        assert_eq!(faults.len(), expected.len(), "{faults:#?}");
        for (fault, expected) in faults.iter().zip(expected) {
            assert!(fault.starts_with(expected), "{fault} / {expected}");
        }
    }

    #[test]
    fn a_relative_state_folder_is_made_absolute() {
        let state = StateArgs { path: Some("state".into()) };
        let options = Settings::new(&|_| None, &state).finish().unwrap();
        assert_eq!(options.path, std::env::current_dir().unwrap().join("state"));
    }

    #[test]
    fn a_run_without_domain_and_provider_says_so() {
        let faults = gather(&[], &[]).unwrap_err();
        assert_eq!(faults.len(), 2);
        assert!(faults[0].message.starts_with("no domain is given"));
        assert!(faults[1].hint.as_ref().unwrap().contains("providers list"));
    }

    #[test]
    fn the_environment_fills_what_no_option_says() {
        let variables = [
            ("LEGO_SERVER", "letsencrypt-staging"),
            ("LEGO_EMAIL", "a@example.test,b@example.test"),
            ("LEGO_EAB_KID", "lego"),
            ("WILDCERT_EAB_KID", "ours"),
            ("LEGO_EAB_HMAC", "aGVsbG8"),
        ];
        let words = ["-d", "a.test", "--dns", "x"];
        let (options, _) = gather(&words, &variables).unwrap();
        assert_eq!(options.server, "letsencrypt-staging");
        assert_eq!(options.contacts, ["a@example.test", "b@example.test"]);
        let (kid, hmac) = options.external.unwrap();
        assert_eq!((kid.as_str(), hmac.expose()), ("ours", "aGVsbG8"));
        let words = ["-d", "a.test", "--dns", "x", "-s", "letsencrypt", "-m", "c@example.test"];
        let (options, _) = gather(&words, &variables).unwrap();
        assert_eq!(options.server, "letsencrypt");
        assert_eq!(options.contacts, ["c@example.test"]);
    }

    #[test]
    fn legos_bundle_variable_is_a_list_of_files() {
        let bundles = std::env::join_paths(["/does/not/exist", "/nor/this"]).unwrap();
        let variables = [("LEGO_CA_CERTIFICATES", bundles.to_str().unwrap())];
        assert_eq!(faults(&["-d", "a.test", "--dns", "x"], &variables).len(), 2);
    }

    #[test]
    fn external_account_binding_needs_both_parts() {
        let words = ["-d", "a.test", "--dns", "x", "--eab"];
        assert_eq!(faults(&words, &[]).len(), 1);
        assert!(gather(&words, &[("LEGO_EAB_KID", "k"), ("LEGO_EAB_HMAC", "h")]).is_ok());
    }
}
