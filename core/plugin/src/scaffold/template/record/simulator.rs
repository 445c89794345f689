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
            ["GET", "v1", "zones", zone, "txt"] => {
                call.allow_parameters(&["name"])?;
                let zone = data.zone(zone).ok_or_else(missing)?;
                let owner = zone.owner(call.parameter("name").unwrap_or_default());
                Ok(Answer::json(200, zone.rrset(&owner, "TXT").into_iter().map(show).collect()))
            }
            ["POST", "v1", "zones", zone, "txt"] => {
                let body = call.json()?;
                let zone = data.zone_mut(zone).ok_or_else(missing)?;
                match (body["name"].as_str(), body["text"].as_str(), body["ttl"].as_u64()) {
                    (Some(name), Some(text), Some(ttl @ 60..=86400)) => {
                        let owner = zone.owner(name);
                        Ok(Answer::json(201, show(zone.add(&owner, "TXT", ttl as u32, text))))
                    }
                    _ => Err(Answer::json(422, json!({ "message": "invalid record" }))),
                }
            }
            ["DELETE", "v1", "zones", zone, "txt", record] => {
                let zone = data.zone_mut(zone).ok_or_else(missing)?;
                let removed = record.parse().ok().and_then(|id| zone.remove(id));
                removed.map(|_| Answer::empty(204)).ok_or_else(missing)
            }
            _ => Err(call.unknown()),
        }
    }
}

fn show(record: &Record) -> Value {
    json!({ "id": record.id, "name": record.name, "text": record.value, "ttl": record.ttl })
}
