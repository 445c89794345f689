//! Where accounts are kept, and what they are called.

use std::path::{Path, PathBuf};

use url::Url;
use wildcert_acme::Authority;

use super::info::{self, AccountInfo, AccountStatus};
use crate::{ca::CaAccount, error::Error, files};

/// The folder of all accounts.
pub(super) fn all(state: &Path) -> PathBuf {
    state.join("accounts")
}

/// The folder of the account that `ca` means.
///
/// With a contact it is the one that was registered with it, or has it first now. Without, it is the
/// only account at the CA that can be used.
///
/// # Errors
/// When there are several and no contact says which.
pub(crate) fn folder(state: &Path, ca: &CaAccount) -> Result<PathBuf, Error> {
    let of_server = of_server(state, &ca.directory()?);
    let Some(contact) = ca.contacts.first() else { return only(&of_server) };
    let contact = contact.trim_start_matches("mailto:");
    let own = of_server.join(file_name(contact));
    if own.exists() {
        return Ok(own);
    }
    let has_it_now = |info: &AccountInfo| {
        info.status == AccountStatus::Valid
            && info.contacts.first().is_some_and(|one| one == contact)
    };
    let known = info::of_server(&of_server)?.into_iter().find(has_it_now);
    Ok(known.map_or(own, |info| info.path))
}

/// The folder of the accounts at a CA.
pub(super) fn of_server(state: &Path, server: &Url) -> PathBuf {
    all(state).join(file_name(&format!(
        "{}{}{}",
        server.host_str().unwrap_or_default(),
        server.port().map(|port| format!("_{port}")).unwrap_or_default(),
        server.path()
    )))
}

/// `<CA>/<contact>`: the CA's short name where it has one, otherwise that of its folder.
pub(super) fn account_name(info: &AccountInfo) -> String {
    let name = |path: Option<&Path>| {
        path.and_then(Path::file_name).unwrap_or_default().to_string_lossy().into_owned()
    };
    let authority = Url::parse(&info.server).ok().and_then(|url| Authority::at(&url));
    let ca = match authority {
        Some(authority) => authority.name.to_owned(),
        None => name(info.path.parent()),
    };
    format!("{ca}/{}", name(Some(&info.path)))
}

/// `text` as the name of a file: whatever is not plain becomes `_`.
pub(super) fn file_name(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || ".@+-".contains(c) { c } else { '_' };
    let name: String = text.chars().map(plain).collect();
    match name.trim_matches('_') {
        "" | "." | ".." => "_".to_owned(),
        trimmed => trimmed.to_owned(),
    }
}

fn only(of_server: &Path) -> Result<PathBuf, Error> {
    let default = of_server.join(WITHOUT_CONTACT);
    let folders = files::folders(of_server)?;
    if let ([only], _) | (_, Some(only)) =
        (folders.as_slice(), folders.iter().find(|one| **one == default))
    {
        return Ok(only.clone());
    }
    let mut accounts = info::of_server(of_server)?;
    if accounts.iter().any(|info| info.status == AccountStatus::Valid) {
        accounts.retain(|info| info.status == AccountStatus::Valid);
    }
    match <[AccountInfo; 1]>::try_from(accounts) {
        Ok([only]) => Ok(only.path),
        Err(none) if none.is_empty() => Ok(default),
        Err(several) => Err(Error::SeveralAccounts {
            accounts: several.into_iter().map(|info| info.name).collect(),
        }),
    }
}

/// The name of an account that was registered without contact.
pub(super) const WITHOUT_CONTACT: &str = "default";
