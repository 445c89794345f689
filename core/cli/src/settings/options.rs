//! The engine's options, from flags and environment.

use std::{ffi::OsString, path::PathBuf, str::FromStr};

use wildcert::{
    CaAccount, Options,
    config::eab_file::EabFile,
    plugin::{Error as PluginError, Sha256Digest, Source},
};

use crate::{
    args::{DirArgs, DnsArgs, SignatureArgs, StateArgs, WantedArgs},
    env::{self, Lookup},
    error::{Error, Fault},
    path,
};

/// The engine's options in the making.
pub(crate) struct Settings<'a> {
    pub(super) env: Lookup<'a>,
    pub(super) options: Options,
    pub(super) cas: Vec<CaAccount>,
    /// What a CA sent with the credentials of an account.
    pub(super) sent: Option<EabFile>,
    pub(super) faults: Vec<Fault>,
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
        let options =
            Options { path: std::path::absolute(&path).unwrap_or(path), ..Options::default() };
        let mut settings = Self { env, options, cas: Vec::new(), sent: None, faults };
        settings.options.require_signature = settings.signature_wanted();
        settings
    }

    /// Everything that `run` and `renew` have in common.
    pub(crate) fn wanted(env: Lookup<'a>, args: &WantedArgs) -> Self {
        let settings = Self::new(env, &args.state).ca(&args.ca).dns(&args.dns_servers);
        settings.dirs(&args.provider.dirs).signature(&args.provider.signature)
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

    /// Takes whether modules must be signed; the environment may have said so already.
    pub(crate) fn signature(mut self, args: &SignatureArgs) -> Self {
        self.options.require_signature |= args.require_signature;
        self
    }

    /// Where modules are installed from; what is wrong is told by [`Self::finish`].
    pub(crate) fn source(&mut self, text: &str, sha256: Option<&str>) -> Source {
        let digest = match sha256.map(str::parse).transpose() {
            Ok(digest) => digest,
            Err(error) => {
                self.fault("--sha256", error, None);
                // The URL is not to lack what was given, though wrongly.
                Some(Sha256Digest::of(b""))
            }
        };
        Source::new(text, digest).unwrap_or_else(|error| {
            let error = PluginError::from(error);
            self.faults.push(Fault { message: error.to_string(), hint: error.hint() });
            Source::Path { path: PathBuf::new(), sha256: None }
        })
    }

    /// The options, or everything that was wrong.
    ///
    /// # Errors
    /// [`Error::Input`] with all faults.
    pub(crate) fn finish(self) -> Result<Options, Error> {
        if self.faults.is_empty() { Ok(self.options) } else { Err(Error::Input(self.faults)) }
    }

    /// The options as far as they are known; only [`Self::finish`] says that nothing is wrong.
    pub(crate) fn options(&self) -> Options {
        self.options.clone()
    }

    /// Takes faults that were found elsewhere.
    pub(crate) fn faulty(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.extend(faults);
    }

    pub(super) fn fault(
        &mut self,
        option: &str,
        reason: impl std::fmt::Display,
        hint: Option<String>,
    ) {
        self.faults.push(Fault { message: format!("{option}: {reason}"), hint });
    }

    /// The first of two variables that is set.
    pub(super) fn text(&mut self, ours: &'static str, legos: &'static str) -> Option<String> {
        for name in [ours, legos] {
            match (self.env)(name).map(OsString::into_string) {
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

    /// What the environment says of signatures. A word that is not understood is an error, so that
    /// nobody believes to be protected by it.
    fn signature_wanted(&mut self) -> bool {
        let Some(word) = (self.env)(env::REQUIRE_SIGNATURE) else { return false };
        match word.to_ascii_lowercase().to_str() {
            Some("1" | "true" | "yes") => true,
            Some("0" | "false" | "no") => false,
            _ => {
                let reason = format!("`{}` is neither 1 nor 0", word.display());
                self.fault(env::REQUIRE_SIGNATURE, reason, None);
                true
            }
        }
    }

    /// Parses each text, and tells each that cannot be.
    pub(super) fn all<T>(&mut self, option: &str, texts: &[String]) -> Vec<T>
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
}

#[cfg(test)]
pub(super) mod tests {
    use std::ffi::OsString;

    use clap::Parser;
    use wildcert::CertificateRequest;

    use super::*;
    use crate::args::{Args, Command, RunArgs};

    fn run_args(words: &[&str]) -> RunArgs {
        let words = ["wildcert", "run", "--path", "/p"].iter().chain(words);
        match Args::try_parse_from(words).unwrap().command {
            Command::Run(args) => *args,
            other => panic!("{other:?}"),
        }
    }

    pub(in crate::settings) fn gather(
        words: &[&str],
        variables: &[(&str, &str)],
    ) -> Result<(Options, CertificateRequest), Vec<Fault>> {
        let env = |name: &str| {
            let found = variables.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        };
        let args = run_args(words);
        let mut settings = Settings::wanted(&env, &args.wanted);
        let request = settings.request(&args.wanted);
        match settings.finish() {
            Ok(options) => Ok((options, request)),
            Err(Error::Input(faults)) => Err(faults),
            Err(other) => panic!("{other}"),
        }
    }

    pub(in crate::settings) fn faults(words: &[&str], variables: &[(&str, &str)]) -> Vec<String> {
        gather(words, variables).unwrap_err().into_iter().map(|fault| fault.message).collect()
    }

    #[test]
    fn a_relative_state_folder_is_made_absolute() {
        let state = StateArgs { path: Some("state".into()) };
        let options = Settings::new(&|_| None, &state).finish().unwrap();
        assert_eq!(options.path, std::env::current_dir().unwrap().join("state"));
    }

    #[test]
    fn signatures_are_required_by_option_or_environment() {
        let words = ["-d", "a.test", "--dns", "x"];
        let required = |words: &[&str], value: &str| {
            let variables = [("WILDCERT_REQUIRE_SIGNATURE", value)];
            gather(words, &variables).map(|(options, _)| options.require_signature)
        };
        assert_eq!(required(&words, "0"), Ok(false));
        assert_eq!(required(&words, "1"), Ok(true));
        assert_eq!(required(&[&words[..], &["--require-signature"]].concat(), "no"), Ok(true));
        let fault = required(&words, "perhaps").unwrap_err().remove(0).message;
        assert_eq!(fault, "WILDCERT_REQUIRE_SIGNATURE: `perhaps` is neither 1 nor 0");
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
        let (_, request) = gather(&words, &variables).unwrap();
        let ca = request.cas.into_iter().next().unwrap();
        assert_eq!(ca.server, "letsencrypt-staging");
        assert_eq!(ca.contacts, ["a@example.test", "b@example.test"]);
        let (kid, hmac) = ca.external.unwrap();
        assert_eq!((kid.as_str(), hmac.expose()), ("ours", "aGVsbG8"));
        let words = ["-d", "a.test", "--dns", "x", "-s", "letsencrypt", "-m", "c@example.test"];
        let (_, request) = gather(&words, &variables).unwrap();
        assert_eq!(request.cas[0].server, "letsencrypt");
        assert_eq!(request.cas[0].contacts, ["c@example.test"]);
        let words = ["-d", "a.test", "--dns", "x", "-s", "letsencrypt,https://ca.test/dir"];
        let (_, request) = gather(&words, &[]).unwrap();
        let servers: Vec<_> = request.cas.iter().map(|ca| ca.server.as_str()).collect();
        assert_eq!(servers, ["letsencrypt", "https://ca.test/dir"]);
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
