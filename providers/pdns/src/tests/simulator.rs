//! The HTTP API of PowerDNS Authoritative Server, after its OpenAPI description and recorded
//! answers.

use serde_json::{Value, json};
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Record, Simulator, Zone};

#[derive(Default)]
pub(crate) struct Vendor;

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] =
        &[("PDNS_API_URL", "http://127.0.0.1:8081"), ("PDNS_API_KEY", "right-key")];
    const REFUSED: &'static [(&'static str, &'static str)] = &[("PDNS_API_KEY", "wrong-key")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.header("x-api-key")? {
            "right-key" => Ok(()),
            _ => Err(Answer::text(401, "text/plain", "Unauthorized")),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        let route = call.route();
        let [method, "api", "v1", "servers", "localhost", "zones", rest @ ..] = &route[..] else {
            return Err(call.unknown());
        };
        let missing = |name| refusal(&format!("Could not find domain '{name}'"));
        match (*method, rest) {
            ("GET", []) => {
                call.allow_parameters(&["zone", "dnssec"])?;
                let wanted = |zone: &&Zone| call.parameter("zone").is_none_or(|n| n == zone.name);
                let zones = data.zones.iter().filter(wanted);
                Ok(Answer::json(200, zones.map(head).collect()))
            }
            ("GET", [name]) => {
                call.allow_parameters(&["rrsets", "rrset_name", "rrset_type", "include_disabled"])?;
                let zone = data.zone(name).ok_or_else(|| missing(name))?;
                let mut answer = head(zone);
                answer["rrsets"] = rrsets(zone);
                Ok(Answer::json(200, answer))
            }
            ("PATCH", [name]) => {
                let body = call.json()?;
                let zone = data.zone_mut(name).ok_or_else(|| missing(name))?;
                let changes = body["rrsets"].as_array().ok_or_else(|| call.wrong("no `rrsets`"))?;
                // All of it happens or none.
                let mut after = zone.clone();
                changes.iter().try_for_each(|rrset| change(call, &mut after, rrset))?;
                *zone = after;
                Ok(Answer::empty(204))
            }
            ("PUT", [name, "notify"]) => {
                data.zone(name).ok_or_else(|| missing(name))?;
                match call.body.is_empty() {
                    true => Ok(Answer::json(200, json!({ "result": "Notification queued" }))),
                    false => Err(call.wrong("clients must not send a body")),
                }
            }
            _ => Err(call.unknown()),
        }
    }
}

fn change(call: &Call, zone: &mut Zone, rrset: &Value) -> Result<(), Answer> {
    let known = ["name", "type", "ttl", "changetype", "records", "comments"];
    let fields = rrset.as_object().ok_or_else(|| call.wrong("no RRset"))?;
    if let Some(field) = fields.keys().find(|field| !known.contains(&field.as_str())) {
        return Err(call.wrong(format!("unknown field `{field}` of an RRset")));
    }
    let text = |field: &str| {
        let absent = || refusal(&format!("Key '{field}' not present or not a String"));
        rrset[field].as_str().ok_or_else(absent)
    };
    let (name, kind) = (text("name")?, text("type")?);
    if !name.ends_with('.') {
        return Err(refusal(&format!("DNS Name '{name}' is not canonical")));
    }
    if name != zone.name && !name.ends_with(&format!(".{}", zone.name)) {
        return Err(refusal(&format!("RRset {name} IN {kind}: Name is out of zone")));
    }
    let mut values = Vec::new();
    let ttl = match text("changetype")? {
        "DELETE" => 0,
        "REPLACE" => {
            for record in rrset["records"].as_array().ok_or_else(|| call.wrong("no `records`"))? {
                values.push(value(call, name, kind, record)?);
            }
            let mut once = values.clone();
            once.sort();
            once.dedup();
            if once.len() < values.len() {
                return Err(refusal(&format!("Duplicate record in RRset {name} IN {kind}")));
            }
            let absent = || refusal("Key 'ttl' not present or not an Integer");
            rrset["ttl"].as_u64().ok_or_else(absent)?
        }
        _ => return Err(refusal("Changetype not understood")),
    };
    zone.replace(name, kind, ttl as u32, &values);
    Ok(())
}

/// The value of a record; texts are quoted.
fn value(call: &Call, name: &str, kind: &str, record: &Value) -> Result<String, Answer> {
    let content = record["content"].as_str().ok_or_else(|| call.wrong("no `content`"))?;
    if record["disabled"].as_bool() != Some(false) {
        return Err(call.wrong("a record that is not enabled"));
    }
    if kind != "TXT" {
        return Ok(content.to_owned());
    }
    let text = content.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    text.map(str::to_owned).ok_or_else(|| {
        let fault = "Parsing record content: Data field in DNS should start with quote (\")";
        refusal(&format!("Record {name}/{kind} '{content}': {fault}"))
    })
}

fn head(zone: &Zone) -> Value {
    let url = format!("/api/v1/servers/localhost/zones/{}", zone.name);
    json!({
        "account": "", "dnssec": false, "id": zone.name, "kind": "Master", "last_check": 0,
        "masters": [], "name": zone.name, "notified_serial": 0, "serial": zone.version, "url": url,
    })
}

fn rrsets(zone: &Zone) -> Value {
    let first = |record: &&Record| {
        zone.rrset(&record.name, &record.kind).first().is_some_and(|first| first.id == record.id)
    };
    let rrset = |Record { name, kind, ttl, .. }: &Record| {
        let content = |record: &&Record| match kind.as_str() {
            "TXT" => format!("\"{}\"", record.value),
            _ => record.value.clone(),
        };
        let records = zone.rrset(name, kind);
        let entries = records.iter().map(|r| json!({ "content": content(r), "disabled": false }));
        let entries: Vec<Value> = entries.collect();
        json!({ "comments": [], "name": name, "records": entries, "ttl": ttl, "type": kind })
    };
    zone.records.iter().filter(first).map(rrset).collect()
}

fn refusal(message: &str) -> Answer {
    Answer::json(422, json!({ "error": message }))
}
