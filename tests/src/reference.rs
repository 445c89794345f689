//! The reference pages, made from what the program and the providers say of themselves.

mod comments;
mod config;
mod conformance;
mod contract;
mod errors;
mod keys;
mod native;

use std::{fmt::Write as _, path::Path};

use clap::{Arg, Command, builder::PossibleValue};
use wildcert::{
    acme::Authority,
    plugin::manifest::{Manifest, Setting},
};
use wildcert_cli::Lang;

use crate::{manifest, provider_ids};

/// Every page of docs/reference: its file name and its text.
///
/// `repository` is its folder.
///
/// # Panics
/// When what they are made of is not there.
pub fn pages(repository: &Path) -> Vec<(String, String)> {
    let manifests: Vec<Manifest> = provider_ids().iter().map(|id| manifest(id)).collect();
    let mut pages = vec![
        ("cas.md".to_owned(), cas()),
        ("cli.md".to_owned(), cli()),
        ("conformance.md".to_owned(), conformance::page()),
        ("contract.md".to_owned(), contract::page(&repository.join("plugin-sdk/wit/0.1.0"))),
        ("environment.md".to_owned(), environment()),
        ("errors.ja.md".to_owned(), errors::page(Lang::Ja)),
        ("errors.md".to_owned(), errors::page(Lang::En)),
        ("exit-codes.md".to_owned(), exit_codes()),
        ("provider-toml.md".to_owned(), keys::page()),
        ("providers.md".to_owned(), index(&manifests)),
        ("wildcert-toml.md".to_owned(), config::page()),
        ("wildcert.schema.json".to_owned(), config::schema()),
    ];
    for manifest in &manifests {
        pages.push((format!("providers/{}.md", manifest.id), provider(manifest)));
    }
    pages
}

fn cli() -> String {
    let mut page = title("Commands", "the program's own help");
    let mut root = wildcert_cli::command();
    root.build();
    command(&mut page, &root, 2);
    page
}

fn cas() -> String {
    let mut page = title("CAs", "the program's own list");
    put(
        &mut page,
        "What `--server` takes besides the URL of a directory. The CA's own word goes first.\n",
    );
    for known in Authority::all() {
        let aliases: Vec<String> = known.aliases.iter().map(|name| format!("`{name}`")).collect();
        let directory = match known.directory {
            Some(url) => format!("<{url}>"),
            None => "none for everybody".to_owned(),
        };
        let keys: Vec<String> =
            known.certificate_keys.iter().map(|key| format!("`{key}`")).collect();
        let binding = known.external_account.unwrap_or_default();
        put(&mut page, &format!("## `{}`\n\n{}\n\n| | |\n|---|---|", known.name, known.title));
        for (name, value) in [
            ("also called", aliases.join(", ")),
            ("directory", directory),
            ("external account binding", binding.to_owned()),
            ("keys of certificates", keys.join(", ")),
            ("notes", known.notes.to_owned()),
            ("read", format!("{}, <{}>", known.read, known.source)),
        ] {
            if !value.is_empty() {
                put(&mut page, &format!("| {name} | {} |", cell(&value)));
            }
        }
        page.push('\n');
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn command(page: &mut String, command_: &Command, level: usize) {
    if command_.is_hide_set() || command_.get_name() == "help" {
        return;
    }
    let name = command_.get_bin_name().unwrap_or(command_.get_name());
    put(page, &format!("{} `{name}`\n", "#".repeat(level)));
    if let Some(about) = command_.get_about() {
        put(page, &format!("{about}.\n"));
    }
    let arguments: Vec<&Arg> = command_
        .get_arguments()
        .filter(|arg| !arg.is_hide_set() && !["help", "version"].contains(&arg.get_id().as_str()))
        .filter(|arg| level == 2 || !arg.is_global_set())
        .collect();
    if !arguments.is_empty() {
        put(page, "| argument | |\n|---|---|");
        for argument in arguments {
            put(page, &format!("| {} | {} |", spelling(argument), cell(&help(argument))));
        }
        page.push('\n');
    }
    if let Some(after) = command_.get_after_help() {
        put(page, &format!("```text\n{}\n```\n", after.to_string().trim_end()));
    }
    command_.get_subcommands().for_each(|sub| command(page, sub, (level + 1).min(4)));
}

/// `-d`, `--domain <NAME>`, with the other spellings that are shown.
fn spelling(argument: &Arg) -> String {
    let value = argument.get_value_names().and_then(|names| names.first());
    let value = match (argument.get_action().takes_values(), value) {
        (true, Some(value)) => format!(" <{value}>"),
        _ => String::new(),
    };
    let short = argument.get_short().map(|short| format!("-{short}"));
    let long = argument.get_long().map(|long| format!("--{long}"));
    let value = cell(&value);
    match [short, long].into_iter().flatten().collect::<Vec<_>>().join("`, `") {
        names if names.is_empty() => format!("`{}`", value.trim()),
        names => format!("`{names}{value}`"),
    }
}

fn help(argument: &Arg) -> String {
    let mut text = argument.get_help().map(ToString::to_string).unwrap_or_default();
    let hidden = argument.is_hide_default_value_set() || !argument.get_action().takes_values();
    if let (Some(default), false) = (argument.get_default_values().first(), hidden) {
        let _ = write!(text, " [default: {}]", default.to_string_lossy());
    }
    let choices = argument.get_possible_values();
    if argument.get_action().takes_values() && !choices.is_empty() {
        let names: Vec<&str> = choices.iter().map(PossibleValue::get_name).collect();
        let _ = write!(text, " [possible values: {}]", names.join(", "));
    }
    text
}

fn environment() -> String {
    let mut page = title("Environment variables", "the program's own list");
    put(&mut page, "Providers have variables of their own: see [their pages](providers.md).\n");
    put(&mut page, "| variable | meaning |\n|---|---|");
    for (name, meaning) in wildcert_cli::env::ALL {
        put(&mut page, &format!("| `{name}` | {} |", cell(meaning)));
    }
    page
}

fn exit_codes() -> String {
    let mut page = title("Exit codes", "the program's own list");
    put(&mut page, "| code | meaning |\n|---|---|");
    for (code, meaning) in wildcert_cli::exit::ALL {
        put(&mut page, &format!("| {code} | {} |", cell(meaning)));
    }
    page
}

fn index(manifests: &[Manifest]) -> String {
    let mut page = title("Providers", "each provider's provider.toml");
    put(
        &mut page,
        "| id | vendor | forms | settings that it cannot do without |\n|---|---|---|---|",
    );
    for manifest in manifests {
        let forms = if manifest.native_only { "native" } else { "WebAssembly, native" };
        let (id, name) = (&manifest.id, &manifest.name);
        let needs = needs(manifest);
        put(&mut page, &format!("| [`{id}`](providers/{id}.md) | {name} | {forms} | {needs} |"));
    }
    page
}

/// `A, B`, or `A`, or `B and C`.
fn needs(manifest: &Manifest) -> String {
    let code = |name: &String| format!("`{name}`");
    let required: Vec<String> =
        manifest.config.iter().filter(|setting| setting.required).map(|s| code(&s.name)).collect();
    let sets = manifest.credential_sets.iter();
    let sets: Vec<String> =
        sets.map(|set| set.iter().map(code).collect::<Vec<_>>().join(" and ")).collect();
    [required.join(", "), sets.join(", or ")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("; ")
}

fn provider(manifest: &Manifest) -> String {
    let mut page = title(&manifest.name, "the provider's provider.toml");
    put(&mut page, &format!("`--dns {}` · <{}>\n", manifest.id, manifest.homepage));
    if let Some(docs) = &manifest.api_docs {
        put(&mut page, &format!("The API: <{docs}>\n"));
    }
    put(&mut page, &format!("{}\n", manifest.help.trim()));
    if let Some(example) = &manifest.example {
        put(&mut page, &format!("```sh\n{}\n```\n", example.trim()));
    }
    if !manifest.config.is_empty() {
        put(&mut page, "## Settings\n");
        put(&mut page, "Variables of the environment, each also with `_FILE` for a file's path.\n");
        put(&mut page, "| setting | | other names | default |\n|---|---|---|---|");
        manifest.config.iter().for_each(|setting| put(&mut page, &row(setting)));
        page.push('\n');
        if !manifest.credential_sets.is_empty() {
            put(&mut page, &format!("Needed: {}.\n", needs(manifest)));
        }
    }
    put(&mut page, "## Reach\n");
    if manifest.native_only {
        put(&mut page, "Native code only: it is not confined.\n");
    }
    let reach: Vec<String> =
        manifest.reach.http.iter().map(|to| format!("- HTTP: `{to}`")).collect();
    let dns = manifest.reach.dns.iter().map(|to| format!("- DNS: `{to}`"));
    match reach.into_iter().chain(dns).collect::<Vec<_>>() {
        none if none.is_empty() => {}
        some => put(&mut page, &format!("{}\n", some.join("\n"))),
    }
    let ttl = manifest.ttl;
    put(&mut page, &format!("TTL: {} s ({} to {}).\n", ttl.default, ttl.minimum, ttl.maximum));
    let patience = manifest.propagation.timeout_s;
    put(&mut page, &format!("Propagation is waited for up to {patience} s."));
    page
}

fn row(setting: &Setting) -> String {
    let mut notes = Vec::new();
    if setting.required {
        notes.push("required");
    }
    if setting.secret {
        notes.push("secret");
    }
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join(", ")) };
    let aliases: Vec<String> = setting.aliases.iter().map(|name| format!("`{name}`")).collect();
    let default = setting.default.as_ref().map(|value| format!("`{value}`")).unwrap_or_default();
    let help = cell(&setting.help);
    format!("| `{}` | {help}{notes} | {} | {default} |", setting.name, aliases.join(", "))
}

fn title(title: &str, source: &str) -> String {
    format!("# {title}\n\n<!-- Made by `make docs` from {source}; do not edit. -->\n\n")
}

fn put(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

/// Text that stays in its cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
