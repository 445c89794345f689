//! A provider that misbehaves as its setting `HOSTILE_MODE` says.

mod answers;
mod greed;
mod network;
mod secrets;

use wildcert_plugin_sdk::{Context, Error, Provider, Removal, Result, TxtRecord, export_provider};

export_provider!(Hostile);

/// Misbehaves when it is asked to check or to present.
pub struct Hostile {
    mode: String,
}

impl Provider for Hostile {
    fn new(cx: &Context<'_>) -> Result<Self> {
        Ok(Self { mode: cx.config.require("HOSTILE_MODE")?.to_owned() })
    }

    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        self.misbehave(cx)
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        match self.mode.as_str() {
            "partial" => answers::half_done(cx, records),
            "too-few" => Vec::new(),
            "too-many" => records.iter().chain(records).map(|_| Ok(None)).collect(),
            "huge-handle" => records.iter().map(|_| Ok(Some("h".repeat(20_000)))).collect(),
            "huge-answer" => records.iter().map(|_| Ok(Some("h".repeat(20 << 20)))).collect(),
            "secret-handle" => secrets::handles(cx, records),
            _ => {
                let answer = self.misbehave(cx);
                records.iter().map(|_| answer.clone().map(|_| None)).collect()
            }
        }
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        removals.iter().map(|removal| answers::undo(cx, &self.mode, &removal.record)).collect()
    }
}

impl Hostile {
    fn misbehave(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        match self.mode.as_str() {
            "idle" => {}
            "loop" => greed::compute(),
            "log" => greed::log(cx),
            "lines" => greed::lines(cx),
            "cache" => greed::cache(cx),
            "sleep" => greed::sleep(cx),
            "memory" => greed::memory(),
            "memory-at-once" => greed::memory_at_once(),
            "recursion" => greed::recursion(),
            "requests" => return greed::requests(cx),
            "random" => drop(cx.host.random(1 << 30)),
            "system" => return network::system(),
            "get" => return network::get(cx),
            "urls" => return network::urls(cx),
            "headers" => return network::headers(cx),
            "redirect" => return network::redirect(cx),
            "dns" => return network::dns(cx),
            "panic" => panic!("the guest gives up"),
            "secret-log" => secrets::log(cx),
            "secret-error" => return secrets::error(cx),
            "secret-panic" => secrets::panic(cx),
            "secret-send" => return secrets::send(cx),
            "secret-zones" => return Ok(secrets::forms(cx)),
            "note" => return Ok(answers::note(cx)),
            other => return Err(Error::config(format!("`{other}` is no mode"))),
        }
        Ok(Vec::new())
    }
}
