//! The contract as wasmtime sees it, and the services behind its imports.

use std::time::{Duration, Instant};

use wildcert_plugin_sdk::{Error, ErrorKind, Request, TxtRecord};

use self::wildcert::provider::{cache, dns, http, system, types};
use super::component::State;
use crate::failure::Failure;

wasmtime::component::bindgen!({
    path: "../../plugin-sdk/wit/0.1.0",
    world: "dns-provider",
    imports: {
        "wildcert:provider/http": async | trappable,
        "wildcert:provider/dns": async | trappable,
        "wildcert:provider/system.sleep": async | trappable,
        default: trappable,
    },
    exports: { default: async },
});

impl State {
    /// Runs a service during which the guest's budget stands still.
    async fn waiting<T>(&mut self, service: impl AsyncFnOnce(&Self) -> T) -> T {
        let begun = Instant::now();
        let result = service(self).await;
        self.limiter.waited(begun.elapsed());
        result
    }
}

impl types::Host for State {}

impl http::Host for State {
    async fn send(
        &mut self,
        request: http::Request,
    ) -> wasmtime::Result<Result<http::Response, types::ProviderError>> {
        let http::Request { method, url, headers, body, options } = request;
        let request = Request { method, url, headers, body, options };
        let outcome = self.waiting(async |state| state.call.send(request).await).await;
        Ok(outcome.map_err(error_out).map(|answer| http::Response {
            status: answer.status,
            headers: answer.headers,
            body: answer.body,
            options: answer.options,
        }))
    }
}

impl dns::Host for State {
    async fn exchange(
        &mut self,
        server: String,
        message: Vec<u8>,
    ) -> wasmtime::Result<Result<Vec<u8>, types::ProviderError>> {
        let outcome =
            self.waiting(async |state| state.call.exchange(&server, &message).await).await;
        Ok(outcome.map_err(error_out))
    }
}

impl system::Host for State {
    fn now(&mut self) -> wasmtime::Result<u64> {
        Ok(self.call.now())
    }

    async fn sleep(&mut self, milliseconds: u32) -> wasmtime::Result<()> {
        let duration = Duration::from_millis(milliseconds.into());
        self.waiting(async |state| state.call.sleep(duration).await).await;
        Ok(())
    }

    fn random(&mut self, length: u32) -> wasmtime::Result<Vec<u8>> {
        let octets = usize::try_from(length).ok().and_then(|length| self.call.random(length));
        octets.ok_or_else(|| {
            let reason = format!("it asked for {length} random octets, 4096 are the most");
            wasmtime::Error::new(Failure::Trap { reason, last_line: None })
        })
    }

    fn log(&mut self, level: String, message: String) -> wasmtime::Result<()> {
        self.call.log(&level, &message);
        Ok(())
    }
}

impl cache::Host for State {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        Ok(self.call.cache_get(&key))
    }

    fn put(&mut self, key: String, value: String, ttl_ms: u64) -> wasmtime::Result<()> {
        self.call.cache_put(&key, &value, Duration::from_millis(ttl_ms));
        Ok(())
    }
}

/// A record for the guest.
pub(super) fn record_out(record: TxtRecord) -> types::TxtRecord {
    let TxtRecord { zone, owner, value, ttl, options } = record;
    types::TxtRecord { zone, owner, value, ttl, options }
}

/// An error of the guest.
pub(super) fn error_in(error: types::ProviderError) -> Error {
    let types::ProviderError { kind, message, status, retry_after_ms, .. } = error;
    let mut error = Error::new(ErrorKind::from_word(&kind), message);
    (error.status, error.retry_after_ms) = (status, retry_after_ms);
    error
}

fn error_out(error: Error) -> types::ProviderError {
    let Error { kind, message, status, retry_after_ms, .. } = error;
    let kind = kind.as_str().to_owned();
    types::ProviderError { kind, message, status, retry_after_ms, options: Vec::new() }
}
