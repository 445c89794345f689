//! Cloudflare, over its API v4.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Context, Error, ErrorKind, Listed, RecordApi, Records, RequestBuilder, Response, Result,
    TxtRecord, Zone, encoding, export_provider, in_batches, pages, zones,
};

const API: &str = "https://api.cloudflare.com/client/v4";
/// What the vendor answers, whatever the status, when credentials are malformed, wrong or too weak.
const AUTH_CODES: [u64; 7] = [6003, 6111, 9103, 9106, 9107, 9109, 10000];
/// Somebody was quicker: the value is there, and the next look finds it.
const IDENTICAL_RECORD: [u64; 2] = [81057, 81058];
/// How many changes the smallest plan may put into one batch.
const BATCH: usize = 200;

struct Cloudflare {
    base: String,
    zone_id: Option<String>,
    records: Credentials,
    zones: Credentials,
}

/// The headers that carry them.
type Credentials = Vec<(&'static str, String)>;

/// What every answer is wrapped in.
#[derive(Deserialize)]
struct Envelope<T> {
    result: T,
    #[serde(default)]
    result_info: Page,
}

#[derive(Default, Deserialize)]
struct Page {
    #[serde(default)]
    total_pages: u32,
}

/// A zone or a record.
#[derive(Deserialize)]
struct Entry {
    id: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    content: String,
}

#[derive(Deserialize)]
struct Batch {
    posts: Option<Vec<Entry>>,
}

export_provider!(Records<Cloudflare>);

impl RecordApi for Cloudflare {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let setting = |name| cx.config.get(name).map(str::to_owned);
        let token = |name| Some(vec![("authorization", format!("Bearer {}", setting(name)?))]);
        let global = setting("CLOUDFLARE_EMAIL").zip(setting("CLOUDFLARE_API_KEY"));
        let global = global.map(|(email, key)| vec![("x-auth-email", email), ("x-auth-key", key)]);
        let records = token("CLOUDFLARE_DNS_API_TOKEN").or(global).ok_or_else(|| {
            Error::config(
                "set `CLOUDFLARE_DNS_API_TOKEN`, or `CLOUDFLARE_EMAIL` and `CLOUDFLARE_API_KEY`",
            )
        })?;
        let base = cx.config.get("CLOUDFLARE_BASE_URL").unwrap_or(API);
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            zone_id: setting("CLOUDFLARE_ZONE_ID"),
            zones: token("CLOUDFLARE_ZONE_API_TOKEN").unwrap_or_else(|| records.clone()),
            records,
        })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        if let Some(id) = &self.zone_id {
            // The right to list zones may be missing: look at the one zone's records instead.
            let request = self.records(cx, "GET", id, "").query("per_page", "1");
            return answer::<Vec<Entry>>(request).map(|_| Vec::new());
        }
        let zones = all(|| self.request(cx, "GET", "/zones", &self.zones).query("per_page", "50"))?;
        Ok(zones.iter().map(|zone| Zone::new(&zone.id, &zone.name)).collect())
    }

    fn zone(&self, cx: &Context<'_>, name: &str) -> Result<Zone> {
        if let Some(id) = &self.zone_id {
            return Ok(Zone::new(id, name));
        }
        let ask = |name: &str| {
            let request = self.request(cx, "GET", "/zones", &self.zones).query("name", name);
            let found = answer::<Vec<Entry>>(request)?.result;
            let zone = found.iter().find(|zone| zone.name == name);
            Ok(zone.map(|zone| Zone::new(&zone.id, name)))
        };
        zones::look_up(cx, name, ask, || self.zones(cx))
    }

    fn list(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Vec<Listed>> {
        Ok(self.txt(cx, zone, owner.trim_end_matches('.'))?.iter().map(listed).collect())
    }

    fn create(&self, cx: &Context<'_>, zone: &Zone, record: &TxtRecord) -> Result<String> {
        let request = self.records(cx, "POST", &zone.id, "").json(&body(record));
        Ok(answer::<Entry>(request)?.result.id)
    }

    fn delete(&self, cx: &Context<'_>, zone: &Zone, id: &str) -> Result<()> {
        let path = format!("/{}", encoding::percent(id));
        refused(self.records(cx, "DELETE", &zone.id, &path).send()?).map(drop)
    }

    fn list_all(&self, cx: &Context<'_>, zone: &Zone, owners: &[&str]) -> Result<Vec<Vec<Listed>>> {
        if let [owner] = owners {
            return Ok(vec![self.list(cx, zone, owner)?]);
        }
        let all = self.txt(cx, zone, "")?;
        let at = |owner: &&str| {
            all.iter().filter(|r| r.name == owner.trim_end_matches('.')).map(listed).collect()
        };
        Ok(owners.iter().map(at).collect())
    }

    fn create_all(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        records: &[&TxtRecord],
    ) -> Vec<Result<String>> {
        let batch = |records: &[&TxtRecord]| {
            let posts: Vec<Value> = records.iter().map(|record| body(record)).collect();
            let request = self.records(cx, "POST", &zone.id, "/batch");
            let created = answer::<Batch>(request.json(&json!({ "posts": posts })))?.result.posts;
            Ok(created.unwrap_or_default().into_iter().map(|post| post.id).collect())
        };
        in_batches(records, BATCH, batch, |record| self.create(cx, zone, record))
    }

    fn delete_all(&self, cx: &Context<'_>, zone: &Zone, ids: &[&str]) -> Vec<Result<()>> {
        let batch = |ids: &[&str]| {
            let deletes: Vec<Value> = ids.iter().map(|id| json!({ "id": id })).collect();
            let request = self.records(cx, "POST", &zone.id, "/batch");
            refused(request.json(&json!({ "deletes": deletes })).send()?)?;
            Ok(vec![(); ids.len()])
        };
        in_batches(ids, BATCH, batch, |id| self.delete(cx, zone, id))
    }
}

impl Cloudflare {
    fn request<'a>(
        &self,
        cx: &Context<'a>,
        method: &str,
        path: &str,
        credentials: &Credentials,
    ) -> RequestBuilder<'a> {
        let request = cx.request(method, format!("{}{path}", self.base));
        credentials.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    fn records<'a>(
        &self,
        cx: &Context<'a>,
        method: &str,
        zone: &str,
        path: &str,
    ) -> RequestBuilder<'a> {
        let path = format!("/zones/{}/dns_records{path}", encoding::percent(zone));
        self.request(cx, method, &path, &self.records)
    }

    /// The TXT records at `owner`, or all of the zone's when it is empty.
    fn txt(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Vec<Entry>> {
        all(|| {
            let request = self.records(cx, "GET", &zone.id, "").query("type", "TXT");
            request.query_unless_empty("name", owner).query("per_page", "1000")
        })
    }
}

fn body(record: &TxtRecord) -> Value {
    json!({
        "type": "TXT",
        "name": record.owner.trim_end_matches('.'),
        "content": encoding::quote(&record.value),
        "ttl": record.ttl,
    })
}

fn listed(record: &Entry) -> Listed {
    Listed { id: record.id.clone(), value: encoding::unquote(&record.content) }
}

/// The entries of all pages of a listing.
fn all<'a>(listing: impl Fn() -> RequestBuilder<'a>) -> Result<Vec<Entry>> {
    pages::all(1, |page| {
        let answer: Envelope<Vec<Entry>> = answer(listing().query("page", &page.to_string()))?;
        Ok((answer.result, (*page < answer.result_info.total_pages).then_some(page + 1)))
    })
}

fn answer<T: DeserializeOwned>(request: RequestBuilder<'_>) -> Result<Envelope<T>> {
    refused(request.send()?)?.json()
}

/// The error in the vendor's words, unless the answer is a success.
fn refused(answer: Response) -> Result<Response> {
    let mut codes = Vec::new();
    answer
        .success(|answer| {
            let body: Value = answer.json().ok()?;
            let faults = body["errors"].as_array().filter(|faults| !faults.is_empty())?;
            codes = faults.iter().filter_map(|fault| fault["code"].as_u64()).collect();
            Some(faults.iter().map(told).collect::<Vec<_>>().join("; "))
        })
        .map_err(|error| {
            let any = |known: &[u64]| codes.iter().any(|code| known.contains(code));
            match error.kind {
                ErrorKind::Permanent if any(&AUTH_CODES) => error.with_kind(ErrorKind::Auth),
                ErrorKind::Permanent if any(&IDENTICAL_RECORD) => error.into_conflict(),
                _ => error,
            }
        })
}

/// A fault and what led to it.
fn told(fault: &Value) -> String {
    let message = fault["message"].as_str().unwrap_or_default().trim_end_matches('.');
    let code = fault["code"].as_u64().unwrap_or_default();
    let causes = fault["error_chain"].as_array().into_iter().flatten();
    let causes: String = causes.map(|cause| format!(": {}", told(cause))).collect();
    format!("{message} (code {code}){causes}")
}

#[cfg(test)]
mod tests;
