//! SAKURA Cloud, over its API 1.1: a zone is a *common service item*, its records are a setting of it.

use serde::Deserialize;
use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Contents, Context, Error, RequestBuilder, Response, Result, TxtRecord, Zone, ZoneApi, Zones,
    encoding, export_provider, pages,
};

/// Zones are the same in every region.
const ITEMS: &str = "https://secure.sakura.ad.jp/cloud/zone/is1a/api/cloud/1.1/commonserviceitem";

/// Where an item has its records.
const RECORDS: &str = "/Settings/DNS/ResourceRecordSets";

struct SakuraCloud {
    token: String,
    secret: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    total: usize,
    common_service_items: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    #[serde(rename = "ID")]
    id: String,
    #[serde(rename = "Status")]
    status: Status,
}

#[derive(Deserialize)]
struct Status {
    #[serde(rename = "Zone")]
    zone: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Read {
    common_service_item: Value,
}

export_provider!(Zones<SakuraCloud>);

impl ZoneApi for SakuraCloud {
    /// As it came: a record may lack its TTL, and has to stay so.
    type Record = Value;

    fn new(cx: &Context<'_>) -> Result<Self> {
        let setting = |name| cx.config.require(name).map(str::to_owned);
        Ok(Self {
            token: setting("SAKURACLOUD_ACCESS_TOKEN")?,
            secret: setting("SAKURACLOUD_ACCESS_TOKEN_SECRET")?,
        })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        pages::all(0, |from| {
            // The query is one JSON text, without a name.
            let wanted =
                format!(r#"{{"Count":100,"Filter":{{"Provider.Class":"dns"}},"From":{from}}}"#);
            let url = format!("{ITEMS}?{}", encoding::percent(&wanted));
            let found: Found = ask(self.request(cx, "GET", &url))?.json()?;
            let next = from + found.common_service_items.len();
            let items = found.common_service_items.into_iter();
            let zones = items.map(|item| Zone::new(item.id, &item.status.zone));
            Ok((zones.collect(), (next < found.total).then_some(next)))
        })
    }

    fn read(&self, cx: &Context<'_>, zone: &Zone) -> Result<Contents<Value>> {
        let read: Read = ask(self.request(cx, "GET", &item(zone)))?.json()?;
        let mut item = read.common_service_item;
        let Some(Value::Array(records)) = item.pointer_mut(RECORDS).map(Value::take) else {
            return Err(Error::permanent(format!("the answer for `{}` has no records", zone.name)));
        };
        // The other settings would be lost without being written back.
        let rest = json!({"Settings": item["Settings"], "SettingsHash": item["SettingsHash"]});
        Ok(Contents { records, version: serde_json::to_string(&rest).ok() })
    }

    fn txt(&self, zone: &Zone, record: &Value) -> Option<(String, String)> {
        if record["Type"] != "TXT" {
            return None;
        }
        Some((zone.absolute(record["Name"].as_str()?), record["RData"].as_str()?.to_owned()))
    }

    fn make(&self, zone: &Zone, record: &TxtRecord) -> Value {
        let name = zone.relative_or(&record.owner, "@");
        json!({"Name": name, "Type": "TXT", "RData": record.value, "TTL": record.ttl})
    }

    fn write(&self, cx: &Context<'_>, zone: &Zone, contents: &Contents<Value>) -> Result<()> {
        let rest = contents.version.as_deref().unwrap_or_default();
        let mut body: Value = serde_json::from_slice(rest.as_bytes())
            .map_err(|error| Error::permanent(format!("the zone's settings: {error}")))?;
        body["Settings"]["DNS"]["ResourceRecordSets"] = contents.records.clone().into();
        let body = json!({"CommonServiceItem": body});
        match ask(self.request(cx, "PUT", &item(zone)).json(&body)) {
            // The hash is that of older settings; 423 while somebody else's change is under way.
            Err(error) if matches!(error.status, Some(409 | 423)) => Err(error.into_conflict()),
            outcome => outcome.map(drop),
        }
    }
}

impl SakuraCloud {
    fn request<'a>(&self, cx: &Context<'a>, method: &str, url: &str) -> RequestBuilder<'a> {
        cx.request(method, url).basic(&self.token, &self.secret)
    }
}

/// The URL of the zone's item.
fn item(zone: &Zone) -> String {
    format!("{ITEMS}/{}", encoding::percent(&zone.id))
}

fn ask(request: RequestBuilder<'_>) -> Result<Response> {
    request.send()?.success(|answer| answer.text_at("/error_msg"))
}

#[cfg(test)]
mod tests;
