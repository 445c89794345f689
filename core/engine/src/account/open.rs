//! The account of a run: found on disk, or registered now.

use std::path::Path;

use time::OffsetDateTime;
use url::Url;
use wildcert_acme::{Account, AccountKey, AccountKeyType, Client, ExternalAccount, NewAccount};

use super::{
    KEY,
    folder::folder,
    info::{self, AccountInfo, key_of, lock, read_key},
    rollover,
};
use crate::{ca::CaAccount, engine::Engine, error::Error, event::Event, files, limits::Limits};

impl Engine {
    /// Finds or registers the account.
    ///
    /// # Errors
    /// When the CA refuses or cannot be reached, wants its terms agreed to or to be left alone for
    /// now; when the account was given up.
    pub async fn register(&self, ca: &CaAccount) -> Result<AccountInfo, Error> {
        let state = &self.options().path;
        let ledger = Limits::of(&folder(state, ca)?);
        let known = info::of_ca(state, ca)?.is_some_and(|info| info.url.is_some());
        if let (false, Some(limit)) = (known, ledger.on(&[], OffsetDateTime::now_utc())?) {
            return Err(limit.error(ca));
        }
        let opened = open(self, ca, &self.client(&ca.directory()?)?).await;
        if let Err(error) = &opened {
            ledger.hear(error, &[])?;
        }
        let (account, registered) = opened?;
        (self.observer())(Event::Account { url: account.url().to_string(), registered });
        info::of_ca(state, ca)?.ok_or_else(|| Error::Damaged {
            path: state.join("accounts"),
            reason: "the account that was just written is not there".to_owned(),
        })
    }
}

/// The account of a CA: found on disk, or registered now; whether it is new.
pub(crate) async fn open(
    engine: &Engine,
    ca: &CaAccount,
    client: &Client,
) -> Result<(Account, bool), Error> {
    let state = &engine.options().path;
    // Two first runs at once must not make two keys.
    let _lock = lock(state).await?;
    let folder = folder(state, ca)?;
    if let Some(info) = info::read(&folder)? {
        let info = info.usable()?;
        if info.url.is_some() {
            return Ok((existing(engine, client, info).await?.0, false));
        }
    }
    match read_key(&folder.join(KEY))? {
        // A key without a URL is a registration that did not end: the CA tells whether it knows it.
        Some(key) => Ok((register(ca, client, &folder, key).await?, true)),
        None => {
            preconditions(ca, client).await?;
            let key = new_key(&folder, ca.account_key)?;
            Ok((register(ca, client, &folder, key).await?, true))
        }
    }
}

/// Registers the key of the account again, when the CA no longer knows its URL.
pub(crate) async fn reopen(
    engine: &Engine,
    ca: &CaAccount,
    client: &Client,
) -> Result<Account, Error> {
    let folder = folder(&engine.options().path, ca)?;
    // It may have been found by what it is called here, which is no address.
    let contacts = info::read(&folder)?.map_or_else(|| ca.contacts.clone(), |info| info.contacts);
    let ca = CaAccount { contacts, ..ca.clone() };
    register(&ca, client, &folder, key_of(&folder)?).await
}

/// An account that was registered, after any change of its key has come to an end; whoever calls
/// holds the lock.
pub(super) async fn existing(
    engine: &Engine,
    client: &Client,
    info: AccountInfo,
) -> Result<(Account, AccountInfo), Error> {
    let mut info = info.usable()?;
    let damaged =
        |reason: &str| Error::Damaged { path: info.path.clone(), reason: reason.to_owned() };
    let url = info.url.as_deref().and_then(|url| Url::parse(url).ok());
    let url = url.ok_or_else(|| damaged("its registration did not end"))?;
    rollover::finish(engine, client, &mut info).await?;
    Ok((client.account(key_of(&info.path)?, url), info))
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

/// Makes a key.
pub(super) fn generate(kind: AccountKeyType) -> Result<AccountKey, Error> {
    AccountKey::generate(kind)
        .map_err(|error| Error::Crypto { doing: "make an account key", reason: error.to_string() })
}

/// Makes a key and saves it before the CA hears of it, so that no account is ever without one.
fn new_key(folder: &Path, kind: AccountKeyType) -> Result<AccountKey, Error> {
    let key = generate(kind)?;
    files::private_folder(folder)?;
    files::replace(&folder.join(KEY), key.to_pem().expose().as_bytes())?;
    Ok(key)
}

async fn register(
    ca: &CaAccount,
    client: &Client,
    folder: &Path,
    key: AccountKey,
) -> Result<Account, Error> {
    let server = ca.directory()?;
    let external = match &ca.external {
        Some((kid, hmac)) => Some(ExternalAccount::new(kid, hmac.resolve()?)),
        None => None,
    };
    let new = NewAccount { contacts: ca.contacts.clone(), terms_agreed: ca.terms_agreed, external };
    let account = client.register(key, new).await.map_err(|source| Error::Acme {
        doing: format!("register an account at {server}"),
        source,
    })?;
    AccountInfo::new(&server, &account, &ca.contacts, folder).save()?;
    Ok(account)
}
