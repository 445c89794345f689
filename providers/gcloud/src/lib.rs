//! Google Cloud DNS, over its API v1.

use std::time::Duration;

use serde::Deserialize;
use serde_json::json;
use wildcert_plugin_sdk::{
    Context, Error, ErrorKind, Job, RequestBuilder, Response, Result, Rrset, RrsetApi, Rrsets,
    Zone, encoding, export_provider, json,
    jwt::ServiceAccount,
    pages,
    session::{self, Token},
};

const DNS: &str = "https://www.googleapis.com/auth/ndev.clouddns.readwrite";
const EVERYTHING: &str = "https://www.googleapis.com/auth/cloud-platform";
const ACCOUNTS: &str = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts";

struct GoogleCloud {
    account: ServiceAccount,
    /// The URL of the project's zones.
    zones: String,
    private: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    #[serde(default)]
    managed_zones: Vec<ManagedZone>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ManagedZone {
    id: String,
    dns_name: String,
    #[serde(default)]
    visibility: String,
}

#[derive(Deserialize)]
struct Found {
    rrsets: Vec<RecordSet>,
}

#[derive(Deserialize)]
struct RecordSet {
    ttl: u32,
    rrdatas: Vec<String>,
}

#[derive(Deserialize)]
struct Change {
    id: String,
    status: String,
}

export_provider!(Rrsets<GoogleCloud>);

impl RrsetApi for GoogleCloud {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let key = cx.config.require("GCE_SERVICE_ACCOUNT")?;
        let account = ServiceAccount::from_json("GCE_SERVICE_ACCOUNT", key)?;
        let project = cx.config.get("GCE_PROJECT").or(account.project.as_deref());
        let project = project.ok_or_else(|| Error::config("`GCE_PROJECT` is not set"))?;
        let zones = format!("https://dns.googleapis.com/dns/v1/projects/{project}/managedZones");
        Ok(Self { zones, account, private: cx.config.is_on("GCE_ALLOW_PRIVATE_ZONE")? })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        let zone = |zone: &ManagedZone| Zone::new(&zone.id, &zone.dns_name);
        if let Some(id) = cx.config.get("GCE_ZONE_ID") {
            let answer = ask(self.request(cx, "GET", &format!("{}/{id}", self.zones))?);
            let answer = answer.map_err(|error| match error.status {
                Some(404) => error.with_kind(ErrorKind::ZoneNotFound),
                _ => error,
            });
            return Ok(vec![zone(&answer?.json()?)]);
        }
        pages::all(String::new(), |page| {
            let request = self.request(cx, "GET", &self.zones)?;
            let answer: Listing = ask(request.query_unless_empty("pageToken", page))?.json()?;
            let usable = |zone: &&ManagedZone| self.private || zone.visibility != "private";
            let zones = answer.managed_zones.iter().filter(usable).map(zone).collect();
            Ok((zones, answer.next_page_token))
        })
    }

    fn read(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Option<Rrset>> {
        let request = self.request(cx, "GET", &format!("{}/{}/rrsets", self.zones, zone.id))?;
        let answer = ask(request.query("name", owner).query("type", "TXT"))?;
        let Some(set) = answer.json::<Found>()?.rrsets.pop() else { return Ok(None) };
        let values = set.rrdatas.iter().map(|data| encoding::unquote(data)).collect();
        Ok(Some(Rrset { ttl: set.ttl, values, version: serde_json::to_string(&set.rrdatas).ok() }))
    }

    fn write(&self, cx: &Context<'_>, zone: &Zone, owner: &str, rrset: &Rrset) -> Result<()> {
        self.change(cx, zone, &[(owner, rrset.clone())])
    }

    fn write_all(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        changes: &[(&str, Rrset)],
    ) -> Vec<Result<()>> {
        vec![self.change(cx, zone, changes); changes.len()]
    }
}

impl GoogleCloud {
    /// All or nothing: what is deleted must be just as it was read.
    fn change(&self, cx: &Context<'_>, zone: &Zone, changes: &[(&str, Rrset)]) -> Result<()> {
        let set = |(owner, ttl): (&str, u32), data: &[String]| {
            (!data.is_empty())
                .then(|| json!({ "name": owner, "type": "TXT", "ttl": ttl, "rrdatas": data }))
        };
        let (mut additions, mut deletions, mut grows) = (Vec::new(), Vec::new(), false);
        for (owner, Rrset { ttl, values, version }) in changes {
            let before: Vec<String> = match version {
                Some(data) => json::read(data.as_bytes()).unwrap_or_default(),
                None => Vec::new(),
            };
            grows |= values.len() > before.len();
            deletions.extend(set((owner, *ttl), &before));
            additions.extend(set((owner, *ttl), &encoding::requote(&before, values)));
        }
        let url = format!("{}/{}/changes", self.zones, zone.id);
        let body = json!({ "additions": additions, "deletions": deletions });
        let answer = ask(self.request(cx, "POST", &url)?.json(&body).repeatable());
        let change: Change = answer
            .map_err(|error| match error.status {
                // What was to be deleted is gone, or what was to be added is there.
                Some(404 | 409) => error.into_conflict(),
                _ => error,
            })?
            .json()?;
        if !grows || change.status == "done" {
            return Ok(());
        }
        let url = format!("{url}/{}", change.id);
        cx.wait_until(Duration::from_secs(60), Duration::from_secs(1), || {
            let change: Change = ask(self.request(cx, "GET", &url)?)?.json()?;
            Ok(if change.status == "done" { Job::Done(()) } else { Job::Pending(change.status) })
        })
    }

    fn request<'a>(&self, cx: &Context<'a>, method: &str, url: &str) -> Result<RequestBuilder<'a>> {
        let token = match cx.config.get("GCE_IMPERSONATE_SERVICE_ACCOUNT") {
            None => self.account.token(cx, DNS)?,
            Some(email) => session::token(cx, email, || {
                let own = self.account.token(cx, EVERYTHING)?;
                let url = format!("{ACCOUNTS}/{email}:generateAccessToken");
                let request = cx.request("POST", url).bearer(&own).json(&json!({ "scope": [DNS] }));
                let value = ask(request.repeatable())?.text_at("/accessToken");
                let value = value.ok_or_else(|| Error::permanent("the answer has no token"))?;
                Ok(Token { value, lifetime: Duration::from_secs(3600) })
            })?,
        };
        Ok(cx.request(method, url).bearer(&token))
    }
}

fn ask(request: RequestBuilder<'_>) -> Result<Response> {
    let answer = request.send()?;
    let reason = answer.text_at("/error/errors/0/reason").unwrap_or_default();
    let answer = answer.success(|answer| answer.text_at("/error/message"));
    // A status of 403 stands for more than missing rights.
    answer.map_err(|error| match reason.as_str() {
        "rateLimitExceeded" | "userRateLimitExceeded" => error.with_kind(ErrorKind::RateLimited),
        "quotaExceeded" => error.with_kind(ErrorKind::Permanent),
        _ => error,
    })
}

#[cfg(test)]
mod tests;
