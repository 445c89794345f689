//! PowerDNS Authoritative Server, over its HTTP API.

use std::cell::Cell;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Context, Error, Level, RequestBuilder, Response, Result, Rrset, RrsetApi, Rrsets, Zone,
    encoding, export_provider, json,
};

struct Pdns {
    /// The URL of the server's zones.
    zones: String,
    key: String,
    /// Whether the zone has secondaries to notify; known once something was read.
    notify: Cell<bool>,
}

#[derive(Deserialize)]
struct Contents {
    name: String,
    kind: String,
    /// Not in a listing.
    #[serde(default)]
    rrsets: Vec<RrsetEntry>,
}

#[derive(Deserialize)]
struct RrsetEntry {
    name: String,
    r#type: String,
    ttl: u32,
    records: Vec<Entry>,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    content: String,
    disabled: bool,
}

export_provider!(Rrsets<Pdns>);

impl RrsetApi for Pdns {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let url = cx.config.require("PDNS_API_URL")?.trim_end_matches('/');
        let version = cx.config.get("PDNS_API_VERSION").filter(|version| *version != "0");
        let server = encoding::percent(cx.config.get("PDNS_SERVER_NAME").unwrap_or("localhost"));
        let zones = format!("{url}/api/v{}/servers/{server}/zones", version.unwrap_or("1"));
        let key = cx.config.require("PDNS_API_KEY")?.to_owned();
        Ok(Self { zones, key, notify: Cell::new(false) })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        let zones = cx.request("GET", &self.zones).query("dnssec", "false");
        let zones: Vec<Contents> = self.ask(zones)?.json()?;
        Ok(zones.iter().map(|zone| self.zone_of(&zone.name)).collect())
    }

    /// As the core found it: a listing may be long.
    fn zone(&self, _: &Context<'_>, name: &str) -> Result<Zone> {
        Ok(self.zone_of(name))
    }

    fn read(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Option<Rrset>> {
        Ok(find(&self.contents(cx, zone)?, owner))
    }

    fn read_all(&self, cx: &Context<'_>, zone: &Zone, all: &[&str]) -> Result<Vec<Option<Rrset>>> {
        let contents = self.contents(cx, zone)?;
        Ok(all.iter().map(|owner| find(&contents, owner)).collect())
    }

    fn write(&self, cx: &Context<'_>, zone: &Zone, owner: &str, rrset: &Rrset) -> Result<()> {
        self.patch(cx, zone, &[(owner, rrset.clone())])
    }

    fn write_all(&self, cx: &Context<'_>, zone: &Zone, all: &[(&str, Rrset)]) -> Vec<Result<()>> {
        vec![self.patch(cx, zone, all); all.len()]
    }
}

impl Pdns {
    fn ask(&self, request: RequestBuilder<'_>) -> Result<Response> {
        request.header("x-api-key", &self.key).send()?.success(|answer| answer.text_at("/error"))
    }

    /// The zone under its URL.
    fn zone_of(&self, name: &str) -> Zone {
        Zone::new(format!("{}/{}", self.zones, encoding::percent(name)), name)
    }

    /// Reads the whole zone. The parameter `rrset_name` would make less of it, but servers before
    /// 5.0 leave out disabled records then (PowerDNS/pdns#11473), and the next write deletes them.
    fn contents(&self, cx: &Context<'_>, zone: &Zone) -> Result<Contents> {
        let contents: Contents = match self.ask(cx.request("GET", &zone.id)) {
            // Which of the two means "no such zone" depends on the version.
            Err(error) if matches!(error.status, Some(404 | 422)) => {
                let seen: Vec<String> = self.zones(cx)?.into_iter().map(|zone| zone.name).collect();
                return Err(Error::zone_not_found(&zone.name, &seen));
            }
            answer => answer?.json()?,
        };
        self.notify.set(matches!(contents.kind.as_str(), "Master" | "Primary" | "Producer"));
        Ok(contents)
    }

    fn patch(&self, cx: &Context<'_>, zone: &Zone, changes: &[(&str, Rrset)]) -> Result<()> {
        let rrsets = changes.iter().map(|(owner, rrset)| change(owner, rrset));
        let body = json!({ "rrsets": rrsets.collect::<Result<Vec<Value>>>()? });
        self.ask(cx.request("PATCH", &zone.id).json(&body))?;
        if self.notify.get()
            && let Err(error) = self.ask(cx.request("PUT", format!("{}/notify", zone.id)))
        {
            let zone = &zone.name;
            let words = format!("the secondaries of `{zone}` were not notified: {error}");
            cx.host.log(Level::Warn, &words);
        }
        Ok(())
    }
}

impl Entry {
    fn is(&self, value: &str) -> bool {
        encoding::unquote(&self.content) == value
    }
}

/// The TXT RRset at `owner`. Its `version` holds the records as they came: disabled ones, which are
/// no values but must stay, and the exact spelling of the others.
fn find(contents: &Contents, owner: &str) -> Option<Rrset> {
    let is_it = |rrset: &&RrsetEntry| {
        rrset.r#type == "TXT" && rrset.name.eq_ignore_ascii_case(owner) && !rrset.records.is_empty()
    };
    let rrset = contents.rrsets.iter().find(is_it)?;
    let enabled = rrset.records.iter().filter(|entry| !entry.disabled);
    let values = enabled.map(|entry| encoding::unquote(&entry.content)).collect();
    Some(Rrset { ttl: rrset.ttl, values, version: serde_json::to_string(&rrset.records).ok() })
}

/// The change that makes `rrset` of what stands at `owner`.
fn change(owner: &str, rrset: &Rrset) -> Result<Value> {
    let before = rrset.version.as_deref().unwrap_or("[]");
    let mut entries: Vec<Entry> = json::read(before.as_bytes())
        .map_err(|error| error.context(format!("unreadable records at `{owner}`")))?;
    // The server refuses an RRset with a record twice, even where one of them is disabled.
    entries.retain(|entry| entry.disabled != rrset.values.iter().any(|value| entry.is(value)));
    for value in &rrset.values {
        if !entries.iter().any(|entry| entry.is(value)) {
            entries.push(Entry { content: encoding::quote(value), disabled: false });
        }
    }
    let kind = if entries.is_empty() { "DELETE" } else { "REPLACE" };
    let ttl = rrset.ttl;
    Ok(json!({
        "name": owner, "type": "TXT", "ttl": ttl, "changetype": kind, "records": entries,
    }))
}

#[cfg(test)]
mod tests;
