//! OVHcloud, over its API 1.0.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Context, Error, ErrorKind, Listed, RecordApi, Records, RequestBuilder, Response, Result,
    TxtRecord, Zone,
    encoding::{percent, quote, unquote},
    export_provider, hash, oauth2, zones,
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

struct Ovh {
    api: &'static str,
    access: Access,
}

enum Access {
    Keys { application: String, secret: String, consumer: String },
    Client { token_url: &'static str, id: String, secret: String },
    Token(String),
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
        let setting = |name| cx.config.require(name).map(str::to_owned);
        let access = if let Ok(application) = setting("OVH_APPLICATION_KEY") {
            let secret = setting("OVH_APPLICATION_SECRET")?;
            Access::Keys { application, secret, consumer: setting("OVH_CONSUMER_KEY")? }
        } else if let Ok(id) = setting("OVH_CLIENT_ID") {
            Access::Client { token_url, id, secret: setting("OVH_CLIENT_SECRET")? }
        } else {
            Access::Token(setting("OVH_ACCESS_TOKEN")?)
        };
        Ok(Self { api, access })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        let names: Vec<String> = self.ask(cx, "GET", "/domain/zone", None)?.json()?;
        Ok(names.iter().map(|name| Zone::named(name)).collect())
    }

    /// The right to read one zone is easier to give than the one to list all.
    fn zone(&self, cx: &Context<'_>, name: &str) -> Result<Zone> {
        let look = |name: &str| {
            let zone = self.find(cx, &format!("/domain/zone/{}", percent(name)))?;
            let named = |zone: Response| zone.json::<Value>().map(|_| Zone::named(name));
            zone.map(named).transpose()
        };
        zones::look_up(cx, name, look, || self.zones(cx))
    }

    fn list(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Vec<Listed>> {
        let owner = zone.relative(owner);
        let filter = format!("?fieldType=TXT&subDomain={}", percent(owner));
        let ids = self.ask(cx, "GET", &format!("{}{filter}", records(zone)), None)?;
        let mut listed = Vec::new();
        for id in ids.json::<Vec<u64>>()? {
            let Some(answer) = self.find(cx, &format!("{}/{id}", records(zone)))? else { continue };
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
        let answer = self.ask(cx, "POST", &records(zone), Some(&body))?;
        Ok(answer.json::<Record>()?.id.to_string())
    }

    fn delete(&self, cx: &Context<'_>, zone: &Zone, id: &str) -> Result<()> {
        self.ask(cx, "DELETE", &format!("{}/{}", records(zone), percent(id)), None).map(drop)
    }

    fn finish(&self, cx: &Context<'_>, zone: &Zone) -> Result<()> {
        let path = format!("/domain/zone/{}/refresh", percent(&zone.id));
        self.ask(cx, "POST", &path, None).map(drop)
    }
}

impl Ovh {
    /// The answer, or none where there is nothing of that name.
    fn find(&self, cx: &Context<'_>, path: &str) -> Result<Option<Response>> {
        match self.ask(cx, "GET", path, None) {
            Err(error) if error.status == Some(404) => Ok(None),
            answer => answer.map(Some),
        }
    }

    fn ask(
        &self,
        cx: &Context<'_>,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Response> {
        let mut answer = self.request(cx, method, path, body)?.send()?;
        if words(&answer).is_some_and(|words| words.contains("out of time")) {
            let time = cx.request("GET", format!("{}/auth/time", self.api)).send()?;
            let lead = time.success(words)?.json::<i64>()? - seconds(cx.host.now());
            cx.host.cache_put(LEAD, &lead.to_string(), HOUR);
            answer = self.request(cx, method, path, body)?.send()?;
        }
        answer.success(words).map_err(|mut error| {
            if error.message == "Invalid signature" {
                error.kind = ErrorKind::Auth;
            }
            error
        })
    }

    fn request<'a>(
        &'a self,
        cx: &Context<'a>,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Result<RequestBuilder<'a>> {
        let mut request = cx.request(method, format!("{}{path}", self.api));
        if let Some(body) = body {
            request = request.json(body);
        }
        if path.ends_with("/refresh") {
            request = request.repeatable();
        }
        Ok(match &self.access {
            Access::Token(token) => request.bearer(token),
            Access::Client { token_url, id, secret } => {
                let scope = [("scope", "all")];
                let token = oauth2::client_credentials(cx, token_url, id, secret, &scope)?;
                request.bearer(&token)
            }
            Access::Keys { application, secret, consumer } => {
                let lead = cx.host.cache_get(LEAD).and_then(|lead| lead.parse().ok());
                request.signed(move |request, now| {
                    let time = seconds(now).saturating_add(lead.unwrap_or_default());
                    let body = String::from_utf8_lossy(&request.body);
                    let (method, url) = (&request.method, &request.url);
                    let text = format!("{secret}+{consumer}+{method}+{url}+{body}+{time}");
                    let signature = hash::hex(&hash::sha1(text.as_bytes()));
                    request.set_header("x-ovh-application", application);
                    request.set_header("x-ovh-consumer", consumer);
                    request.set_header("x-ovh-timestamp", time.to_string());
                    request.set_header("x-ovh-signature", format!("$1${signature}"));
                })
            }
        })
    }
}

/// The path of the zone's records.
fn records(zone: &Zone) -> String {
    format!("/domain/zone/{}/record", percent(&zone.id))
}

fn seconds(milliseconds: u64) -> i64 {
    (milliseconds / 1000).cast_signed()
}

fn words(answer: &Response) -> Option<String> {
    answer.text_at("/message")
}

#[cfg(test)]
mod tests;
