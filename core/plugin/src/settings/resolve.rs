//! The settings as the provider gets them.

use std::{ffi::OsString, fmt, time::Duration};

use wildcert_plugin_sdk::manifest::{Manifest, Role, Setting};
use zeroize::Zeroizing;

use super::{fault::Fault, layers::Layers};
use crate::{error::Error, near::near};

/// A provider's settings under their canonical names; erased from memory when dropped.
pub struct Settings {
    values: Vec<Value>,
    ttl: u32,
    propagation_timeout: Duration,
    http_timeout: Option<Duration>,
}

/// The value of one setting.
struct Value {
    name: String,
    secret: bool,
    text: Zeroizing<String>,
}

impl Settings {
    /// No settings, for what is loaded and not called.
    pub(crate) fn none() -> Self {
        let (values, ttl) = (Vec::new(), 0);
        Self { values, ttl, propagation_timeout: Duration::ZERO, http_timeout: None }
    }

    /// Finds a value for each setting of `manifest`.
    ///
    /// `overrides` are the `--dns-opt NAME=VALUE` of the command line, `configured` what a
    /// configuration file says; `env` reads an environment variable. For a setting `NAME` the command
    /// line goes before the environment and that before the configuration, and in each of them `NAME`
    /// before `NAME_FILE` before the aliases (again each with `_FILE`), before the manifest's
    /// default. An empty variable counts as not set; an empty value on the command line takes a
    /// setting away.
    ///
    /// A configuration may also write the names in lower case, with dashes and without the prefix
    /// that all of a provider's names have: `tsig-key` for `RFC2136_TSIG_KEY`.
    ///
    /// # Errors
    /// [`Error::Settings`] with everything that is wrong at once.
    pub fn resolve(
        manifest: &Manifest,
        overrides: &[(String, String)],
        env: &dyn Fn(&str) -> Option<OsString>,
        configured: &[(String, String)],
    ) -> Result<Self, Error> {
        let configured: Vec<(String, String)> = configured
            .iter()
            .map(|(name, value)| (canonical(manifest, name), value.clone()))
            .collect();
        let given = overrides.iter().chain(&configured);
        let mut faults: Vec<Fault> =
            given.filter_map(|(name, _)| unknown(manifest, name)).collect();
        let layers = Layers { overrides, env, configured: &configured };
        let mut values = Vec::new();
        // Settings that were given, though wrongly: they do not lack as well.
        let mut given: Vec<&str> = Vec::new();
        for setting in &manifest.config {
            let text = match layers.value(setting) {
                Ok(text) => text,
                Err(fault) => {
                    faults.push(fault);
                    given.push(&setting.name);
                    continue;
                }
            };
            let taken_away = overrides.iter().any(|(name, _)| means(setting, name));
            let default = setting.default.clone().filter(|_| !taken_away);
            if let Some(text) = text.or(default.map(Zeroizing::new)) {
                given.push(&setting.name);
                values.push(Value { name: setting.name.clone(), secret: setting.secret, text });
            } else if setting.required {
                faults.push(Fault::Missing {
                    name: setting.name.clone(),
                    aliases: setting.aliases.clone(),
                    help: setting.help.clone(),
                });
            }
        }
        faults.extend(no_credentials(&manifest.credential_sets, &given));

        let number = |role| number(manifest, role, &values).transpose();
        let ttl = number(Role::Ttl).and_then(|ttl| in_range(manifest, ttl));
        let propagation = number(Role::PropagationTimeout);
        let http = number(Role::HttpTimeout);
        match (ttl, propagation, http) {
            (Ok(ttl), Ok(propagation), Ok(http)) if faults.is_empty() => {
                let seconds = |number: u32| Duration::from_secs(number.into());
                let propagation_default = Duration::from_secs(manifest.propagation.timeout_s);
                Ok(Self {
                    values,
                    ttl: ttl.unwrap_or(manifest.ttl.default),
                    propagation_timeout: propagation.map_or(propagation_default, seconds),
                    http_timeout: http.map(seconds),
                })
            }
            (ttl, propagation, http) => {
                faults.extend([ttl.err(), propagation.err(), http.err()].into_iter().flatten());
                Err(Error::Settings { provider: manifest.id.clone(), faults })
            }
        }
    }

    /// The value of the setting with that canonical name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(known, _)| *known == name).map(|(_, text)| text)
    }

    /// All settings that have a value, in the manifest's order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|value| (value.name.as_str(), value.text.as_str()))
    }

    /// The values that must never be shown.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.values.iter().filter(|value| value.secret).map(|value| value.text.as_str())
    }

    /// The TTL of the records in seconds, within what the provider takes.
    pub fn ttl(&self) -> u32 {
        self.ttl
    }

    /// How long propagation is waited for.
    pub fn propagation_timeout(&self) -> Duration {
        self.propagation_timeout
    }

    /// How long one HTTP request may take, where the user says so.
    pub fn http_timeout(&self) -> Option<Duration> {
        self.http_timeout
    }
}

/// Names only: any value may be worth hiding.
impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.values.iter().map(|value| (&value.name, "****"))).finish()
    }
}

/// True when `name` is the setting or the file that holds it.
fn means(setting: &Setting, name: &str) -> bool {
    std::iter::once(&setting.name).chain(&setting.aliases).any(|known| {
        name.strip_prefix(known.as_str()).is_some_and(|rest| matches!(rest, "" | "_FILE"))
    })
}

/// The setting that a name in a configuration file means: its own or another name, perhaps with
/// `_FILE`, also in lower case, with dashes and without the prefix that all of a provider's names have.
pub fn setting_named<'m>(manifest: &'m Manifest, name: &str) -> Option<&'m Setting> {
    let name = canonical(manifest, name);
    manifest.config.iter().find(|setting| means(setting, &name))
}

/// The name that a manifest has for a setting of a configuration file; where it has none, the name
/// as it stands.
fn canonical(manifest: &Manifest, name: &str) -> String {
    let upper = name.to_ascii_uppercase().replace('-', "_");
    let names = manifest.config.iter().flat_map(|s| std::iter::once(&s.name).chain(&s.aliases));
    let known = || names.clone().map(String::as_str);
    let plain = upper.strip_suffix("_FILE").unwrap_or(&upper);
    if known().any(|known| known == plain || known == upper) {
        return upper;
    }
    let short = |known: &&str| known.split_once('_').is_some_and(|(_, rest)| rest == plain);
    match known().find(short) {
        Some(known) => format!("{known}{}", &upper[plain.len()..]),
        None => name.to_owned(),
    }
}

fn unknown(manifest: &Manifest, name: &str) -> Option<Fault> {
    if manifest.config.iter().any(|setting| means(setting, name)) {
        return None;
    }
    let known = manifest.config.iter().map(|setting| setting.name.as_str());
    Some(Fault::Unknown { name: name.to_owned(), near: near(name, known) })
}

fn no_credentials(sets: &[Vec<String>], given: &[&str]) -> Option<Fault> {
    let lacking = |set: &Vec<String>| -> Vec<String> {
        set.iter().filter(|name| !given.contains(&name.as_str())).cloned().collect()
    };
    // The first of the nearest: manifests name the preferred set first.
    let lacking = sets.iter().map(lacking).min_by_key(Vec::len)?;
    (!lacking.is_empty()).then(|| Fault::NoCredentials { sets: sets.to_vec(), lacking })
}

/// The number in the setting with that role.
fn number(manifest: &Manifest, role: Role, values: &[Value]) -> Option<Result<u32, Fault>> {
    let setting = manifest.role(role)?;
    let value = values.iter().find(|value| value.name == setting.name)?;
    let fault =
        |_| Fault::NotANumber { name: setting.name.clone(), expected: "a whole number of seconds" };
    Some(value.text.trim().parse().map_err(fault))
}

fn in_range(manifest: &Manifest, ttl: Option<u32>) -> Result<Option<u32>, Fault> {
    let range = manifest.ttl;
    match (ttl, manifest.role(Role::Ttl)) {
        (Some(ttl), Some(setting)) if !(range.minimum..=range.maximum).contains(&ttl) => {
            Err(Fault::TtlRange {
                name: setting.name.clone(),
                ttl,
                minimum: range.minimum,
                maximum: range.maximum,
            })
        }
        _ => Ok(ttl),
    }
}
