//! @Name@, over its API v1.

use serde::Deserialize;
use serde_json::json;
use wildcert_plugin_sdk::{
    Context, Listed, RecordApi, Records, RequestBuilder, Response, Result, TxtRecord, Zone,
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

#[derive(Deserialize)]
struct Record {
    id: u64,
    text: String,
}

export_provider!(Records<@Type@>);

impl RecordApi for @Type@ {
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

    fn list(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Vec<Listed>> {
        let path = format!("/zones/{}/txt?name={}", zone.id, zone.relative(owner));
        let records: Vec<Record> = ask(self.request(cx, "GET", &path))?.json()?;
        let listed = |record: Record| Listed { id: record.id.to_string(), value: record.text };
        Ok(records.into_iter().map(listed).collect())
    }

    fn create(&self, cx: &Context<'_>, zone: &Zone, record: &TxtRecord) -> Result<String> {
        let name = zone.relative(&record.owner);
        let body = json!({ "name": name, "text": record.value, "ttl": record.ttl });
        let answer = ask(self.request(cx, "POST", &format!("/zones/{}/txt", zone.id)).json(&body))?;
        Ok(answer.json::<Record>()?.id.to_string())
    }

    fn delete(&self, cx: &Context<'_>, zone: &Zone, id: &str) -> Result<()> {
        ask(self.request(cx, "DELETE", &format!("/zones/{}/txt/{id}", zone.id))).map(drop)
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
