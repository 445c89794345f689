//! ConoHa VPS 3.0: OpenStack's log-in (Identity API v3) and its older DNS API (Designate v1).

use std::time::Duration;

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Context, Error, Listed, RecordApi, Records, RequestBuilder, Response, Result, TxtRecord, Zone,
    encoding, export_provider, pages,
    session::{self, Token},
};

struct ConoHa {
    /// The URL of the log-in.
    tokens: String,
    /// What it wants.
    credentials: Value,
    /// The URL of the zones.
    domains: String,
}

/// A zone or a record.
#[derive(Deserialize)]
struct Object {
    uuid: String,
    name: String,
    #[serde(default)]
    r#type: String,
    #[serde(default)]
    data: String,
}

/// A page of a listing.
#[derive(Deserialize)]
struct Page {
    #[serde(alias = "domains", alias = "records")]
    objects: Vec<Object>,
    /// Of all pages; not every listing tells it.
    #[serde(default)]
    total_count: usize,
}

export_provider!(Records<ConoHa>);

impl RecordApi for ConoHa {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let user = json!({
            "id": cx.config.require("CONOHAV3_API_USER_ID")?,
            "password": cx.config.require("CONOHAV3_API_PASSWORD")?,
        });
        let identity = json!({"methods": ["password"], "password": {"user": user}});
        let project = json!({"id": cx.config.require("CONOHAV3_TENANT_ID")?});
        let region = cx.config.require("CONOHAV3_REGION")?;
        Ok(Self {
            tokens: format!("https://identity.{region}.conoha.io/v3/auth/tokens"),
            credentials: json!({"auth": {"identity": identity, "scope": {"project": project}}}),
            domains: format!("https://dns-service.{region}.conoha.io/v1/domains"),
        })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        let domains = self.all(cx, &self.domains)?.into_iter();
        Ok(domains.map(|domain| Zone::new(domain.uuid, &domain.name)).collect())
    }

    fn list(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Vec<Listed>> {
        Ok(self.list_all(cx, zone, &[owner])?.pop().unwrap_or_default())
    }

    fn list_all(&self, cx: &Context<'_>, zone: &Zone, owners: &[&str]) -> Result<Vec<Vec<Listed>>> {
        let records = self.all(cx, &self.records(zone))?;
        let at = |owner: &&str| {
            let there = |record: &&Object| {
                record.r#type == "TXT" && record.name.eq_ignore_ascii_case(owner)
            };
            let listed =
                |record: &Object| Listed { id: record.uuid.clone(), value: record.data.clone() };
            records.iter().filter(there).map(listed).collect()
        };
        Ok(owners.iter().map(at).collect())
    }

    fn create(&self, cx: &Context<'_>, zone: &Zone, record: &TxtRecord) -> Result<String> {
        let TxtRecord { owner, value, ttl, .. } = record;
        let body = json!({"name": owner, "type": "TXT", "data": value, "ttl": ttl});
        match self.ask(cx, || cx.request("POST", self.records(zone)).json(&body)) {
            Err(error) if error.status == Some(409) => Err(error.into_conflict()),
            answer => Ok(answer?.json::<Object>()?.uuid),
        }
    }

    fn delete(&self, cx: &Context<'_>, zone: &Zone, id: &str) -> Result<()> {
        let url = format!("{}/{}", self.records(zone), encoding::percent(id));
        self.ask(cx, || cx.request("DELETE", &*url)).map(drop)
    }
}

impl ConoHa {
    /// A token, which counts for a day.
    fn log_in(&self, cx: &Context<'_>) -> Result<Token> {
        let request = cx.request("POST", &*self.tokens).json(&self.credentials).repeatable();
        let answer = request.send()?.success(words)?;
        // The token is in the header, but half an answer is none.
        answer.json::<IgnoredAny>()?;
        let value = answer.header("x-subject-token").map(str::to_owned);
        let value = value.ok_or_else(|| Error::permanent("the log-in's answer has no token"))?;
        Ok(Token { value, lifetime: Duration::from_secs(24 * 3600) })
    }

    fn ask<'a>(
        &self,
        cx: &Context<'a>,
        request: impl Fn() -> RequestBuilder<'a>,
    ) -> Result<Response> {
        session::run(
            cx,
            "token",
            || self.log_in(cx),
            |token| request().header("x-auth-token", token).send()?.success(words),
        )
    }

    /// All pages of the listing at `url`.
    fn all(&self, cx: &Context<'_>, url: &str) -> Result<Vec<Object>> {
        pages::all(0, |offset| {
            let from = if *offset == 0 { String::new() } else { offset.to_string() };
            let request = || cx.request("GET", url).query_unless_empty("offset", &from);
            let page: Page = self.ask(cx, request)?.json()?;
            let next = offset + page.objects.len();
            Ok((page.objects, (next < page.total_count).then_some(next)))
        })
    }

    /// The URL of the zone's records.
    fn records(&self, zone: &Zone) -> String {
        format!("{}/{}/records", self.domains, encoding::percent(&zone.id))
    }
}

/// The log-in says more than the DNS API, which gives a word for the kind of refusal.
fn words(answer: &Response) -> Option<String> {
    ["/error/message", "/message", "/error", "/type"].iter().find_map(|at| answer.text_at(at))
}

#[cfg(test)]
mod tests;
