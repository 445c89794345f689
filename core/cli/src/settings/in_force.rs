//! Every value that is in force, for `config show`.

use wildcert::{
    Engine, KeyType,
    config::{CertificateOptions, Entry},
    plugin::setting_named,
    variables,
};

use super::{
    layers::{InForce, Origin},
    options::Settings,
};
use crate::{env, lang::Lang};

impl Settings<'_> {
    /// The values, in the order of the layers above and then of the file; `lang` is that of the
    /// messages.
    pub(crate) fn in_force(&mut self, engine: &Engine, lang: Lang) -> Vec<InForce> {
        self.language(lang);
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
                value: entry.value.clone(),
                origin: Origin::of_file(&file, &entry.key),
            }));
        }
        self.of_providers(engine, &mut rows);
        rows
    }

    fn language(&mut self, lang: Lang) {
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
        let flag = |wanted: &Option<bool>| wanted.map(|value| value.to_string());
        let given: [(&str, &'static str, Option<String>); 9] = [
            ("key-type", "--key-type", key_type.map(|kind| kind.to_string())),
            ("reuse-key", "--reuse-key", flag(reuse_key)),
            ("profile", "--profile", profile.clone()),
            ("preferred-chain", "--preferred-chain", preferred_chain.clone()),
            ("not-after", "--not-after", flags.not_after.map(|end| end.to_string())),
            ("days", "--days", days.map(|days| days.to_string())),
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

    /// Settings of providers that come from options or the environment; their values are not shown.
    fn of_providers(&self, engine: &Engine, rows: &mut Vec<InForce>) {
        for instance in &self.options.providers {
            let Ok(artifact) = engine.provider(&instance.module) else { continue };
            let manifest = &artifact.manifest;
            for setting in &manifest.config {
                let configured = instance.configured.iter().find(|(name, _)| {
                    setting_named(manifest, name).is_some_and(|one| one.name == setting.name)
                });
                if configured.is_some() && !instance.environment_first {
                    continue;
                }
                let set = variables(setting).into_iter().find(|name| (self.env)(name).is_some());
                let Some(variable) = set else { continue };
                let name = configured.map_or(setting.name.as_str(), |(name, _)| name.as_str());
                let (key, _) = self.file.place(&["providers", &instance.name, "settings", name]);
                let value = "****".to_owned();
                rows.retain(|row| row.key != key);
                rows.push(InForce { key, value, origin: Origin::Variable(variable) });
            }
        }
    }
}
