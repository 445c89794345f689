//! Provider instances: a provider with one set of credentials, and the names it is used for.

use std::{ffi::OsString, fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use wildcert_acme::Secret;
use wildcert_dns::OwnerName;
use wildcert_plugin::{
    Artifact, DnsProvider, Error as PluginError, Form, Origin, Settings,
    manifest::{Manifest, Reach, Role, Setting},
    setting_named,
};
use zeroize::Zeroizing;

use crate::{engine::Engine, error::Error, event::Event, late::LateSecret};

/// A provider with settings of its own.
///
/// Several instances may use one provider with different credentials; each record goes to the
/// instance whose zone is the longest suffix of the record's owner name.
#[derive(Clone)]
pub struct ProviderInstance {
    /// What errors and journals call it; by default what [`module`](Self::module) is.
    pub name: String,
    /// The provider's id, or the path of a module.
    pub module: String,
    /// It takes the records at and below these names; without any, those that no other instance
    /// takes.
    pub zones: Vec<OwnerName>,
    /// Settings that go before the environment's, under the names of the manifest.
    pub overrides: Vec<(String, String)>,
    /// Settings of a configuration file; they are fetched when the instance is used.
    pub configured: Vec<(String, LateSecret)>,
    /// Whether the environment goes before [`configured`](Self::configured). Where one provider has
    /// several instances, a variable cannot say which of them it means: it only fills what one lacks.
    pub environment_first: bool,
    /// How long to wait for propagation; by default what the provider's settings or its manifest say.
    pub propagation_timeout: Option<Duration>,
}

impl ProviderInstance {
    /// The provider of that id or path, for all names, with the settings of the environment.
    pub fn new(module: impl Into<String>) -> Self {
        let module = module.into();
        Self {
            name: module.clone(),
            module,
            zones: Vec::new(),
            overrides: Vec::new(),
            configured: Vec::new(),
            environment_first: true,
            propagation_timeout: None,
        }
    }

    /// The environment variables that give a setting before a configuration file does; none where the
    /// file goes first.
    fn gives_way(&self, manifest: &Manifest) -> Vec<String> {
        let configured = self.configured.iter().filter(|_| !self.environment_first);
        let settings = configured.filter_map(|(name, _)| setting_named(manifest, name));
        settings.flat_map(variables).collect()
    }

    /// The settings as the provider gets them; `fetch` gets the secrets of the configuration.
    fn settings(
        &self,
        manifest: &Manifest,
        fetch: &dyn Fn(&LateSecret) -> Result<Secret, Error>,
    ) -> Result<Settings, Error> {
        let passed_over = self.gives_way(manifest);
        let env = |name: &str| -> Option<OsString> {
            std::env::var_os(name).filter(|_| !passed_over.iter().any(|one| one == name))
        };
        let mut configured: Vec<(String, String)> = Vec::new();
        for (name, secret) in &self.configured {
            // Whatever goes before it need not be fetched.
            if !self.is_overridden(manifest, name, &env) {
                configured.push((name.clone(), fetch(secret)?.expose().to_owned()));
            }
        }
        if let (Some(time), Some(setting)) =
            (self.propagation_timeout, manifest.role(Role::PropagationTimeout))
        {
            configured.push((setting.name.clone(), time.as_secs().to_string()));
        }
        let settings = Settings::resolve(manifest, &self.overrides, &env, &configured);
        configured.into_iter().for_each(|(_, value)| drop(Zeroizing::new(value)));
        settings.map_err(|error| self.failed(error))
    }

    /// The files that hold secrets, under the names of their settings and `_FILE`: paths are no
    /// secrets, and a renewal needs them again.
    fn secret_files(&self, manifest: &Manifest) -> Vec<(String, String)> {
        let known = |secret: &LateSecret| match secret {
            LateSecret::Known(path) => Some(path.expose().to_owned()),
            LateSecret::Configured { .. } => None,
        };
        let configured = self.configured.iter();
        let configured = configured.filter_map(|(name, secret)| Some((name, known(secret)?)));
        let given = self.overrides.iter().map(|(name, path)| (name, path.clone()));
        let mut files: Vec<(String, String)> = Vec::new();
        for (name, path) in configured.chain(given) {
            let setting = setting_named(manifest, name).filter(|setting| setting.secret);
            let Some(setting) = setting.filter(|_| name.to_ascii_uppercase().ends_with("_FILE"))
            else {
                continue;
            };
            let path = std::path::absolute(&path).map_or(path, |path| path.display().to_string());
            let name = format!("{}_FILE", setting.name);
            files.retain(|(known, _)| *known != name);
            files.push((name, path));
        }
        files
    }

    fn is_overridden(
        &self,
        manifest: &Manifest,
        name: &str,
        env: &dyn Fn(&str) -> Option<OsString>,
    ) -> bool {
        let Some(setting) = setting_named(manifest, name) else { return false };
        variables(setting).into_iter().any(|name| {
            let set = env(&name).is_some_and(|value| !value.is_empty());
            set || self.overrides.iter().any(|(given, _)| *given == name)
        })
    }

    /// How long to wait for propagation.
    fn patience(&self, manifest: &Manifest, settings: &Settings) -> Duration {
        // Where there is such a setting, ours is among the settings.
        let own =
            self.propagation_timeout.filter(|_| manifest.role(Role::PropagationTimeout).is_none());
        own.unwrap_or(settings.propagation_timeout())
    }

    /// What is wrong with it, told under the name that the user gave it.
    fn failed(&self, error: PluginError) -> Error {
        if self.name == self.module {
            return error.into();
        }
        Error::Instance { instance: self.name.clone(), source: Box::new(error) }
    }

    /// How many labels of `owner` its longest matching zone has; none if it does not take it.
    fn takes(&self, owner: &OwnerName) -> Option<usize> {
        if self.zones.is_empty() {
            return Some(0);
        }
        let labels = |name: &str| name.split('.').filter(|label| !label.is_empty()).count();
        let inside = |zone: &&OwnerName| {
            let below = owner.as_str().strip_suffix(zone.as_str());
            below.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.zones.iter().filter(inside).map(|zone| labels(zone.as_str())).max()
    }
}

/// Values may be secrets: only the names of settings are shown.
impl fmt::Debug for ProviderInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let overrides: Vec<&String> = self.overrides.iter().map(|(name, _)| name).collect();
        f.debug_struct("ProviderInstance")
            .field("name", &self.name)
            .field("module", &self.module)
            .field("zones", &self.zones)
            .field("overrides", &overrides)
            .field("configured", &self.configured)
            .field("environment_first", &self.environment_first)
            .field("propagation_timeout", &self.propagation_timeout)
            .finish()
    }
}

/// Which of several instances takes the records at `owner`: the one with the longest zone, of equals
/// the first.
pub(crate) fn responsible(instances: &[ProviderInstance], owner: &OwnerName) -> Option<usize> {
    let taking = instances.iter().enumerate();
    let taking = taking.filter_map(|(at, instance)| Some((at, instance.takes(owner)?)));
    taking.rev().max_by_key(|(_, labels)| *labels).map(|(at, _)| at)
}

/// The environment variables that give a setting.
pub fn variables(setting: &Setting) -> Vec<String> {
    let names = std::iter::once(&setting.name).chain(&setting.aliases);
    names.flat_map(|name| [name.clone(), format!("{name}_FILE")]).collect()
}

/// What finds the provider of an instance again, without its secrets.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub(crate) struct Recipe {
    /// The instance's name.
    #[serde(default)]
    pub(crate) instance: String,
    /// The provider's id, or its absolute path when it was named by path.
    pub(crate) provider: String,
    /// The settings that are no secrets.
    pub(crate) settings: Vec<(String, String)>,
    /// The names it takes; all when there are none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) zones: Vec<String>,
}

impl Recipe {
    /// The instance, which takes its secrets from the environment.
    pub(crate) fn instance(&self) -> ProviderInstance {
        let name = if self.instance.is_empty() { &self.provider } else { &self.instance };
        ProviderInstance {
            name: name.clone(),
            zones: self.zones.iter().filter_map(|zone| zone.parse().ok()).collect(),
            overrides: self.settings.clone(),
            ..ProviderInstance::new(&self.provider)
        }
    }
}

/// A provider that was found, is trusted and has its settings; nothing of it has run.
pub(crate) struct Chosen {
    pub(crate) artifact: Artifact,
    settings: Settings,
    /// The TTL of the records, in seconds.
    pub(crate) ttl: u32,
    pub(crate) propagation_timeout: Duration,
    pub(crate) recipe: Recipe,
}

impl Engine {
    /// Looks whether an instance's provider is there and has all settings that it needs.
    ///
    /// Nothing of it runs, nothing is written, and of secrets that a program tells it is believed that
    /// it will.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn look_at(&self, instance: &ProviderInstance) -> Result<Manifest, Vec<Error>> {
        let artifact = self.shelf().find(&instance.module);
        let manifest = artifact.map_err(|error| vec![instance.failed(error)])?.manifest;
        let secrets = instance.configured.iter().map(|(_, secret)| secret);
        let mut faults: Vec<Error> = secrets
            .filter(|secret| !secret.is_command())
            .filter_map(|secret| secret.resolve().err())
            .collect();
        let believed = |secret: &LateSecret| match secret.is_command() {
            true => Ok(Secret::new("0")),
            false => secret.resolve().or_else(|_| Ok(Secret::new("0"))),
        };
        faults.extend(instance.settings(&manifest, &believed).err());
        if faults.is_empty() { Ok(manifest) } else { Err(faults) }
    }

    /// Finds and checks an instance's provider and gathers its settings.
    pub(crate) fn choose(&self, instance: &ProviderInstance) -> Result<Chosen, Error> {
        let failed = |error| instance.failed(error);
        let artifact = self.shelf().find(&instance.module).map_err(failed)?;
        if let Some(first) = self.lock().admit(&artifact).map_err(failed)? {
            let Reach { http, dns } = first.reach;
            (self.observer())(Event::FirstUse {
                id: artifact.manifest.id.clone(),
                path: first.path,
                reach: match artifact.form {
                    Form::Wasm => [http, dns].concat(),
                    Form::Native => vec!["anything: it is native code".to_owned()],
                },
            });
        }
        let manifest = &artifact.manifest;
        let settings = instance.settings(manifest, &LateSecret::resolve)?;
        let secret = |name: &str| manifest.setting(name).is_some_and(|setting| setting.secret);
        let plain = settings.iter().filter(|(name, _)| !secret(name));
        let plain = plain.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let provider = match artifact.origin {
            Origin::Path => artifact.path.display().to_string(),
            _ => instance.module.clone(),
        };
        let chosen = Chosen {
            ttl: settings.ttl(),
            propagation_timeout: instance.patience(manifest, &settings),
            recipe: Recipe {
                instance: instance.name.clone(),
                provider,
                settings: plain.chain(instance.secret_files(manifest)).collect(),
                zones: instance.zones.iter().map(ToString::to_string).collect(),
            },
            artifact,
            settings,
        };
        (self.observer())(Event::Provider {
            id: chosen.artifact.manifest.id.clone(),
            form: chosen.artifact.form.as_str().to_owned(),
            path: chosen.artifact.path.clone(),
        });
        Ok(chosen)
    }

    /// Loads a provider; a module that is met for the first time is compiled here.
    pub(crate) async fn load(&self, chosen: Chosen) -> Result<Arc<dyn DnsProvider>, Error> {
        let Artifact { manifest, bytes, .. } = &chosen.artifact;
        if bytes.len() > LARGE && self.plugins().must_compile(&chosen.artifact) {
            (self.observer())(Event::Compiling { id: manifest.id.clone() });
        }
        Ok(self.plugins().load(&chosen.artifact, chosen.settings).await?)
    }
}

/// Smaller modules are compiled before anybody notices.
const LARGE: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(name: &str, zones: &[&str]) -> ProviderInstance {
        let zones = zones.iter().map(|zone| zone.parse().unwrap()).collect();
        ProviderInstance { zones, ..ProviderInstance::new(name) }
    }

    #[test]
    fn the_longest_zone_wins_and_whole_labels_count() {
        let instances = [
            instance("rest", &[]),
            instance("one", &["example.com", "other.test"]),
            instance("two", &["sub.example.com"]),
        ];
        let table = [
            ("_acme-challenge.example.com", Some(1)),
            ("_acme-challenge.a.sub.example.com", Some(2)),
            ("_acme-challenge.xsub.example.com", Some(1)),
            ("_acme-challenge.notexample.com", Some(0)),
            ("example.com", Some(1)),
        ];
        for (owner, expected) in table {
            assert_eq!(responsible(&instances, &owner.parse().unwrap()), expected, "{owner}");
        }
        let without_rest = &instances[1..];
        assert_eq!(responsible(without_rest, &"a.test".parse().unwrap()), None);
    }

    #[test]
    fn of_equals_the_first_takes_the_name() {
        let instances = [instance("one", &["a.test"]), instance("two", &["a.test"])];
        assert_eq!(responsible(&instances, &"x.a.test".parse().unwrap()), Some(0));
    }

    #[test]
    fn values_of_settings_are_not_shown() {
        let mut instance = instance("one", &[]);
        instance.overrides.push(("TOKEN".to_owned(), "secret".to_owned()));
        instance.configured.push(("KEY".to_owned(), Secret::new("secret").into()));
        let shown = format!("{instance:?}");
        assert!(shown.contains("TOKEN") && !shown.contains("secret"), "{shown}");
    }
}
