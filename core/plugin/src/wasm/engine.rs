//! The engine of the process and its clock.

use std::{
    sync::{Condvar, Mutex, OnceLock, PoisonError},
    thread,
    time::Duration,
};

use tokio::sync::SemaphorePermit;
use wasmtime::{
    Config, OptLevel,
    component::{HasSelf, Linker},
};

use super::{
    bindings::DnsProvider,
    component::State,
    places::{Places, pool},
};
use crate::{error::Error, limits};

/// How often the clock ticks while guests run.
pub(super) const TICK: Duration = Duration::from_millis(10);

/// The stack on which guest and services run together.
const STACK: usize = 2 << 20;

static ENGINE: OnceLock<Engine> = OnceLock::new();

/// What is shared by all components of the process.
pub(super) struct Engine {
    pub(super) wasmtime: wasmtime::Engine,
    pub(super) linker: Linker<State>,
    places: Places,
    clock: Clock,
}

/// Counts ticks while at least one guest runs; guests see them in their epoch callback.
#[derive(Default)]
struct Clock {
    guests: Mutex<usize>,
    wanted: Condvar,
}

/// A guest's places, and the clock that goes while it has them.
pub(super) struct Running {
    clock: &'static Clock,
    _places: Option<SemaphorePermit<'static>>,
}

impl Engine {
    /// The engine; the first call makes it.
    ///
    /// # Errors
    /// When this machine cannot run WebAssembly.
    pub(super) fn get() -> Result<&'static Self, Error> {
        if let Some(engine) = ENGINE.get() {
            return Ok(engine);
        }
        let failed = |reason: String| Error::Engine { reason };
        let engine = Self::new().map_err(|error| failed(error.to_string()))?;
        let engine = ENGINE.get_or_init(|| engine);
        engine.clock.start(engine).map_err(|error| failed(error.to_string()))?;
        Ok(engine)
    }

    /// Waits for `places`; a guest may run there for as long as the result lives.
    pub(super) async fn enter(&'static self, places: u32) -> Running {
        let places = self.places.take(places).await;
        *self.clock.guests.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.clock.wanted.notify_one();
        Running { clock: &self.clock, _places: places }
    }

    fn new() -> wasmtime::Result<Self> {
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            .max_wasm_stack(limits::STACK)
            .async_stack_size(STACK)
            .wasm_relaxed_simd(false)
            .wasm_memory64(false)
            // A provider computes little, and who installs one waits for the compiler. Its quicker
            // allocator of registers stays off: wasmtime does not hold it to be safe against guests.
            .cranelift_opt_level(OptLevel::None)
            // Names of functions are enough for a backtrace; offsets double the compiled size.
            .generate_address_map(false);
        // Where there is no room for all places at once, each call gets its memory from the system.
        let pooled = wasmtime::Engine::new(config.clone().allocation_strategy(pool()));
        let wasmtime = pooled.or_else(|_| wasmtime::Engine::new(&config))?;
        let mut linker = Linker::new(&wasmtime);
        DnsProvider::add_to_linker::<_, HasSelf<_>>(&mut linker, |state: &mut State| state)?;
        Ok(Self { wasmtime, linker, places: Places::new(), clock: Clock::default() })
    }
}

impl Clock {
    /// Starts the thread, once. A thread and no task: a guest that loops may hold all threads of
    /// the runtime.
    fn start(&'static self, engine: &'static Engine) -> std::io::Result<()> {
        static STARTED: Mutex<bool> = Mutex::new(false);
        let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
        if !*started {
            let tick = move || {
                loop {
                    let guests = self.guests.lock().unwrap_or_else(PoisonError::into_inner);
                    drop(self.wanted.wait_while(guests, |guests| *guests == 0));
                    thread::sleep(TICK);
                    engine.wasmtime.increment_epoch();
                }
            };
            thread::Builder::new().name("wasm clock".to_owned()).spawn(tick)?;
            *started = true;
        }
        Ok(())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *self.clock.guests.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
    }
}
