//! DigitalOcean, over its API v2.

use serde::Deserialize;
use serde_json::json;
use wildcert_plugin_sdk::{
    Context, Listed, RecordApi, Records, RequestBuilder, Response, Result, TxtRecord, Zone,
    encoding, export_provider, if_found, pages, zones,
};

const API: &str = "https://api.digitalocean.com";

struct DigitalOcean {
    /// The URL of the account's domains.
    domains: String,
    token: String,
}

#[derive(Deserialize)]
struct Domains {
    domains: Vec<Domain>,
    #[serde(default)]
    links: Links,
}

#[derive(Deserialize)]
struct Domain {
    name: String,
}

#[derive(Deserialize)]
struct Found {
    domain: Domain,
}

#[derive(Deserialize)]
struct Entries {
    domain_records: Vec<Record>,
    #[serde(default)]
    links: Links,
}

#[derive(Deserialize)]
struct Created {
    domain_record: Record,
}

#[derive(Deserialize)]
struct Record {
    id: u64,
    data: String,
}

#[derive(Default, Deserialize)]
struct Links {
    #[serde(default)]
    pages: Pages,
}

#[derive(Default, Deserialize)]
struct Pages {
    next: Option<String>,
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

export_provider!(Records<DigitalOcean>);

impl RecordApi for DigitalOcean {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let api = cx.config.get("DO_API_URL").unwrap_or(API).trim_end_matches('/');
        let token = cx.config.require("DO_AUTH_TOKEN")?.to_owned();
        Ok(Self { domains: format!("{api}/v2/domains"), token })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        pages::all(1, |page| {
            let request = self.request(cx, "GET", &self.domains).query("per_page", "200");
            let answer: Domains = ask(request.query("page", &page.to_string()))?.json()?;
            let zones = answer.domains.iter().map(|domain| Zone::named(&domain.name));
            Ok((zones.collect(), answer.links.pages.next.map(|_| page + 1)))
        })
    }

    /// A listing holds the zone file of every domain.
    fn zone(&self, cx: &Context<'_>, name: &str) -> Result<Zone> {
        let look = |name: &str| {
            let url = format!("{}/{}", self.domains, encoding::percent(name));
            let found = if_found(ask(self.request(cx, "GET", &url)))?;
            let found = found.map(|answer| answer.json::<Found>()).transpose()?;
            Ok(found.map(|found| Zone::named(&found.domain.name)))
        };
        zones::look_up(cx, name, look, || self.zones(cx))
    }

    fn list(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Vec<Listed>> {
        let records = pages::all(1, |page| {
            let request = self.request(cx, "GET", &self.records(zone)).query("type", "TXT");
            let request = request.query("name", owner.trim_end_matches('.'));
            let request = request.query("per_page", "200").query("page", &page.to_string());
            let answer: Entries = ask(request)?.json()?;
            Ok((answer.domain_records, answer.links.pages.next.map(|_| page + 1)))
        })?;
        let listed = |record: Record| Listed { id: record.id.to_string(), value: record.data };
        Ok(records.into_iter().map(listed).collect())
    }

    fn create(&self, cx: &Context<'_>, zone: &Zone, record: &TxtRecord) -> Result<String> {
        // Relative names are taken to be so only without the final dot.
        let TxtRecord { owner, value, ttl, .. } = record;
        let body = json!({ "type": "TXT", "name": owner, "data": value, "ttl": ttl });
        let answer = ask(self.request(cx, "POST", &self.records(zone)).json(&body))?;
        Ok(answer.json::<Created>()?.domain_record.id.to_string())
    }

    fn delete(&self, cx: &Context<'_>, zone: &Zone, id: &str) -> Result<()> {
        let url = format!("{}/{}", self.records(zone), encoding::percent(id));
        ask(self.request(cx, "DELETE", &url)).map(drop)
    }
}

impl DigitalOcean {
    fn request<'a>(&self, cx: &Context<'a>, method: &str, url: &str) -> RequestBuilder<'a> {
        cx.request(method, url).bearer(&self.token)
    }

    /// The URL of the zone's records.
    fn records(&self, zone: &Zone) -> String {
        format!("{}/{}/records", self.domains, encoding::percent(&zone.id))
    }
}

fn ask(request: RequestBuilder<'_>) -> Result<Response> {
    request.send()?.success(|answer| Some(answer.json::<Refusal>().ok()?.message))
}

#[cfg(test)]
mod tests;
