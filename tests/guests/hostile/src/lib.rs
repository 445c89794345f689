//! A provider that misbehaves as its setting `HOSTILE_MODE` says.

use std::hint::black_box;

use wildcert_plugin_sdk::{Context, Error, Provider, Removal, Result, TxtRecord, export_provider};

export_provider!(Hostile);

/// Misbehaves when records are presented.
pub struct Hostile {
    mode: String,
}

impl Provider for Hostile {
    fn new(cx: &Context<'_>) -> Result<Self> {
        Ok(Self { mode: cx.config.require("HOSTILE_MODE")?.to_owned() })
    }

    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        self.misbehave(cx)?;
        Ok(Vec::new())
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        let answer = self.misbehave(cx);
        records.iter().map(|_| answer.clone().map(|()| None)).collect()
    }

    fn remove(&self, _: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        removals.iter().map(|_| Ok(())).collect()
    }
}

impl Hostile {
    fn misbehave(&self, cx: &Context<'_>) -> Result<()> {
        match self.mode.as_str() {
            "idle" => Ok(()),
            "loop" => loop {
                black_box(self);
            },
            "memory" => {
                let mut hoard: Vec<Vec<u8>> = Vec::new();
                loop {
                    hoard.push(black_box(vec![1; 1 << 20]));
                }
            }
            "panic" => panic!("the guest gives up"),
            "http" => {
                let url = format!("http://{}/", cx.config.require("HOSTILE_TARGET")?);
                cx.request("GET", url).send().map(|_| ())
            }
            "dns" => {
                let server = cx.config.require("HOSTILE_TARGET")?;
                cx.host.exchange(server, &[0; 12]).map(|_| ())
            }
            other => Err(Error::config(format!("`{other}` is no mode"))),
        }
    }
}
