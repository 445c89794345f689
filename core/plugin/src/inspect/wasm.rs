//! A WebAssembly component: its manifest, and whether it asks for more than the contract offers.

use std::path::Path;

use wasmparser::{BinaryReaderError, Encoding, Parser, Payload};
use wildcert_plugin_sdk::{abi, manifest::Manifest};

use crate::{artifact, error::Error};

/// The instance that every provider exports.
const EXPORT: &str = "wildcert:provider/provider@0.1.0";

/// The imports that the host satisfies: this, a name, `@0.1.` and a number.
const IMPORTS: &str = "wildcert:provider/";

/// Reads the manifest of the component in `bytes` and checks what it imports and exports.
///
/// The manifest is the first custom section of its name, however deep: the Rust compiler puts it
/// into the core module, other tools at the component's top.
pub(crate) fn component(path: &Path, bytes: &[u8]) -> Result<Manifest, Error> {
    let broken = |error: BinaryReaderError| Error::BrokenWasm {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    let outline = Outline::read(bytes).map_err(broken)?;
    if !outline.component {
        return Err(Error::CoreModule { path: path.to_owned() });
    }
    let text = outline.manifest.ok_or_else(|| Error::NoManifest { path: path.to_owned() })?;
    // The manifest comes first: a module for another contract has other imports and exports.
    let manifest = artifact::manifest(path, text)?;

    let foreign = |name: &&str| !name.strip_prefix(IMPORTS).is_some_and(of_this_contract);
    let imports: Vec<String> =
        outline.imports.into_iter().filter(foreign).map(str::to_owned).collect();
    if !imports.is_empty() {
        let wasi = imports.iter().any(|name| name.starts_with("wasi:"));
        return Err(Error::ForeignImports { path: path.to_owned(), imports, wasi });
    }
    if !outline.exports.contains(&EXPORT) {
        return Err(Error::NoExport { path: path.to_owned(), export: EXPORT });
    }
    Ok(manifest)
}

/// True for `NAME@0.1.PATCH`.
fn of_this_contract(name: &str) -> bool {
    let version = name.split_once('@').map(|(_, version)| version);
    let patch = version.and_then(|version| version.strip_prefix(abi::VERSION)?.strip_prefix('.'));
    patch.is_some_and(|patch| patch.bytes().all(|digit| digit.is_ascii_digit()))
}

/// The parts of a WebAssembly file that matter here.
#[derive(Default)]
struct Outline<'a> {
    component: bool,
    manifest: Option<&'a [u8]>,
    imports: Vec<&'a str>,
    exports: Vec<&'a str>,
}

impl<'a> Outline<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, BinaryReaderError> {
        let mut outline = Self::default();
        // Modules and components nested within have imports of their own, which the component
        // around them satisfies.
        let mut depth = 0_usize;
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::Version { encoding, .. } => {
                    depth += 1;
                    if depth == 1 {
                        outline.component = encoding == Encoding::Component;
                    }
                }
                Payload::End(_) => depth = depth.saturating_sub(1),
                Payload::CustomSection(section) if section.name() == abi::MANIFEST_SECTION => {
                    outline.manifest.get_or_insert(section.data());
                }
                Payload::ComponentImportSection(imports) if depth == 1 => {
                    for import in imports {
                        outline.imports.push(import?.name.name);
                    }
                }
                Payload::ComponentExportSection(exports) if depth == 1 => {
                    for export in exports {
                        outline.exports.push(export?.name.name);
                    }
                }
                _ => {}
            }
        }
        Ok(outline)
    }
}
