//! Doing what was planned.

use super::{
    credentials,
    note::Note,
    plan::{Action, Import, Ready},
};
use crate::{
    deploy::record, engine::Engine, error::Error, files, instance::Recipe, outputs::Outputs,
    renewal::Renewal, store::NewCertificate,
};

impl Engine {
    /// Keeps what the plan says is taken: accounts first, then certificates with the credentials of
    /// their providers. No CA is asked.
    ///
    /// # Errors
    /// When a file cannot be written; what was kept until then stays, and the next import goes on.
    pub async fn import(&self, import: &mut Import) -> Result<(), Error> {
        files::private_folder(&self.options().path)?;
        let accounts = import.accounts.iter().filter(|account| account.action == Action::Take);
        for (info, key) in accounts.filter_map(|account| account.ready.as_ref()) {
            self.adopt(info, key).await?;
        }
        for certificate in &mut import.certificates {
            let Some(ready) = certificate.ready.take() else { continue };
            let _lock = self.store().lock(&certificate.name)?;
            if self.store().read(&certificate.name)?.is_some() {
                // Somebody issued it since the plan was made.
                certificate.notes.push(Note::OtherCertificate);
                certificate.action = Action::Leave;
                continue;
            }
            self.store_imported(&certificate.name, ready)?;
        }
        Ok(())
    }

    fn store_imported(&self, name: &str, ready: Ready) -> Result<(), Error> {
        let Ready { identifiers, issued, csr, server, account, provider, settings, .. } = ready;
        let state = std::path::absolute(&self.options().path)
            .map_err(|source| files::file_error("find", &self.options().path, source))?;
        let settings = credentials::keep(&state, &plain(&provider), &settings)?;
        let recipe = Recipe {
            instance: provider.clone(),
            provider: provider.clone(),
            settings,
            zones: Vec::new(),
        };
        let target = ready.renewal.hooks.target();
        let info = self.store().save(&NewCertificate {
            name,
            identifiers: &identifiers,
            issued: &issued,
            csr: &csr,
            outputs: &Outputs::default(),
            server,
            account,
            provider,
            certificate_url: ready.certificate_url,
            renewal: Renewal { providers: vec![recipe], ..ready.renewal },
        })?;
        // The other client has run its commands for this one.
        match target {
            Some(target) => record::settled(&self.options().path, &target.name, &info),
            None => Ok(()),
        }
    }
}

/// A provider's id, or what the file of its module is called.
fn plain(provider: &str) -> String {
    let name = std::path::Path::new(provider).file_stem().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
