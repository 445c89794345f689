//! An account whose key is there, but not its folder.

use std::path::PathBuf;

use wildcert_acme::{Account, AccountKey};

use super::{
    KEY, folder,
    info::{self, AccountInfo, lock, read_key},
    rollover,
};
use crate::{ca::CaAccount, engine::Engine, error::Error, files};

impl Engine {
    /// Finds the account of a key at the CA and stores both.
    ///
    /// `pem` is the private key in PEM. The account gets its name from the first contact of `ca`,
    /// otherwise from the first that the CA tells. An account that is here already with another key
    /// gets this one; its own is kept under another name.
    ///
    /// # Errors
    /// When the key cannot be used, or the CA knows no account for it; when another account has the
    /// name.
    pub async fn recover(&self, ca: &CaAccount, pem: &str) -> Result<AccountInfo, Error> {
        let acme = |doing: String| move |source| Error::Acme { doing, source };
        let server = ca.directory()?;
        let key =
            AccountKey::from_pem(pem).map_err(acme("failed to read the account key".to_owned()))?;
        let client = self.client(&server)?;
        let state = &self.options().path;
        let _lock = lock(state).await?;
        let doing = format!("failed to find the account of the key at {server}");
        let account = client.find_account(key.clone()).await.map_err(acme(doing))?;
        let url = account.url().as_str();
        let known = info::list(state)?.into_iter().find(|info| info.url.as_deref() == Some(url));
        if let Some(mut info) = known {
            info.learn(&account);
            match read_key(&info.path.join(KEY))? {
                Some(own) if own.thumbprint() == key.thumbprint() => info.save()?,
                _ => rollover::replace(self, &mut info, &key)?,
            }
            return Ok(info);
        }
        let folder = new_folder(self, ca, &account)?;
        let mut info = AccountInfo::new(&server, &account, &ca.contacts, &folder);
        info.learn(&account);
        files::private_folder(&folder)?;
        files::replace(&folder.join(KEY), key.to_pem().expose().as_bytes())?;
        info.save()?;
        Ok(info)
    }
}

/// A folder without another account's key.
fn new_folder(engine: &Engine, ca: &CaAccount, account: &Account) -> Result<PathBuf, Error> {
    let told = account.contacts().first().map(|contact| contact.trim_start_matches("mailto:"));
    let name = ca.contacts.first().map(String::as_str).or(told);
    let of_server = folder::of_server(&engine.options().path, &ca.directory()?);
    let path = of_server.join(folder::file_name(name.unwrap_or(folder::WITHOUT_CONTACT)));
    // Its ledger of limits may be there before the account is.
    match read_key(&path.join(KEY))? {
        Some(other) if other.thumbprint() != account.key().thumbprint() => {
            Err(Error::AccountExists { path })
        }
        _ => Ok(path),
    }
}
