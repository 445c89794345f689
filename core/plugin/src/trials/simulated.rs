//! A module in a plugin host, before a simulator that listens on loopback.

use std::{
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use serde::de::DeserializeOwned;
use tokio::runtime::Handle;
use wildcert_plugin_sdk::{
    Error, Removal, TxtRecord,
    testing::{
        Facts, Setup, State,
        conformance::{Bench, Settings, Vendor},
    },
};

use super::answer;
use crate::{
    artifact::Artifact,
    host::{PluginHost, PluginOptions},
    provider::DnsProvider,
    settings,
};

/// The bench of a module before a simulator.
pub struct SimulatedBench {
    artifact: Artifact,
    simulator: SocketAddr,
    cache_dir: PathBuf,
    runtime: Handle,
    /// A new one for every trial: it keeps sessions and zone identifiers.
    host: Mutex<Arc<PluginHost>>,
    control: reqwest::Client,
}

impl SimulatedBench {
    /// `simulator` is where the SDK's simulator server listens; compiled modules go to `cache_dir`.
    pub fn new(
        artifact: Artifact,
        simulator: SocketAddr,
        cache_dir: PathBuf,
        runtime: Handle,
    ) -> Self {
        let host = Mutex::new(host(simulator, cache_dir.clone()));
        let control = reqwest::Client::new();
        Self { artifact, simulator, cache_dir, runtime, host, control }
    }

    fn provider(&self, settings: &Settings) -> Result<Arc<dyn DnsProvider>, Error> {
        let resolved = settings::Settings::resolve(&self.artifact.manifest, settings, &|_| None);
        let resolved = resolved.map_err(|error| Error::config(error.to_string()))?;
        let host = Arc::clone(&self.host.lock().unwrap_or_else(PoisonError::into_inner));
        let loading = host.load(&self.artifact, resolved);
        self.runtime.block_on(loading).map_err(|error| Error::permanent(error.to_string()))
    }

    fn ask<T: DeserializeOwned>(&self, what: &str) -> Result<T, String> {
        let url = format!("http://{}/.simulator/{what}", self.simulator);
        let answer = self.runtime.block_on(async {
            let answer = self.control.get(&url).send().await?.error_for_status()?;
            answer.json().await
        });
        answer.map_err(|error| format!("the simulator at {url} does not answer: {error}"))
    }
}

impl Vendor for SimulatedBench {
    fn facts(&self) -> Result<Facts, String> {
        self.ask("facts")
    }

    fn set_up(&self, setup: Setup) -> Result<(), String> {
        *self.host.lock().unwrap_or_else(PoisonError::into_inner) =
            host(self.simulator, self.cache_dir.clone());
        let url = format!("http://{}/.simulator/setup", self.simulator);
        let answer = self.runtime.block_on(self.control.put(&url).json(&setup).send());
        match answer.and_then(reqwest::Response::error_for_status) {
            Ok(_) => Ok(()),
            Err(error) => Err(format!("the simulator at {url} does not answer: {error}")),
        }
    }

    fn state(&self) -> Result<State, String> {
        self.ask("state")
    }
}

impl Bench for SimulatedBench {
    fn check(&self, settings: &Settings) -> Result<Vec<String>, Error> {
        let provider = self.provider(settings)?;
        self.runtime.block_on(provider.check()).map_err(answer)
    }

    fn present(
        &self,
        settings: &Settings,
        records: &[TxtRecord],
    ) -> Vec<Result<Option<String>, Error>> {
        let provider = match self.provider(settings) {
            Ok(provider) => provider,
            Err(error) => return records.iter().map(|_| Err(error.clone())).collect(),
        };
        let results = self.runtime.block_on(provider.present(records.to_vec()));
        results.into_iter().map(|result| result.map_err(answer)).collect()
    }

    fn remove(&self, settings: &Settings, removals: &[Removal]) -> Vec<Result<(), Error>> {
        let provider = match self.provider(settings) {
            Ok(provider) => provider,
            Err(error) => return removals.iter().map(|_| Err(error.clone())).collect(),
        };
        let results = self.runtime.block_on(provider.remove(removals.to_vec()));
        results.into_iter().map(|result| result.map_err(answer)).collect()
    }

    fn values(&self, owner: &str, _: &[String]) -> Result<Vec<String>, String> {
        self.state().map(|state| state.data.txt(owner))
    }

    fn vendor(&self) -> Option<&dyn Vendor> {
        Some(self)
    }
}

fn host(simulator: SocketAddr, cache_dir: PathBuf) -> Arc<PluginHost> {
    let simulator = Some(simulator);
    Arc::new(PluginHost::new(PluginOptions { cache_dir, simulator, ..PluginOptions::default() }))
}
