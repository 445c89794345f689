//! The conformance suite, for the authors of providers.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{runtime::Handle, task::spawn_blocking, time::sleep};
use wildcert_dns::{Dns, Location, OwnerName};
use wildcert_plugin::{
    Removal,
    conformance::{self, Ground, Trial, Verdict},
    manifest::Manifest,
    trials::{LiveBench, SimulatedBench},
};

use crate::{engine::Engine, error::Error, instance::ProviderInstance};

/// Before whom a provider is tried.
#[derive(Clone, Debug)]
pub enum TrialGround {
    /// A simulator of its vendor that listens there; neither settings nor approval are needed.
    Simulator(SocketAddr),
    /// Its vendor, with the user's own credentials, in this zone. Everything is taken away again.
    Zone(OwnerName),
}

/// A trial's result, told as soon as it is there.
pub type TrialReport = dyn FnMut(Trial, &Verdict) + Send;

impl Engine {
    /// Runs the conformance suite on a provider; gives every trial's verdict in order.
    ///
    /// # Errors
    /// When the provider cannot be used at all, or its records could not be taken away again.
    pub async fn test_provider(
        &self,
        id_or_path: &str,
        overrides: &[(String, String)],
        ground: TrialGround,
        report: Box<TrialReport>,
    ) -> Result<Vec<(Trial, Verdict)>, Error> {
        match ground {
            TrialGround::Simulator(address) => {
                self.test_simulated(id_or_path, address, report).await
            }
            TrialGround::Zone(zone) => self.test_live(id_or_path, overrides, zone, report).await,
        }
    }

    async fn test_simulated(
        &self,
        id_or_path: &str,
        simulator: SocketAddr,
        mut report: Box<TrialReport>,
    ) -> Result<Vec<(Trial, Verdict)>, Error> {
        let artifact = self.provider(id_or_path)?;
        let cache = self.cache_dir();
        let handle = Handle::current();
        let trials = spawn_blocking(move || {
            let manifest = artifact.manifest.clone();
            let bench = SimulatedBench::new(artifact, simulator, cache, handle);
            conformance::all(|trial| {
                let verdict = conformance::try_simulated(&bench, &manifest, trial);
                report(trial, &verdict);
                verdict
            })
        });
        trials.await.map_err(|error| Error::Trials { reason: error.to_string() })
    }

    async fn test_live(
        &self,
        id_or_path: &str,
        overrides: &[(String, String)],
        zone: OwnerName,
        mut report: Box<TrialReport>,
    ) -> Result<Vec<(Trial, Verdict)>, Error> {
        let chosen = self.choose(&ProviderInstance {
            overrides: overrides.to_vec(),
            ..ProviderInstance::new(id_or_path)
        })?;
        let manifest: Manifest = chosen.artifact.manifest.clone();
        let patience = chosen.propagation_timeout;
        let provider = self.load(chosen).await?;
        let dns = Dns::new(self.options().dns.clone())?;
        let zone = dns.locate(&zone).await?.zone;
        let ground = Ground {
            zone: zone.to_string(),
            label: format!("wildcert-{}", std::process::id()),
            settings: Vec::new(),
        };
        let dns = Arc::new(dns);
        let handle = Handle::current();
        let trials = spawn_blocking(move || {
            let asking = handle.clone();
            let bench = LiveBench::new(provider, handle, move |owner, expected| {
                asking.block_on(values(&dns, owner, expected, patience))
            });
            let verdicts = conformance::all(|trial| {
                let verdict = conformance::try_live(&bench, &manifest, &ground, trial);
                report(trial, &verdict);
                verdict
            });
            (verdicts, bench.clean_up())
        });
        match trials.await {
            Ok((verdicts, left)) if left.is_empty() => Ok(verdicts),
            Ok((_, left)) => Err(Error::Trials { reason: left_over(&left) }),
            Err(error) => Err(Error::Trials { reason: error.to_string() }),
        }
    }
}

/// The values at `owner` once all its authoritative servers say `expected`, or what the last of them
/// said after `patience`.
async fn values(
    dns: &Dns,
    owner: &str,
    expected: &[String],
    patience: Duration,
) -> Result<Vec<String>, String> {
    let owner: OwnerName = owner.parse().map_err(|error| format!("{owner}: {error}"))?;
    let location = dns.locate(&owner).await.map_err(|error| error.to_string())?;
    let end = Instant::now() + patience;
    let mut pause = Duration::from_millis(100);
    loop {
        let seen = look(dns, &location).await?;
        let differing = seen.into_iter().find(|seen| !seen.iter().eq(expected.iter()));
        match differing {
            None => return Ok(expected.to_vec()),
            Some(seen) if Instant::now() + pause > end => return Ok(seen.into_iter().collect()),
            Some(_) => sleep(pause).await,
        }
        pause = (pause * 3 / 2).min(Duration::from_secs(5));
    }
}

/// What each authoritative server has, sorted.
async fn look(dns: &Dns, location: &Location) -> Result<Vec<BTreeSet<String>>, String> {
    let mut seen = Vec::new();
    for server in &location.servers {
        let values = dns.txt(server, &location.target).await.map_err(|error| error.to_string())?;
        seen.push(values.into_iter().collect());
    }
    Ok(seen)
}

fn left_over(left: &[(Removal, String)]) -> String {
    let lines = left.iter().map(|(Removal { record, .. }, why)| {
        format!("{:?} at {} is still there: {why}", record.value, record.owner)
    });
    lines.collect::<Vec<_>>().join("; ")
}
