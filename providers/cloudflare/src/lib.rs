//! Cloudflare, over its API v4.

use std::time::Duration;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;
use wildcert_plugin_sdk::{
    Context, Error, ErrorKind, Listed, RecordApi, Records, RequestBuilder, Response, Result,
    TxtRecord, encoding, export_provider, zones,
};

const API: &str = "https://api.cloudflare.com/client/v4";
/// For how long a zone's identifier is remembered.
const ZONE_KNOWN: Duration = Duration::from_secs(3600);
/// What the vendor answers, whatever the status, when credentials are malformed, wrong or too weak.
const AUTH_CODES: [u32; 7] = [6003, 6111, 9103, 9106, 9107, 9109, 10000];
const IDENTICAL_RECORD: [u32; 2] = [81057, 81058];

struct Cloudflare {
    base: String,
    zone_id: Option<String>,
    records: Credentials,
    zones: Credentials,
}

#[derive(Clone)]
enum Credentials {
    Token(String),
    Global { email: String, key: String },
}

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

#[derive(Deserialize)]
struct Zone {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct Record {
    id: String,
    #[serde(default)]
    content: String,
}

#[derive(Deserialize)]
struct Failure {
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    code: u32,
    message: String,
    #[serde(default)]
    error_chain: Vec<Fault>,
}

export_provider!(Records<Cloudflare>);

impl RecordApi for Cloudflare {
    /// The zone's identifier.
    type Zone = String;

    fn new(cx: &Context<'_>) -> Result<Self> {
        let setting = |name| cx.config.get(name).map(str::to_owned);
        let token = setting("CLOUDFLARE_DNS_API_TOKEN").map(Credentials::Token);
        let global = setting("CLOUDFLARE_EMAIL").zip(setting("CLOUDFLARE_API_KEY"));
        let records = token.or(global.map(|(email, key)| Credentials::Global { email, key }));
        let records = records.ok_or_else(|| {
            Error::config(
                "set `CLOUDFLARE_DNS_API_TOKEN`, or `CLOUDFLARE_EMAIL` and `CLOUDFLARE_API_KEY`",
            )
        })?;
        let zones = setting("CLOUDFLARE_ZONE_API_TOKEN").map(Credentials::Token);
        let base = cx.config.get("CLOUDFLARE_BASE_URL").unwrap_or(API);
        Ok(Self {
            base: base.trim_end_matches('/').to_owned(),
            zone_id: setting("CLOUDFLARE_ZONE_ID"),
            zones: zones.unwrap_or_else(|| records.clone()),
            records,
        })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        if let Some(id) = &self.zone_id {
            // The right to list zones may be missing: look at the one zone's records instead.
            let request = self.request(cx, "GET", &record_path(id), &self.records);
            answer::<Vec<Record>>(request.query("per_page", "1"))?;
            return Ok(Vec::new());
        }
        let mut names = Vec::new();
        for page in 1.. {
            let request = self.request(cx, "GET", "/zones", &self.zones);
            let request = request.query("per_page", "50").query("page", &page.to_string());
            let zones = answer::<Vec<Zone>>(request)?;
            names.extend(zones.result.into_iter().map(|zone| format!("{}.", zone.name)));
            if page >= zones.result_info.total_pages {
                break;
            }
        }
        Ok(names)
    }

    fn zone(&self, cx: &Context<'_>, name: &str) -> Result<String> {
        if let Some(id) = &self.zone_id {
            return Ok(id.clone());
        }
        let key = format!("zone {name}");
        if let Some(id) = cx.host.cache_get(&key) {
            return Ok(id);
        }
        for name in zones::suffixes(name) {
            let request = self.request(cx, "GET", "/zones", &self.zones).query("name", name);
            if let Some(zone) = answer::<Vec<Zone>>(request)?.result.into_iter().next() {
                cx.host.cache_put(&key, &zone.id, ZONE_KNOWN);
                return Ok(zone.id);
            }
        }
        Err(Error::zone_not_found(name, &self.zones(cx)?))
    }

    fn list(&self, cx: &Context<'_>, zone: &String, owner: &str) -> Result<Vec<Listed>> {
        let request = self.request(cx, "GET", &record_path(zone), &self.records);
        let request = request.query("type", "TXT").query("name", owner.trim_end_matches('.'));
        let records = answer::<Vec<Record>>(request.query("per_page", "100"))?.result;
        let listed =
            |record: Record| Listed { id: record.id, value: encoding::unquote(&record.content) };
        Ok(records.into_iter().map(listed).collect())
    }

    fn create(&self, cx: &Context<'_>, zone: &String, record: &TxtRecord) -> Result<String> {
        let body = json!({
            "type": "TXT",
            "name": record.owner.trim_end_matches('.'),
            "content": encoding::quote(&record.value),
            "ttl": record.ttl,
        });
        let response =
            self.request(cx, "POST", &record_path(zone), &self.records).json(&body).send()?;
        if faults(&response).iter().any(|fault| IDENTICAL_RECORD.contains(&fault.code)) {
            // Somebody was quicker; the value is there, and that is what counts.
            let listed = self.list(cx, zone, &record.owner)?.into_iter();
            let mut same = listed.filter(|listed| listed.value == record.value);
            return same.next().map(|listed| listed.id).ok_or_else(|| failure(&response));
        }
        unwrap::<Record>(response).map(|created| created.result.id)
    }

    fn delete(&self, cx: &Context<'_>, zone: &String, id: &str) -> Result<()> {
        let path = format!("{}/{}", record_path(zone), encoding::percent(id));
        let response = self.request(cx, "DELETE", &path, &self.records).send()?;
        if response.is_success() { Ok(()) } else { Err(failure(&response)) }
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
        match credentials {
            Credentials::Token(token) => request.bearer(token),
            Credentials::Global { email, key } => {
                request.header("x-auth-email", email).header("x-auth-key", key)
            }
        }
    }
}

fn record_path(zone: &str) -> String {
    format!("/zones/{}/dns_records", encoding::percent(zone))
}

fn answer<T: DeserializeOwned>(request: RequestBuilder<'_>) -> Result<Envelope<T>> {
    unwrap(request.send()?)
}

fn unwrap<T: DeserializeOwned>(response: Response) -> Result<Envelope<T>> {
    if response.is_success() { response.json() } else { Err(failure(&response)) }
}

/// What a response that is no success complains of; nothing where it is not the vendor's JSON.
fn faults(response: &Response) -> Vec<Fault> {
    if response.is_success() {
        return Vec::new();
    }
    response.json::<Failure>().map(|failure| failure.errors).unwrap_or_default()
}

fn failure(response: &Response) -> Error {
    let faults = faults(response);
    let words = |_: &Response| match faults.as_slice() {
        [] => None,
        some => Some(some.iter().map(Fault::to_string).collect::<Vec<_>>().join("; ")),
    };
    let mut error = match response.clone().success(words) {
        Ok(response) => Error::from_status(response.status, "an unexpected answer"),
        Err(error) => error,
    };
    if error.kind == ErrorKind::Permanent && faults.iter().any(|f| AUTH_CODES.contains(&f.code)) {
        error.kind = ErrorKind::Auth;
    }
    error
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (code {})", self.message.trim_end_matches('.'), self.code)?;
        self.error_chain.iter().try_for_each(|cause| write!(f, ": {cause}"))
    }
}

#[cfg(test)]
mod tests;
