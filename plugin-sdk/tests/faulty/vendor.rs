//! A vendor that nobody has.

use serde_json::{Value, json};
use wildcert_plugin_sdk::testing::{
    Answer, Call, Data, Record, Simulator,
    conformance::Trial::{self, PresentOne},
};

/// Each record is its own object, and the same value may stand there twice.
#[derive(Default)]
pub(crate) struct Vendor;

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[("KEY", "right")];
    const REFUSED: &'static [(&'static str, &'static str)] = &[("KEY", "wrong")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.header("x-key")? {
            "right" => Ok(()),
            _ => Err(Answer::json(401, json!({ "error": "unknown key" }))),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        if call.origin != "https://api.vendor.example" {
            return Err(call.unknown());
        }
        let missing = || Answer::json(404, json!({ "error": "not found" }));
        let number = |text: &str| text.parse().map_err(|_| missing());
        match call.route()[..] {
            ["GET", "zones"] => {
                call.allow_parameters(&["page"])?;
                let page = call.parameter("page").and_then(|page| page.parse().ok()).unwrap_or(1);
                let (zones, more) = Call::page(&data.zones, page, 100);
                let zones = zones.iter().map(|zone| json!({ "id": zone.id, "name": zone.name }));
                let zones: Vec<Value> = zones.collect();
                Ok(Answer::json(200, json!({ "zones": zones, "more": more })))
            }
            ["GET", "zones", zone, "texts"] => {
                call.allow_parameters(&[])?;
                let zone = data.zone_by_id(number(zone)?).ok_or_else(missing)?;
                let texts = zone.records.iter().filter(|record| record.kind == "TXT");
                let show = |Record { id, name, value, .. }: &Record| json!({ "id": id, "owner": name, "value": value });
                Ok(Answer::json(200, texts.map(show).collect()))
            }
            ["POST", "zones", zone, "texts"] => {
                let body = call.json()?;
                let zone = data.zone_by_id_mut(number(zone)?).ok_or_else(missing)?;
                let (Some(owner), Some(value), Some(ttl), 3) = (
                    body["owner"].as_str(),
                    body["value"].as_str(),
                    body["ttl"].as_u64(),
                    body.as_object().map_or(0, |fields| fields.len()),
                ) else {
                    return Err(call.wrong("a text has owner, value and ttl"));
                };
                let id = zone.add(owner, "TXT", ttl as u32, value).id;
                Ok(Answer::json(201, json!({ "id": id })))
            }
            ["DELETE", "zones", zone, "texts", id] => {
                let zone = data.zone_by_id_mut(number(zone)?).ok_or_else(missing)?;
                zone.remove(number(id)?).map(|_| Answer::empty(204)).ok_or_else(missing)
            }
            _ => Err(call.unknown()),
        }
    }
}

/// The same, which excepts what providers can do very well.
#[derive(Default)]
pub(crate) struct Lenient(Vendor);

impl Simulator for Lenient {
    const SETTINGS: &'static [(&'static str, &'static str)] = Vendor::SETTINGS;
    const REFUSED: &'static [(&'static str, &'static str)] = Vendor::REFUSED;
    const EXCEPTIONS: &'static [(Trial, &'static str)] = &[(PresentOne, "it takes no texts")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        self.0.authorize(call)
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        self.0.answer(call, data)
    }
}
