//! deSEC, over its API v1.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wildcert_plugin_sdk::{
    Context, RequestBuilder, Response, Result, Rrset, RrsetApi, Rrsets, Zone,
    encoding::{percent, quote, unquote},
    export_provider, pages, zones,
};

const DOMAINS: &str = "https://desec.io/api/v1/domains/";

struct Desec {
    token: String,
}

#[derive(Deserialize)]
struct Domain {
    name: String,
}

#[derive(Deserialize, Serialize)]
struct Entry {
    subname: String,
    #[serde(rename = "type")]
    kind: String,
    ttl: u32,
    records: Vec<String>,
}

export_provider!(Rrsets<Desec>);

impl RrsetApi for Desec {
    fn new(cx: &Context<'_>) -> Result<Self> {
        Ok(Self { token: cx.config.require("DESEC_TOKEN")?.to_owned() })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        let domains = self.list::<Domain>(cx, format!("{DOMAINS}?cursor="))?;
        Ok(domains.iter().map(|domain| Zone::named(&domain.name)).collect())
    }

    fn zone(&self, cx: &Context<'_>, name: &str) -> Result<Zone> {
        zones::in_listing(cx, name, || {
            let request = self.request(cx, "GET", DOMAINS);
            let owner = ask(request.query("owns_qname", name.trim_end_matches('.')))?;
            match owner.json::<Vec<Domain>>()?.as_slice() {
                [] => self.zones(cx),
                owners => Ok(owners.iter().map(|owner| Zone::named(&owner.name)).collect()),
            }
        })
    }

    fn read(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Option<Rrset>> {
        Ok(self.read_all(cx, zone, &[owner])?.pop().flatten())
    }

    fn write(&self, cx: &Context<'_>, zone: &Zone, owner: &str, rrset: &Rrset) -> Result<()> {
        self.write_all(cx, zone, &[(owner, rrset.clone())]).into_iter().collect()
    }

    /// One request for all names: there may be 50 in a minute.
    fn read_all(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        owners: &[&str],
    ) -> Result<Vec<Option<Rrset>>> {
        let entries = self.list::<Entry>(cx, format!("{}?type=TXT&cursor=", rrsets(zone)))?;
        let rrset = |entry: &Entry| Rrset {
            ttl: entry.ttl,
            values: entry.records.iter().map(|record| unquote(record)).collect(),
            version: None,
        };
        let find = |owner: &&str| entries.iter().find(|e| e.subname == zone.relative(owner));
        Ok(owners.iter().map(|owner| find(owner).map(rrset)).collect())
    }

    /// One request for all names: there may be 15 in a minute.
    fn write_all(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        changes: &[(&str, Rrset)],
    ) -> Vec<Result<()>> {
        let entry = |(owner, rrset): &(&str, Rrset)| Entry {
            subname: zone.relative(owner).to_owned(),
            kind: "TXT".to_owned(),
            ttl: rrset.ttl,
            records: rrset.values.iter().map(|value| quote(value)).collect(),
        };
        let entries: Vec<Entry> = changes.iter().map(entry).collect();
        // Every RRset is sent as a whole, so that the second time changes nothing.
        let request = self.request(cx, "PATCH", &rrsets(zone)).json(&entries).repeatable();
        let written = ask(request).map(drop);
        changes.iter().map(|_| written.clone()).collect()
    }
}

impl Desec {
    fn request<'a>(&self, cx: &Context<'a>, method: &str, url: &str) -> RequestBuilder<'a> {
        cx.request(method, url).header("authorization", format!("Token {}", self.token))
    }

    /// Everything from the page at `url` on.
    fn list<T: DeserializeOwned>(&self, cx: &Context<'_>, url: String) -> Result<Vec<T>> {
        pages::all(url, |url| {
            let answer = ask(self.request(cx, "GET", url))?;
            Ok((answer.json()?, pages::next_link(&answer, url)))
        })
    }
}

/// The URL of the zone's RRsets.
fn rrsets(zone: &Zone) -> String {
    format!("{DOMAINS}{}/rrsets/", percent(&zone.id))
}

fn ask(request: RequestBuilder<'_>) -> Result<Response> {
    request.send()?.success(|answer| answer.text_at("/detail"))
}

#[cfg(test)]
mod tests;
