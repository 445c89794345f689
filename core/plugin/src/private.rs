//! Files of ours that others must neither read nor write, such as providers.lock.

use std::{
    fs::{DirBuilder, File},
    io::{self, Write},
    path::Path,
};

use tempfile::NamedTempFile;

use crate::error::Error;

/// Replaces the file in one step; whoever reads meanwhile sees the old or the new one, whole.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let write = || {
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(content)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        sync_folder(folder)
    };
    write().map_err(|source| Error::Write { path: path.to_owned(), source })
}

/// Brings the names in a folder down to the disk: a rename lasts only then.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Keeps other runs from changing the file until the result is dropped; makes its folder.
///
/// The lock is on a file of its own, because the file itself is replaced.
pub(crate) fn guard(path: &Path) -> Result<File, Error> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".guard");
    let guard = path.with_file_name(name);
    let open = || {
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        let mut options = File::options();
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.create(true).append(true).open(&guard)?;
        file.lock()?;
        Ok(file)
    };
    open().map_err(|source| Error::Write { path: guard.clone(), source })
}

/// Makes a folder and those above it where they are absent, for their owner alone.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
