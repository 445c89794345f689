//! What a run is about to add to the DNS, on disk before it does so.
//!
//! One file per run, one JSON line per step, locked by its run: a journal that nobody holds is that
//! of a run that died, and whoever finds it removes what it lists. Lines are only ever appended; the
//! file goes when nothing is left of its records.

use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};

use serde::{Deserialize, Serialize};
use wildcert_plugin::TxtRecord;

use crate::{error::Error, files, instance::Recipe};

/// For which certificate the records of a journal were added, and by which provider.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Header {
    /// The certificate's name.
    pub(crate) certificate: String,
    /// The provider; its secrets come from the configuration or environment of who cleans up.
    #[serde(flatten)]
    pub(crate) recipe: Recipe,
}

/// A record that stands in the DNS, or may.
#[derive(Clone, Debug)]
pub(crate) struct Outstanding {
    pub(crate) record: TxtRecord,
    pub(crate) handle: Option<String>,
}

/// The journal of a run, held by it.
pub(crate) struct Journal {
    path: PathBuf,
    file: Mutex<File>,
}

/// The journal of a run that died, now held by us.
pub(crate) struct Orphan {
    pub(crate) journal: Journal,
    pub(crate) header: Header,
    pub(crate) outstanding: Vec<Outstanding>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Line {
    Open(Header),
    Present(TxtRecord),
    Handle { owner: String, value: String, handle: String },
    Removed { owner: String, value: String },
}

impl Journal {
    /// Writes down, and through to the disk, what is about to be presented.
    pub(crate) fn create(
        state: &Path,
        header: &Header,
        records: &[TxtRecord],
    ) -> Result<Self, Error> {
        let folder = folder(state);
        files::private_folder(&folder)?;
        let name = format!("{}-{}", std::process::id(), unique());
        let (building, path) =
            (folder.join(format!(".{name}.new")), folder.join(format!("{name}{ENDING}")));
        let mut text = line(&Line::Open(header.clone()));
        for record in records {
            text.push_str(&line(&Line::Present(record.clone())));
        }
        let create = || {
            let mut file = files::append(&building)?;
            // The lock is taken under a name that nobody looks for, so that the journal is never
            // seen without it.
            file.lock()?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&building, &path)?;
            Ok(file)
        };
        let file =
            create().map_err(|source| files::file_error("write the journal", &path, source))?;
        files::sync_folder_of(&path)?;
        Ok(Self { path, file: Mutex::new(file) })
    }

    /// Notes the handle under which the provider knows a record.
    pub(crate) fn presented(&self, record: &TxtRecord, handle: &str) {
        let (owner, value) = (record.owner.clone(), record.value.clone());
        self.append(&Line::Handle { owner, value, handle: handle.to_owned() });
    }

    /// Notes that a record is gone.
    pub(crate) fn removed(&self, record: &TxtRecord) {
        let (owner, value) = (record.owner.clone(), record.value.clone());
        self.append(&Line::Removed { owner, value });
    }

    /// Ends a journal of which nothing is left.
    pub(crate) fn close(&self) {
        if let Err(error) = fs::remove_file(&self.path) {
            tracing::warn!("the journal {} cannot be removed: {error}", self.path.display());
        }
    }

    /// The journals of runs that died, each held from now on; one that is damaged stands in nobody's
    /// way.
    pub(crate) fn orphans(state: &Path) -> Result<Vec<Result<Orphan, Error>>, Error> {
        let journals = files::entries(&folder(state))?.into_iter();
        let journals = journals.filter(|path| path.to_string_lossy().ends_with(ENDING));
        Ok(journals.filter_map(|path| Self::adopt(path).transpose()).collect())
    }

    /// Takes over a journal unless its run is alive, or ended while we looked.
    fn adopt(path: PathBuf) -> Result<Option<Orphan>, Error> {
        let failed = |source| files::file_error("read the journal", &path, source);
        let Ok(mut file) = fs::OpenOptions::new().read(true).append(true).open(&path) else {
            return Ok(None);
        };
        if file.try_lock().is_err() || !path.exists() {
            return Ok(None);
        }
        let mut text = String::new();
        file.read_to_string(&mut text).map_err(failed)?;
        let Some((header, outstanding)) = read(&text) else {
            return Err(Error::Damaged {
                path,
                reason: "its first line does not say which provider it is for; remove the records \
                         that it lists by hand, then delete it"
                    .to_owned(),
            });
        };
        Ok(Some(Orphan { journal: Self { path, file: Mutex::new(file) }, header, outstanding }))
    }

    /// A step whose line is lost costs a superfluous removal, never a forgotten record: no sync.
    fn append(&self, step: &Line) {
        let mut file = self.file.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Err(error) = file.write_all(line(step).as_bytes()) {
            tracing::warn!("the journal {} cannot be written: {error}", self.path.display());
        }
    }
}

/// The header and what the steps leave to remove; a last line that was cut off counts for nothing.
fn read(text: &str) -> Option<(Header, Vec<Outstanding>)> {
    let mut header = None;
    let mut outstanding: Vec<Outstanding> = Vec::new();
    for step in text.lines().filter_map(|line| serde_json::from_str(line).ok()) {
        match step {
            Line::Open(opened) => header = Some(opened),
            Line::Present(record) => outstanding.push(Outstanding { record, handle: None }),
            Line::Handle { owner, value, handle } => outstanding
                .iter_mut()
                .filter(|known| known.record.owner == owner && known.record.value == value)
                .for_each(|known| known.handle = Some(handle.clone())),
            Line::Removed { owner, value } => outstanding
                .retain(|known| known.record.owner != owner || known.record.value != value),
        }
    }
    Some((header?, outstanding))
}

fn line(step: &Line) -> String {
    let mut text = serde_json::to_string(step).unwrap_or_default();
    text.push('\n');
    text
}

fn folder(state: &Path) -> PathBuf {
    state.join("journal")
}

/// A number that two journals of one process do not share.
fn unique() -> u128 {
    std::time::UNIX_EPOCH.elapsed().map(|since| since.as_nanos()).unwrap_or_default()
}

const ENDING: &str = ".jsonl";

#[cfg(test)]
mod tests {
    use super::*;

    fn record(value: &str) -> TxtRecord {
        TxtRecord {
            zone: "example.test.".to_owned(),
            owner: "_acme-challenge.example.test.".to_owned(),
            value: value.to_owned(),
            ttl: 60,
            options: Vec::new(),
        }
    }

    fn header() -> Header {
        Header {
            certificate: "example.test".to_owned(),
            recipe: Recipe { provider: "rfc2136".to_owned(), ..Recipe::default() },
        }
    }

    #[test]
    fn a_held_journal_is_nobodys_orphan_and_a_dropped_one_lists_what_is_left() {
        let state = tempfile::tempdir().unwrap();
        let records = [record("one"), record("two")];
        let journal = Journal::create(state.path(), &header(), &records).unwrap();
        assert!(Journal::orphans(state.path()).unwrap().is_empty());
        journal.presented(&records[0], "7");
        journal.removed(&records[1]);
        drop(journal);

        // A file that a crash of the disk left behind hides no other.
        fs::write(folder(state.path()).join("1-1.jsonl"), "").unwrap();
        let orphans = Journal::orphans(state.path()).unwrap();
        let [Err(Error::Damaged { .. }), Ok(orphan)] = orphans.as_slice() else {
            panic!("{} orphans", orphans.len())
        };
        assert_eq!(orphan.header.recipe.provider, "rfc2136");
        assert_eq!(orphan.outstanding.len(), 1);
        assert_eq!(orphan.outstanding[0].record.value, "one");
        assert_eq!(orphan.outstanding[0].handle.as_deref(), Some("7"));
        orphan.journal.close();
        drop(orphans);
        assert!(matches!(Journal::orphans(state.path()).unwrap().as_slice(), [Err(_)]));
    }

    #[test]
    fn a_line_cut_off_by_a_crash_is_no_fault() {
        let mut text = line(&Line::Open(header())) + &line(&Line::Present(record("one")));
        text.push_str("{\"handle\":{\"own");
        let (_, outstanding) = read(&text).unwrap();
        assert_eq!(outstanding.len(), 1);
    }
}
