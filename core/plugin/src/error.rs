//! What can go wrong between the name of a provider and its answers.

use std::{io, path::PathBuf};

use wildcert_plugin_sdk::manifest::ManifestError;

use crate::{failure::Failure, install::InstallError, settings::Fault, signature::SignatureError};

/// Why a provider could not be found, checked, built, loaded or called.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read.
    #[error("cannot read `{path}`: {source}")]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// A file or folder could not be written.
    #[error("cannot write `{path}`: {source}")]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },

    // Finding.
    /// No folder holds a module for this id.
    #[error("no provider `{id}` in {}", folders_text(.folders))]
    UnknownProvider {
        /// The id that was looked for.
        id: String,
        /// The folders searched, in order, and whether each exists.
        folders: Vec<(PathBuf, bool)>,
        /// Ids that are there and look alike, the nearest first.
        near: Vec<String>,
    },
    /// A module found by its file's name calls itself something else.
    #[error("`{path}` holds the provider `{manifest_id}`, not `{file_id}` as its name says")]
    Misnamed {
        /// The module.
        path: PathBuf,
        /// The id that the file's name stands for.
        file_id: String,
        /// The id in its manifest.
        manifest_id: String,
    },

    // Reading a module.
    /// The module is larger than any provider may be.
    #[error("`{path}` has {size} bytes; a provider has at most {limit}")]
    TooLarge {
        /// The module.
        path: PathBuf,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// The file is no module of any kind.
    #[error("`{path}` is neither a WebAssembly component nor a native library")]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The file begins like a native library, but cannot be read as one.
    #[error("`{path}` is a damaged native library: {reason}")]
    BrokenLibrary {
        /// The file.
        path: PathBuf,
        /// What the reader met.
        reason: String,
    },
    /// The native library is made for other machines.
    #[error("`{path}` is a native library for {theirs}, but wildcert runs on {ours}")]
    WrongPlatform {
        /// The file.
        path: PathBuf,
        /// What the file is for.
        theirs: String,
        /// What this program runs on.
        ours: String,
    },
    /// The file begins like WebAssembly, but cannot be read as such.
    #[error("`{path}` is damaged WebAssembly: {reason}")]
    BrokenWasm {
        /// The file.
        path: PathBuf,
        /// What the reader met, and where.
        reason: String,
    },
    /// The file is WebAssembly, but a core module.
    #[error("`{path}` is a WebAssembly core module, not a component")]
    CoreModule {
        /// The file.
        path: PathBuf,
    },
    /// The module says nothing of itself.
    #[error("`{path}` is no wildcert provider: it holds no provider.toml (section `.wildcert`)")]
    NoManifest {
        /// The module.
        path: PathBuf,
    },
    /// The provider.toml in the module, or of a crate, cannot be used.
    #[error("provider.toml of `{path}`: {source}")]
    Manifest {
        /// The module, or provider.toml itself.
        path: PathBuf,
        /// All that is wrong with it.
        source: Box<ManifestError>,
    },
    /// The provider.toml in the module is not text.
    #[error("provider.toml of `{path}` is not UTF-8")]
    ManifestEncoding {
        /// The module.
        path: PathBuf,
    },
    /// The module speaks another version of the contract.
    #[error("`{path}` is made for contract {theirs}, this wildcert speaks {ours}")]
    Abi {
        /// The module.
        path: PathBuf,
        /// The version that its provider.toml names.
        theirs: String,
        /// The version that this host speaks.
        ours: &'static str,
    },
    /// The component wants what the contract does not offer.
    #[error("`{path}` wants what wildcert does not offer to providers: {}", quoted(.imports))]
    ForeignImports {
        /// The component.
        path: PathBuf,
        /// The imports outside the contract.
        imports: Vec<String>,
        /// True when some of them are WASI's.
        wasi: bool,
    },
    /// The module lacks what every provider exports.
    #[error("`{path}` does not export `{export}`")]
    NoExport {
        /// The module.
        path: PathBuf,
        /// The export.
        export: &'static str,
    },

    // Settings.
    /// The settings of a provider do not suffice: all faults at once.
    #[error("settings of provider `{provider}`:{}", lines(.faults))]
    Settings {
        /// The provider's id.
        provider: String,
        /// Everything that is wrong.
        faults: Vec<Fault>,
    },

    // Trust.
    /// A native module could be exchanged by others.
    #[error("native module `{module}` is refused: `{path}` {reason}")]
    Exposed {
        /// The module.
        module: PathBuf,
        /// The module or its folder.
        path: PathBuf,
        /// Who could write it.
        reason: Exposure,
    },
    /// A module is not the one that was approved.
    #[error("provider `{name}` is not what was approved:{}", lines(.changes))]
    Changed {
        /// The id or path under which it is approved.
        name: String,
        /// What differs, one line each.
        changes: Vec<String>,
    },
    /// providers.lock cannot be read as such.
    #[error("`{path}`: {}", .source.to_string().trim_end())]
    LockSyntax {
        /// The file.
        path: PathBuf,
        /// What is wrong, and where.
        source: Box<toml::de::Error>,
    },
    /// providers.lock is of a later layout.
    #[error("`{path}` has layout {version}, which this wildcert does not know")]
    LockVersion {
        /// The file.
        path: PathBuf,
        /// Its layout.
        version: u32,
    },

    /// A signature is absent or does not count.
    #[error(transparent)]
    Signature(#[from] SignatureError),
    /// A module cannot be installed or removed.
    #[error(transparent)]
    Install(#[from] InstallError),

    // Loading.
    /// WebAssembly cannot be run here.
    #[error("cannot run WebAssembly on this machine: {reason}")]
    Engine {
        /// What the engine said.
        reason: String,
    },
    /// The component cannot be compiled.
    #[error("cannot compile `{path}`: {reason}")]
    Compile {
        /// The component.
        path: PathBuf,
        /// What the compiler met.
        reason: String,
    },
    /// The component imports or exports the contract's names with other types.
    #[error("`{path}` does not keep the contract: {reason}")]
    WrongTypes {
        /// The component.
        path: PathBuf,
        /// What differs.
        reason: String,
    },
    /// The component failed before it was asked anything.
    #[error("`{path}` {failure} while it was started")]
    Start {
        /// The component.
        path: PathBuf,
        /// What it did.
        failure: Failure,
    },
    /// The native library cannot be loaded, or offers no table of operations.
    #[error("cannot load `{path}`: {reason}")]
    Library {
        /// The library.
        path: PathBuf,
        /// What the system's loader said, or what the table lacks.
        reason: String,
    },

    // Building.
    /// The folder lacks a part of a provider's source.
    #[error("`{path}` is no provider's folder: it has no {lacking}")]
    NotAProvider {
        /// The folder.
        path: PathBuf,
        /// `Cargo.toml`, `provider.toml`, `provider.wasm` or `cdylib` target.
        lacking: &'static str,
    },
    /// The module that another toolchain has made holds a provider.toml, not the folder's.
    #[error("`{path}` holds another provider.toml than the one beside it")]
    OtherManifest {
        /// The module.
        path: PathBuf,
    },
    /// provider.toml says what nobody reads.
    #[error("`{path}` has unknown keys: {}", quoted(.keys))]
    UnknownKeys {
        /// The provider.toml.
        path: PathBuf,
        /// The keys.
        keys: Vec<String>,
    },
    /// Two folders make the same provider.
    #[error("`{first}` and `{second}` both make the provider `{id}`")]
    SameId {
        /// The id.
        id: String,
        /// One folder.
        first: PathBuf,
        /// The other.
        second: PathBuf,
    },
    /// No Rust compiler here makes WebAssembly.
    #[error("no Rust compiler here can build WebAssembly: {}", .lacking.join("; "))]
    NoWasmToolchain {
        /// What each compiler that was looked at lacks.
        lacking: Vec<String>,
    },
    /// A program of the toolchain did not start.
    #[error("cannot run `{program}`: {source}")]
    Run {
        /// The program.
        program: String,
        /// What the system answered.
        source: io::Error,
    },
    /// A program of the toolchain failed; it has told why.
    #[error("`{command}` failed: {reason}")]
    Tool {
        /// The command line.
        command: String,
        /// How it ended, or what it said.
        reason: String,
    },
    /// The compiled module could not be made a component.
    #[error("cannot make a component of provider `{id}`: {reason}")]
    Componentise {
        /// The provider's id.
        id: String,
        /// What is wrong with the module.
        reason: String,
    },
}

/// Who could exchange a native module.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Exposure {
    /// It belongs to a user who is neither root, nor we, nor the owner of this program.
    #[error("belongs to another user (uid {0})")]
    Owner(u32),
    /// Its mode lets the group or everybody write.
    #[error("is writable by others (mode {0:04o})")]
    Mode(u32),
}

/// The names in backticks, as messages show them.
pub(crate) fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn lines<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("\n  {item}")).collect()
}

fn folders_text(folders: &[(PathBuf, bool)]) -> String {
    if folders.is_empty() {
        return "any folder: there is none to search".to_owned();
    }
    let folders: Vec<String> = folders
        .iter()
        .map(|(path, exists)| {
            let note = if *exists { "" } else { " (does not exist)" };
            format!("`{}`{note}", path.display())
        })
        .collect();
    folders.join(", ")
}
