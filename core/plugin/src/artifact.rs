//! A provider's module as a file: what it is, checked without running it.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use object::FileKind;
use wildcert_plugin_sdk::{
    abi,
    manifest::{Manifest, ManifestError},
};

use crate::{digest::Sha256Digest, error::Error, inspect};

/// The largest module that is read: providers written in Python come close to 20 MB.
const SIZE_LIMIT: u64 = 64 << 20;

/// How a module is loaded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A WebAssembly component, confined.
    Wasm,
    /// A library of this platform, with all rights of this process.
    Native,
}

/// How a module was found, which decides whether its file's place vouches for it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Origin {
    /// The user named its path.
    Path,
    /// By its id, in a folder for providers.
    Folder,
    /// By its id, in the folder that came with this program.
    Release,
}

/// A module whose manifest, contract and platform have been checked.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The file, absolute and without symbolic links.
    pub path: PathBuf,
    /// How it was found.
    pub origin: Origin,
    /// How it is loaded.
    pub form: Form,
    /// The digest of the whole file.
    pub sha256: Sha256Digest,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The component; empty for a native module, which the system loads from its file.
    pub bytes: Arc<[u8]>,
}

impl Artifact {
    /// Reads the module at `path`; nothing in it is run.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, is no provider, or is made for another platform
    /// or version of the contract.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Read { path: path.to_owned(), source };
        let real = path.canonicalize().map_err(failed)?;
        let bytes = content(&real)?;
        let form = Form::of(&bytes).ok_or_else(|| Error::UnknownFormat { path: real.clone() })?;
        let manifest = match form {
            Form::Wasm => inspect::component(&real, &bytes)?,
            Form::Native => inspect::library(&real, &bytes)?,
        };
        let sha256 = Sha256Digest::of(&bytes);
        let bytes = match form {
            Form::Wasm => bytes.into(),
            Form::Native => Arc::default(),
        };
        Ok(Self { path: real, origin: Origin::Path, form, sha256, manifest, bytes })
    }
}

impl Form {
    /// The word for people and files: `wasm` or `native`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::Native => "native",
        }
    }

    /// What the first octets of a file say.
    fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\0asm") {
            return Some(Self::Wasm);
        }
        let native = bytes.starts_with(b"\x7fELF")
            || matches!(
                FileKind::parse(bytes),
                Ok(FileKind::MachO32 | FileKind::MachO64 | FileKind::Pe32 | FileKind::Pe64)
            );
        native.then_some(Self::Native)
    }
}

impl std::fmt::Display for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads the manifest that the module at `path` holds, and checks that it is for this contract.
pub(crate) fn manifest(path: &Path, text: &[u8]) -> Result<Manifest, Error> {
    let text = str::from_utf8(text)
        .map_err(|_| Error::ManifestEncoding { path: path.to_owned() })?;
    let outcome = Manifest::parse(text);
    // A manifest for another contract may look different altogether; its `abi` still tells.
    let theirs = match &outcome {
        Ok((manifest, _)) => Some(manifest.abi.clone()),
        Err(_) => toml::from_str::<Contract>(text).ok().map(|contract| contract.abi),
    };
    match (outcome, theirs) {
        (_, Some(theirs)) if theirs != abi::VERSION => {
            Err(Error::Abi { path: path.to_owned(), theirs, ours: abi::VERSION })
        }
        (Ok((manifest, _)), _) => Ok(manifest),
        (Err(source), _) => Err(invalid(path, source)),
    }
}

/// The error for a manifest that cannot be used.
pub(crate) fn invalid(path: &Path, source: ManifestError) -> Error {
    Error::Manifest { path: path.to_owned(), source: Box::new(source) }
}

/// The one key of provider.toml that every contract has.
#[derive(serde::Deserialize)]
struct Contract {
    abi: String,
}

fn content(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let metadata = path.metadata().map_err(failed)?;
    // Opening a pipe would wait for its other end.
    if !metadata.is_file() {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "not a file")));
    }
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    // One octet more than allowed tells a file that is too large, whatever its size claims.
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        let size = metadata.len();
        return Err(Error::TooLarge { path: path.to_owned(), size, limit: SIZE_LIMIT });
    }
    Ok(bytes)
}
