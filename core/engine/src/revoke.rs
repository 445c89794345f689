//! Revoking certificates (RFC 8555 §7.6).

use std::{
    fs,
    path::{Path, PathBuf},
};

use wildcert_acme::{AccountKey, RevocationReason};
use zeroize::Zeroizing;

use crate::{
    account, ca::CaAccount, engine::Engine, error::Error, files, leaf, request::Faults,
    store::CertificateInfo,
};

/// A certificate that shall be revoked.
#[derive(Clone, Debug)]
pub enum Revocable {
    /// The newest of this name in the store.
    Name(String),
    /// The one with this serial number, in hexadecimal, whether it is the newest or not.
    Serial(String),
    /// The one in this PEM file, which need not be in the store.
    File(PathBuf),
}

/// Who signs for a revocation.
#[derive(Clone, Debug)]
pub enum Signer {
    /// The account that ordered the certificate; one from elsewhere is revoked by the account at the
    /// CA named here.
    Account(CaAccount),
    /// The certificate's private key, in this PEM file, at the CA named here unless the store knows
    /// the certificate.
    Key(PathBuf, CaAccount),
}

/// What was revoked.
#[derive(Clone, Debug)]
pub struct Revoked {
    /// Its serial number in lower-case hexadecimal.
    pub serial: String,
    /// What it is for, as A-labels.
    pub domains: Vec<String>,
    /// The certificate in the store; none when it is from elsewhere.
    pub certificate: Option<CertificateInfo>,
}

impl Engine {
    /// Revokes a certificate. One of the store stays there, marked as revoked.
    ///
    /// # Errors
    /// When there is no such certificate, or several with that serial number; when the CA refuses, as
    /// it does when the certificate was revoked before.
    pub async fn revoke(
        &self,
        what: &Revocable,
        reason: Option<RevocationReason>,
        signer: &Signer,
    ) -> Result<Revoked, Error> {
        let (der, stored) = self.revocable(what)?;
        let facts = leaf::facts(&der).map_err(|reason| not_found(&reason))?;
        let _lock = stored.as_ref().map(|info| self.store().lock(&info.name)).transpose()?;
        let failed = |source| Error::Acme {
            doing: format!("failed to revoke the certificate with serial number {}", facts.serial),
            source,
        };
        let (Signer::Account(named) | Signer::Key(_, named)) = signer;
        let ca = match &stored {
            Some(info) => CaAccount::of(info),
            None => named.clone(),
        };
        let client = self.client(&ca.directory()?)?;
        let result = match signer {
            Signer::Account(_) => {
                let (account, _) = account::open(self, &ca, &client).await?;
                account.revoke(&der, reason).await
            }
            Signer::Key(path, _) => {
                client.revoke_with_key(&certificate_key(path)?, &der, reason).await
            }
        };
        let already = result.as_ref().is_err_and(|error| error.is_problem("alreadyRevoked"));
        if let (Some(info), true) = (&stored, already || result.is_ok()) {
            self.store().revoked(info, reason.map(RevocationReason::as_str))?;
        }
        result.map_err(failed)?;
        Ok(Revoked { serial: facts.serial, domains: facts.domains, certificate: stored })
    }

    /// The certificate in DER, and as the store knows it.
    fn revocable(&self, what: &Revocable) -> Result<(Vec<u8>, Option<CertificateInfo>), Error> {
        let store = self.store();
        let stored = match what {
            Revocable::Name(name) => {
                // The folder that is the newest now: another may be when the lock is ours.
                let newest = store.versions(name)?.pop();
                newest.ok_or_else(|| not_found(&format!("there is no certificate `{name}`")))?
            }
            Revocable::Serial(serial) => {
                let mut found = store.by_serial(serial)?;
                match (found.pop(), found.is_empty()) {
                    (Some(only), true) => only,
                    (Some(_), false) => {
                        let several = format!(
                            "several certificates of the store have the serial number {serial}; name \
                             the file of the one that is meant"
                        );
                        return Err(not_found(&several));
                    }
                    (None, _) => {
                        let none = "no certificate of the store has the serial number";
                        return Err(not_found(&format!("{none} {serial}")));
                    }
                }
            }
            Revocable::File(path) => {
                let der = leaf::read(path)?;
                let facts = leaf::facts(&der).map_err(|reason| not_found(&reason))?;
                let mut found = store.by_serial(&facts.serial)?;
                found.retain(|info| info.fingerprint_sha256 == facts.fingerprint_sha256);
                return Ok((der, found.pop()));
            }
        };
        Ok((leaf::read(&stored.path.join("cert.pem"))?, Some(stored)))
    }
}

fn certificate_key(path: &Path) -> Result<AccountKey, Error> {
    let pem = fs::read_to_string(path).map(Zeroizing::new);
    let pem = pem.map_err(|source| files::file_error("read the private key", path, source))?;
    AccountKey::from_pem(&pem)
        .map_err(|error| Error::Damaged { path: path.to_owned(), reason: error.to_string() })
}

fn not_found(fault: &str) -> Error {
    Error::Input(Faults(vec![fault.to_owned()]))
}
