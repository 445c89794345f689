//! Every value that is in force, for `config show`.

use wildcert::{
    Engine, KeyType, LateSecret, Windows,
    config::{CertificateOptions, Entry, SecretSource},
    plugin::setting_named,
    variables,
};

use super::{
    layers::{InForce, Origin, some},
    options::Settings,
};
use crate::{env, lang::Lang};

/// A value of the file as options would say it.
fn plain(value: &str) -> String {
    if value.contains(['\\', '\'', '{']) {
        return value.to_owned();
    }
    let items = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    items.unwrap_or(value).replace('"', "")
}

impl Settings<'_> {
    /// The values, in the order of the layers above and then of the file; `lang` is that of the
    /// messages, and `given` tells whether an option says it.
    pub(crate) fn in_force(&mut self, engine: &Engine, lang: Lang, given: bool) -> Vec<InForce> {
        self.language(lang, given);
        self.certificate_options();
        let file = self.file();
        // What stands in tables, unless something goes before it there too.
        let mut rows = self.in_force.clone();
        for entry in &file.entries {
            if rows.iter().any(|row| row.key == entry.key) {
                continue;
            }
            rows.push(self.of_table(entry).unwrap_or_else(|| InForce {
                key: entry.key.clone(),
                value: plain(&entry.value),
                origin: Origin::of_file(&file, &entry.key),
            }));
        }
        self.of_providers(engine, &mut rows);
        rows
    }

    fn language(&mut self, lang: Lang, given: bool) {
        if given {
            return self.note("lang", lang.tag().to_owned(), Origin::Option("--lang"));
        }
        let origin = [env::LANGUAGE].into_iter().find(|name| (self.env)(name).is_some());
        let locale = [env::LC_ALL, env::LC_MESSAGES, env::LANG];
        let origin = match (origin, self.file.settings.lang) {
            (Some(name), _) => Origin::Variable(name.to_owned()),
            (None, Some(_)) => Origin::of_file(&self.file, "lang"),
            (None, None) => match locale.into_iter().find(|name| (self.env)(name).is_some()) {
                Some(name) => Origin::Variable(name.to_owned()),
                None => Origin::Default,
            },
        };
        self.note("lang", lang.tag().to_owned(), origin);
    }

    /// What options say of every certificate, and the defaults where nothing says anything.
    fn certificate_options(&mut self) {
        let flags = self.flags.clone();
        let CertificateOptions { key_type, reuse_key, profile, preferred_chain, days, .. } = &flags;
        let emergency_days = flags.emergency_days;
        let windows = some(flags.windows.clone()).map(|windows| Windows(windows).to_string());
        let flag = |wanted: &Option<bool>| wanted.map(|value| value.to_string());
        let given: [(&str, &'static str, Option<String>); 11] = [
            ("key-type", "--key-type", key_type.map(|kind| kind.to_string())),
            ("reuse-key", "--reuse-key", flag(reuse_key)),
            ("profile", "--profile", profile.clone()),
            ("preferred-chain", "--preferred-chain", preferred_chain.clone()),
            ("not-after", "--not-after", flags.not_after.map(|end| end.to_string())),
            ("days", "--days", days.map(|days| days.to_string())),
            ("windows", "--window", windows),
            ("emergency-days", "--emergency-days", emergency_days.map(|days| days.to_string())),
            ("with-www", "--with-www", flag(&flags.with_www)),
            ("pem", "--pem", flag(&flags.pem)),
            ("der", "--der", flag(&flags.der)),
        ];
        for (key, name, value) in given {
            if let Some(value) = value {
                self.note(key, value, Origin::Option(name));
            }
        }
        if self.flags.pfx.is_some() {
            self.note("pfx", true.to_string(), Origin::Option("--pfx"));
        }
        if self.flags.key_type.is_none() && self.file.line("key-type").is_none() {
            self.note("key-type", KeyType::default().to_string(), Origin::Default);
        }
    }

    /// A value of a CA's or certificate's table that an option or a variable goes before.
    fn of_table(&self, entry: &Entry) -> Option<InForce> {
        let (table, field) = entry.key.rsplit_once('.')?;
        let own = table.starts_with("certificates.") || table.starts_with("cas.");
        let above = self.in_force.iter().find(|row| own && row.key == field)?;
        match above.origin {
            Origin::Option(_) | Origin::Variable(_) => {
                Some(InForce { key: entry.key.clone(), ..above.clone() })
            }
            _ => None,
        }
    }

    /// Settings of providers: those that come from the environment, and the values of those that are no
    /// secrets, which only the provider's manifest tells.
    fn of_providers(&self, engine: &Engine, rows: &mut Vec<InForce>) {
        for instance in &self.options.providers {
            let Ok(artifact) = engine.provider(&instance.module) else { continue };
            let manifest = &artifact.manifest;
            for setting in &manifest.config {
                let configured = instance.configured.iter().find(|(name, _)| {
                    setting_named(manifest, name).is_some_and(|one| one.name == setting.name)
                });
                let name = configured.map_or(setting.name.as_str(), |(name, _)| name.as_str());
                let (key, _) = self.file.place(&["providers", &instance.name, "settings", name]);
                let shown = |value: String| match setting.secret {
                    true => "****".to_owned(),
                    false => value,
                };
                let variable = variables(setting).into_iter();
                let variable = variable.filter_map(|name| Some(((self.env)(&name)?, name))).next();
                let variable =
                    variable.filter(|_| configured.is_none() || instance.environment_first);
                if let Some((value, name)) = variable {
                    let value = shown(value.to_string_lossy().into_owned());
                    rows.retain(|row| row.key != key);
                    rows.push(InForce { key, value, origin: Origin::Variable(name) });
                } else if let Some((_, LateSecret::Configured { source, .. })) = configured
                    && let SecretSource::Text(text) = source
                    && let Some(row) = rows.iter_mut().find(|row| row.key == key)
                {
                    row.value = shown(text.expose().to_owned());
                }
            }
        }
    }
}
