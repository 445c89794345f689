//! What is done with providers besides running them: looked at, installed, approved, trusted.

use wildcert_plugin::{
    Artifact, Candidate, Installer, Listed, Lock, Prepared, Removed, Signers, Source, user_folder,
};

use crate::{engine::Engine, error::Error, instance::ProviderInstance};

impl Engine {
    /// Every provider that can be found.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn providers(&self) -> Result<Vec<Listed>, Error> {
        Ok(self.shelf().list()?)
    }

    /// The provider of that id, or in that file.
    ///
    /// # Errors
    /// When there is none, or it is unusable.
    pub fn provider(&self, id_or_path: &str) -> Result<Artifact, Error> {
        Ok(self.shelf().find(id_or_path)?)
    }

    /// The zones that a provider's credentials reach; writes nothing.
    ///
    /// # Errors
    /// When the provider is unusable, lacks settings, or its credentials are refused.
    pub async fn check_provider(&self, instance: &ProviderInstance) -> Result<Vec<String>, Error> {
        let provider = self.load(self.choose(instance)?).await?;
        provider.check().await.map_err(|error| Error::Check(Box::new(error)))
    }

    /// Trusts a provider as it is now: its content and its reach.
    ///
    /// # Errors
    /// When there is none, its signature does not count where one is required, or providers.lock
    /// cannot be written.
    pub fn approve_provider(&self, id_or_path: &str) -> Result<Artifact, Error> {
        let artifact = self.shelf().find(id_or_path)?;
        self.lock().approve(&artifact)?;
        Ok(artifact)
    }

    /// Reads modules that could be installed; nothing of them runs, and nothing is kept.
    ///
    /// # Errors
    /// When the source cannot be read or is not what its digest says, or a module of it is unusable
    /// or not signed where it must be.
    pub async fn examine(&self, source: &Source) -> Result<Vec<Candidate>, Error> {
        Ok(self.installer(&self.lock()).examine(source).await?)
    }

    /// Compiles a module whose installation the user approved, so that its first run need not.
    ///
    /// # Errors
    /// When it cannot be compiled or does not keep the contract, or its folder cannot be written.
    pub async fn prepare(&self, candidate: &Candidate) -> Result<Prepared, Error> {
        Ok(self.installer(&self.lock()).prepare(candidate).await?)
    }

    /// Puts a module into the user's folder of providers and approves it.
    ///
    /// # Errors
    /// When the folder or providers.lock cannot be written.
    pub fn install(&self, prepared: Prepared) -> Result<(), Error> {
        Ok(self.installer(&self.lock()).install(prepared)?)
    }

    /// Takes an installed module and its approval away.
    ///
    /// # Errors
    /// When none is installed under this id.
    pub fn remove_provider(&self, id: &str) -> Result<Removed, Error> {
        Ok(self.installer(&self.lock()).remove(id)?)
    }

    /// The keys whose signatures of providers count.
    pub fn signers(&self) -> Signers {
        Signers::new(&self.options().path)
    }

    fn installer<'a>(&'a self, lock: &'a Lock) -> Installer<'a> {
        Installer {
            folder: user_folder(&self.options().path),
            shelf: self.shelf(),
            lock,
            host: self.plugins(),
        }
    }
}
