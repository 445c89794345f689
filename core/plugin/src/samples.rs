//! Small components for the tests.

use std::path::Path;

use wasm_encoder::{ComponentSection, CustomSection};
use wit_component::{StringEncoding, embed_component_metadata};

use crate::artifact::Artifact;

/// A provider.toml without settings.
pub(crate) fn manifest(id: &str, abi: &str) -> String {
    format!(
        "id = \"{id}\"\nname = \"Acme\"\nhomepage = \"https://acme.example/\"\nabi = \"{abi}\"\n\
         model = \"record\"\n"
    )
}

/// A component that looks like a provider from without.
pub(crate) fn component(manifest: &str) -> Vec<u8> {
    custom_section(component_around("(core module)"), manifest)
}

/// The same without a manifest, and with `module` within.
pub(crate) fn component_around(module: &str) -> Vec<u8> {
    component_from(&format!(
        r#"(component
            {module}
            (import "wildcert:provider/http@0.1.0" (instance))
            (instance $i)
            (export "wildcert:provider/provider@0.1.0" (instance $i)))"#
    ))
}

/// The component that the text describes.
pub(crate) fn component_from(wat: &str) -> Vec<u8> {
    wat::parse_str(wat).unwrap()
}

/// The core module that the text describes, with the types of `wit`'s world beside it, as a compiler
/// with bindings leaves it.
pub(crate) fn core_module(wit: &str, wat: &str) -> Vec<u8> {
    let mut module = wat::parse_str(wat).unwrap();
    let mut resolve = wit_parser::Resolve::default();
    let package = resolve.push_str("provider.wit", wit).unwrap();
    let world = resolve.select_world(&[package], Some("dns-provider")).unwrap();
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).unwrap();
    module
}

/// Appends the manifest's section to a module or component.
pub(crate) fn custom_section(mut bytes: Vec<u8>, manifest: &str) -> Vec<u8> {
    let name = wildcert_plugin_sdk::abi::MANIFEST_SECTION.into();
    let section = CustomSection { name, data: manifest.as_bytes().into() };
    section.append_to_component(&mut bytes);
    bytes
}

/// Writes `bytes` to `path` and reads it back as a module.
pub(crate) fn placed(path: &Path, bytes: &[u8]) -> Artifact {
    std::fs::write(path, bytes).unwrap();
    Artifact::read(path).unwrap()
}
