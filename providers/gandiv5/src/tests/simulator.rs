//! Gandi's LiveDNS API v5, after its documentation and recorded answers.

use serde_json::{Value, json};
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Simulator, Zone};

#[derive(Default)]
pub(crate) struct Vendor;

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] =
        &[("GANDIV5_PERSONAL_ACCESS_TOKEN", "pat_right")];
    const REFUSED: &'static [(&'static str, &'static str)] =
        &[("GANDIV5_PERSONAL_ACCESS_TOKEN", "pat_wrong")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.header("authorization")?.split_once(' ') {
            Some(("Bearer", "pat_right")) => Ok(()),
            Some(("Bearer", _)) => {
                let words = "Access was denied to this resource.";
                Err(refusal(403, "Forbidden", "HTTPForbidden", words))
            }
            _ => Err(call.wrong("not a bearer token")),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        if call.origin != "https://api.gandi.net" {
            return Err(call.unknown());
        }
        let no_domain =
            || refusal(404, "Not Found", "HTTPNotFound", "The resource could not be found.");
        let no_record = |name: &str| {
            let words = format!("Can't find the DNS record {name}/TXT in the zone");
            refusal(404, "Not Found", "dns-record", &words)
        };
        match call.route()[..] {
            ["GET", "v5", "livedns", "domains"] => {
                call.allow_parameters(&["page", "per_page"])?;
                let number = |name, default| {
                    let number = call.parameter(name).map_or(Ok(default), str::parse);
                    number.map_err(|_| call.unknown())
                };
                let (page, size) = (number("page", 1)?, number("per_page", 100)?);
                let (zones, _) = Call::page(&data.zones, page, size.min(100));
                let zones: Vec<Value> = zones.iter().map(domain).collect();
                Ok(Answer::json(200, json!(zones)))
            }
            ["GET", "v5", "livedns", "domains", name] => {
                let zone = data.zone(name).ok_or_else(no_domain)?;
                Ok(Answer::json(200, domain(zone)))
            }
            ["GET", "v5", "livedns", "domains", domain, "records", name, "TXT"] => {
                let zone = data.zone(domain).ok_or_else(no_domain)?;
                let records = zone.rrset(&zone.owner(name), "TXT");
                let first = records.first().ok_or_else(|| no_record(name))?;
                let values: Vec<String> =
                    records.iter().map(|record| format!("{:?}", record.value)).collect();
                Ok(Answer::json(
                    200,
                    json!({
                        "rrset_name": name, "rrset_type": "TXT", "rrset_ttl": first.ttl,
                        "rrset_values": values, "rrset_href": format!("{}{}", call.origin, call.path),
                    }),
                ))
            }
            ["PUT", "v5", "livedns", "domains", domain, "records", name, "TXT"] => {
                let body = call.json()?;
                let zone = data.zone_mut(domain).ok_or_else(no_domain)?;
                let ttl = body["rrset_ttl"].as_u64().unwrap_or(10_800);
                if !(300..=2_592_000).contains(&ttl) {
                    return Err(fault("rrset_ttl", "not between 300 and 2592000"));
                }
                let values = body["rrset_values"].as_array().filter(|values| !values.is_empty());
                let text = |value: &Value| Some(text(value.as_str()?)?.to_owned());
                let values: Option<Vec<String>> =
                    values.and_then(|values| values.iter().map(text).collect());
                let Some(values) = values else {
                    return Err(fault("rrset_values", "This field is required"));
                };
                zone.replace(&zone.owner(name), "TXT", ttl as u32, &values);
                Ok(Answer::json(201, json!({ "message": "DNS Record Created" })))
            }
            ["DELETE", "v5", "livedns", "domains", domain, "records", name, "TXT"] => {
                let zone = data.zone_mut(domain).ok_or_else(no_domain)?;
                let owner = zone.owner(name);
                if zone.rrset(&owner, "TXT").is_empty() {
                    return Err(no_record(name));
                }
                zone.replace(&owner, "TXT", 0, &[]);
                Ok(Answer::empty(204))
            }
            _ => Err(call.unknown()),
        }
    }
}

/// The one text of a value, which is bare or in quotes.
fn text(value: &str) -> Option<&str> {
    let text = match value.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => Some(value).filter(|value| !value.contains(' '))?,
    };
    (!text.contains(['"', '\\'])).then_some(text)
}

fn domain(zone: &Zone) -> Value {
    let href = format!("https://api.gandi.net/v5/livedns/domains/{}", zone.bare_name());
    json!({
        "fqdn": zone.bare_name(), "automatic_snapshots": true, "domain_href": href,
        "domain_keys_href": format!("{href}/keys"), "domain_records_href": format!("{href}/records"),
    })
}

fn refusal(status: u16, cause: &str, object: &str, message: &str) -> Answer {
    let body = json!({ "code": status, "message": message, "object": object, "cause": cause });
    Answer::json(status, body)
}

fn fault(field: &str, description: &str) -> Answer {
    let errors = json!([{ "location": "body", "name": field, "description": description }]);
    Answer::json(
        400,
        json!({
            "code": 400, "message": "Error", "object": "HTTPBadRequest", "cause": "Bad Request",
            "errors": errors,
        }),
    )
}
