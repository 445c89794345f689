//! The API of @Name@ in memory, after its documentation.

use serde_json::json;
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Simulator};

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
                let zone = data.zone(zone).ok_or_else(missing)?;
                let owner = zone.owner(call.parameter("name").unwrap_or_default());
                let found = zone.rrset(&owner, "TXT");
                let values: Vec<&str> = found.iter().map(|record| record.value.as_str()).collect();
                let ttl = found.first().map_or(0, |record| record.ttl);
                Ok(Answer::json(200, json!({ "ttl": ttl, "values": values })))
            }
            ["PUT", "v1", "zones", zone, "txt"] => {
                let body = call.json()?;
                let zone = data.zone_mut(zone).ok_or_else(missing)?;
                let owner = zone.owner(call.parameter("name").unwrap_or_default());
                let values = serde_json::from_value::<Vec<String>>(body["values"].clone()).ok();
                match (values, body["ttl"].as_u64()) {
                    (Some(values), Some(ttl @ 60..=86400)) => {
                        zone.replace(&owner, "TXT", ttl as u32, &values);
                        Ok(Answer::empty(204))
                    }
                    _ => Err(Answer::json(422, json!({ "message": "invalid RRset" }))),
                }
            }
            _ => Err(call.unknown()),
        }
    }
}
