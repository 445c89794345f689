//! The calls of a loaded provider: limits, order of calls and checks of answers, the same for both
//! ways in which a module is run.

use std::{path::PathBuf, sync::Arc, time::Duration};

use async_trait::async_trait;
use tokio::time::{Instant, timeout};
use wildcert_plugin_sdk::{Error as Answer, Options, Removal, TxtRecord, manifest::Manifest};

use crate::{
    failure::Failure,
    host::CallLimits,
    limits,
    provider::{DnsProvider, ProviderError},
    services::{Call, Services},
    settings::Settings,
    zones::Zones,
};

/// What a module answers: its own result, or why there is none.
pub(crate) type Outcome<T> = Result<Result<T, Answer>, Failure>;

/// A module that can be run.
#[async_trait]
pub(crate) trait Module: Send + Sync {
    /// True when dropping a call's future ends the call.
    fn ends_when_dropped(&self) -> bool;
    async fn check(&self, call: Call, config: Options) -> Outcome<Vec<String>>;
    async fn present(
        &self,
        call: Call,
        config: Options,
        records: Vec<TxtRecord>,
    ) -> Outcome<Vec<Result<Option<String>, Answer>>>;
    async fn remove(
        &self,
        call: Call,
        config: Options,
        removals: Vec<Removal>,
    ) -> Outcome<Vec<Result<(), Answer>>>;
}

/// A module with its settings.
pub(crate) struct Loaded {
    manifest: Manifest,
    path: PathBuf,
    module: Arc<dyn Module>,
    settings: Settings,
    services: Arc<Services>,
    limits: CallLimits,
    zones: Arc<Zones>,
}

impl Loaded {
    pub(crate) fn new(
        manifest: Manifest,
        path: PathBuf,
        module: Arc<dyn Module>,
        settings: Settings,
        services: Arc<Services>,
        limits: CallLimits,
    ) -> Self {
        let zones = Arc::new(Zones::new(manifest.limits.concurrency));
        Self { manifest, path, module, settings, services, limits, zones }
    }

    /// Runs one operation for the zones and owner names of `records` within the limits of a call.
    async fn run<T, F>(
        &self,
        records: &[(String, String)],
        operation: impl FnOnce(Arc<dyn Module>, Call, Options) -> F,
    ) -> Result<T, ProviderError>
    where
        T: Send + 'static,
        F: Future<Output = Outcome<T>> + Send + 'static,
    {
        let names = records.iter().map(|(zone, owner)| (zone.as_str(), owner.as_str()));
        let held = self.zones.enter(names).await.map_err(|failure| self.failed(failure))?;
        let count = u32::try_from(records.len()).unwrap_or(u32::MAX);
        let limit = self.time(count);
        let requests = limits::REQUESTS_PER_RECORD.saturating_mul(count);
        let requests = requests.saturating_add(self.limits.requests);
        let call = Call::new(Arc::clone(&self.services), Instant::now() + limit, requests, held);
        let config: Options =
            self.settings.iter().map(|(name, text)| (name.to_owned(), text.to_owned())).collect();
        let running = operation(Arc::clone(&self.module), call, config);
        let outcome = if self.module.ends_when_dropped() {
            timeout(limit, running).await
        } else {
            // Watched to its end even when nobody waits any more: it still holds its zones.
            let zones = Arc::clone(&self.zones);
            let watched = tokio::spawn(async move {
                timeout(limit, running).await.inspect_err(|_| zones.close())
            });
            watched.await.unwrap_or_else(|error| {
                Ok(Err(Failure::Broken(format!("the call was not run: {error}"))))
            })
        };
        match outcome {
            Err(_) => Err(self.failed(Failure::Time { limit })),
            Ok(Err(failure)) => Err(self.failed(failure)),
            Ok(Ok(Err(answer))) => Err(self.answered(answer)),
            Ok(Ok(Ok(answer))) => Ok(answer),
        }
    }

    /// How long a call with so many records may take.
    pub(crate) fn time(&self, records: u32) -> Duration {
        let programs = self.manifest.native_only && !self.module.ends_when_dropped();
        let each = if programs { limits::WALL_PER_PROGRAM } else { limits::WALL_PER_RECORD };
        self.limits.wall + each.saturating_mul(records)
    }

    /// One result per record, whatever came back.
    fn each<T>(
        &self,
        asked: usize,
        outcome: Result<Vec<Result<T, Answer>>, ProviderError>,
    ) -> Vec<Result<T, ProviderError>> {
        let failure = match outcome {
            Ok(results) if results.len() == asked => {
                let own =
                    |result: Result<T, Answer>| result.map_err(|answer| self.answered(answer));
                return results.into_iter().map(own).collect();
            }
            Ok(results) => {
                let got = results.len();
                self.failed(Failure::Broken(format!("{got} results for {asked} records")))
            }
            Err(failure) => failure,
        };
        (0..asked).map(|_| Err(failure.clone())).collect()
    }

    /// A handle that may be written to the journal.
    fn handle(&self, handle: String) -> Result<String, Failure> {
        if handle.len() > limits::HANDLE {
            return Err(Failure::Broken(format!(
                "a handle of more than {} octets",
                limits::HANDLE
            )));
        }
        if self.services.betrays(&handle) {
            return Err(Failure::Broken("a handle that holds a secret".to_owned()));
        }
        Ok(handle)
    }

    fn answered(&self, mut answer: Answer) -> ProviderError {
        answer.message = self.services.presentable(&answer.message, limits::MESSAGE);
        let given = |name: &str| self.settings.get(name).is_some();
        let credentials = self
            .manifest
            .config
            .iter()
            .filter(|setting| {
                let of_a_set = self.manifest.credential_sets.iter().flatten();
                let credential = setting.secret || of_a_set.into_iter().any(|n| *n == setting.name);
                credential && given(&setting.name)
            })
            .map(|setting| format!("`{}`", setting.name))
            .collect();
        ProviderError::Answered { provider: self.manifest.id.clone(), answer, credentials }
    }

    fn failed(&self, failure: Failure) -> ProviderError {
        let failure = match failure {
            // A reader of answers repeats what it could not read.
            Failure::Broken(reason) => {
                Failure::Broken(self.services.presentable(&reason, limits::MESSAGE))
            }
            failure => failure,
        };
        let provider = self.manifest.id.clone();
        ProviderError::Failed { provider, path: self.path.clone(), failure }
    }
}

#[async_trait]
impl DnsProvider for Loaded {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn check(&self) -> Result<Vec<String>, ProviderError> {
        let operation =
            |module: Arc<dyn Module>, call, config| async move { module.check(call, config).await };
        let zones = self.run(&[], operation).await?;
        Ok(zones.iter().map(|zone| self.services.presentable(zone, limits::NAME)).collect())
    }

    async fn present(&self, records: Vec<TxtRecord>) -> Vec<Result<Option<String>, ProviderError>> {
        let names: Vec<(String, String)> = records.iter().map(name).collect();
        let operation = |module: Arc<dyn Module>, call, config| async move {
            module.present(call, config, records).await
        };
        let results = self.each(names.len(), self.run(&names, operation).await);
        let kept = |result: Result<Option<String>, ProviderError>| match result {
            Ok(Some(handle)) => self.handle(handle).map(Some).map_err(|why| self.failed(why)),
            result => result,
        };
        results.into_iter().map(kept).collect()
    }

    async fn remove(&self, removals: Vec<Removal>) -> Vec<Result<(), ProviderError>> {
        let names: Vec<(String, String)> =
            removals.iter().map(|removal| name(&removal.record)).collect();
        let operation = |module: Arc<dyn Module>, call, config| async move {
            module.remove(call, config, removals).await
        };
        self.each(names.len(), self.run(&names, operation).await)
    }
}

fn name(record: &TxtRecord) -> (String, String) {
    (record.zone.clone(), record.owner.clone())
}
