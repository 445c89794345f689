//! @Name@, over its API v1.

use serde::Deserialize;
use serde_json::json;
use wildcert_plugin_sdk::{
    Context, RequestBuilder, Response, Result, Rrset, RrsetApi, Rrsets, Zone, export_provider,
    pages,
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
struct Values {
    ttl: u32,
    values: Vec<String>,
}

export_provider!(Rrsets<@Type@>);

impl RrsetApi for @Type@ {
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

    fn read(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Option<Rrset>> {
        let Values { ttl, values } = ask(self.request(cx, "GET", &path(zone, owner)))?.json()?;
        Ok(Some(Rrset { ttl, values, version: None }))
    }

    fn write(&self, cx: &Context<'_>, zone: &Zone, owner: &str, rrset: &Rrset) -> Result<()> {
        let body = json!({ "ttl": rrset.ttl, "values": rrset.values });
        ask(self.request(cx, "PUT", &path(zone, owner)).json(&body)).map(drop)
    }
}

impl @Type@ {
    fn request<'a>(&self, cx: &Context<'a>, method: &str, path: &str) -> RequestBuilder<'a> {
        cx.request(method, format!("{API}{path}")).bearer(&self.token)
    }
}

fn path(zone: &Zone, owner: &str) -> String {
    format!("/zones/{}/txt?name={}", zone.id, zone.relative(owner))
}

fn ask(request: RequestBuilder<'_>) -> Result<Response> {
    request.send()?.success(|answer| answer.text_at("/message"))
}

#[cfg(test)]
mod tests;
