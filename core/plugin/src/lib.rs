//! Finds, checks, loads and calls wildcert providers.

mod artifact;
pub mod build;
mod digest;
mod error;
mod failure;
mod hint;
mod host;
mod inspect;
mod install;
mod limits;
mod loaded;
mod lock;
mod native;
mod near;
mod private;
mod provider;
#[cfg(test)]
mod samples;
pub mod scaffold;
mod services;
mod settings;
mod shelf;
mod signature;
pub mod trials;
mod wasm;
mod zones;

pub use artifact::{Artifact, Form, Origin};
pub use digest::{NotADigest, Sha256Digest};
pub use error::{Error, Exposure};
pub use failure::Failure;
pub use host::{CallLimits, PluginHost, PluginOptions};
pub use install::{Candidate, InstallError, Installer, Prepared, Removed, Source};
pub use lock::{FirstUse, Lock, Standing};
pub use near::near;
pub use provider::{DnsProvider, ProviderError};
pub use settings::{Fault, Settings, setting_named};
pub use shelf::{Folder, Listed, Shelf, standard_folders, user_folder};
pub use signature::{Judgement, SignatureError, Signer, Signers};

/// What providers and their host exchange, from the SDK.
pub use wildcert_plugin_sdk::{
    Error as Answer, ErrorKind, Removal, TxtRecord, challenge, manifest, testing::conformance,
};
