//! The record of every certificate: `certificates/.history.jsonl`, one line per event, never
//! rewritten.
//!
//! The folders of the certificates are the truth about what there is; the record tells when it came
//! and went. What happened before there was a record is derived from the folders.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::{self, Read as _, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, serde::rfc3339};

use crate::{error::Error, files, store::CertificateInfo};

/// What happened to a certificate.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum HistoryEvent {
    /// The first of its name was stored.
    Issued,
    /// One was stored in place of an older one.
    Renewed,
    /// The CA revoked it for us.
    Revoked,
    /// It was taken out of the store; its files are kept.
    Removed,
}

/// One event in the life of a certificate.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct HistoryEntry {
    /// When.
    #[serde(with = "rfc3339")]
    pub time: OffsetDateTime,
    /// What.
    pub event: HistoryEvent,
    /// The certificate's name in the store.
    pub name: String,
    /// What it is for, as A-labels.
    pub domains: Vec<String>,
    /// The serial number in lower-case hexadecimal.
    pub serial: String,
    /// From when it is valid.
    #[serde(with = "rfc3339")]
    pub not_before: OffsetDateTime,
    /// Until when it is valid.
    #[serde(with = "rfc3339")]
    pub not_after: OffsetDateTime,
    /// Who signed it.
    pub issuer: String,
    /// SHA-256 over the certificate, in lower-case hexadecimal.
    pub fingerprint_sha256: String,
    /// The CA's directory URL.
    pub server: String,
    /// The URL of the account that ordered it; empty when it is not known.
    #[serde(default)]
    pub account: String,
    /// The number of its folder among those of its name, such as `0003`.
    #[serde(default)]
    pub version: String,
    /// Why it was revoked, as RFC 5280 §5.3.1 names it.
    #[serde(default)]
    pub reason: Option<String>,
    /// Where its files are now; none when they are gone.
    #[serde(skip)]
    pub folder: Option<PathBuf>,
}

impl HistoryEntry {
    /// Something that happens to a stored certificate now.
    pub(crate) fn new(event: HistoryEvent, info: &CertificateInfo) -> Self {
        // The newest is known by the link that leads to its folder.
        let folder = fs::read_link(&info.path).unwrap_or_else(|_| info.path.clone());
        Self {
            time: OffsetDateTime::now_utc(),
            event,
            name: info.name.clone(),
            domains: info.domains.clone(),
            serial: info.serial.clone(),
            not_before: info.not_before,
            not_after: info.not_after,
            issuer: info.issuer.clone(),
            fingerprint_sha256: info.fingerprint_sha256.clone(),
            server: info.server.clone(),
            account: info.account.clone(),
            version: folder
                .file_name()
                .map(|name| name.to_string_lossy().into())
                .unwrap_or_default(),
            reason: None,
            folder: None,
        }
    }

    /// The file of the certificate, PEM.
    pub fn certificate(&self) -> Option<PathBuf> {
        self.file("cert.pem")
    }

    /// The file of its request, PEM; none also for one that was stored before requests were kept.
    pub fn csr(&self) -> Option<PathBuf> {
        self.file("csr.pem")
    }

    fn file(&self, name: &str) -> Option<PathBuf> {
        self.folder.as_ref().map(|folder| folder.join(name)).filter(|path| path.is_file())
    }
}

/// The file of the record.
pub(crate) struct History {
    path: PathBuf,
}

impl History {
    /// That of a folder of certificates.
    pub(crate) fn new(certificates: &Path) -> Self {
        Self { path: certificates.join(".history.jsonl") }
    }

    /// Adds an event, down to the disk.
    pub(crate) fn append(&self, entry: &HistoryEntry) -> Result<(), Error> {
        let mut line = serde_json::to_vec(entry).unwrap_or_default();
        line.push(b'\n');
        let new = !self.path.exists();
        let mut write = || -> io::Result<()> {
            files::step()?;
            let mut file = files::append(&self.path)?;
            // Two certificates may be stored at the same time.
            file.lock()?;
            // Whoever died within a line shall not take the next one with him.
            let mut last = *b"\n";
            if file.seek(SeekFrom::End(0))? > 0 {
                file.seek(SeekFrom::End(-1))?;
                file.read_exact(&mut last)?;
            }
            if last != *b"\n" {
                line.insert(0, b'\n');
            }
            file.write_all(&line)?;
            file.sync_data()
        };
        write().map_err(|source| files::file_error("write", &self.path, source))?;
        if new { files::sync_folder_of(&self.path) } else { Ok(()) }
    }

    /// Every event, the oldest first. `known` are all certificates of the store: they tell where the
    /// files are, and what happened before there was a record.
    pub(crate) fn read(&self, known: &[CertificateInfo]) -> Result<Vec<HistoryEntry>, Error> {
        let content = match fs::read(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            content => content.map_err(|source| files::file_error("read", &self.path, source))?,
        };
        let text = String::from_utf8_lossy(&content);
        let mut entries: Vec<HistoryEntry> = Vec::new();
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
            match serde_json::from_str(line) {
                Ok(entry) => entries.push(entry),
                // Cut off, or by a newer wildcert.
                Err(error) => {
                    let line = index + 1;
                    tracing::warn!("line {line} of `{}` is left out: {error}", self.path.display());
                }
            }
        }
        entries.extend(untold(known, &entries));
        let folders: HashMap<&str, &PathBuf> =
            known.iter().map(|info| (info.fingerprint_sha256.as_str(), &info.path)).collect();
        for entry in &mut entries {
            let folder = folders.get(entry.fingerprint_sha256.as_str());
            entry.folder = folder.map(|folder| (*folder).clone());
        }
        entries.sort_by_key(|entry| entry.time);
        Ok(entries)
    }
}

/// What the folders tell and the record does not.
fn untold(known: &[CertificateInfo], told: &[HistoryEntry]) -> Vec<HistoryEntry> {
    let told: HashSet<(&str, bool)> = told
        .iter()
        .filter(|entry| entry.event != HistoryEvent::Removed)
        .map(|entry| (entry.fingerprint_sha256.as_str(), entry.event == HistoryEvent::Revoked))
        .collect();
    let mut untold = Vec::new();
    for info in known {
        let fingerprint = info.fingerprint_sha256.as_str();
        if !told.contains(&(fingerprint, false)) {
            let mut entry = HistoryEntry::new(HistoryEvent::Issued, info);
            entry.time = info.came();
            if entry.version != FIRST {
                entry.event = HistoryEvent::Renewed;
            }
            untold.push(entry);
        }
        if let (Some(revocation), false) = (&info.revoked, told.contains(&(fingerprint, true))) {
            let mut entry = HistoryEntry::new(HistoryEvent::Revoked, info);
            entry.time = revocation.time;
            entry.reason.clone_from(&revocation.reason);
            untold.push(entry);
        }
    }
    untold
}

/// The folder of the first certificate of a name.
const FIRST: &str = "0001";

#[cfg(test)]
mod tests;
