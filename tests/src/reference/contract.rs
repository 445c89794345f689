//! The page about the contract, from the WIT and the tables of native modules.

use std::path::Path;

use wildcert_plugin_sdk::{REPEATABLE, abi};
use wit_bindgen_core::wit_parser::{
    Docs, Function, Interface, Resolve, Result_, Type, TypeDefKind, TypeId,
};

use super::{cell, native, put, title};

const HEAD: &str = "\
What wildcert and a provider agree upon, version 0.1. The contract itself is [a WIT
file](../../plugin-sdk/wit/0.1.0/provider.wit); this page shows the same. A WebAssembly module implements
the world `dns-provider`; a native module has the same operations in [a table of C](#native-modules). Who
writes Rust needs neither: [the SDK](../guide/writing-a-provider.md) makes both of one source. Who writes
another language begins [there](../guide/other-languages.md).

Version 0.1 is released: its records never change, functions may be added. A module says in
[its provider.toml](#providertoml) which version it is made for.

How much time, memory and network a call gets stands under [provider
security](../concepts/provider-security.md#how-much-it-gets); what every provider must keep beside the
types is [the conformance suite](conformance.md).
";

const OPTIONS: &str = "\
## Options

Each record ends with `options`, names and values: what later versions of 0.1 add arrives there, and
what the reader does not know it passes over. One is known today:

| record | option | value | meaning |
|---|---|---|---|";

const MANIFEST: &str = "
## provider.toml

What a provider says of itself lies within the module as the text of its provider.toml, in UTF-8.
wildcert reads it without running anything of the module:

| module | place |
|---|---|
| WebAssembly | the first custom section `SECTION`, of the component or of a core module within |
| ELF | the section `SECTION` |
| Mach-O | the section `SECTION` of the segment `__DATA` |
| PE | the section `SECTION_PE` |

`wildcert providers build` puts it there, for modules of every language.
[provider-toml.md](provider-toml.md) lists its keys.
";

/// The columns of a signature on one line.
const WIDTH: usize = 80;

/// `contract` is the folder of the WIT file.
pub(super) fn page(contract: &Path) -> String {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_path(contract).expect("the contract is WIT");
    let mut page = title("The contract", "the WIT file and the SDK's tables");
    put(&mut page, HEAD);
    for id in resolve.packages[package].interfaces.values() {
        interface(&mut page, &resolve, &resolve.interfaces[*id]);
    }
    put(&mut page, OPTIONS);
    put(
        &mut page,
        &format!(
            "| `http.request` | `{REPEATABLE}` | `true` | a POST or PATCH that does no harm when it is \
             sent twice: wildcert sends it again after connection trouble, 502, 503 and 504, as it does \
             GET, PUT and DELETE |"
        ),
    );
    let manifest = MANIFEST.replace("SECTION_PE", abi::MANIFEST_SECTION_PE);
    put(&mut page, &manifest.replace("SECTION", abi::MANIFEST_SECTION));
    page.push_str(&native::chapter());
    page
}

fn interface(page: &mut String, resolve: &Resolve, interface: &Interface) {
    let name = interface.name.as_deref().unwrap_or_default();
    put(page, &format!("## `{name}`\n\n{}\n", text(&interface.docs)));
    let own = interface.types.iter().filter(|(_, id)| !is_borrowed(resolve, **id));
    for (name, id) in own {
        let definition = &resolve.types[*id];
        put(page, &format!("### `{name}`\n"));
        if let Some(docs) = &definition.docs.contents {
            put(page, &format!("{}\n", docs.trim()));
        }
        match &definition.kind {
            TypeDefKind::Record(record) => {
                put(page, "| field | type | |\n|---|---|---|");
                for field in &record.fields {
                    let (docs, kind) = (cell(text(&field.docs)), type_(resolve, &field.ty));
                    put(page, &format!("| `{}` | `{kind}` | {docs} |", field.name));
                }
                page.push('\n');
            }
            TypeDefKind::Type(alias) => {
                put(page, &format!("`{}`\n", type_(resolve, alias)));
            }
            kind => put(page, &format!("`{}`\n", composed(resolve, kind))),
        }
    }
    for (name, function) in &interface.functions {
        put(page, &format!("### `{name}`\n\n```wit\n{}\n```\n", signature(resolve, function)));
        if let Some(docs) = &function.docs.contents {
            put(page, &format!("{}\n", docs.trim()));
        }
    }
}

/// Whether a type comes from another interface by `use`.
fn is_borrowed(resolve: &Resolve, id: TypeId) -> bool {
    let TypeDefKind::Type(Type::Id(target)) = resolve.types[id].kind else { return false };
    resolve.types[target].owner != resolve.types[id].owner && resolve.types[target].name.is_some()
}

fn signature(resolve: &Resolve, function: &Function) -> String {
    let parameters = function.params.iter();
    let parameters: Vec<String> =
        parameters.map(|one| format!("{}: {}", one.name, type_(resolve, &one.ty))).collect();
    let mut text = format!("{}: func({})", function.name, parameters.join(", "));
    if let Some(result) = &function.result {
        let result = format!("-> {};", type_(resolve, result));
        let space = if text.len() + result.len() < WIDTH { " " } else { "\n    " };
        return text + space + &result;
    }
    text.push(';');
    text
}

/// A type as WIT spells it.
fn type_(resolve: &Resolve, kind: &Type) -> String {
    match kind {
        Type::Bool => "bool".to_owned(),
        Type::U8 => "u8".to_owned(),
        Type::U16 => "u16".to_owned(),
        Type::U32 => "u32".to_owned(),
        Type::U64 => "u64".to_owned(),
        Type::String => "string".to_owned(),
        Type::Id(id) => {
            let definition = &resolve.types[*id];
            definition.name.clone().unwrap_or_else(|| composed(resolve, &definition.kind))
        }
        other => panic!("the contract has no {other:?}"),
    }
}

fn composed(resolve: &Resolve, kind: &TypeDefKind) -> String {
    let name = |kind: &Type| type_(resolve, kind);
    match kind {
        TypeDefKind::List(item) => format!("list<{}>", name(item)),
        TypeDefKind::Option(item) => format!("option<{}>", name(item)),
        TypeDefKind::Tuple(tuple) => {
            format!("tuple<{}>", tuple.types.iter().map(name).collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Result(Result_ { ok, err }) => {
            let part = |part: &Option<Type>| part.as_ref().map_or("_".to_owned(), name);
            format!("result<{}, {}>", part(ok), part(err))
        }
        other => panic!("the contract has no {}", other.as_str()),
    }
}

fn text(docs: &Docs) -> &str {
    docs.contents.as_deref().unwrap_or_default().trim()
}
