//! The page about wildcert.toml, and its JSON Schema.

use serde_json::{Map, Value};
use wildcert::config;

use super::{cell, put, title};

const HEAD: &str = "\
Everything that the command line says may stand in a file too. It is named by `--config FILE` or
`WILDCERT_CONFIG`; otherwise `/etc/wildcert/wildcert.toml` is read for root, and
`~/.config/wildcert/wildcert.toml` for others, when it is there. An option goes before the environment, and
the environment before the file. `wildcert config check` tells everything that is wrong with it,
`wildcert config show` where each value comes from.

```toml
#:schema ./wildcert.schema.json
email = \"me@example.com\"
accept-tos = true

[providers.cloudflare.settings]
dns-api-token = { file = \"cloudflare-token\" }

[certificates.main]
domains = [\"example.com\", \"*.example.com\"]
```

Names of files are relative to the folder of the configuration. Where a list is taken, a single value
may stand without its brackets. Keys that are not in these tables are refused; the
[JSON Schema](wildcert.schema.json) lets editors complete and check them.
";

const SECRETS: &str = "\
## Secrets

The value itself, or a table with one key that says where it comes from. It is fetched when it is needed,
and never printed.

| key | | |
|---|---|---|";

/// The tables of the file: their headings, what is said of them, and where the schema has them.
const TABLES: [(&str, &str, &str); 5] = [
    (
        "The top",
        "The keys that `[certificates.…]` has too hold for every certificate that says nothing else, and \
         those of `[cas.…]` for every CA.",
        "",
    ),
    ("`[cas.NAME]`", "", "/properties/cas/additionalProperties"),
    ("`[providers.NAME]`", "", "/properties/providers/additionalProperties"),
    ("`[certificates.NAME]`", "", "/properties/certificates/additionalProperties"),
    ("`pfx`", "`true`, or a table with these keys.", "/properties/pfx/anyOf/1"),
];

/// The JSON Schema as it is published.
pub(super) fn schema() -> String {
    format!("{:#}\n", config::schema())
}

pub(super) fn page() -> String {
    let schema = config::schema();
    let mut page = title("wildcert.toml", "the program's own keys");
    put(&mut page, HEAD);
    for (heading, about, place) in TABLES {
        put(&mut page, &format!("## {heading}\n"));
        if !about.is_empty() {
            put(&mut page, &format!("{about}\n"));
        }
        put(&mut page, "| key | | |\n|---|---|---|");
        rows(&mut page, &schema.pointer(place).expect("the schema has the table")["properties"]);
        page.push('\n');
    }
    put(&mut page, SECRETS);
    for source in list(&schema["definitions"]["secret"]["anyOf"]) {
        if source["properties"].is_object() {
            rows(&mut page, &source["properties"]);
        }
    }
    page
}

fn rows(page: &mut String, properties: &Value) {
    for (key, schema) in properties.as_object().unwrap_or(&Map::new()) {
        let help = schema["description"].as_str().expect("every key has a description");
        put(page, &format!("| `{key}` | {} | {} |", form(schema), cell(help)));
    }
}

/// What a schema is called.
fn form(schema: &Value) -> String {
    if schema["allOf"].is_array() || schema["$ref"].is_string() {
        return "[secret](#secrets)".to_owned();
    }
    if schema["enum"].is_array() {
        let words = list(&schema["enum"]).iter().filter_map(Value::as_str);
        return words.map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
    }
    if let [one, other] = list(&schema["anyOf"]) {
        let one = form(one);
        return match other["type"].as_str() {
            Some("array") => format!("list of {one}s"),
            _ => format!("{one} or {}", form(other)),
        };
    }
    match (schema["type"].as_str(), schema["maximum"].as_u64()) {
        (Some("string"), _) if schema["format"] == "date-time" => "date and time".to_owned(),
        (Some("string"), _) => "text".to_owned(),
        (Some("boolean"), _) => "boolean".to_owned(),
        (Some("integer"), Some(maximum)) if maximum < u32::MAX.into() => {
            format!("integer, 1 to {maximum}")
        }
        (Some("integer"), _) => "integer from 1".to_owned(),
        (Some("object"), _) if schema["additionalProperties"]["properties"].is_object() => {
            "tables".to_owned()
        }
        (Some("object"), _) => "table".to_owned(),
        other => panic!("{other:?} has no name"),
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
