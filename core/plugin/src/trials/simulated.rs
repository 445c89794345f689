//! A module in a plugin host, before a simulated vendor.

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

/// The bench of a module before a simulated vendor.
pub struct SimulatedBench<V> {
    artifact: Artifact,
    vendor: V,
    options: PluginOptions,
    runtime: Handle,
    /// A new one for every trial: it keeps sessions and zone identifiers.
    host: Mutex<Arc<PluginHost>>,
}

/// A simulator of the SDK that listens on loopback.
pub struct Listening {
    address: SocketAddr,
    runtime: Handle,
    control: reqwest::Client,
}

impl SimulatedBench<Listening> {
    /// `simulator` is where the SDK's simulator server listens; compiled modules go to `cache_dir`.
    pub fn new(
        artifact: Artifact,
        simulator: SocketAddr,
        cache_dir: PathBuf,
        runtime: Handle,
    ) -> Self {
        let options =
            PluginOptions { cache_dir, simulator: Some(simulator), ..PluginOptions::default() };
        // The host comes first: it chooses what TLS computes with.
        let host = Mutex::new(Arc::new(PluginHost::new(options.clone())));
        let control = reqwest::Client::new();
        let vendor = Listening { address: simulator, runtime: runtime.clone(), control };
        Self { artifact, vendor, options, runtime, host }
    }
}

impl<V: Vendor> SimulatedBench<V> {
    /// For a vendor that speaks no HTTP: the module reaches it as its settings say.
    pub fn before(artifact: Artifact, vendor: V, cache_dir: PathBuf, runtime: Handle) -> Self {
        let options = PluginOptions { cache_dir, ..PluginOptions::default() };
        let host = Mutex::new(Arc::new(PluginHost::new(options.clone())));
        Self { artifact, vendor, options, runtime, host }
    }

    fn provider(&self, settings: &Settings) -> Result<Arc<dyn DnsProvider>, Error> {
        let resolved =
            settings::Settings::resolve(&self.artifact.manifest, settings, &|_| None, &[]);
        let resolved = resolved.map_err(|error| Error::config(error.to_string()))?;
        let host = Arc::clone(&self.host.lock().unwrap_or_else(PoisonError::into_inner));
        let loading = host.load(&self.artifact, resolved);
        self.runtime.block_on(loading).map_err(|error| Error::permanent(error.to_string()))
    }
}

impl Listening {
    fn ask<T: DeserializeOwned>(&self, what: &str) -> Result<T, String> {
        let url = format!("http://{}/.simulator/{what}", self.address);
        let answer = self.runtime.block_on(async {
            let answer = self.control.get(&url).send().await?.error_for_status()?;
            answer.json().await
        });
        answer.map_err(|error| format!("the simulator at {url} does not answer: {error}"))
    }
}

impl Vendor for Listening {
    fn facts(&self) -> Result<Facts, String> {
        self.ask("facts")
    }

    fn set_up(&self, setup: Setup) -> Result<(), String> {
        let url = format!("http://{}/.simulator/setup", self.address);
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

impl<V: Vendor> Vendor for SimulatedBench<V> {
    fn facts(&self) -> Result<Facts, String> {
        self.vendor.facts()
    }

    fn set_up(&self, setup: Setup) -> Result<(), String> {
        *self.host.lock().unwrap_or_else(PoisonError::into_inner) =
            Arc::new(PluginHost::new(self.options.clone()));
        self.vendor.set_up(setup)
    }

    fn state(&self) -> Result<State, String> {
        self.vendor.state()
    }
}

impl<V: Vendor> Bench for SimulatedBench<V> {
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
