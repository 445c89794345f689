//! A provider in this process, before a simulator: the host's rules without the host.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    marker::PhantomData,
    time::Duration,
};

use super::{
    conformance::{Bench, Settings, Vendor},
    data::Data,
    script::NOW,
    simulation::{Facts, Setup, Simulation, State},
    simulator::Simulator,
};
use crate::{
    error::{Error, Result},
    hash,
    host::{Config, Context, Host, Level},
    provider::Provider,
    types::{Removal, Request, Response, TxtRecord},
};

/// How often a request is sent at the most, as the plugin host does.
const TRIES: u32 = 3;

/// What answers before the vendor is asked.
type Answers<'a> = dyn Fn(&Request) -> Option<Response> + 'a;

/// Each value with the time until which it is kept.
type Cache = BTreeMap<String, (String, u64)>;

/// The [`Bench`] of a provider in this process before a simulator, on a clock of its own: nothing
/// waits for real.
pub struct Local<'a, P, S> {
    simulation: RefCell<Simulation<S>>,
    /// Answers in the vendor's place where it knows one.
    before: Option<Box<Answers<'a>>>,
    /// Kept per settings, as the plugin host keeps it.
    caches: RefCell<BTreeMap<Settings, Cache>>,
    clock: Cell<u64>,
    /// How many blocks of random octets have been drawn.
    drawn: Cell<u64>,
    provider: PhantomData<P>,
}

impl<'a, P: Provider, S: Simulator> Local<'a, P, S> {
    /// A bench with an empty account.
    pub fn new() -> Self {
        Self::with(Setup::default(), None)
    }

    /// A bench with an account that holds these zones.
    pub fn with_zones(zones: &[&str]) -> Self {
        let mut setup = Setup::default();
        for zone in zones {
            setup.data.add_zone(zone);
        }
        Self::with(setup, None)
    }

    /// A bench with this account, where `before` may answer in the vendor's place.
    pub(super) fn answering(
        data: Data,
        before: impl Fn(&Request) -> Option<Response> + 'a,
    ) -> Self {
        Self::with(Setup { data, fault: None }, Some(Box::new(before)))
    }

    fn with(setup: Setup, before: Option<Box<Answers<'a>>>) -> Self {
        Self {
            simulation: RefCell::new(Simulation::new(setup)),
            before,
            caches: RefCell::default(),
            clock: Cell::new(NOW),
            drawn: Cell::new(0),
            provider: PhantomData,
        }
    }

    fn call<T>(
        &self,
        settings: &Settings,
        operation: impl FnOnce(&P, &Context<'_>) -> T,
    ) -> Result<T> {
        let config = Config::new(settings.clone());
        let host = Call { bench: self, settings };
        let cx = Context { host: &host, config: &config };
        Ok(operation(&P::new(&cx)?, &cx))
    }
}

impl<P: Provider, S: Simulator> Default for Local<'_, P, S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P: Provider, S: Simulator> Vendor for Local<'_, P, S> {
    fn facts(&self) -> Result<Facts, String> {
        Ok(Simulation::<S>::facts())
    }

    fn set_up(&self, setup: Setup) -> Result<(), String> {
        self.caches.borrow_mut().clear();
        *self.simulation.borrow_mut() = Simulation::new(setup);
        Ok(())
    }

    fn state(&self) -> Result<State, String> {
        Ok(self.simulation.borrow().state().clone())
    }
}

impl<P: Provider, S: Simulator> Bench for Local<'_, P, S> {
    fn check(&self, settings: &Settings) -> Result<Vec<String>> {
        self.call(settings, |provider, cx| provider.check(cx))?
    }

    fn present(&self, settings: &Settings, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        self.call(settings, |provider, cx| provider.present(cx, records))
            .unwrap_or_else(|error| records.iter().map(|_| Err(error.clone())).collect())
    }

    fn remove(&self, settings: &Settings, removals: &[Removal]) -> Vec<Result<()>> {
        self.call(settings, |provider, cx| provider.remove(cx, removals))
            .unwrap_or_else(|error| removals.iter().map(|_| Err(error.clone())).collect())
    }

    fn values(&self, owner: &str, _: &[String]) -> Result<Vec<String>, String> {
        Ok(self.simulation.borrow().state().data.txt(owner))
    }

    fn vendor(&self) -> Option<&dyn Vendor> {
        Some(self)
    }
}

/// The host of one call.
struct Call<'a, P, S> {
    bench: &'a Local<'a, P, S>,
    settings: &'a Settings,
}

impl<P, S: Simulator> Call<'_, P, S> {
    fn pause(&self, milliseconds: u64) {
        self.bench.clock.set(self.bench.clock.get() + milliseconds);
    }
}

impl<P, S: Simulator> Host for Call<'_, P, S> {
    fn send(&self, request: Request) -> Result<Response> {
        if let Some(answer) = self.bench.before.as_ref().and_then(|before| before(&request)) {
            return Ok(answer);
        }
        let declared =
            request.options.iter().any(|(name, value)| name == "repeatable" && value == "true");
        let repeatable = declared || ["GET", "PUT", "DELETE"].contains(&request.method.as_str());
        for attempt in 1.. {
            self.pause(20);
            let answer =
                self.bench.simulation.borrow_mut().handle(&request, self.bench.clock.get());
            let pause = match &answer {
                Some(answer) if answer.status == 429 => {
                    let seconds = answer.header("retry-after");
                    seconds.and_then(|seconds| seconds.parse().ok()).map(|s: u64| s * 1000)
                }
                Some(answer) if repeatable && matches!(answer.status, 502..=504) => Some(500),
                None if repeatable => Some(500),
                _ => None,
            };
            match (pause, answer) {
                (Some(pause), _) if attempt < TRIES => self.pause(pause),
                (_, Some(answer)) => return Ok(answer),
                (_, None) => break,
            }
        }
        Err(Error::transient(format!("no answer from `{}`: connection closed", request.url)))
    }

    fn exchange(&self, server: &str, _: &[u8]) -> Result<Vec<u8>> {
        Err(Error::config(format!("a simulator takes no DNS messages, as this one to `{server}`")))
    }

    fn now(&self) -> u64 {
        self.bench.clock.get()
    }

    fn sleep(&self, duration: Duration) {
        self.pause(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
    }

    fn random(&self, length: usize) -> Vec<u8> {
        // Another one each time: who looks for a number that fits asks until it comes.
        let digests = std::iter::repeat_with(|| {
            self.bench.drawn.set(self.bench.drawn.get() + 1);
            hash::sha256(&self.bench.drawn.get().to_be_bytes())
        });
        digests.flatten().take(length).collect()
    }

    fn log(&self, _: Level, _: &str) {}

    fn cache_get(&self, key: &str) -> Option<String> {
        let caches = self.bench.caches.borrow();
        let (value, until) = caches.get(self.settings)?.get(key)?;
        (*until > self.now()).then(|| value.clone())
    }

    fn cache_put(&self, key: &str, value: &str, ttl: Duration) {
        let until = self.now() + u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX / 2);
        let mut caches = self.bench.caches.borrow_mut();
        let cache = caches.entry(self.settings.clone()).or_default();
        cache.insert(key.to_owned(), (value.to_owned(), until));
    }
}
