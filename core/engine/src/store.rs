//! The certificates on disk.
//!
//! `certificates/<name>` is a link to the newest of the versioned folders in
//! `certificates/.archive/<name>/`; switching it is one rename, so key and certificate always match.
//! Beside it stand `<name>.crt`, `.issuer.crt`, `.key` and `.json` for readers of lego's layout, and
//! `.pem`, `.der` and `.pfx` where they are wanted. What was removed is in
//! `certificates/.removed/<name>.<n>/`.

mod info;
mod remove;
mod save;

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use rcgen::KeyPair;
use time::OffsetDateTime;

pub use info::{CertificateInfo, Replacement, Revocation};
pub(crate) use save::NewCertificate;

use crate::{
    error::Error,
    files,
    history::{History, HistoryEntry, HistoryEvent},
    key,
    outputs::{INFO, PRIVATE_KEY},
};

/// The folder of the certificates.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

/// What a store holds.
#[derive(Debug, Default)]
pub struct Listing {
    /// The newest of every name, by name.
    pub certificates: Vec<CertificateInfo>,
    /// Those that cannot be read: they are no reason not to show and renew the others.
    pub damaged: Vec<Error>,
}

impl Store {
    pub(crate) fn new(state: &Path) -> Self {
        Self { folder: state.join("certificates") }
    }

    /// The folder of the certificates.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Takes the certificate's lock until the file is dropped.
    pub(crate) fn lock(&self, name: &str) -> Result<File, Error> {
        let locks = self.folder.join(".locks");
        files::private_folder(&locks)?;
        let path = locks.join(name);
        let file =
            files::append(&path).map_err(|source| files::file_error("lock", &path, source))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Error::Locked { name: name.to_owned() }),
            Err(TryLockError::Error(source)) => Err(files::file_error("lock", &path, source)),
        }
    }

    /// The stored certificate of that name.
    pub(crate) fn read(&self, name: &str) -> Result<Option<CertificateInfo>, Error> {
        match is_name(name) {
            true => read_folder(self.link(name)),
            false => Ok(None),
        }
    }

    /// The private key of the stored certificate; none when there is none.
    pub(crate) fn key(&self, name: &str) -> Result<Option<KeyPair>, Error> {
        let path = self.link(name).join(PRIVATE_KEY);
        let Some(pem) = files::read_if_there(&path)? else { return Ok(None) };
        let pem = zeroize::Zeroizing::new(pem);
        key::load(&pem)
            .map(Some)
            .map_err(|error| Error::Damaged { path, reason: error.to_string() })
    }

    /// The names of the stored certificates, sorted; some may have been removed half way.
    pub(crate) fn names(&self) -> Result<Vec<String>, Error> {
        // The archive has one entry for each certificate, whatever else lies beside the links.
        files::names(&self.archives())
    }

    /// Every stored certificate, by name.
    pub(crate) fn list(&self) -> Result<Listing, Error> {
        let mut listing = Listing::default();
        for name in self.names()? {
            match self.read(&name) {
                Ok(found) => listing.certificates.extend(found),
                Err(error) => listing.damaged.push(error),
            }
        }
        Ok(listing)
    }

    /// Every certificate of that name that was not removed, the oldest first.
    pub(crate) fn versions(&self, name: &str) -> Result<Vec<CertificateInfo>, Error> {
        match is_name(name) {
            true => read_archive(&self.archives().join(name)),
            false => Ok(Vec::new()),
        }
    }

    /// Every certificate with this serial number, removed ones too: those of two CAs may share one.
    ///
    /// `serial` is hexadecimal, in any case, with or without colons, spaces and leading zeros.
    pub(crate) fn by_serial(&self, serial: &str) -> Result<Vec<CertificateInfo>, Error> {
        let wanted = plain_serial(serial);
        let mut all = self.every(None)?;
        all.retain(|info| plain_serial(&info.serial) == wanted);
        Ok(all)
    }

    /// Every certificate with this SHA-256 fingerprint (lower-case hexadecimal), removed ones too.
    pub(crate) fn by_fingerprint(&self, sha256: &str) -> Result<Vec<CertificateInfo>, Error> {
        let mut all = self.every(None)?;
        all.retain(|info| info.fingerprint_sha256 == sha256);
        Ok(all)
    }

    /// What was replaced and could still be used by who has its key: valid, and not revoked.
    pub(crate) fn superseded(&self) -> Result<Vec<CertificateInfo>, Error> {
        let now = OffsetDateTime::now_utc();
        let mut found = Vec::new();
        for name in files::names(&self.archives())? {
            // The first of its name has replaced nothing.
            let Some(current) = self.current(&name).filter(|number| *number > 1) else { continue };
            let older = read_archive(&self.archives().join(&name))?.into_iter().filter(|info| {
                let older = number(&info.path).is_some_and(|number| number < current);
                older && info.replaced_by.is_some() && info.revoked.is_none()
            });
            found.extend(older.filter(|info| info.not_after > now));
        }
        Ok(found)
    }

    /// Remembers that the CA has revoked a certificate of the store, in its folder and in the
    /// history; what was revoked already stays so.
    ///
    /// `reason` is its name in RFC 5280 §5.3.1. The certificate's lock is the caller's.
    pub(crate) fn revoked(
        &self,
        info: &CertificateInfo,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let path = info.path.join(REVOKED);
        if files::read_if_there(&path)?.is_some() {
            return Ok(());
        }
        let time = OffsetDateTime::now_utc();
        let revocation = Revocation { time, reason: reason.map(str::to_owned) };
        let json = serde_json::to_vec_pretty(&revocation).unwrap_or_default();
        files::replace(&path, &json)?;
        let mut entry = HistoryEntry::new(HistoryEvent::Revoked, info);
        entry.time = time;
        entry.reason = revocation.reason;
        self.history_file().append(&entry)
    }

    /// What happened to the certificates of a name, with a serial number, or of both when both are
    /// given; to all when neither is. The oldest first.
    pub(crate) fn history(
        &self,
        name: Option<&str>,
        serial: Option<&str>,
    ) -> Result<Vec<HistoryEntry>, Error> {
        let wanted = serial.map(plain_serial);
        let mut entries = self.history_file().read(&self.every(name)?)?;
        entries.retain(|entry| {
            name.is_none_or(|name| entry.name == name)
                && wanted.as_ref().is_none_or(|wanted| plain_serial(&entry.serial) == *wanted)
        });
        Ok(entries)
    }

    /// Every certificate of a name, or of all, removed ones too; those that cannot be read are
    /// passed over.
    fn every(&self, name: Option<&str>) -> Result<Vec<CertificateInfo>, Error> {
        let mut folders: Vec<PathBuf> = Vec::new();
        for found in files::names(&self.archives())? {
            if name.is_none_or(|name| name == found) {
                folders.push(self.archives().join(found));
            }
        }
        for found in files::names(&self.removed_ones())? {
            let of = found.rsplit_once('.').map(|(name, _)| name);
            if name.is_none() || name == of {
                folders.push(self.removed_ones().join(found));
            }
        }
        let mut all = Vec::new();
        for folder in folders {
            all.extend(read_archive(&folder)?);
        }
        Ok(all)
    }

    /// The number of the version that the link leads to.
    fn current(&self, name: &str) -> Option<u32> {
        number(&fs::read_link(self.link(name)).ok()?)
    }

    fn history_file(&self) -> History {
        History::new(&self.folder)
    }

    fn link(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn archives(&self) -> PathBuf {
        self.folder.join(".archive")
    }

    fn removed_ones(&self) -> PathBuf {
        self.folder.join(".removed")
    }
}

/// Whether a text can be the name of a certificate, and leads nowhere else.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.') && !text.contains(['/', '\\'])
}

/// The certificate in a folder.
fn read_folder(folder: PathBuf) -> Result<Option<CertificateInfo>, Error> {
    let path = folder.join(INFO);
    let Some(text) = files::read_if_there(&path)? else { return Ok(None) };
    let info: CertificateInfo = parse(&path, &text)?;
    let path = folder.join(REVOKED);
    let revoked = match files::read_if_there(&path)? {
        Some(text) => Some(parse(&path, &text)?),
        None => None,
    };
    Ok(Some(CertificateInfo { path: folder, revoked, ..info }))
}

fn parse<T: serde::de::DeserializeOwned>(path: &Path, text: &str) -> Result<T, Error> {
    serde_json::from_str(text)
        .map_err(|error| Error::Damaged { path: path.to_owned(), reason: error.to_string() })
}

/// The certificates of an archive that can be read, the oldest first, each with what replaced it.
fn read_archive(archive: &Path) -> Result<Vec<CertificateInfo>, Error> {
    let mut found: Vec<CertificateInfo> = Vec::new();
    for (_, folder) in versions(archive)? {
        match read_folder(folder) {
            Ok(Some(info)) => {
                if let Some(last) = found.last_mut() {
                    let (serial, time) = (info.serial.clone(), info.came());
                    last.replaced_by = Some(Replacement { serial, time });
                }
                found.push(info);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!("{error}"),
        }
    }
    Ok(found)
}

/// The versioned folders of an archive, the lowest number first.
fn versions(archive: &Path) -> Result<BTreeSet<(u32, PathBuf)>, Error> {
    let names = files::names(archive)?.into_iter();
    Ok(names.filter_map(|name| Some((name.parse().ok()?, archive.join(name)))).collect())
}

fn number(folder: &Path) -> Option<u32> {
    folder.file_name()?.to_str()?.parse().ok()
}

fn plain_serial(text: &str) -> String {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ' | '-')).collect();
    let digits = digits.to_ascii_lowercase();
    let digits = digits.strip_prefix("0x").unwrap_or(&digits);
    digits.trim_start_matches('0').to_owned()
}

/// Stands in the folder of a certificate that was revoked.
const REVOKED: &str = "revoked.json";
