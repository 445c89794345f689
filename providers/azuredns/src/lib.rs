//! Azure DNS, over Azure Resource Manager.

use serde::Deserialize;
use serde_json::json;
use wildcert_plugin_sdk::{
    Context, Error, ErrorKind, RequestBuilder, Response, Result, Rrset, RrsetApi, Rrsets, Zone,
    export_provider, if_found, oauth2, pages, session,
};

/// What a federated token is (RFC 7523 §2.2).
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

struct AzureDns {
    token_url: String,
    api: &'static str,
    /// The URL of the zones that the credentials reach, or of the one that the settings name.
    zones: String,
    one_zone: bool,
    private: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listing {
    value: Vec<Resource>,
    next_link: Option<String>,
}

#[derive(Deserialize)]
struct Resource {
    id: String,
    name: String,
}

#[derive(Deserialize)]
struct RecordSet {
    etag: String,
    properties: Properties,
}

/// Private zones write the same words in another case.
#[derive(Deserialize)]
struct Properties {
    #[serde(alias = "TTL")]
    ttl: u32,
    #[serde(rename = "TXTRecords", alias = "txtRecords", default)]
    texts: Vec<Text>,
}

#[derive(Deserialize)]
struct Text {
    value: Vec<String>,
}

export_provider!(Rrsets<AzureDns>);

impl RrsetApi for AzureDns {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let cloud = cx.config.get("AZURE_ENVIRONMENT").unwrap_or("public").to_ascii_lowercase();
        let (login, api) = match cloud.as_str() {
            "public" => ("https://login.microsoftonline.com", "https://management.azure.com"),
            "usgovernment" => {
                ("https://login.microsoftonline.us", "https://management.usgovcloudapi.net")
            }
            "china" => ("https://login.chinacloudapi.cn", "https://management.chinacloudapi.cn"),
            _ => {
                let known = "`public`, `usgovernment` or `china`";
                return Err(Error::config(format!(
                    "`AZURE_ENVIRONMENT` is `{cloud}`, not {known}"
                )));
            }
        };
        let private = cx.config.is_on("AZURE_PRIVATE_ZONE")?;
        let subscription = cx.config.require("AZURE_SUBSCRIPTION_ID")?;
        let zone = cx.config.get("AZURE_ZONE_NAME");
        let mut zones = format!("{api}/subscriptions/{subscription}");
        match cx.config.get("AZURE_RESOURCE_GROUP") {
            Some(group) => zones += &format!("/resourceGroups/{group}"),
            None if zone.is_none() => {}
            None => return Err(Error::config("`AZURE_ZONE_NAME` needs `AZURE_RESOURCE_GROUP`")),
        }
        zones += "/providers/Microsoft.Network/";
        zones += if private { "privateDnsZones" } else { "dnsZones" };
        if let Some(name) = zone {
            zones += &format!("/{}", name.trim_end_matches('.'));
        }
        let tenant = cx.config.require("AZURE_TENANT_ID")?;
        let token_url = format!("{login}/{tenant}/oauth2/v2.0/token");
        Ok(Self { token_url, api, zones, one_zone: zone.is_some(), private })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        let look = |url: &str| match ask(self.request(cx, "GET", url)?) {
            // There is no such zone, or no such resource group or subscription.
            Err(error) if error.status == Some(404) => {
                Err(error.with_kind(ErrorKind::ZoneNotFound))
            }
            answer => answer,
        };
        let zone = |zone: &Resource| Zone::new(&zone.id, &zone.name);
        let first = format!("{}?{}", self.zones, self.version());
        if self.one_zone {
            return Ok(vec![zone(&look(&first)?.json()?)]);
        }
        pages::all(first, |url| {
            let Listing { value, next_link } = look(url)?.json()?;
            Ok((value.iter().map(zone).collect(), next_link))
        })
    }

    fn read(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Option<Rrset>> {
        let request = self.request(cx, "GET", &self.url(zone, owner))?;
        let Some(answer) = if_found(ask(request))? else { return Ok(None) };
        let RecordSet { etag, properties } = answer.json()?;
        let values = properties.texts.iter().map(|text| text.value.concat()).collect();
        Ok(Some(Rrset { ttl: properties.ttl, values, version: Some(etag) }))
    }

    fn write(&self, cx: &Context<'_>, zone: &Zone, owner: &str, rrset: &Rrset) -> Result<()> {
        // Unlike PUT, PATCH leaves the metadata of the record set alone.
        let (method, condition, etag) = match &rrset.version {
            None => ("PUT", "if-none-match", "*"),
            Some(etag) if rrset.values.is_empty() => ("DELETE", "if-match", etag.as_str()),
            Some(etag) => ("PATCH", "if-match", etag.as_str()),
        };
        let mut request = self.request(cx, method, &self.url(zone, owner))?.header(condition, etag);
        if !rrset.values.is_empty() {
            let (ttl, texts) =
                if self.private { ("ttl", "txtRecords") } else { ("TTL", "TXTRecords") };
            let values: Vec<_> =
                rrset.values.iter().map(|value| json!({ "value": pieces(value) })).collect();
            let body = json!({ "properties": { ttl: rrset.ttl, texts: values } });
            request = request.json(&body).repeatable();
        }
        ask(request).map(drop)
    }
}

impl AzureDns {
    fn request<'a>(&self, cx: &Context<'a>, method: &str, url: &str) -> Result<RequestBuilder<'a>> {
        let client = cx.config.require("AZURE_CLIENT_ID")?;
        let scope = format!("{}/.default", self.api);
        let mut fields =
            vec![("grant_type", "client_credentials"), ("client_id", client), ("scope", &scope)];
        match cx.config.get("AZURE_CLIENT_SECRET") {
            Some(secret) => fields.push(("client_secret", secret)),
            None => fields.extend([
                ("client_assertion_type", ASSERTION),
                ("client_assertion", cx.config.require("AZURE_OIDC_TOKEN")?.trim()),
            ]),
        }
        let token = session::token(cx, "token", || oauth2::grant(cx, &self.token_url, &fields));
        // What Azure says to an unknown tenant is no error of OAuth's.
        let refused = |error: Error| match error.status {
            Some(400) => error.with_kind(ErrorKind::Auth),
            _ => error,
        };
        Ok(cx.request(method, url).bearer(&token.map_err(refused)?))
    }

    /// The URL of the TXT record set.
    fn url(&self, zone: &Zone, owner: &str) -> String {
        let name = Some(zone.relative(owner)).filter(|name| !name.is_empty()).unwrap_or("@");
        format!("{}{}/TXT/{name}?{}", self.api, zone.id, self.version())
    }

    fn version(&self) -> &'static str {
        if self.private { "api-version=2018-09-01" } else { "api-version=2018-05-01" }
    }
}

/// The strings of at most 255 characters that `value` is made of.
fn pieces(value: &str) -> Vec<String> {
    let characters: Vec<char> = value.chars().collect();
    characters.chunks(255).map(|piece| piece.iter().collect()).collect()
}

fn ask(request: RequestBuilder<'_>) -> Result<Response> {
    request.send()?.success(|answer| {
        // Azure DNS itself puts no `error` around its words.
        let word = |name: &str| {
            let place = [format!("/error/{name}"), format!("/{name}")];
            place.iter().find_map(|place| answer.text_at(place))
        };
        Some(format!("{}: {}", word("code")?, word("message")?))
    })
}

#[cfg(test)]
mod tests;
