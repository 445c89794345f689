//! The certificates on disk.
//!
//! `certificates/<name>` is a link to the newest of the versioned folders in
//! `certificates/.archive/<name>/`; switching it is one rename, so key and certificate always match.
//! Beside it stand `<name>.crt`, `.issuer.crt`, `.key` and `.json` for readers of lego's layout.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{certificate::Issued, due, error::Error, files, key::KeyType};

/// A stored certificate, as `certificate.json` tells it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct CertificateInfo {
    /// Its name in the store.
    pub name: String,
    /// What it is for, as A-labels.
    pub domains: Vec<String>,
    /// The serial number in lower-case hexadecimal.
    pub serial: String,
    /// From when it is valid.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// Until when it is valid.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// The kind of its key.
    pub key_type: KeyType,
    /// Who signed it.
    pub issuer: String,
    /// SHA-256 over the certificate, in lower-case hexadecimal.
    pub fingerprint_sha256: String,
    /// The CA's directory URL.
    pub server: String,
    /// The provider that proved the names.
    pub provider: String,
    /// The first domain, under the name that lego's readers look for.
    #[serde(default)]
    pub domain: String,
    /// Where the CA keeps it, under the name that lego's readers look for.
    #[serde(default, rename = "certUrl")]
    pub certificate_url: String,
    /// Its folder: the link that always leads to the newest.
    #[serde(skip)]
    pub path: PathBuf,
}

impl CertificateInfo {
    /// Whether it is time to renew it, when nobody says otherwise.
    pub fn is_due(&self) -> bool {
        let margin = due::margin(self.not_after - self.not_before);
        self.not_after - OffsetDateTime::now_utc() <= margin
    }
}

/// The folder of the certificates.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(crate) fn new(state: &Path) -> Self {
        Self { folder: state.join("certificates") }
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
        let link = self.folder.join(name);
        let path = link.join(INFO);
        let Some(text) = files::read_if_there(&path)? else { return Ok(None) };
        let info: CertificateInfo = serde_json::from_str(&text)
            .map_err(|error| Error::Damaged { path, reason: error.to_string() })?;
        Ok(Some(CertificateInfo { path: link, ..info }))
    }

    /// Every stored certificate, by name.
    pub(crate) fn list(&self) -> Result<Vec<CertificateInfo>, Error> {
        let mut certificates = Vec::new();
        for path in files::entries(&self.folder)? {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if !name.starts_with('.') && path.is_dir() {
                certificates.extend(self.read(name)?);
            }
        }
        Ok(certificates)
    }

    /// Stores a certificate with its key as the newest of its name, in one step.
    pub(crate) fn save(
        &self,
        info: &CertificateInfo,
        issued: &Issued,
        key_pem: &str,
    ) -> Result<PathBuf, Error> {
        let archive = self.folder.join(".archive").join(&info.name);
        files::private_folder(&archive)?;
        let version = next_version(&archive)?;
        let building = archive.join(format!(".{version}.new"));
        // Only a run that died leaves it behind: the certificate's lock is ours.
        match fs::remove_dir_all(&building) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(files::file_error("remove", &building, error));
            }
            _ => {}
        }
        files::private_folder(&building)?;
        let json = serde_json::to_string_pretty(info).unwrap_or_default();
        for (file, content) in [
            ("fullchain.pem", format!("{}{}", issued.leaf, issued.issuers).as_str()),
            ("cert.pem", &issued.leaf),
            ("chain.pem", &issued.issuers),
            ("privkey.pem", key_pem),
            (INFO, &json),
        ] {
            files::write_new(&building.join(file), content.as_bytes())?;
        }
        files::sync_folder_of(&building.join(INFO))?;
        let finished = archive.join(&version);
        fs::rename(&building, &finished)
            .map_err(|source| files::file_error("rename", &building, source))?;
        files::sync_folder_of(&finished)?;

        let link = self.folder.join(&info.name);
        switch(&link, &Path::new(".archive").join(&info.name).join(&version))?;
        for (ending, file) in LEGO {
            let beside = self.folder.join(format!("{}{ending}", info.name));
            // A file of another client stays as it is.
            let foreign = fs::symlink_metadata(&beside).is_ok_and(|found| !found.is_symlink());
            if !foreign {
                switch(&beside, &Path::new(&info.name).join(file))?;
            }
        }
        files::sync_folder_of(&link)?;
        Ok(link)
    }
}

/// Points the link at `target` in one step.
fn switch(link: &Path, target: &Path) -> Result<(), Error> {
    if fs::read_link(link).is_ok_and(|current| current == target) {
        return Ok(());
    }
    let mut name = std::ffi::OsString::from(".");
    name.push(link.file_name().unwrap_or_default());
    name.push(".new");
    let temporary = link.with_file_name(name);
    let _ = fs::remove_file(&temporary);
    symlink(target, &temporary)
        .and_then(|()| fs::rename(&temporary, link))
        .map_err(|source| files::file_error("switch", link, source))
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

/// The number after the highest that the archive holds.
fn next_version(archive: &Path) -> Result<String, Error> {
    let numbers = files::entries(archive)?;
    let highest = numbers
        .iter()
        .filter_map(|path| path.file_name()?.to_str()?.parse::<u32>().ok())
        .max()
        .unwrap_or(0);
    Ok(format!("{:04}", highest.saturating_add(1)))
}

const INFO: &str = "certificate.json";

/// What readers of lego's layout look for, and the file that it is.
const LEGO: [(&str, &str); 4] = [
    (".crt", "fullchain.pem"),
    (".issuer.crt", "chain.pem"),
    (".key", "privkey.pem"),
    (".json", INFO),
];
