//! The inside of a native module: its operations, and the host as it sees it.
#![expect(unsafe_code, reason = "the C interface; every block says why it is sound")]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    time::Duration,
};

use serde::{Serialize, de::DeserializeOwned};

use super::{
    bytes::Octets,
    dispatch, json,
    table::{Given, HostTable, Lent, ProviderTable, Service, TABLE_ABI},
};
use crate::{
    error::{Error, Result},
    host::{Host, Level},
    provider::Provider,
    types::{Request, Response},
};

/// The table of a module whose provider is `P`; `manifest` is the text of provider.toml.
pub const fn table<P: Provider>(manifest: &'static str) -> ProviderTable {
    ProviderTable {
        size: size_of::<ProviderTable>() as u32,
        abi: TABLE_ABI,
        manifest: Lent::new(manifest.as_bytes()),
        check: check::<P>,
        present: present::<P>,
        remove: remove::<P>,
        free: reclaim,
    }
}

/// Keeps the module's own copy of the standard library from printing panics: they are answers, and
/// what they say is printed by the host, without secrets.
pub fn keep_panics_quiet() {
    std::panic::set_hook(Box::new(|_| {}));
}

/// Takes back what [`Given::new`] gave away.
///
/// # Safety
/// `given` comes from [`Given::new`] of the same module and is taken back once.
pub unsafe extern "C" fn reclaim(given: Given) {
    if !given.ptr.is_null() {
        // SAFETY: the parts of a `Vec<u8>` that `Given::new` took apart, by this function's contract.
        drop(unsafe { Vec::from_raw_parts(given.ptr, given.len, given.capacity) });
    }
}

/// The octets that the caller lends.
///
/// # Safety
/// `lent` points to `len` readable octets that nobody writes during `'a`.
pub unsafe fn octets<'a>(lent: Lent) -> &'a [u8] {
    if lent.ptr.is_null() {
        return &[];
    }
    // SAFETY: by this function's contract.
    unsafe { std::slice::from_raw_parts(lent.ptr, lent.len) }
}

unsafe extern "C" fn check<P: Provider>(host: *const HostTable, input: Lent) -> Given {
    // SAFETY: the host calls with its table and octets that outlive the call.
    unsafe { run(host, input, |host, json::Check { config }| dispatch::check::<P>(host, config)) }
}

unsafe extern "C" fn present<P: Provider>(host: *const HostTable, input: Lent) -> Given {
    let operation = |host: &dyn Host, json::Present { config, records }| {
        Ok(dispatch::present::<P>(host, config, &records))
    };
    // SAFETY: the host calls with its table and octets that outlive the call.
    unsafe { run(host, input, operation) }
}

unsafe extern "C" fn remove<P: Provider>(host: *const HostTable, input: Lent) -> Given {
    let operation = |host: &dyn Host, json::Remove { config, removals }| {
        Ok(dispatch::remove::<P>(host, config, &removals))
    };
    // SAFETY: the host calls with its table and octets that outlive the call.
    unsafe { run(host, input, operation) }
}

/// Reads the input, runs the operation, writes the answer; a panic becomes an error.
///
/// # Safety
/// `host` points to the host's table and `input` to readable octets, both for the whole call.
unsafe fn run<I: DeserializeOwned, O: Serialize>(
    host: *const HostTable,
    input: Lent,
    operation: impl FnOnce(&dyn Host, I) -> Result<O>,
) -> Given {
    let answer = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: by this function's contract.
        let (host, input) = unsafe { (NativeHost(&*host), octets(input)) };
        let input = serde_json::from_slice(input)
            .map_err(|error| Error::permanent(format!("unreadable call from the host: {error}")))?;
        operation(&host, input)
    }));
    let answer: Result<O> = answer.unwrap_or_else(|panic| {
        let words = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no message");
        Err(Error::permanent(format!("the provider panicked: {words}")))
    });
    Given::new(serde_json::to_vec(&answer).unwrap_or_default())
}

/// The host behind its table.
struct NativeHost<'a>(&'a HostTable);

impl NativeHost<'_> {
    fn call<I: Serialize, O: DeserializeOwned>(&self, service: Service, input: &I) -> Result<O> {
        let input = serde_json::to_vec(input)
            .map_err(|error| Error::permanent(format!("unwritable call to the host: {error}")))?;
        // SAFETY: the host's function with the host's context, and octets that outlive the call.
        let given = unsafe { service(self.0.context, Lent::new(&input)) };
        let lent = Lent { ptr: given.ptr, len: given.len };
        // SAFETY: the host gave these octets, and they are freed only after they were read.
        let answer = serde_json::from_slice(unsafe { octets(lent) });
        // SAFETY: what the host gave goes back to the host, once.
        unsafe { (self.0.free)(given) };
        answer.map_err(|error| Error::permanent(format!("unreadable answer of the host: {error}")))
    }
}

impl Host for NativeHost<'_> {
    fn send(&self, request: Request) -> Result<Response> {
        self.call::<_, Result<Response>>(self.0.send, &request)?
    }

    fn exchange(&self, server: &str, message: &[u8]) -> Result<Vec<u8>> {
        let input = json::Exchange { server: server.to_owned(), message: Octets(message.to_vec()) };
        let Octets(answer) = self.call::<_, Result<Octets>>(self.0.exchange, &input)??;
        Ok(answer)
    }

    fn now(&self) -> u64 {
        self.call(self.0.now, &()).unwrap_or_default()
    }

    fn sleep(&self, duration: Duration) {
        let milliseconds = u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
        let _: Result<()> = self.call(self.0.sleep, &milliseconds);
    }

    fn random(&self, length: usize) -> Vec<u8> {
        self.call::<_, Octets>(self.0.random, &length)
            .map(|Octets(octets)| octets)
            .unwrap_or_default()
    }

    fn log(&self, level: Level, message: &str) {
        let input = json::Log { level: level.as_str().to_owned(), message: message.to_owned() };
        let _: Result<()> = self.call(self.0.log, &input);
    }

    fn cache_get(&self, key: &str) -> Option<String> {
        self.call(self.0.cache_get, &key).unwrap_or_default()
    }

    fn cache_put(&self, key: &str, value: &str, ttl: Duration) {
        let ttl_ms = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
        let input = json::CachePut { key: key.to_owned(), value: value.to_owned(), ttl_ms };
        let _: Result<()> = self.call(self.0.cache_put, &input);
    }
}
