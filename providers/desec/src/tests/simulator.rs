//! deSEC's API v1, after its documentation.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Record, Simulator, Zone};

/// Items on a page; deSEC's are of 500.
const PAGE: usize = 100;

#[derive(Default)]
pub(crate) struct Vendor {
    /// When there was a write, in milliseconds since 1970, and in which domain.
    writes: Vec<(u64, String)>,
}

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[("DESEC_TOKEN", "right")];
    const REFUSED: &'static [(&'static str, &'static str)] = &[("DESEC_TOKEN", "wrong")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.header("authorization")?.strip_prefix("Token ") {
            Some("right") => Ok(()),
            Some(_) => Err(detail(401, "Invalid token.")),
            None => Err(call.wrong("not an API token")),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        if call.origin != "https://desec.io" {
            return Err(call.unknown());
        }
        let missing = || detail(404, "Not found.");
        match call.route()[..] {
            ["GET", "api", "v1", "domains", ""] => {
                call.allow_parameters(&["cursor", "owns_qname"])?;
                let owned = match call.parameter("owns_qname") {
                    Some(name) if name.ends_with('.') => return Err(call.wrong("a final dot")),
                    Some(name) => {
                        let zones = data.zones.iter().filter(|zone| owns(zone, name));
                        zones.max_by_key(|zone| zone.name.len()).into_iter().collect()
                    }
                    None => data.zones.iter().collect::<Vec<_>>(),
                };
                page(call, owned.into_iter().map(domain).collect())
            }
            ["GET", "api", "v1", "domains", domain, "rrsets", ""] => {
                call.allow_parameters(&["cursor", "type", "subname"])?;
                let zone = data.zone(domain).ok_or_else(missing)?;
                let names: BTreeSet<(&str, &str)> =
                    zone.records.iter().map(|r| (&*r.name, &*r.kind)).collect();
                let rrsets = names.into_iter().map(|(name, kind)| rrset(zone, name, kind));
                let wanted = |rrset: &Value| {
                    ["type", "subname"]
                        .iter()
                        .all(|key| call.parameter(key).is_none_or(|value| rrset[*key] == value))
                };
                page(call, rrsets.filter(wanted).collect())
            }
            ["PATCH", "api", "v1", "domains", domain, "rrsets", ""] => {
                let body = call.json()?;
                let zone = data.zone_mut(domain).ok_or_else(missing)?;
                self.throttle(call, domain)?;
                let changes = body.as_array().ok_or_else(|| call.wrong("not an array"))?;
                let changes: Vec<_> = changes.iter().map(|change| read(zone, change)).collect();
                if changes.iter().any(Result::is_err) {
                    let faults = changes.into_iter().map(|c| c.err().unwrap_or_else(|| json!({})));
                    return Err(Answer::json(400, faults.collect()));
                }
                let mut written = Vec::new();
                for (owner, ttl, values) in changes.into_iter().flatten() {
                    zone.replace(&owner, "TXT", ttl, &values);
                    if !values.is_empty() {
                        written.push(rrset(zone, &owner, "TXT"));
                    }
                }
                Ok(Answer::json(200, json!(written)))
            }
            _ => Err(call.unknown()),
        }
    }
}

impl Vendor {
    /// Two writes a second for each domain, fifteen a minute.
    fn throttle(&mut self, call: &Call, domain: &str) -> Result<(), Answer> {
        for (most, seconds) in [(2, 1), (15, 60)] {
            let recent =
                |(at, name): &&(u64, String)| name == domain && at + seconds * 1000 > call.now;
            let recent: Vec<&(u64, String)> = self.writes.iter().filter(recent).collect();
            if let Some((first, _)) = recent.iter().rev().nth(most - 1) {
                let wait = (first + seconds * 1000 - call.now).div_ceil(1000);
                let words = format!("Request was throttled. Expected available in {wait} seconds.");
                return Err(detail(429, &words).header("retry-after", wait.to_string()));
            }
        }
        self.writes.push((call.now, domain.to_owned()));
        Ok(())
    }
}

/// Owner, TTL and texts of a change, or what is wrong with it.
fn read(zone: &Zone, change: &Value) -> Result<(String, u32, Vec<String>), Value> {
    let subname = change["subname"].as_str().unwrap_or_default();
    let owner = zone.owner(subname);
    let before = zone.rrset(&owner, "TXT").first().map(|record| u64::from(record.ttl));
    if change["type"] != "TXT" {
        return Err(json!({ "type": ["This field is required."] }));
    }
    if subname == "@" || subname.ends_with('.') {
        return Err(
            json!({ "subname": ["Subname can only use (lowercase) a-z, 0-9, ., -, and _."] }),
        );
    }
    let records =
        change["records"].as_array().ok_or(json!({ "records": ["This field is required."] }))?;
    // deSEC keeps texts in canonical presentation form.
    let text = |record: &Value| {
        let text = record.as_str()?.strip_prefix('"')?.strip_suffix('"')?;
        (!text.contains(['"', '\\'])).then(|| text.to_owned())
    };
    let values: Option<Vec<String>> = records.iter().map(text).collect();
    let values = values.ok_or(
        json!({ "records": ["Data for TXT records must be given using quotation marks."] }),
    )?;
    let ttl =
        change["ttl"].as_u64().or(before).ok_or(json!({ "ttl": ["This field is required."] }))?;
    match ttl {
        _ if values.is_empty() => Ok((owner, 0, values)),
        0..3600 => Err(json!({ "ttl": ["Ensure this value is greater than or equal to 3600."] })),
        3600..=86_400 => Ok((owner, ttl as u32, values)),
        _ => Err(json!({ "ttl": ["Ensure this value is less than or equal to 86400."] })),
    }
}

fn owns(zone: &Zone, name: &str) -> bool {
    name == zone.bare_name() || name.ends_with(&format!(".{}", zone.bare_name()))
}

fn domain(zone: &Zone) -> Value {
    json!({
        "created": "2026-02-03T04:05:06.000007Z", "published": "2026-02-03T04:05:08.000009Z",
        "touched": "2026-02-03T04:05:08.000009Z", "name": zone.bare_name(), "minimum_ttl": 3600,
    })
}

fn rrset(zone: &Zone, name: &str, kind: &str) -> Value {
    let records = zone.rrset(name, kind);
    let value = |record: &&Record| match kind {
        "TXT" => format!("{:?}", record.value),
        _ => record.value.clone(),
    };
    let subname = records.first().map_or("", |record| zone.relative(record));
    json!({
        "created": "2026-02-03T04:05:06.000007Z", "touched": "2026-02-03T04:05:08.000009Z",
        "domain": zone.bare_name(), "name": name, "type": kind,
        "subname": if subname == "@" { "" } else { subname },
        "ttl": records.first().map(|record| record.ttl),
        "records": records.iter().map(value).collect::<Vec<_>>(),
    })
}

/// Without `cursor` there must be one page only.
fn page(call: &Call, all: Vec<Value>) -> Result<Answer, Answer> {
    let cursor = match call.parameter("cursor") {
        None if all.len() <= PAGE => return Ok(Answer::json(200, json!(all))),
        None => return Err(detail(400, "Pagination required. Use the query parameter cursor=.")),
        Some("") => 1,
        Some(cursor) => cursor
            .strip_prefix("cD0yM")
            .and_then(|page| page.parse().ok())
            .ok_or_else(|| detail(404, "Invalid cursor"))?,
    };
    let (items, more) = Call::page(&all, cursor, PAGE);
    let link = |cursor: &str, relation: &str| {
        let kind = call.parameter("type").map_or(String::new(), |kind| format!("&type={kind}"));
        format!("<{}{}?cursor={cursor}{kind}>; rel=\"{relation}\"", call.origin, call.path)
    };
    let mut links = vec![link("", "first")];
    if more {
        links.push(link(&format!("cD0yM{}", cursor + 1), "next"));
    }
    Ok(Answer::json(200, json!(items)).header("link", links.join(", ")))
}

fn detail(status: u16, message: &str) -> Answer {
    Answer::json(status, json!({ "detail": message }))
}
