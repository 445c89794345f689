//! Gandi, over its LiveDNS API (v5).

use serde::{Deserialize, Serialize};
use wildcert_plugin_sdk::{
    Context, RequestBuilder, Response, Result, Rrset, RrsetApi, Rrsets, Zone,
    encoding::{percent, quote, unquote},
    export_provider, if_found, pages, zones,
};

const DOMAINS: &str = "https://api.gandi.net/v5/livedns/domains";
/// Domains on a page.
const PAGE: usize = 100;

struct Gandi {
    authorization: String,
}

#[derive(Deserialize)]
struct Domain {
    fqdn: String,
}

#[derive(Deserialize, Serialize)]
struct Records {
    rrset_ttl: u32,
    rrset_values: Vec<String>,
}

export_provider!(Rrsets<Gandi>);

impl RrsetApi for Gandi {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let authorization = match cx.config.get("GANDIV5_PERSONAL_ACCESS_TOKEN") {
            Some(token) => format!("Bearer {token}"),
            None => format!("Apikey {}", cx.config.require("GANDIV5_API_KEY")?),
        };
        Ok(Self { authorization })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        pages::all(1, |page| {
            let request = self.request(cx, "GET", DOMAINS).query("page", &page.to_string());
            let answer = ask(request.query("per_page", &PAGE.to_string()))?;
            let domains: Vec<Domain> = answer.json()?;
            let zones = domains.iter().map(|domain| Zone::named(&domain.fqdn)).collect();
            Ok((zones, (domains.len() == PAGE).then_some(page + 1)))
        })
    }

    fn zone(&self, cx: &Context<'_>, name: &str) -> Result<Zone> {
        let look = |name: &str| {
            let request = self.request(cx, "GET", &format!("{DOMAINS}/{}", percent(name)));
            let domain =
                if_found(ask(request))?.map(|answer| answer.json::<Domain>()).transpose()?;
            Ok(domain.map(|domain| Zone::named(&domain.fqdn)))
        };
        zones::look_up(cx, name, look, || self.zones(cx))
    }

    fn read(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Option<Rrset>> {
        let Some(answer) = if_found(ask(self.request(cx, "GET", &records(zone, owner))))? else {
            return Ok(None);
        };
        let Records { rrset_ttl: ttl, rrset_values } = answer.json()?;
        let values = rrset_values.iter().map(|value| unquote(value)).collect();
        Ok(Some(Rrset { ttl, values, version: None }))
    }

    fn write(&self, cx: &Context<'_>, zone: &Zone, owner: &str, rrset: &Rrset) -> Result<()> {
        let url = records(zone, owner);
        if rrset.values.is_empty() {
            return if_found(ask(self.request(cx, "DELETE", &url))).map(drop);
        }
        // Without quotes a text with spaces would become several.
        let rrset_values = rrset.values.iter().map(|value| quote(value)).collect();
        let body = Records { rrset_ttl: rrset.ttl, rrset_values };
        ask(self.request(cx, "PUT", &url).json(&body)).map(drop)
    }
}

impl Gandi {
    fn request<'a>(&self, cx: &Context<'a>, method: &str, url: &str) -> RequestBuilder<'a> {
        cx.request(method, url).header("authorization", &self.authorization)
    }
}

/// The URL of the TXT records at `owner`.
fn records(zone: &Zone, owner: &str) -> String {
    let name = percent(zone.relative_or(owner, "@"));
    format!("{DOMAINS}/{}/records/{name}/TXT", percent(&zone.id))
}

fn ask(request: RequestBuilder<'_>) -> Result<Response> {
    request.send()?.success(|answer| {
        answer.text_at("/errors/0/description").or_else(|| answer.text_at("/message"))
    })
}

#[cfg(test)]
mod tests;
