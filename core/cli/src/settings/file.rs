//! `wildcert.toml`: which file it is, and what it says of providers.

use std::{
    io,
    path::{Path, PathBuf},
};

use time::OffsetDateTime;
use wildcert::{
    CertificateInfo, Engine, LateSecret, Maintenance, ProviderInstance, Waiting, Windows,
    config::{self, Certificate, Config, Language, PfxSetting, SecretSource},
    plugin::setting_named,
};

use crate::{
    env::{self, Lookup},
    lang::Lang,
    path,
};

/// Reads the file that is named by the option or the environment, else the default one where there is
/// one.
///
/// # Errors
/// When it cannot be read, or with everything that is wrong in it.
pub(crate) fn read(named: Option<&Path>, env: Lookup<'_>) -> Result<Config, config::Error> {
    let named = named.map(Path::to_owned).or_else(|| env(env::CONFIG).map(PathBuf::from));
    if let Some(path) = named {
        return Config::read(&path);
    }
    match path::default_config(env).map(|path| Config::read(&path)) {
        None => Ok(nothing()),
        Some(Err(config::Error::Read { source, .. }))
            if source.kind() == io::ErrorKind::NotFound =>
        {
            Ok(nothing())
        }
        Some(read) => read,
    }
}

/// What is configured where there is no file.
pub(crate) fn nothing() -> Config {
    Config {
        file: PathBuf::new(),
        settings: config::Settings::default(),
        entries: Vec::new(),
        plain: Vec::new(),
        readable: None,
    }
}

/// Until when a stored certificate that is due waits for a maintenance window: as the file says, or as
/// it was got.
pub(crate) fn waiting(file: &Config, stored: &CertificateInfo) -> Option<Waiting> {
    if stored.revoked.is_some() || !stored.is_due() {
        return None;
    }
    let (maintenance, days) = maintenance(file, stored);
    maintenance.waiting(stored, days, OffsetDateTime::now_utc())
}

/// At what times a stored certificate may be renewed, and how many days before its end it is wanted.
pub(crate) fn maintenance(file: &Config, stored: &CertificateInfo) -> (Maintenance, Option<u32>) {
    match file.settings.certificates.get(&stored.name) {
        Some(Certificate { options, .. }) => {
            let windows = Windows(options.windows.clone());
            (Maintenance { windows, emergency_days: options.emergency_days }, options.days)
        }
        None => (stored.renewal.maintenance(), stored.renewal.days),
    }
}

/// What the file says of the output, the language and the log file; nothing when it cannot be read, which
/// is told later.
pub(crate) fn output(named: Option<&Path>, env: Lookup<'_>) -> (Option<Lang>, Option<PathBuf>) {
    let Ok(Config { settings, .. }) = read(named, env) else { return (None, None) };
    let lang = settings.lang.map(|lang| match lang {
        Language::English => Lang::En,
        Language::Japanese => Lang::Ja,
    });
    (lang, settings.log_file)
}

/// The provider instances of the file.
pub(super) fn instances(file: &Config) -> Vec<ProviderInstance> {
    let providers = &file.settings.providers;
    let instance = |(name, provider): (&String, &config::Provider)| {
        let module = provider.provider.as_ref().unwrap_or(name);
        let others = providers.iter().filter(|(other, _)| *other != name);
        let alone = others
            .into_iter()
            .all(|(other, provider)| provider.provider.as_ref().unwrap_or(other) != module);
        let configured = provider.settings.iter().map(|(key, source)| {
            let parts = ["providers", name, "settings", key];
            (key.clone(), LateSecret::configured(file, &parts, source))
        });
        ProviderInstance {
            name: name.clone(),
            zones: provider.zones.clone(),
            configured: configured.collect(),
            environment_first: alone,
            propagation_timeout: provider.propagation_timeout,
            ..ProviderInstance::new(module)
        }
    };
    providers.iter().map(instance).collect()
}

/// The keys under which a secret itself stands. Which settings of a provider are secrets, its manifest
/// says; where that cannot be read, all are taken for some.
pub(crate) fn plain_secrets(file: &Config, engine: &Engine) -> Vec<String> {
    let is_plain = |source: &SecretSource| matches!(source, SecretSource::Text(_));
    let key = |parts: &[&str]| file.place(parts).0;
    let mut found = Vec::new();
    for (name, ca) in &file.settings.cas {
        if ca.eab_hmac_key.as_ref().is_some_and(is_plain) {
            found.push(key(&["cas", name, "eab-hmac-key"]));
        }
    }
    for (name, provider) in &file.settings.providers {
        let mut plain = provider.settings.iter().filter(|(_, source)| is_plain(source)).peekable();
        if plain.peek().is_none() {
            continue;
        }
        let module = provider.provider.as_ref().unwrap_or(name);
        let artifact = engine.provider(module).ok();
        let is_secret = |name: &str| match &artifact {
            Some(artifact) => setting_named(&artifact.manifest, name).is_none_or(|one| one.secret),
            None => true,
        };
        let secrets = plain.filter(|(setting, _)| is_secret(setting));
        found.extend(secrets.map(|(setting, _)| key(&["providers", name, "settings", setting])));
    }
    let password = |setting: &Option<PfxSetting>| match setting {
        Some(PfxSetting::Yes(options)) => options.password.as_ref().is_some_and(is_plain),
        _ => false,
    };
    let own = |key: &String| file.line(key).is_some();
    found.extend(file.plain.iter().filter(|key| key.starts_with("alerts")).cloned());
    if password(&file.settings.defaults.pfx) {
        found.push(key(&["pfx", "password"]));
    }
    let certificates = file.settings.certificates.iter();
    let closed = certificates.filter(|(_, certificate)| password(&certificate.options.pfx));
    found.extend(
        closed.map(|(name, _)| key(&["certificates", name, "pfx", "password"])).filter(own),
    );
    found
}
