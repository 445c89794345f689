//! The accounts on disk: `accounts/<CA>/<contact>/` with `key.pem` and `account.json`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;
use wildcert_acme::{Account, AccountKey, AccountKeyType, Client, ExternalAccount, NewAccount};

use crate::{ca::CaAccount, engine::Engine, error::Error, event::Event, files};

/// An account as the state keeps it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct AccountInfo {
    /// The CA's directory URL.
    pub server: String,
    /// The account's URL at the CA; none when its registration did not end.
    pub url: Option<String>,
    /// The contacts that were registered.
    pub contacts: Vec<String>,
    /// The algorithm of its key: `ES256`, `ES384` or `RS256`.
    pub key_algorithm: String,
    /// When it was registered, in RFC 3339.
    pub created: String,
    /// Its folder.
    #[serde(skip)]
    pub path: PathBuf,
}

impl Engine {
    /// Finds or registers the account.
    ///
    /// # Errors
    /// When the CA refuses or cannot be reached, or wants its terms agreed to.
    pub async fn register(&self, ca: &CaAccount) -> Result<AccountInfo, Error> {
        let state = &self.options().path;
        let (account, registered) = open(state, ca, &self.client(&ca.directory()?)?).await?;
        (self.observer())(Event::Account { url: account.url().to_string(), registered });
        info(state, ca)?.ok_or_else(|| Error::Damaged {
            path: state.join("accounts"),
            reason: "the account that was just written is not there".to_owned(),
        })
    }

    /// Every account in the state folder, of every CA.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn accounts(&self) -> Result<Vec<AccountInfo>, Error> {
        list(&self.options().path)
    }
}

/// All accounts under the state folder `state`.
pub(crate) fn list(state: &Path) -> Result<Vec<AccountInfo>, Error> {
    let mut accounts = Vec::new();
    for server in files::folders(&state.join("accounts"))? {
        for folder in files::folders(&server)? {
            accounts.extend(read(&folder)?);
        }
    }
    Ok(accounts)
}

/// The account of a CA: found on disk, or registered now; whether it is new.
pub(crate) async fn open(
    state: &Path,
    ca: &CaAccount,
    client: &Client,
) -> Result<(Account, bool), Error> {
    let folder = folder(state, ca)?;
    // Two first runs at once must not make two keys.
    let accounts = state.join("accounts");
    files::private_folder(&accounts)?;
    let _lock = files::lock(&accounts.join(".lock")).await?;
    let known = read(&folder)?.and_then(|info| info.url);
    match (read_key(&folder)?, known.map(|url| Url::parse(&url))) {
        (Some(key), Some(Ok(url))) => Ok((client.account(key, url), false)),
        // A key without a URL is a registration that did not end: the CA tells whether it knows it.
        (Some(key), _) => Ok((register(ca, client, &folder, key).await?, true)),
        (None, _) => {
            preconditions(ca, client).await?;
            let key = new_key(&folder, ca.account_key)?;
            Ok((register(ca, client, &folder, key).await?, true))
        }
    }
}

/// Registers the key of the account again, when the CA no longer knows its URL.
pub(crate) async fn reopen(
    state: &Path,
    ca: &CaAccount,
    client: &Client,
) -> Result<Account, Error> {
    let folder = folder(state, ca)?;
    match read_key(&folder)? {
        Some(key) => register(ca, client, &folder, key).await,
        None => Err(Error::Damaged { path: folder.join(KEY), reason: "it is gone".to_owned() }),
    }
}

/// What is known of the account, from the disk alone.
pub(crate) fn info(state: &Path, ca: &CaAccount) -> Result<Option<AccountInfo>, Error> {
    read(&folder(state, ca)?)
}

/// What the CA would refuse anyway, said before a key is made.
async fn preconditions(ca: &CaAccount, client: &Client) -> Result<(), Error> {
    let server = ca.directory()?;
    let directory = client
        .directory()
        .await
        .map_err(|source| Error::Acme { doing: format!("reach the CA at {server}"), source })?;
    if let (Some(terms), false) = (&directory.terms_of_service, ca.terms_agreed) {
        return Err(Error::TermsNotAgreed { server: ca.server.clone(), terms: terms.to_string() });
    }
    if directory.external_account_required && ca.external.is_none() {
        return Err(Error::ExternalAccountRequired { server: server.to_string() });
    }
    Ok(())
}

/// Makes a key and saves it before the CA hears of it, so that no account is ever without one.
fn new_key(folder: &Path, kind: AccountKeyType) -> Result<AccountKey, Error> {
    let key = AccountKey::generate(kind).map_err(|error| Error::Crypto {
        doing: "make an account key",
        reason: error.to_string(),
    })?;
    files::private_folder(folder)?;
    files::write_new(&folder.join(KEY), key.to_pem().expose().as_bytes())?;
    files::sync_folder_of(&folder.join(KEY))?;
    Ok(key)
}

async fn register(
    ca: &CaAccount,
    client: &Client,
    folder: &Path,
    key: AccountKey,
) -> Result<Account, Error> {
    let server = ca.directory()?;
    let new = NewAccount {
        contacts: ca.contacts.clone(),
        terms_agreed: ca.terms_agreed,
        external: ca.external.as_ref().map(|(kid, hmac)| ExternalAccount::new(kid, hmac.clone())),
    };
    let algorithm = key.algorithm();
    let account = client.register(key, new).await.map_err(|source| Error::Acme {
        doing: format!("register an account at {server}"),
        source,
    })?;
    let info = AccountInfo {
        server: server.to_string(),
        url: Some(account.url().to_string()),
        contacts: ca.contacts.clone(),
        key_algorithm: algorithm.as_str().to_owned(),
        created: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
        path: folder.to_owned(),
    };
    let json = serde_json::to_vec_pretty(&info).unwrap_or_default();
    files::replace(&folder.join(INFO), &json)?;
    Ok(account)
}

/// The folder of the account. Without a contact, the only account that there
/// is at the CA.
pub(crate) fn folder(state: &Path, ca: &CaAccount) -> Result<PathBuf, Error> {
    let server = ca.directory()?;
    let of_server = state.join("accounts").join(file_name(&format!(
        "{}{}{}",
        server.host_str().unwrap_or_default(),
        server.port().map(|port| format!("_{port}")).unwrap_or_default(),
        server.path()
    )));
    if let Some(contact) = ca.contacts.first() {
        return Ok(of_server.join(file_name(contact.trim_start_matches("mailto:"))));
    }
    Ok(match <[PathBuf; 1]>::try_from(files::folders(&of_server)?) {
        Ok([only]) => only,
        Err(_) => of_server.join("default"),
    })
}

fn read_key(folder: &Path) -> Result<Option<AccountKey>, Error> {
    let path = folder.join(KEY);
    let Some(pem) = files::read_if_there(&path)? else { return Ok(None) };
    let key = AccountKey::from_pem(&pem);
    key.map(Some).map_err(|error| Error::Damaged { path, reason: error.to_string() })
}

fn read(folder: &Path) -> Result<Option<AccountInfo>, Error> {
    let path = folder.join(INFO);
    let Some(text) = files::read_if_there(&path)? else { return Ok(None) };
    let info: AccountInfo = serde_json::from_str(&text)
        .map_err(|error| Error::Damaged { path, reason: error.to_string() })?;
    Ok(Some(AccountInfo { path: folder.to_owned(), ..info }))
}

/// `text` as the name of a file: whatever is not plain becomes `_`.
fn file_name(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".@+-".contains(c) { c } else { '_' };
    let name: String = text.chars().map(plain).collect();
    match name.trim_matches('_') {
        "" | "." | ".." => "_".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

const INFO: &str = "account.json";
const KEY: &str = "key.pem";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_plain_and_never_leave_the_folder() {
        assert_eq!(file_name("localhost_14000/dir"), "localhost_14000_dir");
        assert_eq!(file_name("../../etc"), ".._.._etc");
        assert_eq!(file_name(".."), "_");
        assert_eq!(file_name("me+x@example.com"), "me+x@example.com");
    }

    #[test]
    fn the_lock_beside_the_folders_is_no_account() {
        let state = tempfile::tempdir().unwrap();
        let folder = state.path().join("accounts/ca.test_dir/me@example.test");
        files::private_folder(&folder).unwrap();
        files::write_new(&state.path().join("accounts/.lock"), b"").unwrap();
        let info = br#"{"server":"https://ca.test/dir","url":null,"contacts":[],
            "key_algorithm":"ES256","created":""}"#;
        files::write_new(&folder.join(INFO), info).unwrap();
        let accounts = list(state.path()).unwrap();
        assert_eq!(accounts.len(), 1);
        assert_eq!(accounts[0].path, folder);
    }
}
