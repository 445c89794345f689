//! `account.json`: what is known of an account without asking the CA.

use std::{
    fs::File,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;
use wildcert_acme::{Account, AccountKey};

use super::{KEY, folder};
use crate::{ca::CaAccount, engine::Engine, error::Error, files};

/// An account as the state keeps it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct AccountInfo {
    /// What it is called on the command line: `<CA>/<contact>`, after the folder.
    #[serde(skip)]
    pub name: String,
    /// The CA's directory URL.
    pub server: String,
    /// The account's URL at the CA; none when its registration did not end.
    pub url: Option<String>,
    /// Whether it can be used, as far as is known.
    #[serde(default)]
    pub status: AccountStatus,
    /// The contacts on file.
    pub contacts: Vec<String>,
    /// The algorithm of its key: `ES256`, `ES384`, `EdDSA` or `RS256`.
    pub key_algorithm: String,
    /// When it was registered, in RFC 3339.
    pub created: String,
    /// Its folder.
    #[serde(skip)]
    pub path: PathBuf,
}

/// The status of an account (RFC 8555 §7.1.2).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AccountStatus {
    /// It can be used.
    #[default]
    Valid,
    /// The user gave it up.
    Deactivated,
    /// The CA withdrew it.
    Revoked,
}

impl AccountStatus {
    /// The CA's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::Deactivated => "deactivated",
            Self::Revoked => "revoked",
        }
    }

    fn of(account: &Account) -> Option<Self> {
        let told = account.status()?.to_string();
        [Self::Valid, Self::Deactivated, Self::Revoked].into_iter().find(|one| one.as_str() == told)
    }
}

impl Engine {
    /// Every account in the state folder, of every CA.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn accounts(&self) -> Result<Vec<AccountInfo>, Error> {
        list(&self.options().path)
    }
}

impl AccountInfo {
    /// An account that is there now.
    pub(super) fn new(server: &Url, account: &Account, contacts: &[String], path: &Path) -> Self {
        Self::adopted(server, account.url().as_str(), contacts, account.key(), path.to_owned())
    }

    /// An account with this URL at the CA.
    pub(super) fn adopted(
        server: &Url,
        url: &str,
        contacts: &[String],
        key: &AccountKey,
        path: PathBuf,
    ) -> Self {
        let mut info = Self {
            name: String::new(),
            server: server.to_string(),
            url: Some(url.to_owned()),
            status: AccountStatus::Valid,
            contacts: contacts.to_vec(),
            key_algorithm: key.algorithm().as_str().to_owned(),
            created: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
            path,
        };
        info.name = folder::account_name(&info);
        info
    }

    /// Takes over what the CA has just told.
    pub(super) fn learn(&mut self, account: &Account) {
        self.status = AccountStatus::of(account).unwrap_or(self.status);
        // Some CAs keep contacts to themselves.
        if !account.contacts().is_empty() {
            let plain = |contact: &String| contact.trim_start_matches("mailto:").to_owned();
            self.contacts = account.contacts().iter().map(plain).collect();
        }
    }

    pub(super) fn save(&self) -> Result<(), Error> {
        let json = serde_json::to_vec_pretty(self).unwrap_or_default();
        files::replace(&self.path.join(INFO), &json)
    }

    /// Refuses an account that has been given up.
    pub(super) fn usable(self) -> Result<Self, Error> {
        match self.status {
            AccountStatus::Valid => Ok(self),
            status => Err(Error::AccountClosed {
                account: self.name,
                status: status.as_str(),
                path: self.path,
            }),
        }
    }
}

/// All accounts under the state folder `state`.
pub(super) fn list(state: &Path) -> Result<Vec<AccountInfo>, Error> {
    let mut accounts = Vec::new();
    for server in files::folders(&folder::all(state))? {
        accounts.extend(of_server(&server)?);
    }
    Ok(accounts)
}

/// The accounts in the folder of a CA.
pub(super) fn of_server(folder: &Path) -> Result<Vec<AccountInfo>, Error> {
    let folders = files::folders(folder)?;
    folders.iter().filter_map(|folder| read(folder).transpose()).collect()
}

/// What is known of the account that `ca` means, from the disk alone.
pub(crate) fn of_ca(state: &Path, ca: &CaAccount) -> Result<Option<AccountInfo>, Error> {
    read(&folder(state, ca)?)
}

/// What is known of the account in `folder`.
pub(super) fn read(folder: &Path) -> Result<Option<AccountInfo>, Error> {
    let path = folder.join(INFO);
    let Some(text) = files::read_if_there(&path)? else { return Ok(None) };
    let mut info: AccountInfo = serde_json::from_str(&text)
        .map_err(|error| Error::Damaged { path, reason: error.to_string() })?;
    info.path = folder.to_owned();
    info.name = folder::account_name(&info);
    Ok(Some(info))
}

/// The key in a file, if it is there.
pub(super) fn read_key(path: &Path) -> Result<Option<AccountKey>, Error> {
    let Some(pem) = files::read_if_there(path)? else { return Ok(None) };
    let key = AccountKey::from_pem(&pem);
    let damaged = |error: wildcert_acme::Error| Error::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    };
    key.map(Some).map_err(damaged)
}

/// The key of the account in `folder`.
pub(super) fn key_of(folder: &Path) -> Result<AccountKey, Error> {
    let path = folder.join(KEY);
    let gone = || Error::Damaged { path: path.clone(), reason: "it is gone".to_owned() };
    read_key(&path)?.ok_or_else(gone)
}

/// Keeps other processes from changing any account until it is dropped.
pub(super) async fn lock(state: &Path) -> Result<File, Error> {
    let accounts = folder::all(state);
    files::private_folder(&accounts)?;
    files::lock(&accounts.join(".lock")).await
}

const INFO: &str = "account.json";
