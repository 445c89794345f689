//! `wildcert providers show`.

use serde_json::{Value, json};
use wildcert::{
    Engine,
    plugin::{Artifact, Form, manifest::Model},
};

use super::list::{file_size, form, size};
use crate::{
    args::ProvidersListArgs,
    env,
    error::Error,
    exit, json,
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
    let options = Settings::new(&env::process, &args.state).dirs(&args.dirs).finish()?;
    let artifact = Engine::open(options, printer.observer())?.provider(provider)?;
    printer.result(&if args.json.json {
        json::text(&manifest_json(&artifact))
    } else {
        manifest_text(printer.paint(), printer.width(), &artifact)
    })?;
    Ok(exit::DONE)
}

fn manifest_text(paint: Paint, width: usize, artifact: &Artifact) -> String {
    let manifest = &artifact.manifest;
    let mut parts = vec![
        paint.strong(&format!("{} ({})", manifest.name, manifest.id)),
        facts(paint, &about(artifact)),
    ];
    if !manifest.help.trim().is_empty() {
        parts.push(format!("\n{}", filled(manifest.help.trim(), 0, width)));
    }
    if !manifest.config.is_empty() {
        parts.push(format!(
            "\n{}\n{}",
            paint.strong("Settings"),
            paint.dim(
                "Environment variables; with _FILE behind the name, a file that holds the value."
            )
        ));
        parts.extend(manifest.config.iter().map(|setting| {
            let mut marks = Vec::new();
            if setting.required {
                marks.push("required".to_owned());
            }
            if setting.secret {
                marks.push("secret".to_owned());
            }
            marks.extend(setting.default.as_ref().map(|value| format!("default {value}")));
            let mut text = format!("  {}", paint.good(&setting.name));
            if !marks.is_empty() {
                text.push_str(&format!("  ({})", marks.join(", ")));
            }
            text.push_str(&format!("\n{}", filled(&setting.help, 6, width)));
            if !setting.aliases.is_empty() {
                let aliases = format!("also {}", setting.aliases.join(", "));
                text.push_str(&format!("\n{}", filled(&aliases, 6, width)));
            }
            text
        }));
    }
    if !manifest.credential_sets.is_empty() {
        parts.push(format!("\n{}", paint.strong("One of these must be complete")));
        parts.extend(manifest.credential_sets.iter().map(|set| format!("  {}", set.join(" + "))));
    }
    if let Some(example) = &manifest.example {
        // Whole, so that it can be copied.
        parts.push(format!("\n{}\n  {}", paint.strong("Example"), example.trim()));
    }
    parts.join("\n")
}

fn about(artifact: &Artifact) -> Vec<(&'static str, String)> {
    let manifest = &artifact.manifest;
    let mut about = vec![("homepage", manifest.homepage.clone())];
    about.extend(manifest.api_docs.clone().map(|url| ("API", url)));
    about.push(("module", artifact.path.display().to_string()));
    about.push((
        "form",
        format!(
            "{}, {}, contract {}",
            form(artifact.form),
            size(file_size(&artifact.path)),
            manifest.abi
        ),
    ));
    about.push(("reaches", reach(artifact)));
    about.push(("keeps", model(artifact).to_owned()));
    let ttl = manifest.ttl;
    about.push(("TTL", format!("{} s, {} to {} possible", ttl.default, ttl.minimum, ttl.maximum)));
    about.push(("waits", format!("up to {} s for propagation", manifest.propagation.timeout_s)));
    about
}

/// What a module may talk to.
pub(super) fn reach(artifact: &Artifact) -> String {
    let reach = &artifact.manifest.reach;
    let places: Vec<String> = reach
        .http
        .iter()
        .cloned()
        .chain(reach.dns.iter().map(|server| format!("{server} by DNS")))
        .collect();
    match artifact.form {
        Form::Native => "anything: a native module has all rights of wildcert".to_owned(),
        Form::Wasm if places.is_empty() => "nothing".to_owned(),
        Form::Wasm => places.join(", "),
    }
}

fn model(artifact: &Artifact) -> &'static str {
    match artifact.manifest.model {
        Model::Record => "each TXT value as an object of its own",
        Model::Rrset => "all TXT values of a name as one object",
        Model::Zone => "the whole zone as one object",
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
