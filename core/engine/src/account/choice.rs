//! Which of the accounts here somebody means.

use super::info::{AccountInfo, AccountStatus};
use crate::{ca::CaAccount, engine::Engine, error::Error};

/// What somebody says of an account that is here; without anything, it is the only one.
#[derive(Clone, Debug, Default)]
pub struct AccountChoice {
    /// Its name, one half of it, or its URL.
    pub account: Option<String>,
    /// Its CA: a short name or a directory URL.
    pub server: Option<String>,
    /// One of its contacts.
    pub contact: Option<String>,
}

impl Engine {
    /// The account that is meant.
    ///
    /// Of several, one that can be used goes before those that were given up.
    ///
    /// # Errors
    /// When there is none, or there are several; or a file cannot be read.
    pub fn account(&self, choice: &AccountChoice) -> Result<AccountInfo, Error> {
        let server = choice.server.as_ref().map(|server| CaAccount::new(server).directory());
        let server = server.transpose()?;
        let all = self.accounts()?;
        let known = names(&all);
        let mut meant: Vec<AccountInfo> = all
            .into_iter()
            .filter(|info| choice.account.as_ref().is_none_or(|word| is_called(info, word)))
            .filter(|info| server.as_ref().is_none_or(|url| url.as_str() == info.server))
            .filter(|info| choice.contact.as_ref().is_none_or(|contact| has(info, contact)))
            .collect();
        let usable = |info: &AccountInfo| info.status == AccountStatus::Valid;
        if meant.iter().any(usable) {
            meant.retain(usable);
        }
        match <[AccountInfo; 1]>::try_from(meant) {
            Ok([only]) => Ok(only),
            Err(none) if none.is_empty() => Err(Error::NoAccount { known }),
            Err(several) => Err(Error::SeveralAccounts { accounts: names(&several) }),
        }
    }
}

fn names(accounts: &[AccountInfo]) -> Vec<String> {
    accounts.iter().map(|info| info.name.clone()).collect()
}

fn is_called(info: &AccountInfo, word: &str) -> bool {
    let (ca, contact) = info.name.split_once('/').unwrap_or((&info.name, ""));
    [&info.name, ca, contact].contains(&word) || info.url.as_deref() == Some(word)
}

fn has(info: &AccountInfo, contact: &str) -> bool {
    let contact = contact.trim_start_matches("mailto:");
    info.contacts.iter().any(|one| one == contact)
        || info.path == info.path.with_file_name(super::folder::file_name(contact))
}
