//! The API of @Name@ in memory, after its documentation.

use serde_json::{Value, json};
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Record, Simulator};

#[derive(Default)]
pub(crate) struct Vendor;

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[("@ID@_TOKEN", "right")];
    const REFUSED: &'static [(&'static str, &'static str)] = &[("@ID@_TOKEN", "wrong")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.header("authorization")? {
            "Bearer right" => Ok(()),
            _ => Err(Answer::json(401, json!({ "message": "bad token" }))),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        let missing = || Answer::json(404, json!({ "message": "not found" }));
        match call.route()[..] {
            ["GET", "v1", "zones"] => {
                call.allow_parameters(&["page"])?;
                let page = call.parameter("page").and_then(|page| page.parse().ok()).unwrap_or(1);
                let (zones, more) = Call::page(&data.zones, page, 100);
                let names: Vec<&str> = zones.iter().map(|zone| zone.bare_name()).collect();
                Ok(Answer::json(200, json!({ "zones": names, "more": more })))
            }
            ["GET", "v1", "zones", zone] => {
                let zone = data.zone(zone).ok_or_else(missing)?;
                let records: Vec<Value> = zone.records.iter().map(show).collect();
                Ok(Answer::json(200, json!(records)).header("etag", zone.version.to_string()))
            }
            ["PUT", "v1", "zones", zone] => {
                let body = call.json()?;
                let zone = data.zone_mut(zone).ok_or_else(missing)?;
                if call.header("if-match")? != zone.version.to_string() {
                    return Err(Answer::json(412, json!({ "message": "the zone has changed" })));
                }
                zone.records.clear();
                for record in body.as_array().into_iter().flatten() {
                    let text = |key: &str| record[key].as_str().ok_or_else(|| call.wrong(key));
                    let ttl = record["ttl"].as_u64().filter(|ttl| (60..=86400).contains(ttl));
                    let ttl = ttl.ok_or_else(|| call.wrong("ttl"))?;
                    zone.add(text("name")?, text("type")?, ttl as u32, text("data")?);
                }
                Ok(Answer::empty(204))
            }
            _ => Err(call.unknown()),
        }
    }
}

fn show(record: &Record) -> Value {
    let Record { name, kind, ttl, value, .. } = record;
    json!({ "name": name, "type": kind, "ttl": ttl, "data": value })
}
