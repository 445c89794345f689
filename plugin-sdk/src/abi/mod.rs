//! How a provider and its host reach each other: the component's bindings for WebAssembly, and a
//! table of functions that take and give JSON for native modules.
//!
//! Authors never need this module; `export_provider!` does.

pub mod bytes;
pub mod dispatch;
pub mod json;
#[cfg(not(target_arch = "wasm32"))]
pub mod native;
pub mod table;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

/// The version of the contract that this SDK speaks, as provider.toml's `abi` names it.
pub const VERSION: &str = "0.1";

/// The section of a native module (ELF, Mach-O) and the custom section of a WebAssembly module that
/// hold provider.toml.
pub const MANIFEST_SECTION: &str = ".wildcert";

/// The same in a library of Windows (PE), where linkers cut such names to eight characters.
pub const MANIFEST_SECTION_PE: &str = ".wildcer";
