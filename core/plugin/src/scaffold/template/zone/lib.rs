//! @Name@, over its API v1.

use serde::Deserialize;
use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Contents, Context, RequestBuilder, Response, Result, TxtRecord, Zone, ZoneApi, Zones,
    export_provider, pages,
};

const API: &str = "https://api.@id@.example/v1";

struct @Type@ {
    token: String,
}

#[derive(Deserialize)]
struct Page {
    zones: Vec<String>,
    more: bool,
}

export_provider!(Zones<@Type@>);

impl ZoneApi for @Type@ {
    /// The vendor's own JSON: fields that this provider does not know go back as they came.
    type Record = Value;

    fn new(cx: &Context<'_>) -> Result<Self> {
        Ok(Self { token: cx.config.require("@ID@_TOKEN")?.to_owned() })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        pages::all(1, |page| {
            let request = self.request(cx, "GET", "/zones").query("page", &page.to_string());
            let answer: Page = ask(request)?.json()?;
            let zones = answer.zones.iter().map(|name| Zone::named(name)).collect();
            Ok((zones, answer.more.then_some(page + 1)))
        })
    }

    fn read(&self, cx: &Context<'_>, zone: &Zone) -> Result<Contents<Value>> {
        let answer = ask(self.request(cx, "GET", &format!("/zones/{}", zone.id)))?;
        let version = answer.header("etag").map(str::to_owned);
        Ok(Contents { records: answer.json()?, version })
    }

    fn txt(&self, _: &Zone, record: &Value) -> Option<(String, String)> {
        let text = |key: &str| record[key].as_str().map(str::to_owned);
        if record["type"] == "TXT" { Some((text("name")?, text("data")?)) } else { None }
    }

    fn make(&self, _: &Zone, record: &TxtRecord) -> Value {
        let TxtRecord { owner, value, ttl, .. } = record;
        json!({ "name": owner, "type": "TXT", "ttl": ttl, "data": value })
    }

    fn write(&self, cx: &Context<'_>, zone: &Zone, contents: &Contents<Value>) -> Result<()> {
        let etag = contents.version.as_deref().unwrap_or_default();
        let request = self.request(cx, "PUT", &format!("/zones/{}", zone.id));
        match ask(request.header("if-match", etag).json(&contents.records)) {
            Err(error) if error.status == Some(412) => Err(error.into_conflict()),
            written => written.map(drop),
        }
    }
}

impl @Type@ {
    fn request<'a>(&self, cx: &Context<'a>, method: &str, path: &str) -> RequestBuilder<'a> {
        cx.request(method, format!("{API}{path}")).bearer(&self.token)
    }
}

fn ask(request: RequestBuilder<'_>) -> Result<Response> {
    request.send()?.success(|answer| answer.text_at("/message"))
}

#[cfg(test)]
mod tests;
