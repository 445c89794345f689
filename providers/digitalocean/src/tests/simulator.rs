//! DigitalOcean's API v2, after its OpenAPI description and recorded answers.

use serde_json::{Value, json};
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Record, Simulator, Zone};

#[derive(Default)]
pub(crate) struct Vendor;

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[("DO_AUTH_TOKEN", "dop_v1_right")];
    const REFUSED: &'static [(&'static str, &'static str)] = &[("DO_AUTH_TOKEN", "dop_v1_wrong")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.header("authorization")?.strip_prefix("Bearer ") {
            Some("dop_v1_right") => Ok(()),
            Some(_) => Err(refusal(401, "unauthorized", "Unable to authenticate you.")),
            None => Err(call.wrong("not a bearer token")),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        if call.origin != "https://api.digitalocean.com" {
            return Err(call.unknown());
        }
        let missing =
            || refusal(404, "not_found", "The resource you were accessing could not be found.");
        match call.route()[..] {
            ["GET", "v2", "domains"] => {
                call.allow_parameters(&["page", "per_page"])?;
                page(call, "domains", data.zones.iter().map(domain).collect())
            }
            ["GET", "v2", "domains", name] => {
                let zone = data.zone(name).ok_or_else(missing)?;
                Ok(Answer::json(200, json!({ "domain": domain(zone) })))
            }
            ["GET", "v2", "domains", name, "records"] => {
                call.allow_parameters(&["type", "name", "page", "per_page"])?;
                let zone = data.zone(name).ok_or_else(missing)?;
                let wanted = |record: &&Record| {
                    let bare = record.name.trim_end_matches('.');
                    call.parameter("type").is_none_or(|kind| kind == record.kind)
                        // The filter takes whole names only, without the final dot.
                        && call.parameter("name").is_none_or(|name| name == bare)
                };
                let found = zone.records.iter().filter(wanted);
                page(call, "domain_records", found.map(|record| show(zone, record)).collect())
            }
            ["POST", "v2", "domains", name, "records"] => {
                let body = call.json()?;
                let zone = data.zone_mut(name).ok_or_else(missing)?;
                let text = |key: &str| body[key].as_str().filter(|text| !text.is_empty());
                let (Some(kind), Some(owner), Some(value)) =
                    (text("type"), text("name"), text("data"))
                else {
                    return Err(refusal(422, "unprocessable_entity", "Name can't be blank"));
                };
                let ttl = body["ttl"].as_u64().unwrap_or(1800);
                if ttl < 30 {
                    let words = "TTL must be greater than or equal to 30";
                    return Err(refusal(422, "unprocessable_entity", words));
                }
                let owner = match owner.strip_suffix('.') {
                    Some(whole) => whole.to_owned(),
                    None => zone.owner(owner),
                };
                let record = zone.add(&owner, kind, ttl as u32, value).clone();
                Ok(Answer::json(201, json!({ "domain_record": show(zone, &record) })))
            }
            ["DELETE", "v2", "domains", name, "records", id] => {
                let zone = data.zone_mut(name).ok_or_else(missing)?;
                let id = id.parse().map_err(|_| missing())?;
                zone.remove(id).map(|_| Answer::empty(204)).ok_or_else(missing)
            }
            _ => Err(call.unknown()),
        }
    }
}

fn domain(zone: &Zone) -> Value {
    json!({ "name": zone.bare_name(), "ttl": 1800, "zone_file": "$ORIGIN …" })
}

fn show(zone: &Zone, record: &Record) -> Value {
    let Record { id, kind, ttl, value, .. } = record;
    json!({
        "id": id, "type": kind, "name": zone.relative(record), "data": value, "priority": null,
        "port": null, "ttl": ttl, "weight": null, "flags": null, "tag": null,
    })
}

/// Pages of 20 unless asked for more, 200 at the most.
fn page(call: &Call, key: &str, all: Vec<Value>) -> Result<Answer, Answer> {
    let number = |name, default| {
        call.parameter(name).map_or(Ok(default), str::parse::<usize>).map_err(|_| call.unknown())
    };
    let (page, size) = (number("page", 1)?, number("per_page", 20)?.min(200));
    let (items, more) = Call::page(&all, page, size);
    let mut pages = json!({});
    if more {
        let next = format!("{}{}?page={}&per_page={size}", call.origin, call.path, page + 1);
        pages["next"] = next.into();
    }
    let links = json!({ "pages": pages });
    Ok(Answer::json(200, json!({ key: items, "links": links, "meta": { "total": all.len() } })))
}

fn refusal(status: u16, id: &str, message: &str) -> Answer {
    Answer::json(status, json!({ "id": id, "message": message }))
}
