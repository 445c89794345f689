//! Modules that another language's toolchain has made: they get their manifest.

use std::{borrow::Cow, fs};

use wasm_encoder::{ComponentSection, CustomSection};
use wasmparser::Parser;
use wildcert_plugin_sdk::abi::MANIFEST_SECTION;

use super::{component, folders::Folder};
use crate::{error::Error, inspect};

/// The file in the folder: a component, or a core module that names the contract's types in a
/// custom section, as `wit-bindgen c` makes it.
pub(super) const MODULE: &str = "provider.wasm";

/// The component of the folder, with provider.toml in it.
///
/// # Errors
/// When the module cannot be made a component, does not keep the contract, or holds another
/// provider.toml already.
pub(super) fn component(folder: &Folder) -> Result<Vec<u8>, Error> {
    let path = folder.dir.join(MODULE);
    let bytes = fs::read(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
    let mut bytes = match Parser::is_core_wasm(&bytes) {
        true => component::encode(&folder.manifest.id, &bytes)?,
        false => bytes,
    };
    let manifest = CustomSection {
        name: MANIFEST_SECTION.into(),
        data: Cow::Borrowed(folder.text.as_bytes()),
    };
    manifest.append_to_component(&mut bytes);
    // The first manifest is the one that counts.
    if inspect::component(&path, &bytes)? != folder.manifest {
        return Err(Error::OtherManifest { path });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use tempfile::{TempDir, tempdir};

    use super::*;
    use crate::{build::folders::folders, samples};

    /// A folder with a provider.toml and that module.
    fn folder(module: &[u8]) -> TempDir {
        let dir = tempdir().unwrap();
        fs::write(dir.path().join("provider.toml"), samples::manifest("acme", "0.1")).unwrap();
        fs::write(dir.path().join(MODULE), module).unwrap();
        dir
    }

    fn made(dir: &TempDir) -> Result<Vec<u8>, Error> {
        component(&folders(&[dir.path().to_owned()]).unwrap()[0])
    }

    fn refusal(module: &[u8]) -> Error {
        made(&folder(module)).unwrap_err()
    }

    const WIT: &str = include_str!("../../../../plugin-sdk/wit/0.1.0/provider.wit");

    #[test]
    fn a_component_gets_its_manifest() {
        let bytes = made(&folder(&samples::component_around("(core module)"))).unwrap();
        let manifest = inspect::component(Path::new("x"), &bytes).unwrap();
        assert_eq!(manifest.id, "acme");
        let again = made(&folder(&bytes)).unwrap();
        assert_eq!(inspect::component(Path::new("x"), &again).unwrap(), manifest);
    }

    #[test]
    fn a_core_module_with_types_becomes_a_component() {
        let operation = |name: &str, parameters: &str| {
            let export = format!("wildcert:provider/provider@0.1.0#{name}");
            format!("(func (export {export:?}) (param {parameters}) (result i32) unreachable)")
        };
        let module = format!(
            "(module (memory (export \"memory\") 1) {} {} {}
                (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) unreachable))",
            operation("check", "i32 i32"),
            operation("present", "i32 i32 i32 i32"),
            operation("remove", "i32 i32 i32 i32"),
        );
        let bytes = made(&folder(&samples::core_module(WIT, &module))).unwrap();
        assert_eq!(inspect::component(Path::new("x"), &bytes).unwrap().id, "acme");

        let less = "(module (memory (export \"memory\") 1))";
        let error = refusal(&samples::core_module(WIT, less));
        assert!(matches!(error, Error::Componentise { .. }), "{error}");
    }

    #[test]
    fn what_is_no_provider_of_this_folder_is_refused() {
        let other = samples::component(&samples::manifest("other", "0.1"));
        let error = refusal(&other);
        assert!(matches!(error, Error::OtherManifest { .. }), "{error}");
        assert!(matches!(refusal(b"\x7fELF"), Error::BrokenWasm { .. }));
        for empty in [b"\0asm\x01\0\0\0".to_vec(), samples::component_from("(component)")] {
            assert!(matches!(refusal(&empty), Error::NoExport { .. }));
        }
        let wasi = r#"(component (import "wasi:cli/stdout@0.2.0" (instance)))"#;
        let error = refusal(&samples::component_from(wasi));
        assert!(error.hint().unwrap().contains("WASI"), "{error}");
    }
}
