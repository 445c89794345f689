//! What is done with an account that is there.

use super::{
    info::{AccountInfo, AccountStatus, lock},
    open::existing,
    rollover::reread,
};
use crate::{engine::Engine, error::Error};

impl Engine {
    /// Asks the CA what it has on file for the account.
    ///
    /// # Errors
    /// When the CA does not tell, or cannot be reached; when the account was given up.
    pub async fn refresh_account(&self, account: &AccountInfo) -> Result<AccountInfo, Error> {
        let client = self.client_of(account)?;
        let _lock = lock(&self.options().path).await?;
        let (account, mut info) = existing(self, &client, reread(account)?).await?;
        let told = account.refresh().await.map_err(|source| Error::Acme {
            doing: "failed to ask about the account".to_owned(),
            source,
        })?;
        info.learn(&told);
        info.save()?;
        Ok(info)
    }

    /// Replaces the contacts on file; none removes all. The account's name stays.
    ///
    /// # Errors
    /// When the CA refuses or cannot be reached; when the account was given up.
    pub async fn update_account(
        &self,
        account: &AccountInfo,
        contacts: &[String],
    ) -> Result<AccountInfo, Error> {
        let client = self.client_of(account)?;
        let _lock = lock(&self.options().path).await?;
        let (account, mut info) = existing(self, &client, reread(account)?).await?;
        let told = account.update(contacts).await.map_err(|source| Error::Acme {
            doing: "failed to change the account's contacts".to_owned(),
            source,
        })?;
        info.contacts = contacts.to_vec();
        info.learn(&told);
        info.save()?;
        Ok(info)
    }

    /// Gives the account up for good. Its files stay.
    ///
    /// # Errors
    /// When the CA refuses or cannot be reached; when it was given up before.
    pub async fn deactivate_account(&self, account: &AccountInfo) -> Result<AccountInfo, Error> {
        let client = self.client_of(account)?;
        let _lock = lock(&self.options().path).await?;
        let (account, mut info) = existing(self, &client, reread(account)?).await?;
        account.deactivate().await.map_err(|source| Error::Acme {
            doing: "failed to deactivate the account".to_owned(),
            source,
        })?;
        info.status = AccountStatus::Deactivated;
        info.save()?;
        Ok(info)
    }
}
