//! Compiled components, kept in a folder of ours.
#![expect(unsafe_code, reason = "compiled code cannot be checked, only where it comes from")]

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use tracing::{debug, warn};
use wasmtime::{Engine, component::Component};

use crate::digest::Sha256Digest;

/// Files that nobody has written anew for so long go when something is added.
const KEPT: Duration = Duration::from_secs(180 * 24 * 3600);

/// The folder of compiled components. Without a folder that is ours alone, nothing is kept and each
/// load compiles.
pub(crate) struct Cache {
    folder: PathBuf,
}

/// The place of one component, compiled by this version of wasmtime with these options.
pub(super) struct Entry {
    folder: PathBuf,
    path: PathBuf,
}

impl Cache {
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The place of the component with that digest; none when the folder cannot be trusted.
    pub(super) fn entry(&self, engine: &Engine, sha256: Sha256Digest) -> Option<Entry> {
        if let Err(reason) = self.prepare() {
            let folder = self.folder.display();
            warn!("compiled modules are not kept: `{folder}`: {reason}");
            return None;
        }
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        let name = format!("{sha256}-{:016x}", hasher.finish());
        Some(Entry { folder: self.folder.clone(), path: self.folder.join(name) })
    }

    /// Whether the component with that digest is here; whether it is unharmed shows when it is loaded.
    pub(crate) fn holds(&self, sha256: Sha256Digest) -> bool {
        let engine = super::engine::Engine::get().ok();
        let entry = engine.and_then(|engine| self.entry(&engine.wasmtime, sha256));
        entry.is_some_and(|entry| entry.path.exists())
    }

    fn prepare(&self) -> io::Result<()> {
        if !self.folder.exists() {
            let mut builder = fs::DirBuilder::new();
            #[cfg(unix)]
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.recursive(true).create(&self.folder)?;
        }
        ours(&self.folder)
    }
}

impl Entry {
    /// The component, when it is here and unharmed.
    pub(super) fn load(&self, engine: &Engine) -> Option<Component> {
        match ours(&self.path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                warn!("compiled module `{}` is not used: {error}", self.path.display());
                return None;
            }
        }
        // SAFETY: the file is what `Component::serialize` gave us: folder and file belong to this
        // user and nobody else can write them, it took its name only when it was whole and on the
        // disk, and it is never written again, so that it does not change while it is mapped.
        // wasmtime itself refuses a cut file, and what another version or other options of it have
        // made. A digest would cost more than all the rest of loading.
        let component = unsafe { Component::deserialize_file(engine, &self.path) };
        component.inspect_err(|error| debug!("compiled module is not used: {error}")).ok()
    }

    /// Keeps the component; that it cannot be kept harms nobody.
    pub(super) fn store(&self, component: &Component) {
        let write = || -> io::Result<()> {
            let compiled = component.serialize().map_err(io::Error::other)?;
            // A file of mode 0600 that takes its name when it is complete.
            let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
            file.write_all(&compiled)?;
            file.as_file().sync_all()?;
            file.persist(&self.path)?;
            self.sweep()
        };
        if let Err(error) = write() {
            warn!("compiled module is not kept in `{}`: {error}", self.folder.display());
        }
    }

    fn sweep(&self) -> io::Result<()> {
        for file in fs::read_dir(&self.folder)? {
            let file = file?;
            let age = SystemTime::now().duration_since(file.metadata()?.modified()?);
            if age.is_ok_and(|age| age > KEPT) {
                fs::remove_file(file.path())?;
            }
        }
        Ok(())
    }
}

/// Checks that this user alone can write `path`.
#[cfg(unix)]
fn ours(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;

    let metadata = fs::symlink_metadata(path)?;
    let owner = metadata.uid();
    if owner != rustix::process::geteuid().as_raw() {
        return Err(io::Error::other(format!("belongs to another user (uid {owner})")));
    }
    if metadata.is_symlink() || metadata.mode() & 0o022 != 0 {
        return Err(io::Error::other("others can write it"));
    }
    Ok(())
}

#[cfg(not(unix))]
fn ours(path: &Path) -> io::Result<()> {
    fs::symlink_metadata(path).map(|_| ())
}
