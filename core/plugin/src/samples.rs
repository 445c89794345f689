//! Small components for the tests.

use std::path::Path;

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

/// Appends the manifest's section to a module or component.
pub(crate) fn custom_section(mut bytes: Vec<u8>, manifest: &str) -> Vec<u8> {
    let name = wildcert_plugin_sdk::abi::MANIFEST_SECTION;
    let mut content = vec![u8::try_from(name.len()).unwrap()];
    content.extend_from_slice(name.as_bytes());
    content.extend_from_slice(manifest.as_bytes());
    bytes.push(0);
    // The length in LEB128.
    let mut length = content.len();
    while length > 127 {
        bytes.push(u8::try_from(length & 127).unwrap() | 128);
        length >>= 7;
    }
    bytes.push(u8::try_from(length).unwrap());
    bytes.extend(content);
    bytes
}

/// Writes `bytes` to `path` and reads it back as a module.
pub(crate) fn placed(path: &Path, bytes: &[u8]) -> Artifact {
    std::fs::write(path, bytes).unwrap();
    Artifact::read(path).unwrap()
}
