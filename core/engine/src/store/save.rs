//! Storing a certificate.

use std::{fs, path::Path};

use time::OffsetDateTime;
use wildcert_dns::Identifier;

use super::{CertificateInfo, Store, versions};
use crate::{
    certificate::Issued,
    csr::Csr,
    deploy::Hooks,
    error::Error,
    files,
    history::{HistoryEntry, HistoryEvent},
    outputs::{INFO, LINKS, Outputs},
    renewal::Renewal,
};

/// A certificate that shall be stored.
pub(crate) struct NewCertificate<'a> {
    /// Its name in the store.
    pub(crate) name: &'a str,
    pub(crate) identifiers: &'a [Identifier],
    pub(crate) issued: &'a Issued,
    pub(crate) csr: &'a Csr,
    pub(crate) outputs: &'a Outputs,
    /// The CA's directory URL.
    pub(crate) server: String,
    /// The account's URL.
    pub(crate) account: String,
    pub(crate) provider: String,
    /// Where the CA keeps it.
    pub(crate) certificate_url: String,
    pub(crate) renewal: Renewal,
}

impl NewCertificate<'_> {
    fn info(&self) -> CertificateInfo {
        let issued = self.issued;
        let domains: Vec<String> =
            self.identifiers.iter().map(|identifier| identifier.ascii().to_owned()).collect();
        CertificateInfo {
            name: self.name.to_owned(),
            domain: domains.first().cloned().unwrap_or_default(),
            domains,
            serial: issued.serial.clone(),
            not_before: issued.not_before,
            not_after: issued.not_after,
            key_type: issued.key.key_type(),
            key_algorithm: issued.key.algorithm.clone(),
            key_bits: issued.key.bits,
            subject: issued.subject.clone(),
            issuer: issued.issuer.clone(),
            fingerprint_sha1: issued.fingerprint_sha1.clone(),
            fingerprint_sha256: issued.fingerprint_sha256.clone(),
            server: self.server.clone(),
            account: self.account.clone(),
            provider: self.provider.clone(),
            external_csr: self.csr.key().is_none(),
            outputs: self.outputs.kinds(),
            stored: Some(OffsetDateTime::now_utc()),
            certificate_url: self.certificate_url.clone(),
            renewal: self.renewal.clone(),
            replaced_by: None,
            revoked: None,
            path: Default::default(),
        }
    }
}

impl Store {
    /// Stores a certificate as the newest of its name, in one step. Its lock is the caller's.
    ///
    /// # Errors
    /// When a form is wanted that needs a private key where there is none, or a file cannot be
    /// written: the certificate before it is then untouched.
    pub(crate) fn save(&self, new: &NewCertificate<'_>) -> Result<CertificateInfo, Error> {
        let mut info = new.info();
        let content = new.outputs.files(new.name, new.issued, new.csr)?;
        let archive = self.archives().join(new.name);
        files::private_folder(&archive)?;
        let version = next_version(&archive)?;
        let building = archive.join(format!(".{version}.new"));
        // Only a run that died leaves it behind: the certificate's lock is ours.
        files::remove_folder(&building)?;
        files::private_folder(&building)?;
        for (file, content) in &content {
            files::write_new(&building.join(file), content)?;
        }
        let json = serde_json::to_vec_pretty(&info).unwrap_or_default();
        files::write_new(&building.join(INFO), &json)?;
        files::sync_folder_of(&building.join(INFO))?;
        let finished = archive.join(&version);
        files::rename(&building, &finished)?;
        files::sync_folder_of(&finished)?;

        let link = self.link(new.name);
        let first = fs::symlink_metadata(&link).is_err();
        let event = if first { HistoryEvent::Issued } else { HistoryEvent::Renewed };
        info.path = finished;
        self.history_file().append(&HistoryEntry::new(event, &info))?;

        files::switch(&link, &Path::new(".archive").join(new.name).join(&version))?;
        let has = |wanted: &str| wanted == INFO || content.iter().any(|(file, _)| *file == wanted);
        for (ending, file) in LINKS {
            let beside = self.link(&format!("{}{ending}", new.name));
            let target = Path::new(new.name).join(file);
            match fs::symlink_metadata(&beside) {
                // A file of another client stays as it is.
                Ok(found) if !found.is_symlink() => {}
                _ if has(file) => files::switch(&beside, &target)?,
                _ => files::remove_link(&beside, &target)?,
            }
        }
        files::sync_folder_of(&link)?;
        info.path = link;
        Ok(info)
    }
}

impl Store {
    /// Has the renewals of a certificate run these hooks. Its lock is the caller's.
    pub(crate) fn keep_hooks(&self, name: &str, hooks: &Hooks) -> Result<(), Error> {
        let Some(mut info) = self.read(name)? else { return Ok(()) };
        info.renewal.hooks = hooks.clone();
        // That stands in a file of its own.
        info.revoked = None;
        let json = serde_json::to_vec_pretty(&info).unwrap_or_default();
        files::replace(&info.path.join(INFO), &json)
    }
}

/// The number after the highest that the archive holds.
fn next_version(archive: &Path) -> Result<String, Error> {
    let highest = versions(archive)?.last().map_or(0, |(number, _)| *number);
    Ok(format!("{:04}", highest.saturating_add(1)))
}
