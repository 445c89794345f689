//! `wildcert config check`.

use serde_json::json;
use wildcert::{
    AlertChannel, Engine, Error as EngineError, ExternalCsr, LateSecret,
    config::{Config, Error as ConfigError, PfxSetting, SecretSource},
};

use super::warn_of_readers;
use crate::{
    args::{CaArgs, ConfigCheckArgs},
    env,
    error::Error,
    exit, json,
    printer::Printer,
    settings::Settings,
};

/// Tells everything that is wrong with the configuration file; nothing is sent, and nothing is written.
pub(crate) fn check(args: &ConfigCheckArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = Settings::new(&env::process, &args.state).dirs(&args.dirs);
    settings = settings.ca(&CaArgs::default());
    settings.look_at_cas();
    let file = settings.file();
    let options = match settings.finish() {
        Ok(options) => options,
        Err(Error::Configuration(ConfigError::Invalid(faults))) if args.json.json => {
            let faults = faults.iter().map(|fault| {
                json!({
                    "file": fault.file, "line": fault.line, "key": fault.key,
                    "message": fault.message, "hint": fault.hint,
                })
            });
            printer.result(&json::text(&json!({ "faults": faults.collect::<Vec<_>>() })))?;
            return Ok(exit::CONFIGURATION);
        }
        Err(error) => return Err(error),
    };
    let text = printer.text();
    if file.file.as_os_str().is_empty() {
        match args.json.json {
            true => printer.result(&json::text(&json!({ "file": null, "faults": [] })))?,
            false => printer.note(&text.say("config-none", &[])),
        }
        return Ok(exit::DONE);
    }
    let instances = options.providers.clone();
    let engine = Engine::open(options, printer.observer())?;
    warn_of_readers(&file, &engine, printer);
    let mut faults: Vec<(String, EngineError)> = Vec::new();
    for instance in &instances {
        let (key, _) = file.place(&["providers", &instance.name]);
        let found = engine.look_at(instance).err().unwrap_or_default();
        faults.extend(found.into_iter().map(|error| (key.clone(), error)));
    }
    for secret in secrets(&file) {
        faults.extend(secret.resolve().err().map(|error| (String::new(), error)));
    }
    for (name, certificate) in &file.settings.certificates {
        let csr = certificate.csr.as_deref().map(ExternalCsr::read);
        if let Some(Err(error)) = csr {
            faults.push((file.place(&["certificates", name, "csr"]).0, error));
        }
    }
    if args.json.json {
        let faults = faults.iter().map(|(key, error)| {
            let (key, line, message) = match error {
                EngineError::Secret { key, line, source, .. } => {
                    (key, Some(*line), source.to_string())
                }
                error => (key, file.line(key), error.to_string()),
            };
            json!({
                "file": file.file, "line": line, "key": key,
                "message": message, "hint": error.hint(),
            })
        });
        let faults: Vec<_> = faults.collect();
        printer.result(&json::text(&json!({ "file": file.file, "faults": faults })))?;
    } else {
        faults.iter().for_each(|(_, error)| printer.failure(error));
        if faults.is_empty() {
            let values = [
                ("path", file.file.display().to_string().into()),
                ("certificates", file.settings.certificates.len().into()),
                ("providers", instances.len().into()),
            ];
            printer.note(&text.say("config-good", &values));
        }
    }
    Ok(if faults.is_empty() { exit::DONE } else { exit::CONFIGURATION })
}

/// The secrets of CAs, certificates and alerts, without those that a program tells.
fn secrets(file: &Config) -> Vec<LateSecret> {
    let password = |setting: &Option<PfxSetting>| match setting {
        Some(PfxSetting::Yes(options)) => options.password.clone(),
        _ => None,
    };
    let mut found: Vec<(Vec<&str>, SecretSource)> = Vec::new();
    for (name, ca) in &file.settings.cas {
        found.extend(ca.eab_hmac_key.clone().map(|key| (vec!["cas", name, "eab-hmac-key"], key)));
    }
    let top = password(&file.settings.defaults.pfx);
    found.extend(top.map(|source| (vec!["pfx", "password"], source)));
    for (name, certificate) in &file.settings.certificates {
        let parts = vec!["certificates", name, "pfx", "password"];
        // What it has from the top is told there.
        if file.line(&file.place(&parts).0).is_some() {
            found.extend(password(&certificate.options.pfx).map(|source| (parts, source)));
        }
    }
    let own = found.iter().filter(|(_, source)| !matches!(source, SecretSource::Command(_)));
    let own = own.map(|(parts, source)| LateSecret::configured(file, parts, source));
    own.chain(AlertChannel::all(file).iter().flat_map(AlertChannel::secrets)).collect()
}
