//! Who could exchange a file.
//!
//! A file is exposed when the group or everybody may write it, or when it belongs to somebody whom
//! this process has no reason to trust. The same holds for its folder, in which a file is
//! exchanged by renaming another over it. Folders with the sticky bit, such as `/tmp`, count as
//! writable: others cannot rename our files there, but they may have put theirs first.

use std::path::{Path, PathBuf};

use crate::error::{Error, Exposure};

/// The first of `path` and its folder that others than the `trusted` users could write.
pub(super) fn exposed(path: &Path, trusted: &[u32]) -> Result<Option<(PathBuf, Exposure)>, Error> {
    for path in [Some(path), path.parent()].into_iter().flatten() {
        if let Some(exposure) = exposure(path, trusted)? {
            return Ok(Some((path.to_owned(), exposure)));
        }
    }
    Ok(None)
}

#[cfg(unix)]
fn exposure(path: &Path, trusted: &[u32]) -> Result<Option<Exposure>, Error> {
    use std::os::unix::fs::MetadataExt;

    let failed = |source| Error::Read { path: path.to_owned(), source };
    let metadata = path.metadata().map_err(failed)?;
    let mode = metadata.mode() & 0o7777;
    if mode & 0o022 != 0 {
        return Ok(Some(Exposure::Mode(mode)));
    }
    let owner = metadata.uid();
    Ok((!trusted.contains(&owner)).then_some(Exposure::Owner(owner)))
}

#[cfg(not(unix))]
fn exposure(_: &Path, _: &[u32]) -> Result<Option<Exposure>, Error> {
    Ok(None)
}

/// The owner of a file, where the system has such a thing.
#[cfg(unix)]
pub(super) fn owner(path: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;

    path.metadata().ok().map(|metadata| metadata.uid())
}

#[cfg(not(unix))]
pub(super) fn owner(_: &Path) -> Option<u32> {
    None
}

/// Root, and the user who runs this process.
#[cfg(unix)]
pub(super) fn privileged() -> Vec<u32> {
    vec![0, rustix::process::geteuid().as_raw()]
}

#[cfg(not(unix))]
pub(super) fn privileged() -> Vec<u32> {
    Vec::new()
}
