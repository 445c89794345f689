//! PowerDNS Authoritative Server, over its HTTP API.

use std::cell::Cell;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Context, Error, Level, RequestBuilder, Result, Rrset, RrsetApi, Rrsets, Zone, encoding,
    export_provider,
};

struct Pdns {
    /// The URL of the server's zones.
    zones: String,
    key: String,
    /// Whether the zone has secondaries to notify; known once something was read.
    notify: Cell<bool>,
}

#[derive(Deserialize)]
struct Listing {
    name: String,
}

#[derive(Deserialize)]
struct Contents {
    kind: String,
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
    #[serde(default)]
    disabled: bool,
}

export_provider!(Rrsets<Pdns>);

impl RrsetApi for Pdns {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let url = cx.config.require("PDNS_API_URL")?.trim_end_matches('/');
        let version = match cx.config.get("PDNS_API_VERSION") {
            None | Some("0") => "1",
            Some(version) => version,
        };
        let server = encoding::percent(cx.config.get("PDNS_SERVER_NAME").unwrap_or("localhost"));
        let zones = format!("{url}/api/v{version}/servers/{server}/zones");
        let key = cx.config.require("PDNS_API_KEY")?.to_owned();
        Ok(Self { zones, key, notify: Cell::new(false) })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        let request = self.request(cx, "GET", &self.zones).query("dnssec", "false");
        let zones: Vec<Listing> = request.send()?.success(|a| a.text_at("/error"))?.json()?;
        Ok(zones.iter().map(|zone| self.zone_of(&zone.name)).collect())
    }

    fn zone(&self, _: &Context<'_>, name: &str) -> Result<Zone> {
        Ok(self.zone_of(name))
    }

    fn read(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Option<Rrset>> {
        Ok(find(&self.contents(cx, zone)?, owner))
    }

    fn read_all(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        owners: &[&str],
    ) -> Result<Vec<Option<Rrset>>> {
        let contents = self.contents(cx, zone)?;
        Ok(owners.iter().map(|owner| find(&contents, owner)).collect())
    }

    fn write(&self, cx: &Context<'_>, zone: &Zone, owner: &str, rrset: &Rrset) -> Result<()> {
        self.patch(cx, zone, &[(owner, rrset.clone())])
    }

    fn write_all(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        changes: &[(&str, Rrset)],
    ) -> Vec<Result<()>> {
        vec![self.patch(cx, zone, changes); changes.len()]
    }
}

impl Pdns {
    fn request<'a>(&self, cx: &Context<'a>, method: &str, url: &str) -> RequestBuilder<'a> {
        cx.request(method, url).header("x-api-key", &self.key)
    }

    /// The zone under its URL.
    fn zone_of(&self, name: &str) -> Zone {
        Zone::new(format!("{}/{}", self.zones, encoding::percent(name)), name)
    }

    /// Reads the whole zone. The parameter `rrset_name` would make less of it, but servers before
    /// 5.0 leave out disabled records then (PowerDNS/pdns#11473), and the next write deletes them.
    fn contents(&self, cx: &Context<'_>, zone: &Zone) -> Result<Contents> {
        let answer = self.request(cx, "GET", &zone.id).send()?;
        if matches!(answer.status, 404 | 422) {
            // Which of the two means "no such zone" depends on the version.
            let seen: Vec<String> = self.zones(cx)?.into_iter().map(|zone| zone.name).collect();
            return Err(Error::zone_not_found(&zone.name, &seen));
        }
        let contents: Contents = answer.success(|a| a.text_at("/error"))?.json()?;
        self.notify.set(matches!(contents.kind.as_str(), "Master" | "Primary" | "Producer"));
        Ok(contents)
    }

    fn patch(&self, cx: &Context<'_>, zone: &Zone, changes: &[(&str, Rrset)]) -> Result<()> {
        let rrsets = changes.iter().map(|(owner, rrset)| change(owner, rrset));
        let body = json!({ "rrsets": rrsets.collect::<Result<Vec<Value>>>()? });
        self.request(cx, "PATCH", &zone.id).json(&body).send()?.success(|a| a.text_at("/error"))?;
        if self.notify.get() {
            let request = self.request(cx, "PUT", &format!("{}/notify", zone.id));
            if let Err(error) =
                request.send().and_then(|answer| answer.success(|a| a.text_at("/error")))
            {
                let zone = &zone.name;
                cx.host.log(
                    Level::Warn,
                    &format!("the secondaries of `{zone}` were not notified: {error}"),
                );
            }
        }
        Ok(())
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
    Some(Rrset {
        ttl: rrset.ttl,
        values: enabled.map(|entry| encoding::unquote(&entry.content)).collect(),
        version: Some(json!(rrset.records).to_string()),
    })
}

/// The change that makes `rrset` of what stands at `owner`.
fn change(owner: &str, rrset: &Rrset) -> Result<Value> {
    let before = rrset.version.as_deref().unwrap_or("[]");
    let mut entries: Vec<Entry> = serde_json::from_str(before)
        .map_err(|error| Error::permanent(format!("unreadable records at `{owner}`: {error}")))?;
    let wanted = |entry: &Entry| rrset.values.contains(&encoding::unquote(&entry.content));
    let new: Vec<Entry> = rrset
        .values
        .iter()
        .filter(|value| {
            !entries.iter().any(|e| !e.disabled && encoding::unquote(&e.content) == **value)
        })
        .map(|value| Entry { content: encoding::quote(value), disabled: false })
        .collect();
    // The server refuses an RRset with a record twice, even where one of them is disabled.
    entries.retain(|entry| entry.disabled != wanted(entry));
    entries.extend(new);
    Ok(if entries.is_empty() {
        json!({ "name": owner, "type": "TXT", "changetype": "DELETE", "records": [] })
    } else {
        json!({
            "name": owner,
            "type": "TXT",
            "ttl": rrset.ttl,
            "changetype": "REPLACE",
            "records": entries,
        })
    })
}

#[cfg(test)]
mod tests;
