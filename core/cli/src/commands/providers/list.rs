//! `wildcert providers list`.

use std::{fs, path::Path};

use serde_json::{Value, json};
use wildcert::plugin::{Artifact, Form, Listed};

use crate::{
    args::ProvidersListArgs,
    env,
    error::Error,
    exit, json,
    lang::Text,
    printer::Printer,
    settings::Settings,
    show::{Paint, printable, table},
};

/// Lists the providers that are found, and why others cannot be used.
pub(crate) fn list(args: &ProvidersListArgs, printer: &Printer) -> Result<u8, Error> {
    let providers =
        Settings::new(&env::process, &args.state).dirs(&args.dirs).open(printer)?.providers()?;
    if args.json.json {
        let providers: Vec<Value> = providers.iter().map(module_json).collect();
        printer.result(&json::text(&json!({ "providers": providers })))?;
    } else if providers.is_empty() {
        printer.note(&printer.text().say("provider-none", &[]));
    } else {
        let folders = by_folder(&providers);
        let texts: Vec<String> = folders
            .iter()
            .map(|modules| folder(printer.text(), printer.paint(), modules))
            .collect();
        printer.result(&texts.join("\n\n"))?;
    }
    Ok(exit::DONE)
}

/// `71 KB`.
pub(super) fn size(bytes: u64) -> String {
    if bytes < 10_000_000 {
        format!("{} KB", bytes.div_ceil(1000))
    } else {
        format!("{} MB", bytes.div_ceil(1_000_000))
    }
}

/// How a module is loaded, and how far it can be trusted.
pub(super) fn form(text: Text, form: Form) -> String {
    match form {
        Form::Wasm => "wasm".to_owned(),
        Form::Native => text.say("provider-native", &[]),
    }
}

/// The size of a module's file.
pub(super) fn file_size(path: &Path) -> u64 {
    fs::metadata(path).map(|metadata| metadata.len()).unwrap_or_default()
}

/// The modules of each folder.
fn by_folder(providers: &[Listed]) -> Vec<Vec<&Listed>> {
    let mut folders: Vec<Vec<&Listed>> = Vec::new();
    for listed in providers {
        let same = |modules: &&mut Vec<&Listed>| {
            modules.first().is_some_and(|first| first.folder == listed.folder)
        };
        match folders.iter_mut().find(same) {
            Some(modules) => modules.push(listed),
            None => folders.push(vec![listed]),
        }
    }
    folders
}

fn folder(text: Text, paint: Paint, modules: &[&Listed]) -> String {
    let mut lines = String::new();
    if let Some(first) = modules.first() {
        let place = first.folder.path.display().to_string();
        lines = format!("{} ({})", paint.strong(&place), first.folder.reason);
    }
    let rows: Vec<Vec<String>> = modules
        .iter()
        .enumerate()
        .filter(|(at, listed)| !modules.iter().take(*at).any(|other| other.id == listed.id))
        .filter_map(|(_, listed)| row(text, listed, modules))
        .collect();
    if !rows.is_empty() {
        let headings = ["id", "form", "contract", "size", "needs"]
            .map(|heading| text.say(&format!("provider-{heading}"), &[]));
        lines.push('\n');
        lines.push_str(&table(paint, &headings, &rows));
    }
    for listed in modules {
        if let Err(error) = &listed.artifact {
            let error = printable(&error.to_string());
            let label = paint.bad(&text.say("provider-unusable", &[]));
            let line = format!("\n{label} {}: {error}", listed.id);
            lines.push_str(&line.replace('\n', "\n  "));
        }
    }
    lines
}

/// The line of a module, which also tells of the same provider in another form beside it.
fn row(text: Text, listed: &Listed, modules: &[&Listed]) -> Option<Vec<String>> {
    let artifact = listed.artifact.as_ref().ok()?;
    let mut form = form(text, artifact.form);
    if modules.iter().any(|other| other.id == listed.id && other.form != listed.form) {
        form = text.say("provider-also-native", &[("form", form.into())]);
    }
    if listed.shadowed {
        form = text.say("provider-hidden", &[("form", form.into())]);
    }
    Some(vec![
        listed.id.clone(),
        form,
        artifact.manifest.abi.clone(),
        size(file_size(&artifact.path)),
        needs(text, artifact),
    ])
}

/// The settings without which nothing works, in short.
fn needs(text: Text, artifact: &Artifact) -> String {
    let manifest = &artifact.manifest;
    let required = manifest.config.iter().filter(|setting| setting.required);
    let mut parts: Vec<String> = required.map(|setting| setting.name.clone()).collect();
    if let Some((first, others)) = manifest.credential_sets.split_first() {
        let set = first.join(" + ");
        parts.push(match others.len() {
            0 => set,
            more => {
                let values = [("set", set.into()), ("others", more.into())];
                text.say("provider-needs-or", &values)
            }
        });
    }
    if parts.is_empty() { text.say("provider-needs-nothing", &[]) } else { parts.join(", ") }
}

fn module_json(listed: &Listed) -> Value {
    let artifact = listed.artifact.as_ref().ok();
    let required = artifact.map(|artifact| {
        let settings = artifact.manifest.config.iter();
        settings.filter(|setting| setting.required).map(|setting| &setting.name).collect::<Vec<_>>()
    });
    json!({
        "id": listed.id,
        "form": listed.form,
        "confined": listed.form == Form::Wasm,
        "path": listed.path,
        "folder": listed.folder.reason,
        "shadowed": listed.shadowed,
        "name": artifact.map(|artifact| &artifact.manifest.name),
        "contract": artifact.map(|artifact| &artifact.manifest.abi),
        "sha256": artifact.map(|artifact| artifact.sha256.to_string()),
        "size": file_size(&listed.path),
        "required": required,
        "credential_sets": artifact.map(|artifact| &artifact.manifest.credential_sets),
        "error": listed.artifact.as_ref().err().map(ToString::to_string),
    })
}
