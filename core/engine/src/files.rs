//! Files of the state: private, and never half written.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::error::Error;

/// Makes a folder and those above it, readable by its owner alone.
pub(crate) fn private_folder(path: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|source| file_error("make the folder", path, source))
}

/// Writes a file of a folder that nobody reads yet, readable by its owner alone, down to the disk.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut file = private(OpenOptions::new().create_new(true).write(true)).open(path)?;
        file.write_all(content)?;
        file.sync_all()
    };
    write().map_err(|source| file_error("write", path, source))
}

/// Puts a file in place of an older one in one step: readers see the old or the new, never a part.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    let temporary = beside(path);
    let result = write_new(&temporary, content).and_then(|()| {
        fs::rename(&temporary, path).map_err(|source| file_error("write", path, source))
    });
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result.and_then(|()| sync_folder_of(path))
}

/// Brings the entries of a file's folder down to the disk.
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(|source| file_error("save the folder", folder, source))
}

/// Opens a file for appending, made if it is not there, readable by its owner alone.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().append(true).create(true).read(true)).open(path)
}

/// Holds the lock of `path` until the file is dropped; waits for whoever holds it.
pub(crate) async fn lock(path: &Path) -> Result<File, Error> {
    let path = path.to_owned();
    let failed = path.clone();
    let locked = tokio::task::spawn_blocking(move || {
        let file = append(&path)?;
        file.lock()?;
        Ok(file)
    });
    let result = locked.await.unwrap_or_else(|error| Err(io::Error::other(error)));
    result.map_err(|source| file_error("lock", &failed, source))
}

/// The text of a file, or none when it does not exist.
pub(crate) fn read_if_there(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(file_error("read", path, source)),
    }
}

/// The entries of a folder, sorted by name; none when it does not exist.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let listing = match fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(file_error("read the folder", folder, source)),
    };
    let mut paths = Vec::new();
    for entry in listing {
        let entry = entry.map_err(|source| file_error("read the folder", folder, source))?;
        paths.push(entry.path());
    }
    paths.sort();
    Ok(paths)
}

/// The folders in a folder, sorted by name.
pub(crate) fn folders(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    Ok(entries(folder)?.into_iter().filter(|path| path.is_dir()).collect())
}

/// An error about a file.
pub(crate) fn file_error(doing: &'static str, path: &Path, source: io::Error) -> Error {
    Error::File { doing, path: path.to_owned(), source }
}

/// A name beside `path` that no other process uses.
fn beside(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.new", std::process::id()));
    path.with_file_name(name)
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
