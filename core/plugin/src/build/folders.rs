//! The folders that are built, and what each says that it makes.

use std::{
    fs,
    path::{Path, PathBuf},
};

use wildcert_plugin_sdk::{
    abi,
    manifest::{Manifest, ManifestError},
};

use super::ready::MODULE;
use crate::{artifact, error::Error};

/// A folder with a provider.toml that is without a fault.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) dir: PathBuf,
    pub(super) manifest: Manifest,
    /// provider.toml as it stands.
    pub(super) text: String,
}

impl Folder {
    /// True for a crate; else it holds what another toolchain has made.
    pub(super) fn is_crate(&self) -> bool {
        self.dir.join("Cargo.toml").is_file()
    }
}

/// Reads `dirs`, each once: typing errors show before anything is compiled.
pub(super) fn folders(dirs: &[PathBuf]) -> Result<Vec<Folder>, Error> {
    let mut folders: Vec<Folder> = Vec::new();
    for dir in dirs {
        let dir = dir.canonicalize().map_err(|source| Error::Read { path: dir.clone(), source })?;
        if folders.iter().any(|known| known.dir == dir) {
            continue;
        }
        let folder = read(dir)?;
        if let Some(first) = folders.iter().find(|known| known.manifest.id == folder.manifest.id) {
            let (first, second) = (first.dir.clone(), folder.dir);
            return Err(Error::SameId { id: folder.manifest.id, first, second });
        }
        folders.push(folder);
    }
    Ok(folders)
}

fn read(dir: PathBuf) -> Result<Folder, Error> {
    let has = |file: &str| dir.join(file).is_file();
    if !has("provider.toml") {
        return Err(Error::NotAProvider { path: dir, lacking: "provider.toml" });
    }
    if !has("Cargo.toml") && !has(MODULE) {
        return Err(Error::NotAProvider { path: dir, lacking: "Cargo.toml and no provider.wasm" });
    }
    let path = dir.join("provider.toml");
    let (text, manifest) = strict_manifest(&path)?;
    Ok(Folder { dir, manifest, text })
}

fn strict_manifest(path: &Path) -> Result<(String, Manifest), Error> {
    let text =
        fs::read_to_string(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
    let (manifest, keys) =
        Manifest::parse(&text).map_err(|source: ManifestError| artifact::invalid(path, source))?;
    if manifest.abi != abi::VERSION {
        let path = path.to_owned();
        return Err(Error::Abi { path, theirs: manifest.abi, ours: abi::VERSION });
    }
    if !keys.is_empty() {
        return Err(Error::UnknownKeys { path: path.to_owned(), keys });
    }
    Ok((text, manifest))
}
