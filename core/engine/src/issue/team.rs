//! The provider instances that take part in an issue.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use wildcert_dns::OwnerName;
use wildcert_plugin::DnsProvider;

use super::Attempt;
use crate::{
    error::Error,
    instance::{self, Chosen, ProviderInstance, Recipe},
};

/// A provider that takes part.
pub(super) struct Member {
    pub(super) provider: Arc<dyn DnsProvider>,
    pub(super) id: String,
    pub(super) recipe: Recipe,
    /// The TTL of its records, in seconds.
    pub(super) ttl: u32,
    pub(super) propagation_limit: Duration,
}

/// The providers that take part, under the place of their instance in the request.
pub(super) type Members = BTreeMap<usize, Member>;

impl Attempt<'_> {
    /// The instances that the names themselves lead to; those that only a CNAME leads to are found
    /// when it is known, and so is a name that nobody takes.
    pub(super) fn choose(&self) -> Result<Vec<(usize, Chosen)>, Error> {
        let owners = self.request.identifiers.iter().map(|name| name.challenge_owner());
        let wanted: BTreeSet<usize> =
            owners.filter_map(|owner| self.responsible(&owner).ok()).collect();
        let choose = |at: usize| Ok((at, self.engine.choose(self.instance(at)?)?));
        wanted.into_iter().map(choose).collect()
    }

    pub(super) fn instance(&self, at: usize) -> Result<&ProviderInstance, Error> {
        self.request.providers.get(at).ok_or_else(|| self.nobody("_acme-challenge"))
    }

    /// Which instance takes the records at `owner`.
    pub(super) fn responsible(&self, owner: &OwnerName) -> Result<usize, Error> {
        instance::responsible(&self.request.providers, owner)
            .ok_or_else(|| self.nobody(owner.as_str()))
    }

    fn nobody(&self, owner: &str) -> Error {
        let zones = self.request.providers.iter().map(|instance| {
            (instance.name.clone(), instance.zones.iter().map(ToString::to_string).collect())
        });
        Error::NoProvider { owner: owner.to_owned(), zones: zones.collect() }
    }

    /// Loads what was chosen.
    pub(super) async fn load(&self, at: usize, chosen: Chosen) -> Result<(usize, Member), Error> {
        let wished = self.request.propagation_timeout;
        let (id, recipe, ttl) =
            (chosen.artifact.manifest.id.clone(), chosen.recipe.clone(), chosen.ttl);
        let propagation_limit = wished.unwrap_or(chosen.propagation_timeout);
        let provider = self.engine.load(chosen).await?;
        Ok((at, Member { provider, id, recipe, ttl, propagation_limit }))
    }
}
