//! OVHcloud, over its API 1.0.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Context, Error, ErrorKind, Listed, RecordApi, Records, RequestBuilder, Response, Result,
    TxtRecord, Zone,
    encoding::{percent, quote, unquote},
    export_provider, hash, if_found, oauth2, zones,
};

/// Region, its API, and where it gives tokens to service accounts.
const REGIONS: [(&str, &str, &str); 3] = [
    ("ovh-eu", "https://eu.api.ovh.com/1.0", "https://www.ovh.com/auth/oauth2/token"),
    ("ovh-ca", "https://ca.api.ovh.com/1.0", "https://ca.ovh.com/auth/oauth2/token"),
    ("ovh-us", "https://api.us.ovhcloud.com/1.0", "https://us.ovhcloud.com/auth/oauth2/token"),
];
/// Where the host keeps by how many seconds OVHcloud's clock is ahead.
const LEAD: &str = "lead";
const HOUR: Duration = Duration::from_secs(3600);
const REFRESH: &str = "/refresh";

type Body<'a> = Option<&'a Value>;

struct Ovh {
    api: &'static str,
    token_url: &'static str,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    id: u64,
    sub_domain: Option<String>,
    target: String,
}

export_provider!(Records<Ovh>);

impl RecordApi for Ovh {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let region = cx.config.require("OVH_ENDPOINT")?;
        let Some((_, api, token_url)) = REGIONS.into_iter().find(|(name, ..)| *name == region)
        else {
            let known = "`ovh-eu`, `ovh-ca` or `ovh-us`";
            return Err(Error::config(format!("`OVH_ENDPOINT` is `{region}`, not {known}")));
        };
        Ok(Self { api, token_url })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        let names: Vec<String> = self.ask(cx, "GET", "/domain/zone", None)?.json()?;
        Ok(names.iter().map(|name| Zone::named(name)).collect())
    }

    /// The right to read one zone is easier to give than the one to list all.
    fn zone(&self, cx: &Context<'_>, name: &str) -> Result<Zone> {
        let look = |name: &str| {
            let zone = if_found(self.ask(cx, "GET", &path(name, ""), None))?;
            zone.map(|zone| zone.json::<Value>().map(|_| Zone::named(name))).transpose()
        };
        zones::look_up(cx, name, look, || self.zones(cx))
    }

    fn list(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Vec<Listed>> {
        let owner = zone.relative(owner);
        let filter = format!("/record?fieldType=TXT&subDomain={}", percent(owner));
        let ids: Vec<u64> = self.ask(cx, "GET", &path(&zone.id, &filter), None)?.json()?;
        let mut listed = Vec::new();
        for id in ids {
            let path = path(&zone.id, &format!("/record/{id}"));
            let Some(answer) = if_found(self.ask(cx, "GET", &path, None))? else { continue };
            let record: Record = answer.json()?;
            // The filter is a pattern, in which `_` stands for any character.
            if record.sub_domain.unwrap_or_default().eq_ignore_ascii_case(owner) {
                listed.push(Listed { id: id.to_string(), value: unquote(&record.target) });
            }
        }
        Ok(listed)
    }

    fn create(&self, cx: &Context<'_>, zone: &Zone, record: &TxtRecord) -> Result<String> {
        let body = json!({
            "fieldType": "TXT", "subDomain": zone.relative(&record.owner),
            "target": quote(&record.value), "ttl": record.ttl,
        });
        let answer = self.ask(cx, "POST", &path(&zone.id, "/record"), Some(&body))?;
        Ok(answer.json::<Record>()?.id.to_string())
    }

    fn delete(&self, cx: &Context<'_>, zone: &Zone, id: &str) -> Result<()> {
        let path = path(&zone.id, &format!("/record/{}", percent(id)));
        self.ask(cx, "DELETE", &path, None).map(drop)
    }

    fn finish(&self, cx: &Context<'_>, zone: &Zone) -> Result<()> {
        self.ask(cx, "POST", &path(&zone.id, REFRESH), None).map(drop)
    }
}

impl Ovh {
    fn ask(&self, cx: &Context<'_>, method: &str, path: &str, body: Body<'_>) -> Result<Response> {
        let send = || self.request(cx, method, path, body)?.send();
        let mut answer = send()?;
        if words(&answer).is_some_and(|words| words.contains("out of time")) {
            let time = cx.request("GET", format!("{}/auth/time", self.api)).send()?;
            let time: i64 = time.success(words)?.json()?;
            let lead = time.saturating_sub(seconds(cx.host.now()));
            cx.host.cache_put(LEAD, &lead.to_string(), HOUR);
            answer = send()?;
        }
        answer.success(words).map_err(|mut error| {
            if error.message == "Invalid signature" {
                error.kind = ErrorKind::Auth;
            }
            error
        })
    }

    /// A request with the user's keys, or else the token of a service account or the user's own.
    fn request<'a>(
        &self,
        cx: &Context<'a>,
        method: &str,
        path: &str,
        body: Body<'_>,
    ) -> Result<RequestBuilder<'a>> {
        let mut request = cx.request(method, format!("{}{path}", self.api));
        if let Some(body) = body {
            request = request.json(body);
        }
        if path.ends_with(REFRESH) {
            request = request.repeatable();
        }
        let config = cx.config;
        let Some(application) = config.get("OVH_APPLICATION_KEY") else {
            let token = match config.get("OVH_CLIENT_ID") {
                Some(id) => {
                    let secret = config.require("OVH_CLIENT_SECRET")?;
                    let scope = [("scope", "all")];
                    oauth2::client_credentials(cx, self.token_url, id, secret, &scope)?
                }
                None => config.require("OVH_ACCESS_TOKEN")?.to_owned(),
            };
            return Ok(request.bearer(&token));
        };
        let secret = config.require("OVH_APPLICATION_SECRET")?;
        let consumer = config.require("OVH_CONSUMER_KEY")?;
        let lead: i64 = cx.host.cache_get(LEAD).and_then(|lead| lead.parse().ok()).unwrap_or(0);
        Ok(request.signed(move |request, now| {
            let time = seconds(now).saturating_add(lead);
            let (method, url) = (&request.method, &request.url);
            let body = String::from_utf8_lossy(&request.body);
            let text = format!("{secret}+{consumer}+{method}+{url}+{body}+{time}");
            let signature = hash::hex(&hash::sha1(text.as_bytes()));
            request.set_header("x-ovh-application", application);
            request.set_header("x-ovh-consumer", consumer);
            request.set_header("x-ovh-timestamp", time.to_string());
            request.set_header("x-ovh-signature", format!("$1${signature}"));
        }))
    }
}

/// The path of something in `zone`.
fn path(zone: &str, rest: &str) -> String {
    format!("/domain/zone/{}{rest}", percent(zone))
}

fn seconds(milliseconds: u64) -> i64 {
    (milliseconds / 1000).cast_signed()
}

fn words(answer: &Response) -> Option<String> {
    answer.text_at("/message")
}

#[cfg(test)]
mod tests;
