//! The accounts on disk: `accounts/<CA>/<contact>/` with `key.pem` and `account.json`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use url::Url;
use wildcert_acme::{Account, AccountKey, Client, ExternalAccount, KeyAlgorithm, NewAccount};

use crate::{engine::Options, error::Error, files};

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

/// The account that the options name: found on disk, or registered now; whether it is new.
pub(crate) async fn open(options: &Options, client: &Client) -> Result<(Account, bool), Error> {
    let server = server_url(options)?;
    let folder = folder(options, &server)?;
    // Two first runs at once must not make two keys.
    let accounts = options.path.join("accounts");
    files::private_folder(&accounts)?;
    let _lock = files::lock(&accounts.join(".lock")).await?;
    let known = read(&folder)?.and_then(|info| info.url);
    match (read_key(&folder)?, known.map(|url| Url::parse(&url))) {
        (Some(key), Some(Ok(url))) => Ok((client.account(key, url), false)),
        // A key without a URL is a registration that did not end: the CA tells whether it knows it.
        (Some(key), _) => Ok((register(options, client, &folder, key).await?, true)),
        (None, _) => {
            preconditions(options, client, &server).await?;
            let key = new_key(&folder, options.account_key)?;
            Ok((register(options, client, &folder, key).await?, true))
        }
    }
}

/// Registers the key of the account again, when the CA no longer knows its URL.
pub(crate) async fn reopen(options: &Options, client: &Client) -> Result<Account, Error> {
    let folder = folder(options, &server_url(options)?)?;
    match read_key(&folder)? {
        Some(key) => register(options, client, &folder, key).await,
        None => Err(Error::Damaged { path: folder.join(KEY), reason: "it is gone".to_owned() }),
    }
}

/// The account's folder, from the options alone.
pub(crate) fn info(options: &Options) -> Result<Option<AccountInfo>, Error> {
    read(&folder(options, &server_url(options)?)?)
}

/// The directory URL that the options name.
pub(crate) fn server_url(options: &Options) -> Result<Url, Error> {
    wildcert_acme::directory_url(&options.server)
        .map_err(|source| Error::Acme { doing: "find the CA".to_owned(), source })
}

/// What the CA would refuse anyway, said before a key is made.
async fn preconditions(options: &Options, client: &Client, server: &Url) -> Result<(), Error> {
    let directory = client
        .directory()
        .await
        .map_err(|source| Error::Acme { doing: format!("reach the CA at {server}"), source })?;
    if let (Some(terms), false) = (&directory.terms_of_service, options.terms_agreed) {
        return Err(Error::TermsNotAgreed { terms: terms.to_string() });
    }
    if directory.external_account_required && options.external.is_none() {
        return Err(Error::ExternalAccountRequired { server: server.to_string() });
    }
    Ok(())
}

/// Makes a key and saves it before the CA hears of it, so that no account is ever without one.
fn new_key(folder: &Path, algorithm: KeyAlgorithm) -> Result<AccountKey, Error> {
    let key = AccountKey::generate(algorithm).map_err(|error| Error::Crypto {
        doing: "make an account key",
        reason: error.to_string(),
    })?;
    files::private_folder(folder)?;
    files::write_new(&folder.join(KEY), key.to_pem().expose().as_bytes())?;
    files::sync_folder_of(&folder.join(KEY))?;
    Ok(key)
}

async fn register(
    options: &Options,
    client: &Client,
    folder: &Path,
    key: AccountKey,
) -> Result<Account, Error> {
    let server = server_url(options)?;
    let new = NewAccount {
        contacts: options.contacts.clone(),
        terms_agreed: options.terms_agreed,
        external: options
            .external
            .as_ref()
            .map(|(kid, hmac)| ExternalAccount::new(kid, hmac.clone())),
    };
    let algorithm = key.algorithm();
    let account = client.register(key, new).await.map_err(|source| Error::Acme {
        doing: format!("register an account at {server}"),
        source,
    })?;
    let info = AccountInfo {
        server: server.to_string(),
        url: Some(account.url().to_string()),
        contacts: options.contacts.clone(),
        key_algorithm: algorithm.as_str().to_owned(),
        created: OffsetDateTime::now_utc().format(&Rfc3339).unwrap_or_default(),
        path: folder.to_owned(),
    };
    let json = serde_json::to_vec_pretty(&info).unwrap_or_default();
    files::replace(&folder.join(INFO), &json)?;
    Ok(account)
}

/// The folder of the account that the options name. Without a contact, the only account that there
/// is at the CA.
fn folder(options: &Options, server: &Url) -> Result<PathBuf, Error> {
    let of_server = options.path.join("accounts").join(file_name(&format!(
        "{}{}{}",
        server.host_str().unwrap_or_default(),
        server.port().map(|port| format!("_{port}")).unwrap_or_default(),
        server.path()
    )));
    if let Some(contact) = options.contacts.first() {
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
