//! Accounts of other clients, kept here from now on.

use std::path::PathBuf;

use url::Url;
use wildcert_acme::AccountKey;

use super::{
    KEY, folder,
    info::{self, AccountInfo, lock, read_key},
};
use crate::{engine::Engine, error::Error, files};

/// What becomes of an account of another client.
#[derive(Debug)]
pub(crate) enum Adoption {
    /// It is here already, with the same key.
    Here(AccountInfo),
    /// It is here already, with another key.
    OtherKey(AccountInfo),
    /// It would be kept so.
    New(AccountInfo),
}

impl Engine {
    /// What would become of the account that has `url` at the CA `server`. It is called after its first
    /// contact as far as no other account is, else after `client`; `taken` are the folders of accounts
    /// that will be here too.
    pub(crate) fn adoption(
        &self,
        server: &Url,
        url: &str,
        contacts: &[String],
        key: &AccountKey,
        client: &str,
        taken: &[PathBuf],
    ) -> Result<Adoption, Error> {
        let of_server = folder::of_server(&self.options().path, server);
        let mut here = info::of_server(&of_server)?.into_iter();
        if let Some(known) = here.find(|known| known.url.as_deref() == Some(url)) {
            let own = read_key(&known.path.join(KEY))?;
            let same = own.is_some_and(|own| own.thumbprint() == key.thumbprint());
            return Ok(if same { Adoption::Here(known) } else { Adoption::OtherKey(known) });
        }
        let first = contacts.first().map_or(folder::WITHOUT_CONTACT, String::as_str);
        let more = (1_u32..).map(|number| match number {
            1 => format!("{client}-{first}"),
            _ => format!("{client}-{first}-{number}"),
        });
        let mut path = PathBuf::new();
        for name in std::iter::once(first.to_owned()).chain(more) {
            path = of_server.join(folder::file_name(&name));
            // A ledger of limits may be there before any account is.
            if !taken.contains(&path) && read_key(&path.join(KEY))?.is_none() {
                break;
            }
        }
        Ok(Adoption::New(AccountInfo::adopted(server, url, contacts, key, path)))
    }

    /// Keeps an account of another client.
    pub(crate) async fn adopt(&self, account: &AccountInfo, key: &AccountKey) -> Result<(), Error> {
        let _lock = lock(&self.options().path).await?;
        if read_key(&account.path.join(KEY))?.is_some() {
            return Err(Error::AccountExists { path: account.path.clone() });
        }
        files::private_folder(&account.path)?;
        files::replace(&account.path.join(KEY), key.to_pem().expose().as_bytes())?;
        account.save()
    }
}

impl AccountInfo {
    /// The contacts by which a certificate's renewal finds this account: what it is called after.
    pub(crate) fn found_by(&self) -> Vec<String> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match self.contacts.first() {
            Some(first) if folder::file_name(first) == name => self.contacts.clone(),
            None if name == folder::WITHOUT_CONTACT => Vec::new(),
            _ => vec![name],
        }
    }
}
