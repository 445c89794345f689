//! The page about provider.toml, from the comments of the manifest's types.

use wildcert::plugin::manifest::{Limits, Propagation, TtlRange};

use super::{cell, comments, put, title};

const SOURCE: &str = include_str!("../../../plugin-sdk/src/manifest.rs");

const HEAD: &str = "\
What a provider says of itself. It lies beside the source, is built into the module
([where](contract.md#providertoml)), and is read without running anything. `wildcert providers show`, the
check of missing settings and the host's confinement are made of it. The build refuses keys that are not in
these tables; a host that meets them passes over them. [Writing a provider](../guide/writing-a-provider.md#providertoml) has an example.
";

/// Each table of the file, what is said of it, and the type that reads it.
const TABLES: &[(&str, &str, &str)] = &[
    ("The file", "", "Manifest"),
    ("`[[config]]`", "One table for each setting.", "Setting"),
    ("`[reach]`", "What a WebAssembly module may talk to; it reaches nothing else.", "Reach"),
    ("`[limits]`", "How hard the vendor's API may be driven.", "Limits"),
    ("`[ttl]`", "The TTLs that the vendor takes, in seconds.", "TtlRange"),
    ("`[propagation]`", "How long the vendor's servers take.", "Propagation"),
];

pub(super) fn page() -> String {
    let mut page = title("provider.toml", "the SDK's own source");
    put(&mut page, HEAD);
    for (heading, about, table) in TABLES {
        put(&mut page, &format!("## {heading}\n"));
        if !about.is_empty() {
            put(&mut page, &format!("{about}\n"));
        }
        put(&mut page, "| key | | |\n|---|---|---|");
        let optional = SOURCE.contains(&format!("default)]\npub struct {table} {{"));
        for item in comments::items(SOURCE, &format!("pub struct {table} {{")) {
            let Some((name, kind)) =
                item.line.strip_prefix("pub ").and_then(|l| l.split_once(": "))
            else {
                panic!("`{}` is no public field", item.line);
            };
            let optional = optional || item.attributes.contains("default");
            let name = name.replace('_', "-");
            let need = match default(table, &name) {
                Some(default) => format!(" [default: {default}]"),
                None if optional => String::new(),
                None => ", required".to_owned(),
            };
            let meaning = cell(&(item.comment + &choices(kind)));
            put(&mut page, &format!("| `{name}` | {}{need} | {meaning} |", form(kind)));
        }
        page.push('\n');
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

/// What a Rust type is called in TOML.
fn form(kind: &str) -> &'static str {
    match within_option(kind) {
        "bool" => "boolean",
        "u32" | "u64" => "integer",
        "f64" => "number",
        "Vec<String>" => "list of texts",
        "Vec<Vec<String>>" => "list of lists of texts",
        "Vec<Setting>" => "tables",
        "Reach" | "Limits" | "TtlRange" | "Propagation" => "table",
        "String" | "Model" | "Role" => "text",
        other => panic!("`{other}` has no name"),
    }
}

/// The words of an enumeration with what they mean.
fn choices(kind: &str) -> String {
    let kind = within_option(kind);
    if !["Model", "Role"].contains(&kind) {
        return String::new();
    }
    let items = comments::items(SOURCE, &format!("pub enum {kind} {{"));
    let choice = |item: &comments::Item| format!(" `{}`: {}", kebab(&item.line), item.comment);
    items.iter().map(choice).collect()
}

/// The number that counts where a table says nothing.
fn default(table: &str, key: &str) -> Option<u64> {
    let (limits, ttl) = (Limits::default(), TtlRange::default());
    Some(match (table, key) {
        ("Limits", "concurrency") => limits.concurrency.into(),
        ("TtlRange", "minimum") => ttl.minimum.into(),
        ("TtlRange", "default") => ttl.default.into(),
        ("TtlRange", "maximum") => ttl.maximum.into(),
        ("Propagation", "timeout-s") => Propagation::default().timeout_s,
        _ => return None,
    })
}

fn within_option(kind: &str) -> &str {
    kind.strip_prefix("Option<").and_then(|kind| kind.strip_suffix('>')).unwrap_or(kind)
}

fn kebab(name: &str) -> String {
    let mut text = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.extend(letter.to_lowercase());
    }
    text
}
