//! The inside of a WebAssembly component: its exports, and the host as it sees it.

use std::time::Duration;

use self::bindings::{
    exports::wildcert::provider::provider as exports,
    wildcert::provider::{cache, dns, http, system, types},
};
use super::dispatch;
use crate::{
    error::{Error, ErrorKind, Result},
    host::{Host, Level},
    provider::Provider,
    types::{Options, Removal, Request, Response, TxtRecord},
};

/// What `wit-bindgen` makes of the contract.
#[expect(
    missing_docs,
    unreachable_pub,
    unsafe_code,
    unused_qualifications,
    reason = "generated from the WIT"
)]
#[path = "bindings.rs"]
#[rustfmt::skip]
pub mod bindings;

pub use bindings::export_component;

/// The component's export over a [`Provider`].
pub struct Component<P>(std::marker::PhantomData<P>);

impl<P: Provider> exports::Guest for Component<P> {
    fn check(config: Options) -> Result<Vec<String>, types::ProviderError> {
        tell_panics();
        dispatch::check::<P>(&WasmHost, config).map_err(error_out)
    }

    fn present(
        config: Options,
        records: Vec<types::TxtRecord>,
    ) -> Vec<Result<Option<String>, types::ProviderError>> {
        tell_panics();
        let records: Vec<TxtRecord> = records.into_iter().map(record_in).collect();
        let results = dispatch::present::<P>(&WasmHost, config, &records);
        results.into_iter().map(|result| result.map_err(error_out)).collect()
    }

    fn remove(
        config: Options,
        records: Vec<(types::TxtRecord, Option<String>)>,
    ) -> Vec<Result<(), types::ProviderError>> {
        tell_panics();
        let removals: Vec<Removal> = records
            .into_iter()
            .map(|(record, handle)| Removal { record: record_in(record), handle })
            .collect();
        let results = dispatch::remove::<P>(&WasmHost, config, &removals);
        results.into_iter().map(|result| result.map_err(error_out)).collect()
    }
}

/// A panic ends the instance: its message goes to the log, from where the host's error takes it.
/// Where the standard library is compiled to abort at once there are no messages, and no hook.
fn tell_panics() {
    if cfg!(panic = "immediate-abort") {
        return;
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|place| format!(" at {place}")).unwrap_or_default();
        let words = panic.payload_as_str().unwrap_or("no message");
        system::log(Level::Warn.as_str(), &format!("panicked{place}: {words}"));
    }));
}

/// The host behind the component's imports.
struct WasmHost;

impl Host for WasmHost {
    fn send(&self, request: Request) -> Result<Response> {
        let Request { method, url, headers, body, options } = request;
        let answer = http::send(&http::Request { method, url, headers, body, options });
        let http::Response { status, headers, body, options } = answer.map_err(error_in)?;
        Ok(Response { status, headers, body, options })
    }

    fn exchange(&self, server: &str, message: &[u8]) -> Result<Vec<u8>> {
        dns::exchange(server, message).map_err(error_in)
    }

    fn now(&self) -> u64 {
        system::now()
    }

    fn sleep(&self, duration: Duration) {
        system::sleep(u32::try_from(duration.as_millis()).unwrap_or(u32::MAX));
    }

    fn random(&self, length: usize) -> Vec<u8> {
        system::random(u32::try_from(length).unwrap_or(u32::MAX))
    }

    fn log(&self, level: Level, message: &str) {
        system::log(level.as_str(), message);
    }

    fn cache_get(&self, key: &str) -> Option<String> {
        cache::get(key)
    }

    fn cache_put(&self, key: &str, value: &str, ttl: Duration) {
        cache::put(key, value, u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX));
    }
}

fn record_in(record: types::TxtRecord) -> TxtRecord {
    let types::TxtRecord { zone, owner, value, ttl, options } = record;
    TxtRecord { zone, owner, value, ttl, options }
}

fn error_in(error: types::ProviderError) -> Error {
    let types::ProviderError { kind, message, status, retry_after_ms, .. } = error;
    Error { status, retry_after_ms, ..Error::new(ErrorKind::from_word(&kind), message) }
}

fn error_out(error: Error) -> types::ProviderError {
    let Error { kind, message, status, retry_after_ms, .. } = error;
    let kind = kind.as_str().to_owned();
    types::ProviderError { kind, message, status, retry_after_ms, options: Vec::new() }
}
