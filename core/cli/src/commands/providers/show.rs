//! `wildcert providers show`.

use serde_json::{Value, json};
use wildcert::plugin::{Artifact, Form, manifest::Model};

use super::list::{self, file_size, size};
use crate::{
    args::ProvidersListArgs,
    env,
    error::Error,
    exit, json,
    lang::Text,
    printer::Printer,
    settings::Settings,
    show::{Paint, facts, filled},
};

/// Shows what a provider says of itself.
pub(crate) fn show(
    provider: &str,
    args: &ProvidersListArgs,
    printer: &Printer,
) -> Result<u8, Error> {
    let artifact = Settings::new(&env::process, &args.state)
        .dirs(&args.dirs)
        .open(printer)?
        .provider(provider)?;
    printer.result(&if args.json.json {
        json::text(&manifest_json(&artifact))
    } else {
        manifest_text(printer.text(), printer.paint(), printer.width(), &artifact)
    })?;
    Ok(exit::DONE)
}

fn manifest_text(text: Text, paint: Paint, width: usize, artifact: &Artifact) -> String {
    let manifest = &artifact.manifest;
    let mut parts = vec![
        paint.strong(&format!("{} ({})", manifest.name, manifest.id)),
        facts(paint, &about(text, artifact)),
    ];
    if !manifest.help.trim().is_empty() {
        parts.push(format!("\n{}", filled(manifest.help.trim(), 0, width)));
    }
    if !manifest.config.is_empty() {
        parts.push(format!(
            "\n{}\n{}",
            paint.strong(&text.say("provider-settings", &[])),
            paint.dim(&text.say("provider-settings-where", &[]))
        ));
        parts.extend(manifest.config.iter().map(|setting| {
            let mut marks = Vec::new();
            if setting.required {
                marks.push(text.say("provider-required", &[]));
            }
            if setting.secret {
                marks.push(text.say("provider-secret", &[]));
            }
            marks.extend(
                setting
                    .default
                    .as_ref()
                    .map(|value| text.say("provider-default", &[("value", value.as_str().into())])),
            );
            let mut lines = format!("  {}", paint.good(&setting.name));
            if !marks.is_empty() {
                lines.push_str(&format!("  ({})", marks.join(", ")));
            }
            lines.push_str(&format!("\n{}", filled(&setting.help, 6, width)));
            if !setting.aliases.is_empty() {
                let names = setting.aliases.join(", ").into();
                let aliases = text.say("provider-aliases", &[("names", names)]);
                lines.push_str(&format!("\n{}", filled(&aliases, 6, width)));
            }
            lines
        }));
    }
    if !manifest.credential_sets.is_empty() {
        parts.push(format!("\n{}", paint.strong(&text.say("provider-sets", &[]))));
        parts.extend(manifest.credential_sets.iter().map(|set| format!("  {}", set.join(" + "))));
    }
    if let Some(example) = &manifest.example {
        // Whole, so that it can be copied.
        let title = paint.strong(&text.say("provider-example", &[]));
        parts.push(format!("\n{title}\n  {}", example.trim()));
    }
    parts.join("\n")
}

fn about(text: Text, artifact: &Artifact) -> Vec<(String, String)> {
    let manifest = &artifact.manifest;
    let say = |id| text.say(id, &[]);
    let mut about = vec![(say("provider-homepage"), manifest.homepage.clone())];
    about.extend(manifest.api_docs.clone().map(|url| (say("provider-api"), url)));
    let size = file_size(&artifact.path);
    let ttl = [
        ("default", manifest.ttl.default.into()),
        ("minimum", manifest.ttl.minimum.into()),
        ("maximum", manifest.ttl.maximum.into()),
    ];
    let waits = [("seconds", manifest.propagation.timeout_s.into())];
    about.extend([
        (say("provider-module"), artifact.path.display().to_string()),
        (say("provider-form"), module_form(text, artifact.form, size, &manifest.abi)),
        (say("provider-reaches"), reach(text, artifact)),
        (say("provider-keeps"), say(model(artifact))),
        ("TTL".to_owned(), text.say("provider-ttl", &ttl)),
        (say("provider-waits"), text.say("provider-waits-up-to", &waits)),
    ]);
    about
}

/// How a module is loaded, its size in bytes and its contract.
pub(super) fn module_form(text: Text, form: Form, bytes: u64, contract: &str) -> String {
    let values = [
        ("form", list::form(text, form).into()),
        ("size", size(bytes).into()),
        ("contract", contract.into()),
    ];
    text.say("provider-module-form", &values)
}

/// What a module may talk to.
pub(super) fn reach(text: Text, artifact: &Artifact) -> String {
    let reach = &artifact.manifest.reach;
    let dns =
        |server: &String| text.say("provider-reaches-dns", &[("server", server.as_str().into())]);
    let places: Vec<String> = reach.http.iter().cloned().chain(reach.dns.iter().map(dns)).collect();
    match artifact.form {
        Form::Native => text.say("provider-reaches-all", &[]),
        Form::Wasm if places.is_empty() => text.say("provider-reaches-none", &[]),
        Form::Wasm => places.join(", "),
    }
}

/// The message that tells what the vendor keeps.
fn model(artifact: &Artifact) -> &'static str {
    match artifact.manifest.model {
        Model::Record => "provider-keeps-record",
        Model::Rrset => "provider-keeps-rrset",
        Model::Zone => "provider-keeps-zone",
    }
}

fn manifest_json(artifact: &Artifact) -> Value {
    let manifest = &artifact.manifest;
    let settings: Vec<Value> = manifest
        .config
        .iter()
        .map(|setting| {
            json!({
                "name": setting.name,
                "aliases": setting.aliases,
                "secret": setting.secret,
                "required": setting.required,
                "default": setting.default,
                "help": setting.help,
            })
        })
        .collect();
    json!({
        "id": manifest.id,
        "name": manifest.name,
        "homepage": manifest.homepage,
        "api_docs": manifest.api_docs,
        "path": artifact.path,
        "form": artifact.form,
        "confined": artifact.form == Form::Wasm,
        "sha256": artifact.sha256.to_string(),
        "contract": manifest.abi,
        "model": match manifest.model {
            Model::Record => "record",
            Model::Rrset => "rrset",
            Model::Zone => "zone",
        },
        "help": manifest.help,
        "example": manifest.example,
        "settings": settings,
        "credential_sets": manifest.credential_sets,
        "reach": { "http": manifest.reach.http, "dns": manifest.reach.dns },
        "ttl": {
            "minimum": manifest.ttl.minimum,
            "default": manifest.ttl.default,
            "maximum": manifest.ttl.maximum,
        },
        "propagation_timeout": manifest.propagation.timeout_s,
    })
}
