//! Loading components and calling them.

use std::sync::Arc;

use async_trait::async_trait;
use tokio::time::Instant;
use tracing::debug;
use wasmtime::{Store, Trap, UpdateDeadline, component::Component};
use wildcert_plugin_sdk::{Error as Answer, Options, Removal, TxtRecord};

use super::{
    bindings::{DnsProvider, DnsProviderPre, error_in, record_out},
    cache::Cache,
    engine::Engine,
    limiter::Limiter,
    places,
};
use crate::{
    artifact::Artifact,
    error::Error,
    failure::Failure,
    host::CallLimits,
    limits,
    loaded::{Module, Outcome},
    services::{Call, Services},
};

/// The most octets of a backtrace in the log.
const TRACE_LIMIT: usize = 8192;

/// A component that is ready to be instantiated.
pub(crate) struct WasmModule {
    engine: &'static Engine,
    pre: DnsProviderPre<State>,
    places: u32,
    limits: CallLimits,
}

/// What the store of one call holds.
pub(super) struct State {
    pub(super) call: Call,
    pub(super) limiter: Limiter,
}

/// Makes a component ready: from the cache, or compiled and then kept there.
///
/// # Errors
/// When it cannot be compiled, or does not keep the contract.
pub(crate) async fn load(
    artifact: &Artifact,
    cache: &Arc<Cache>,
    limits: CallLimits,
    services: &Arc<Services>,
) -> Result<WasmModule, Error> {
    let path = artifact.path.clone();
    let engine = Engine::get()?;
    let (bytes, sha256) = (Arc::clone(&artifact.bytes), artifact.sha256);
    let (component, entry) = {
        let (cache, path) = (Arc::clone(cache), path.clone());
        let compile = move || {
            let entry = cache.entry(&engine.wasmtime, sha256);
            if let Some(component) = entry.as_ref().and_then(|entry| entry.load(&engine.wasmtime)) {
                return Ok((component, None));
            }
            let compiled = Component::from_binary(&engine.wasmtime, &bytes);
            compiled
                .map(|component| (component, entry))
                .map_err(|error| Error::Compile { path, reason: said(&error) })
        };
        let joined = tokio::task::spawn_blocking(compile).await;
        joined.map_err(|error| Error::Engine { reason: error.to_string() })??
    };
    let broken = |reason| Error::WrongTypes { path: path.clone(), reason };
    let pre = engine.linker.instantiate_pre(&component).map_err(|error| broken(said(&error)))?;
    let pre = DnsProviderPre::new(pre).map_err(|error| broken(said(&error)))?;
    let places = places::needed(&component);
    let module = WasmModule { engine, pre, places, limits };
    // Types of exports are only compared when an instance is made: what is in the cache has been.
    if let Some(entry) = entry {
        let deadline = Instant::now() + limits.wall;
        let call = Call::new(Arc::clone(services), deadline, 0, Vec::new());
        module.try_once(call).await.map_err(|failure| match failure {
            Failure::Broken(reason) => broken(reason),
            failure => Error::Start { path: path.clone(), failure },
        })?;
        entry.store(&component);
    }
    Ok(module)
}

impl WasmModule {
    async fn try_once(&self, call: Call) -> Result<(), Failure> {
        let _running = self.engine.enter(self.places).await;
        let mut store = self.store(call, 0);
        let instance = self.pre.instance_pre().instantiate_async(&mut store).await;
        let instance = instance.map_err(|error| failure(&error, &store))?;
        DnsProvider::new(&mut store, &instance).map_err(|error| Failure::Broken(said(&error)))?;
        Ok(())
    }

    async fn instance(&self, store: &mut Store<State>) -> Result<DnsProvider, Failure> {
        self.pre.instantiate_async(&mut *store).await.map_err(|error| failure(&error, store))
    }

    fn store(&self, call: Call, records: usize) -> Store<State> {
        let records = u32::try_from(records).unwrap_or(u32::MAX);
        let cpu = self.limits.cpu + limits::CPU_PER_RECORD.saturating_mul(records);
        let limiter = Limiter::new(self.limits.memory, cpu);
        let mut store = Store::new(&self.engine.wasmtime, State { call, limiter });
        store.limiter(|state| &mut state.limiter);
        store.set_hostcall_fuel(limits::HANDED_OVER);
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|mut store| {
            store.data_mut().limiter.tick().map_err(wasmtime::Error::new)?;
            // Others get their turn, and the call's wall clock is looked at.
            Ok(UpdateDeadline::YieldCustom(1, Box::pin(tokio::task::yield_now())))
        });
        store
    }
}

#[async_trait]
impl Module for WasmModule {
    fn ends_when_dropped(&self) -> bool {
        true
    }

    async fn check(&self, call: Call, config: Options) -> Outcome<Vec<String>> {
        let _running = self.engine.enter(self.places).await;
        let mut store = self.store(call, 0);
        let instance = self.instance(&mut store).await?;
        let provider = instance.wildcert_provider_provider();
        let answer = provider.call_check(&mut store, &config).await;
        Ok(answer.map_err(|error| failure(&error, &store))?.map_err(error_in))
    }

    async fn present(
        &self,
        call: Call,
        config: Options,
        records: Vec<TxtRecord>,
    ) -> Outcome<Vec<Result<Option<String>, Answer>>> {
        let _running = self.engine.enter(self.places).await;
        let mut store = self.store(call, records.len());
        let instance = self.instance(&mut store).await?;
        let provider = instance.wildcert_provider_provider();
        let records: Vec<_> = records.into_iter().map(record_out).collect();
        let answer = provider.call_present(&mut store, &config, &records).await;
        let results = answer.map_err(|error| failure(&error, &store))?;
        Ok(Ok(results.into_iter().map(|result| result.map_err(error_in)).collect()))
    }

    async fn remove(
        &self,
        call: Call,
        config: Options,
        removals: Vec<Removal>,
    ) -> Outcome<Vec<Result<(), Answer>>> {
        let _running = self.engine.enter(self.places).await;
        let mut store = self.store(call, removals.len());
        let instance = self.instance(&mut store).await?;
        let provider = instance.wildcert_provider_provider();
        let removals: Vec<_> =
            removals.into_iter().map(|gone| (record_out(gone.record), gone.handle)).collect();
        let answer = provider.call_remove(&mut store, &config, &removals).await;
        let results = answer.map_err(|error| failure(&error, &store))?;
        Ok(Ok(results.into_iter().map(|result| result.map_err(error_in)).collect()))
    }
}

/// What went wrong, told from wasmtime's error.
fn failure(error: &wasmtime::Error, store: &Store<State>) -> Failure {
    let call = &store.data().call;
    // Names of functions are the guest's own words.
    let trace = call.presentable(&format!("{error:?}"), TRACE_LIMIT);
    debug!(provider = call.provider(), "the module failed: {trace}");
    let last_line = store.data().call.last_words();
    if let Some(failure) = error.downcast_ref::<Failure>() {
        return failure.clone();
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::StackOverflow) => Failure::Stack,
        Some(trap) => {
            let reason = trap.to_string();
            let reason = reason.strip_prefix("wasm trap: ").unwrap_or(&reason).to_owned();
            Failure::Trap { reason, last_line }
        }
        None => match said(error) {
            fuel if fuel.contains("fuel allocated for hostcalls") => {
                Failure::TooLarge(limits::HANDED_OVER)
            }
            reason => Failure::Broken(reason),
        },
    }
}

/// The innermost words of an error: those around it say only where in wasmtime it came up.
fn said(error: &wasmtime::Error) -> String {
    error.root_cause().to_string()
}
