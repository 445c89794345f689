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
    let made = step().and_then(|()| builder.create(path));
    made.map_err(|source| file_error("make the folder", path, source))
}

/// Writes a file of a folder that nobody reads yet, readable by its owner alone, down to the disk.
pub(crate) fn write_new(path: &Path, content: &[u8]) -> Result<(), Error> {
    let write = || {
        step()?;
        let mut file = private(OpenOptions::new().create_new(true).write(true)).open(path)?;
        // So that a test can stop it within a file.
        let (begin, end) = content.split_at(content.len() / 2);
        file.write_all(begin)?;
        step()?;
        file.write_all(end)?;
        file.sync_all()
    };
    write().map_err(|source| file_error("write", path, source))
}

/// Puts a file in place of an older one in one step: readers see the old or the new, never a part.
pub(crate) fn replace(path: &Path, content: &[u8]) -> Result<(), Error> {
    put(path, |temporary| write_new(temporary, content)).and_then(|()| sync_folder_of(path))
}

/// The same for a file that may be lost with the machine's power.
pub(crate) fn replace_soon(path: &Path, content: &[u8]) -> Result<(), Error> {
    put(path, |temporary| write_private(temporary, content))
}

/// The same for a file outside the state that everybody may read, and that can be written anew.
pub(crate) fn publish(path: &Path, content: &[u8]) -> Result<(), Error> {
    put(path, |temporary| {
        write_private(temporary, content)?;
        #[cfg(unix)]
        fs::set_permissions(temporary, std::os::unix::fs::PermissionsExt::from_mode(0o644))
            .map_err(|source| file_error("write", path, source))?;
        Ok(())
    })
}

/// Puts the file that `write` makes in place of an older one.
fn put(path: &Path, write: impl FnOnce(&Path) -> Result<(), Error>) -> Result<(), Error> {
    let temporary = beside(path);
    let result = write(&temporary).and_then(|()| {
        step()
            .and_then(|()| fs::rename(&temporary, path))
            .map_err(|source| file_error("write", path, source))
    });
    if result.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    result
}

/// Gives a file or folder another name, in place of a file that has it.
pub(crate) fn rename(from: &Path, to: &Path) -> Result<(), Error> {
    let renamed = step().and_then(|()| fs::rename(from, to));
    renamed.map_err(|source| file_error("rename", from, source))
}

/// Removes a folder with all that is in it, if it is there.
pub(crate) fn remove_folder(path: &Path) -> Result<(), Error> {
    match step().and_then(|()| fs::remove_dir_all(path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(|source| file_error("remove", path, source)),
    }
}

/// Points a link at `target` in one step, made if it is not there.
pub(crate) fn switch(link: &Path, target: &Path) -> Result<(), Error> {
    if fs::read_link(link).is_ok_and(|current| current == target) {
        return Ok(());
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(link.file_name().unwrap_or_default());
    name.push(".new");
    let temporary = link.with_file_name(name);
    let _ = fs::remove_file(&temporary);
    step()
        .and_then(|()| symlink(target, &temporary))
        .and_then(|()| step())
        .and_then(|()| fs::rename(&temporary, link))
        .map_err(|source| file_error("switch", link, source))
}

/// Removes a link, if it is there and leads to `target`.
pub(crate) fn remove_link(link: &Path, target: &Path) -> Result<(), Error> {
    if !fs::read_link(link).is_ok_and(|current| current == target) {
        return Ok(());
    }
    let removed = step().and_then(|()| fs::remove_file(link));
    removed.map_err(|source| file_error("remove", link, source))
}

/// Brings the entries of a file's folder down to the disk.
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), Error> {
    let folder = path.parent().unwrap_or(Path::new("."));
    step()
        .and_then(|()| File::open(folder))
        .and_then(|folder| folder.sync_all())
        .map_err(|source| file_error("save the folder", folder, source))
}

/// Opens a file for appending, made if it is not there, readable by its owner alone.
pub(crate) fn append(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().append(true).create(true).read(true)).open(path)
}

/// Holds the lock of `path` until the file is dropped; waits for whoever holds it.
pub(crate) async fn lock(path: &Path) -> Result<File, Error> {
    let (path, failed) = (path.to_owned(), path.to_owned());
    let locked = tokio::task::spawn_blocking(move || lock_now(&path)).await;
    locked.unwrap_or_else(|error| Err(file_error("lock", &failed, io::Error::other(error))))
}

/// Holds the lock of `path` until the file is dropped, for the moment that a small change takes.
pub(crate) fn lock_now(path: &Path) -> Result<File, Error> {
    let lock = || {
        let file = append(path)?;
        file.lock()?;
        Ok(file)
    };
    lock().map_err(|source| file_error("lock", path, source))
}

/// Writes a file that may be lost with the machine's power, readable by its owner alone.
pub(crate) fn write_private(path: &Path, content: &[u8]) -> Result<(), Error> {
    let write = || {
        let mut file =
            private(OpenOptions::new().create(true).truncate(true).write(true)).open(path)?;
        file.write_all(content)
    };
    write().map_err(|source| file_error("write", path, source))
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

/// The names in a folder that are text, sorted; none when it does not exist.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let names = entries(folder)?;
    let names = names.iter().filter_map(|path| path.file_name()?.to_str());
    Ok(names.map(str::to_owned).collect())
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

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    match link.parent().map(|folder| folder.join(target).is_dir()) {
        Some(true) => std::os::windows::fs::symlink_dir(target, link),
        _ => std::os::windows::fs::symlink_file(target, link),
    }
}

/// Stands before everything that changes the disk, so that tests can end the process there.
#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail in tests")]
pub(crate) fn step() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
pub(crate) use death::step;

/// The death of a process at each of its steps, as far as its files go: from then on nothing it
/// does reaches the disk.
#[cfg(test)]
pub(crate) mod death {
    use std::{cell::Cell, io};

    thread_local! {
        static LEFT: Cell<Option<u32>> = const { Cell::new(None) };
    }

    /// What the work returns when only so many steps of this thread reach the disk.
    pub(crate) fn after<T>(steps: u32, work: impl FnOnce() -> T) -> T {
        LEFT.set(Some(steps));
        let result = work();
        LEFT.set(None);
        result
    }

    pub(crate) fn step() -> io::Result<()> {
        match LEFT.get() {
            Some(0) => Err(io::Error::other("the process is dead")),
            left => {
                LEFT.set(left.map(|left| left - 1));
                Ok(())
            }
        }
    }
}
