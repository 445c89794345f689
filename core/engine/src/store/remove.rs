//! Taking a certificate out of use without losing it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Store, is_name, read_archive};
use crate::{
    error::Error,
    files,
    history::{HistoryEntry, HistoryEvent},
    outputs::LINKS,
};

impl Store {
    /// Takes a certificate's links away and moves all its versions to `.removed/<name>.<n>`; tells
    /// that folder, or none when there is no such certificate. Its lock is the caller's.
    ///
    /// The archive moves last and in one step, so that whoever is stopped before can begin again.
    ///
    /// # Errors
    /// When a file cannot be written or moved.
    pub(crate) fn remove(&self, name: &str) -> Result<Option<PathBuf>, Error> {
        let archive = self.archives().join(name);
        if !is_name(name) || !archive.is_dir() {
            return Ok(None);
        }
        let link = self.link(name);
        for (ending, file) in LINKS {
            let target = Path::new(name).join(file);
            files::remove_link(&self.link(&format!("{name}{ending}")), &target)?;
        }
        if let Ok(target) = fs::read_link(&link) {
            files::remove_link(&link, &target)?;
        }
        files::sync_folder_of(&link)?;
        if let Some(newest) = read_archive(&archive)?.last() {
            let entry = HistoryEntry::new(HistoryEvent::Removed, newest);
            let before = self.history(Some(name), Some(&newest.serial))?;
            let told = |old: &HistoryEntry| {
                old.event == HistoryEvent::Removed
                    && old.fingerprint_sha256 == entry.fingerprint_sha256
            };
            if !before.iter().any(told) {
                self.history_file().append(&entry)?;
            }
        }
        files::private_folder(&self.removed_ones())?;
        let numbers = files::names(&self.removed_ones())?;
        let numbers = numbers.iter().filter_map(|removed| {
            let (of, number) = removed.rsplit_once('.')?;
            number.parse::<u32>().ok().filter(|_| of == name)
        });
        let next = numbers.max().unwrap_or(0).saturating_add(1);
        let removed = self.removed_ones().join(format!("{name}.{next}"));
        files::rename(&archive, &removed)?;
        files::sync_folder_of(&removed)?;
        files::sync_folder_of(&archive)?;
        Ok(Some(removed))
    }
}
