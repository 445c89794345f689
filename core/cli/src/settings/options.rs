//! The engine's options, from flags, environment and file.

use std::{ffi::OsString, path::PathBuf, str::FromStr, sync::Arc, time::Duration};

use wildcert::{
    CaAccount, Engine, Options,
    config::{self, CertificateOptions, Config, eab_file::EabFile},
    deploy::Hooks,
    plugin::{Error as PluginError, Sha256Digest, Source},
};

use super::{
    ca::Given,
    file,
    layers::{InForce, Layers, Origin, some},
};
use crate::{
    args::{DirArgs, DnsArgs, SignatureArgs, StateArgs, WantedArgs},
    env::{self, Lookup},
    error::Error,
    fault::{Fault, Said},
    path,
    printer::Printer,
};

/// The engine's options in the making: an option goes before the environment, that before the
/// configuration file, and that before the default.
pub(crate) struct Settings<'a> {
    pub(super) env: Lookup<'a>,
    /// The configuration; it says nothing where there is no file.
    pub(super) file: Arc<Config>,
    pub(super) options: Options,
    pub(super) cas: Vec<CaAccount>,
    /// What options and environment say of accounts.
    pub(super) given: Given,
    /// What options say of certificates.
    pub(super) flags: CertificateOptions,
    /// The settings of providers that options give.
    pub(super) overrides: Vec<(String, String)>,
    pub(super) propagation_timeout: Option<Duration>,
    /// The hooks that options give.
    pub(super) hooks: Hooks,
    /// What a CA sent with the credentials of an account.
    pub(super) sent: Option<EabFile>,
    pub(super) in_force: Vec<InForce>,
    pub(super) faults: Vec<Fault>,
    /// What is wrong with the configuration file.
    pub(super) broken: Option<config::Error>,
}

impl<'a> Settings<'a> {
    /// Begins with the configuration file, the state folder and what the file says of providers;
    /// everything else has its default.
    pub(crate) fn new(env: Lookup<'a>, state: &StateArgs) -> Self {
        Self::over(file::read(state.config.as_deref(), env), env, state)
    }

    /// The same as if there were no configuration file.
    pub(crate) fn without_file(env: Lookup<'a>, state: &StateArgs) -> Self {
        Self::over(Ok(file::nothing()), env, state)
    }

    fn over(file: Result<Config, config::Error>, env: Lookup<'a>, state: &StateArgs) -> Self {
        let (file, broken) = match file {
            Ok(file) => (file, None),
            Err(error) => (file::nothing(), Some(error)),
        };
        let providers = file::instances(&file);
        let mut settings = Self {
            env,
            file: Arc::new(file),
            options: Options { providers, ..Options::default() },
            cas: Vec::new(),
            given: Given::default(),
            flags: CertificateOptions::default(),
            overrides: Vec::new(),
            propagation_timeout: None,
            hooks: Hooks::default(),
            sent: None,
            in_force: Vec::new(),
            faults: Vec::new(),
            broken,
        };
        settings.options.path = settings.state(state);
        settings.note_log_file(state);
        settings.options.require_signature = settings.signature_wanted(false);
        settings.options.provider_dirs = settings.provider_dirs(&[]);
        settings
    }

    /// Everything that `run` and `renew` have in common.
    pub(crate) fn wanted(env: Lookup<'a>, args: &WantedArgs) -> Self {
        let settings = Self::new(env, &args.state).ca(&args.ca).dns(&args.dns_servers);
        let settings = settings.dirs(&args.provider.dirs).signature(&args.provider.signature);
        let mut settings = settings.certificates(args);
        if args.provider.http {
            settings.faults.push(Fault::new("fault-http", &[]));
        }
        settings
    }

    /// Takes the DNS servers.
    pub(crate) fn dns(mut self, args: &DnsArgs) -> Self {
        let file = Arc::clone(&self.file);
        let given = self.all("--nameserver", &args.nameserver);
        self.options.dns.nameservers = self.list(
            "nameservers",
            Layers {
                option: some(given).map(|given| ("--nameserver", given)),
                variable: None,
                file: some(file.settings.nameservers.clone()),
            },
        );
        let given = self.all("--dns-resolvers", &args.dns_resolvers);
        self.options.dns.resolvers = self.list(
            "resolvers",
            Layers {
                option: some(given).map(|given| ("--dns-resolvers", given)),
                variable: None,
                file: some(file.settings.resolvers.clone()),
            },
        );
        self
    }

    /// Takes the folders of providers.
    pub(crate) fn dirs(mut self, args: &DirArgs) -> Self {
        self.options.provider_dirs = self.provider_dirs(&args.provider_dir);
        self
    }

    /// Takes whether modules must be signed.
    pub(crate) fn signature(mut self, args: &SignatureArgs) -> Self {
        self.options.require_signature = self.signature_wanted(args.require_signature);
        self
    }

    /// Where modules are installed from; what is wrong is told by [`Self::finish`].
    pub(crate) fn source(&mut self, text: &str, sha256: Option<&str>) -> Source {
        let digest = match sha256.map(str::parse::<Sha256Digest>).transpose() {
            Ok(digest) => digest,
            Err(error) => {
                self.fault("--sha256", error.to_string().into());
                // The URL is not to lack what was given, though wrongly.
                Some(Sha256Digest::of(b""))
            }
        };
        Source::new(text, digest).unwrap_or_else(|error| {
            let error = PluginError::from(error);
            self.faults.push(Fault {
                message: error.to_string().into(),
                hint: error.hint().map(Said::from),
            });
            Source::Path { path: PathBuf::new(), sha256: None }
        })
    }

    /// The options, or everything that was wrong.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the file cannot be used, [`Error::Input`] with all other faults.
    pub(crate) fn finish(self) -> Result<Options, Error> {
        match self.broken {
            // What else there may be might be its fault.
            Some(error) => Err(Error::Configuration(error)),
            None if self.faults.is_empty() => Ok(self.options),
            None => Err(Error::Input(self.faults)),
        }
    }

    /// The engine with these options, or everything that was wrong.
    ///
    /// # Errors
    /// As [`Self::finish`]; when a CA bundle cannot be read.
    pub(crate) fn open(self, printer: &Printer) -> Result<Engine, Error> {
        Ok(Engine::open(self.finish()?, printer.observer())?)
    }

    /// The options as far as they are known; only [`Self::finish`] says that nothing is wrong.
    ///
    /// # Errors
    /// [`Error::Configuration`] when the file cannot be used.
    pub(crate) fn options(&mut self) -> Result<Options, Error> {
        self.broken.take().map_or_else(|| Ok(self.options.clone()), |error| Err(error.into()))
    }

    /// The configuration file.
    pub(crate) fn file(&self) -> Arc<Config> {
        Arc::clone(&self.file)
    }

    /// Takes faults that were found elsewhere.
    pub(crate) fn faulty(&mut self, faults: impl IntoIterator<Item = Fault>) {
        self.faults.extend(faults);
    }

    pub(super) fn fault(&mut self, option: &str, reason: Said) {
        self.faults.push(Fault { message: reason.about(option), hint: None });
    }

    /// Something is wrong with what a key of the file names.
    pub(super) fn fault_of_file(&mut self, parts: &[&str], message: String) {
        let (key, line) = self.file.place(parts);
        let file = self.file.file.clone();
        let fault = config::Fault { file, line, key, message, hint: None };
        match &mut self.broken {
            Some(config::Error::Invalid(faults)) => faults.push(fault),
            _ => self.broken = Some(config::Error::Invalid(vec![fault])),
        }
    }

    /// The value that is in force, which is remembered with its origin.
    pub(super) fn layered<T>(
        &mut self,
        key: &str,
        layers: Layers<T>,
        shown: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        let (value, origin) = layers.first(&self.file, key)?;
        self.note(key, shown(&value), origin);
        Some(value)
    }

    /// Remembers a value that is in force, in place of what was known of it.
    pub(super) fn note(&mut self, key: &str, value: String, origin: Origin) {
        self.in_force.retain(|known| known.key != key);
        self.in_force.push(InForce { key: key.to_owned(), value, origin });
    }

    pub(super) fn list<T: ToString>(&mut self, key: &str, layers: Layers<Vec<T>>) -> Vec<T> {
        let shown =
            |list: &Vec<T>| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        self.layered(key, layers, shown).unwrap_or_default()
    }

    /// The first of two variables that is set, and its name.
    pub(super) fn variable(
        &mut self,
        ours: &'static str,
        legos: &'static str,
    ) -> Option<(&'static str, String)> {
        for name in [ours, legos] {
            match (self.env)(name).map(OsString::into_string) {
                None => {}
                Some(Ok(text)) => return Some((name, text)),
                Some(Err(_)) => {
                    self.fault(name, Said::new("fault-not-utf8", &[]));
                    return None;
                }
            }
        }
        None
    }

    /// The state folder.
    fn state(&mut self, args: &StateArgs) -> PathBuf {
        let layers = Layers {
            option: args.path.clone().map(|path| ("--path", path)),
            variable: path::of_variable(self.env),
            file: self.file.settings.path.clone(),
        };
        let shown = |path: &PathBuf| path.display().to_string();
        let path = self.layered("path", layers, shown).or_else(|| {
            let path = path::default_state(self.env)?;
            self.note("path", shown(&path), Origin::Default);
            Some(path)
        });
        if path.is_none() {
            self.faults.push(Fault::new("fault-no-home", &[]));
        }
        let path = path.unwrap_or_default();
        std::path::absolute(&path).unwrap_or(path)
    }

    /// Remembers which log file is in force; the printer has it already.
    fn note_log_file(&mut self, args: &StateArgs) {
        let layers = Layers {
            option: args.log_file.clone().map(|path| ("--log-file", path)),
            variable: (self.env)(env::LOG_FILE).map(|path| (env::LOG_FILE, PathBuf::from(path))),
            file: self.file.settings.log_file.clone(),
        };
        self.layered("log-file", layers, |path| path.display().to_string());
    }

    /// The folders of providers; those of the environment are found by the host of the providers.
    fn provider_dirs(&mut self, given: &[PathBuf]) -> Vec<PathBuf> {
        let variable = (self.env)(env::PROVIDER_PATH);
        let layers = Layers {
            option: some(given.to_vec()).map(|given| ("--provider-dir", given)),
            variable: variable.as_deref().map(|_| (env::PROVIDER_PATH, Vec::new())),
            file: some(self.file.settings.provider_dirs.clone()),
        };
        let shown = |dirs: &Vec<PathBuf>| match (dirs.as_slice(), &variable) {
            ([], Some(variable)) => variable.display().to_string(),
            (dirs, _) => {
                dirs.iter().map(|d| d.display().to_string()).collect::<Vec<_>>().join(", ")
            }
        };
        self.layered("provider-dirs", layers, shown).unwrap_or_default()
    }

    /// Whether modules must be signed. A word that is not understood is an error, so that nobody
    /// believes to be protected by it.
    fn signature_wanted(&mut self, given: bool) -> bool {
        let word = (self.env)(env::REQUIRE_SIGNATURE);
        let said = word.as_ref().map(|word| match word.to_ascii_lowercase().to_str() {
            Some("1" | "true" | "yes") => Ok(true),
            Some("0" | "false" | "no") => Ok(false),
            _ => Err(word.display().to_string()),
        });
        let said = said.map(|said| {
            said.unwrap_or_else(|word| {
                let message = Said::new("fault-not-switch", &[("text", word.into())]);
                let message = message.about(env::REQUIRE_SIGNATURE);
                if !self.faults.iter().any(|fault| fault.message == message) {
                    self.faults.push(Fault { message, hint: None });
                }
                true
            })
        });
        let layers = Layers {
            option: given.then_some(("--require-signature", true)),
            variable: said.map(|said| (env::REQUIRE_SIGNATURE, said)),
            file: self.file.settings.require_signature,
        };
        self.layered("require-signature", layers, ToString::to_string).unwrap_or_default()
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
                Err(error) => self.faults.push(Fault::of_error(option, &error.into())),
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
    use crate::lang::{Lang, Text};

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

    /// What is wrong, in English.
    pub(in crate::settings) fn english(fault: &Fault) -> &str {
        fault.message.to(Text::new(Lang::En))
    }

    pub(in crate::settings) fn faults(words: &[&str], variables: &[(&str, &str)]) -> Vec<String> {
        let faults = gather(words, variables).unwrap_err().into_iter();
        faults.map(|fault| english(&fault).to_owned()).collect()
    }

    #[test]
    fn a_relative_state_folder_is_made_absolute() {
        let state = StateArgs { path: Some("state".into()), ..StateArgs::default() };
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
        let fault = english(&required(&words, "perhaps").unwrap_err().remove(0)).to_owned();
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
        assert_eq!((kid.as_str(), hmac.resolve().unwrap().expose()), ("ours", "aGVsbG8"));
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
