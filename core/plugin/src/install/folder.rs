//! The user's folder of providers as files.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use crate::{
    artifact::Form,
    error::Error,
    private::{make_folder, sync_folder},
    shelf::file_name,
    signature::signature_path,
};

/// What was taken away.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct Removed {
    /// The files: modules and their signatures.
    pub files: Vec<PathBuf>,
    /// The names that are not approved any more.
    pub approvals: Vec<String>,
}

/// Both files in which the provider `id` is installed, whether they exist or not.
pub(super) fn modules_of(folder: &Path, id: &str) -> [PathBuf; 2] {
    [Form::Wasm, Form::Native].map(|form| folder.join(file_name(id, form)))
}

/// Writes a file under a name that nobody looks for, for everybody to read and for nobody else to
/// write, whatever the umask.
pub(super) fn stage(folder: &Path, content: &[u8]) -> Result<NamedTempFile, Error> {
    let write = || {
        make_folder(folder)?;
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(content)?;
        #[cfg(unix)]
        {
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            file.as_file().set_permissions(mode)?;
        }
        file.as_file().sync_all()?;
        io::Result::Ok(file)
    };
    write().map_err(|source| Error::Write { path: folder.to_owned(), source })
}

/// Puts a module and its signature in the place of older ones, each in one step, and takes away
/// what `id` is installed as in another form.
pub(super) fn place(
    folder: &Path,
    id: &str,
    module: NamedTempFile,
    signature: Option<NamedTempFile>,
    to: &Path,
) -> Result<(), Error> {
    let persist = |file: NamedTempFile, to: &Path| {
        let failed = |source| Error::Write { path: to.to_owned(), source };
        file.persist(to).map(|_| ()).map_err(|error| failed(error.error))
    };
    let beside = signature_path(to);
    match signature {
        Some(signature) => persist(signature, &beside)?,
        None => drop(remove(&beside)?),
    }
    persist(module, to)?;
    for other in modules_of(folder, id).iter().filter(|other| *other != to) {
        take_away(other)?;
    }
    sync_folder(folder).map_err(|source| Error::Write { path: folder.to_owned(), source })
}

/// Removes a module and its signature; gives those that were there.
pub(super) fn take_away(module: &Path) -> Result<Vec<PathBuf>, Error> {
    let mut gone = Vec::new();
    for path in [module.to_owned(), signature_path(module)] {
        if remove(&path)? {
            gone.push(path);
        }
    }
    Ok(gone)
}

fn remove(path: &Path) -> Result<bool, Error> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(Error::Write { path: path.to_owned(), source }),
    }
}
