//! Changing the key of an account (RFC 8555 §7.3.5), so that the account cannot be lost whatever
//! moment it stops at.
//!
//! 1. The new key is written to `next.pem`, down to the disk, before the CA hears of it.
//! 2. The CA changes the keys.
//! 3. The old key is copied to `retired-<thumbprint>.pem`.
//! 4. `next.pem` is renamed to `key.pem`: at no time is there none.
//! 5. `account.json` says the new key's algorithm.
//!
//! While there is a `next.pem`, either key may be the account's. Whoever uses the account next asks
//! the CA which one is, and takes the remaining steps.

use std::path::Path;

use url::Url;
use wildcert_acme::{AccountKey, AccountKeyType, Client};

use super::{
    KEY,
    info::{self, AccountInfo, key_of, lock, read_key},
    open::{existing, generate},
};
use crate::{engine::Engine, error::Error, event::Event, files};

/// How far a change of an account's key has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum RolloverStep {
    /// A change that was interrupted is taken up.
    Resumed,
    /// Nothing is done yet.
    Begun,
    /// The new key is on disk; the CA knows nothing of it.
    Written,
    /// The CA has the new key.
    Changed,
    /// The old key is kept under another name.
    Retired,
    /// The new key is the account's on disk, too.
    Switched,
    /// The new key is in use.
    Ended,
    /// The CA has not taken the new key, and the old one stays.
    Dropped,
}

/// Which key the CA has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    Old,
    New,
}

impl Engine {
    /// Gives the account a new key, by default one of the same algorithm.
    ///
    /// # Errors
    /// When the CA refuses or cannot be reached; the account can be used all the same, with the key
    /// that the CA has.
    pub async fn roll_over(
        &self,
        account: &AccountInfo,
        kind: Option<AccountKeyType>,
    ) -> Result<AccountInfo, Error> {
        let client = self.client_of(account)?;
        let _lock = lock(&self.options().path).await?;
        let (account, mut info) = existing(self, &client, reread(account)?).await?;
        let kind = kind.unwrap_or_else(|| account.key().algorithm().into());
        self.step(RolloverStep::Begun);
        let new = generate(kind)?;
        files::replace(&info.path.join(NEXT), new.to_pem().expose().as_bytes())?;
        self.step(RolloverStep::Written);
        if let Err(source) = account.change_key(new.clone()).await {
            // Either key may be the account's now: if the CA does not say which, the next use asks.
            // One that has just not answered is not asked again at once.
            if !is_away(&source) && matches!(finish(self, &client, &mut info).await, Ok(Found::New))
            {
                return Ok(info);
            }
            return Err(Error::Acme {
                doing: "failed to change the account's key".to_owned(),
                source,
            });
        }
        self.step(RolloverStep::Changed);
        self.switch(&mut info, &new)?;
        Ok(info)
    }

    /// The client of an account's CA.
    pub(super) fn client_of(&self, account: &AccountInfo) -> Result<Client, Error> {
        let damaged = |error: url::ParseError| Error::Damaged {
            path: account.path.clone(),
            reason: format!("its CA `{}` is no URL: {error}", account.server),
        };
        self.client(&Url::parse(&account.server).map_err(damaged)?)
    }

    /// What the CA has made the account's key becomes so on disk.
    pub(super) fn switch(&self, info: &mut AccountInfo, new: &AccountKey) -> Result<(), Error> {
        let (key, next) = (info.path.join(KEY), info.path.join(NEXT));
        if let Some(old) = read_key(&key)? {
            retire(&info.path, &old)?;
        }
        self.step(RolloverStep::Retired);
        files::rename(&next, &key)?;
        files::sync_folder_of(&key)?;
        self.step(RolloverStep::Switched);
        new.algorithm().as_str().clone_into(&mut info.key_algorithm);
        info.save()?;
        self.step(RolloverStep::Ended);
        Ok(())
    }

    fn step(&self, step: RolloverStep) {
        (self.observer())(Event::Rollover(step));
    }
}

/// Ends a change of keys that was interrupted: the key that the CA has becomes, or stays, the
/// account's; the other one is kept under another name.
///
/// # Errors
/// When the CA does not tell which one it has; nothing is changed then.
pub(super) async fn finish(
    engine: &Engine,
    client: &Client,
    info: &mut AccountInfo,
) -> Result<Found, Error> {
    let next = info.path.join(NEXT);
    let Some(new) = read_key(&next)? else {
        note_algorithm(info)?;
        return Ok(Found::Old);
    };
    engine.step(RolloverStep::Resumed);
    match ask(client, info, &new).await? {
        Found::New => engine.switch(info, &new).map(|()| Found::New),
        Found::Old => {
            put_aside(&info.path, &new)?;
            engine.step(RolloverStep::Dropped);
            Ok(Found::Old)
        }
    }
}

/// Puts a key that the CA has proved to be the account's in the place of the one that is there.
pub(super) fn replace(
    engine: &Engine,
    info: &mut AccountInfo,
    key: &AccountKey,
) -> Result<(), Error> {
    let next = info.path.join(NEXT);
    match read_key(&next)? {
        Some(other) if other.thumbprint() != key.thumbprint() => put_aside(&info.path, &other)?,
        _ => {}
    }
    files::replace(&next, key.to_pem().expose().as_bytes())?;
    engine.switch(info, key)
}

/// The account as it is on disk now that the lock is held.
pub(super) fn reread(account: &AccountInfo) -> Result<AccountInfo, Error> {
    let gone = || Error::Damaged { path: account.path.clone(), reason: "it is gone".to_owned() };
    info::read(&account.path)?.ok_or_else(gone)
}

/// Asks the CA whose key the new one is.
async fn ask(client: &Client, info: &AccountInfo, new: &AccountKey) -> Result<Found, Error> {
    let url = info.url.as_deref().unwrap_or_default();
    let unknown = match client.find_account(new.clone()).await {
        Ok(found) if found.url().as_str() == url => return Ok(Found::New),
        Ok(_) => return Ok(Found::Old),
        Err(error) if error.is_problem("accountDoesNotExist") => return Ok(Found::Old),
        Err(error) => error,
    };
    // Some CAs do not say it like that; that they take the old key tells as much.
    if let (true, Ok(url)) = (unknown.is_refusal(), Url::parse(url)) {
        let old = client.account(key_of(&info.path)?, url);
        if old.refresh().await.is_ok() {
            return Ok(Found::Old);
        }
    }
    let doing = "failed to find out which of two keys the account has".to_owned();
    Err(Error::Acme { doing, source: unknown })
}

fn is_away(error: &wildcert_acme::Error) -> bool {
    use wildcert_acme::Error::{Broken, Connect, Timeout};
    matches!(error, Broken { .. } | Connect { .. } | Timeout { .. })
}

/// A change of keys that stopped short of its last step has ended but for this.
fn note_algorithm(info: &mut AccountInfo) -> Result<(), Error> {
    let algorithm = key_of(&info.path)?.algorithm();
    if info.key_algorithm == algorithm.as_str() {
        return Ok(());
    }
    algorithm.as_str().clone_into(&mut info.key_algorithm);
    info.save()
}

/// Keeps an old key under a name that no other key has, so that nothing is overwritten.
fn retire(folder: &Path, old: &AccountKey) -> Result<(), Error> {
    let path = folder.join(format!("retired-{}.pem", old.thumbprint()));
    if path.exists() {
        return Ok(());
    }
    files::replace(&path, old.to_pem().expose().as_bytes())
}

/// Keeps a new key that did not become the account's in the same way.
fn put_aside(folder: &Path, new: &AccountKey) -> Result<(), Error> {
    let path = folder.join(format!("unused-{}.pem", new.thumbprint()));
    files::rename(&folder.join(NEXT), &path)?;
    files::sync_folder_of(&path)
}

/// The key that the account is about to have.
const NEXT: &str = "next.pem";
