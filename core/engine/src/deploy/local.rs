//! Files on this machine: all of a target change together, and the old ones can come back.
//!
//! What lies at `NAME` is kept as `.NAME.old`, or `.NAME.none` stands for nothing. As long as one of
//! the two stands beside the first file, the exchange is open: what they keep is what was there
//! before it, whatever lies in the places by now. So they are made for the first file last, and taken
//! away from it first when the new files stay, last when the old ones come back; a process may die
//! in between, and the next exchange goes on from there.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{
    error::DeployError,
    files::{Copy, Owner},
};
use crate::files::step;

/// Puts the files in their places; when one cannot be, none is.
pub(super) fn put(copies: &[Copy]) -> Result<(), DeployError> {
    let places: Vec<Place> = copies.iter().map(|copy| Place::of(&copy.path)).collect();
    let exchange = || {
        for (copy, place) in copies.iter().zip(&places) {
            place.stage(copy)?;
        }
        open(&places)?;
        for place in &places {
            place.io("write", &place.path, || fs::rename(&place.new, &place.path))?;
        }
        sync(&places)
    };
    let exchanged = exchange();
    if exchanged.is_err() {
        let _ = back(copies);
        places.iter().for_each(|place| drop(fs::remove_file(&place.new)));
    }
    exchanged
}

/// Has the new files stay.
pub(super) fn keep(copies: &[Copy]) -> Result<(), DeployError> {
    let places: Vec<Place> = copies.iter().map(|copy| Place::of(&copy.path)).collect();
    for (index, place) in places.iter().enumerate() {
        place.forget()?;
        if index == 0 {
            sync(&places)?;
        }
    }
    Ok(())
}

/// Brings the old files back, and takes away what was not there before.
pub(super) fn back(copies: &[Copy]) -> Result<(), DeployError> {
    let places: Vec<Place> = copies.iter().map(|copy| Place::of(&copy.path)).collect();
    for (index, place) in places.iter().enumerate().rev() {
        if index == 0 {
            sync(&places)?;
        }
        place.restore()?;
    }
    sync(&places)
}

/// Keeps what is in the places, unless an exchange that is open has it already.
fn open(places: &[Place]) -> Result<(), DeployError> {
    if !places.first().is_some_and(Place::is_open) {
        places.iter().try_for_each(Place::forget)?;
    }
    for place in places.iter().rev().filter(|place| !place.is_open()) {
        place.save()?;
    }
    sync(places)
}

/// Brings the entries of the folders down to the disk.
fn sync(places: &[Place]) -> Result<(), DeployError> {
    let mut folders: Vec<&Path> = places.iter().filter_map(|place| place.path.parent()).collect();
    folders.sort_unstable();
    folders.dedup();
    for folder in folders {
        // Some systems cannot open a folder.
        if cfg!(unix) {
            let synced = step().and_then(|()| File::open(folder)).and_then(|file| file.sync_all());
            synced.map_err(|source| failed("save the folder", folder, source))?;
        }
    }
    Ok(())
}

/// Where a file goes, and what lies beside it meanwhile.
struct Place {
    path: PathBuf,
    new: PathBuf,
    old: PathBuf,
    none: PathBuf,
}

impl Place {
    fn of(path: &str) -> Self {
        let path = PathBuf::from(path);
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let beside = |ending: &str| path.with_file_name(format!(".{name}.{ending}"));
        Self { new: beside("new"), old: beside("old"), none: beside("none"), path }
    }

    fn is_open(&self) -> bool {
        is_there(&self.old) || is_there(&self.none)
    }

    /// Writes the new file beside its place, with owner and mode, down to the disk.
    fn stage(&self, copy: &Copy) -> Result<(), DeployError> {
        let ids = copy.owner.as_ref().map(ids).transpose()?;
        if self.path.is_dir() {
            return Err(failed("write", &self.path, io::ErrorKind::IsADirectory.into()));
        }
        // Of a process that died.
        remove(&self.new)?;
        self.io("write", &self.path, || {
            let mut options = OpenOptions::new();
            options.create_new(true).write(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&self.new)?;
            step()?;
            file.write_all(&copy.content)?;
            #[cfg(unix)]
            {
                use std::os::unix::fs::{PermissionsExt, fchown};
                if let Some((user, group)) = ids {
                    fchown(&file, user, group)?;
                }
                file.set_permissions(fs::Permissions::from_mode(copy.mode.0))?;
            }
            #[cfg(not(unix))]
            let _: Option<()> = ids;
            file.sync_all()
        })
    }

    fn save(&self) -> Result<(), DeployError> {
        if !is_there(&self.path) {
            return self.io("write", &self.none, || File::create_new(&self.none).map(drop));
        }
        self.io("keep", &self.path, || {
            fs::hard_link(&self.path, &self.old).or_else(|_| {
                // Not every file system has links; whoever reads the place finds a file throughout.
                let copy = self.old.with_extension("copy");
                fs::copy(&self.path, &copy)?;
                step()?;
                fs::rename(&copy, &self.old)
            })
        })
    }

    fn restore(&self) -> Result<(), DeployError> {
        if is_there(&self.old) {
            self.io("bring back", &self.path, || fs::rename(&self.old, &self.path))?;
            // Two names of one file are both left (rename(2)).
            return remove(&self.old);
        }
        if is_there(&self.none) {
            remove(&self.path)?;
        }
        remove(&self.none)
    }

    fn forget(&self) -> Result<(), DeployError> {
        remove(&self.old)?;
        remove(&self.none)
    }

    fn io<T>(
        &self,
        doing: &'static str,
        path: &Path,
        work: impl FnOnce() -> io::Result<T>,
    ) -> Result<T, DeployError> {
        step().and_then(|()| work()).map_err(|source| failed(doing, path, source))
    }
}

/// Removes a file, if it is there.
fn remove(path: &Path) -> Result<(), DeployError> {
    if !is_there(path) {
        return Ok(());
    }
    step().and_then(|()| fs::remove_file(path)).map_err(|source| failed("remove", path, source))
}

/// Whether something is there, be it a link that leads nowhere.
fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

fn failed(doing: &'static str, path: &Path, source: io::Error) -> DeployError {
    DeployError::File { doing, path: path.to_owned(), source }
}

/// The numbers of user and group; none where they stay as they are.
#[cfg(unix)]
fn ids(owner: &Owner) -> Result<(Option<u32>, Option<u32>), DeployError> {
    use nix::unistd::{Group, User};

    let known = |kind, name: &str, known: Option<u32>| {
        let nobody = || DeployError::Nobody { kind, name: name.to_owned() };
        known.or_else(|| name.parse().ok()).ok_or_else(nobody)
    };
    let user = owner.user.as_deref().map(|name| {
        let found = User::from_name(name).ok().flatten();
        known("user", name, found.map(|user| user.uid.as_raw()))
    });
    let group = owner.group.as_deref().map(|name| {
        let found = Group::from_name(name).ok().flatten();
        known("group", name, found.map(|group| group.gid.as_raw()))
    });
    Ok((user.transpose()?, group.transpose()?))
}

#[cfg(not(unix))]
fn ids(owner: &Owner) -> Result<(), DeployError> {
    Err(DeployError::Nobody { kind: "user", name: owner.to_string() })
}

#[cfg(unix)]
#[cfg(test)]
mod tests;
