//! OVHcloud's API 1.0, after its description and documentation.
//!
//! The zone's servers get what was changed only with its next refresh: until then a new record is of
//! the kind `TXT, not published`, and a deleted one is still there.

use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Record, Simulator, Zone};

const DRAFT: &str = "TXT, not published";

#[derive(Default)]
pub(crate) struct Vendor {
    /// The records to be taken away by the next refresh.
    deleted: Vec<u64>,
}

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[
        ("OVH_APPLICATION_KEY", "right-application"),
        ("OVH_APPLICATION_SECRET", "right-secret"),
        ("OVH_CONSUMER_KEY", "right-consumer"),
    ];
    const REFUSED: &'static [(&'static str, &'static str)] =
        &[("OVH_APPLICATION_SECRET", "wrong-secret")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        let (application, consumer) =
            (call.header("x-ovh-application")?, call.header("x-ovh-consumer")?);
        if application != "right-application" || consumer != "right-consumer" {
            return Err(refusal(403, "INVALID_CREDENTIAL", "This credential is not valid"));
        }
        let time = call.header("x-ovh-timestamp")?;
        let seconds: u64 = time.parse().map_err(|_| call.wrong("a time that is no number"))?;
        if seconds.abs_diff(call.now / 1000) > 60 {
            return Err(refusal(400, "QUERY_TIME_OUT", "Query out of time"));
        }
        let mut url = format!("{}{}", call.origin, call.path);
        if !call.raw_query.is_empty() {
            url = format!("{url}?{}", call.raw_query);
        }
        let (method, body) = (&call.method, call.text()?);
        let signed = format!("right-secret+{consumer}+{method}+{url}+{body}+{time}");
        let expected: String =
            Sha1::digest(signed).iter().map(|octet| format!("{octet:02x}")).collect();
        match call.header("x-ovh-signature")?.strip_prefix("$1$") {
            Some(signature) if signature == expected => Ok(()),
            Some(_) => Err(refusal(400, "INVALID_SIGNATURE", "Invalid signature")),
            None => Err(call.wrong("a signature of another version")),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        if call.origin != "https://eu.api.ovh.com" {
            return Err(call.unknown());
        }
        let no_zone = || refusal(404, "NOT_FOUND", "This service does not exist");
        let no_record = |id: &str| {
            let words = format!("The requested object (id = {id}) does not exist");
            refusal(404, "NOT_FOUND", &words)
        };
        match call.route()[..] {
            ["GET", "1.0", "domain", "zone"] => {
                let names: Vec<&str> = data.zones.iter().map(Zone::bare_name).collect();
                Ok(Answer::json(200, json!(names)))
            }
            ["GET", "1.0", "domain", "zone", name] => {
                let zone = data.zone(name).ok_or_else(no_zone)?;
                Ok(Answer::json(
                    200,
                    json!({
                        "name": zone.bare_name(), "hasDnsAnycast": false, "dnssecSupported": true,
                        "lastUpdate": "2026-02-03T04:05:06+01:00",
                        "nameServers": ["dns1.vendor.example", "ns1.vendor.example"],
                    }),
                ))
            }
            ["GET", "1.0", "domain", "zone", name, "record"] => {
                call.allow_parameters(&["fieldType", "subDomain"])?;
                let zone = data.zone(name).ok_or_else(no_zone)?;
                let wanted = |record: &&Record| {
                    let (kind, owner) = (call.parameter("fieldType"), call.parameter("subDomain"));
                    kind.is_none_or(|wanted| wanted == field_type(record))
                        && owner.is_none_or(|pattern| is_like(sub_domain(zone, record), pattern))
                };
                let there = zone.records.iter().filter(|record| !self.deleted.contains(&record.id));
                let ids: Vec<u64> = there.filter(wanted).map(|record| record.id).collect();
                Ok(Answer::json(200, json!(ids)))
            }
            ["POST", "1.0", "domain", "zone", name, "record"] => {
                let body = call.json()?;
                let zone = data.zone_mut(name).ok_or_else(no_zone)?;
                let (Some("TXT"), Some(target)) =
                    (body["fieldType"].as_str(), body["target"].as_str())
                else {
                    return Err(refusal(400, "BAD_REQUEST", "Missing mandatory parameter"));
                };
                let ttl = body["ttl"].as_u64().unwrap_or(3600);
                if ttl != 0 && ttl < 60 {
                    return Err(refusal(400, "BAD_REQUEST", "TTL must be 60 seconds at the least"));
                }
                let target = match target.strip_prefix('"') {
                    Some(rest) => {
                        rest.strip_suffix('"').ok_or_else(|| call.wrong("an open quote"))?
                    }
                    None => target,
                };
                let owner = zone.owner(body["subDomain"].as_str().unwrap_or_default());
                let record = zone.add(&owner, DRAFT, ttl as u32, target).clone();
                Ok(Answer::json(200, show(zone, &record)))
            }
            ["GET", "1.0", "domain", "zone", name, "record", id] => {
                let zone = data.zone(name).ok_or_else(no_zone)?;
                let record = self.find(zone, id).ok_or_else(|| no_record(id))?;
                Ok(Answer::json(200, show(zone, record)))
            }
            ["DELETE", "1.0", "domain", "zone", name, "record", id] => {
                let zone = data.zone(name).ok_or_else(no_zone)?;
                let record = self.find(zone, id).ok_or_else(|| no_record(id))?;
                self.deleted.push(record.id);
                Ok(Answer::json(200, Value::Null))
            }
            ["POST", "1.0", "domain", "zone", name, "refresh"] => {
                let zone = data.zone_mut(name).ok_or_else(no_zone)?;
                zone.records.retain(|record| !self.deleted.contains(&record.id));
                let drafts = zone.records.iter_mut().filter(|record| record.kind == DRAFT);
                drafts.for_each(|record| record.kind = "TXT".to_owned());
                Ok(Answer::json(200, Value::Null))
            }
            _ => Err(call.unknown()),
        }
    }
}

impl Vendor {
    fn find<'a>(&self, zone: &'a Zone, id: &str) -> Option<&'a Record> {
        zone.record(id.parse().ok()?).filter(|record| !self.deleted.contains(&record.id))
    }
}

/// SQL's LIKE, without regard to case: `_` is any character, `%` any text.
fn is_like(text: &str, pattern: &str) -> bool {
    let Some(first) = pattern.chars().next() else { return text.is_empty() };
    let rest = &pattern[first.len_utf8()..];
    if first == '%' {
        return text.char_indices().any(|(at, _)| is_like(&text[at..], rest)) || rest.is_empty();
    }
    let mut characters = text.chars();
    let fits = characters.next().is_some_and(|c| first == '_' || c.eq_ignore_ascii_case(&first));
    fits && is_like(characters.as_str(), rest)
}

fn field_type(record: &Record) -> &str {
    if record.kind == DRAFT { "TXT" } else { &record.kind }
}

fn sub_domain<'a>(zone: &Zone, record: &'a Record) -> &'a str {
    match zone.relative(record) {
        "@" => "",
        relative => relative,
    }
}

/// OVHcloud puts the targets of TXT records into quotes.
fn show(zone: &Zone, record: &Record) -> Value {
    let target = match field_type(record) {
        "TXT" => format!("{:?}", record.value),
        _ => record.value.clone(),
    };
    json!({
        "id": record.id, "fieldType": field_type(record), "subDomain": sub_domain(zone, record),
        "target": target, "ttl": record.ttl, "zone": zone.bare_name(),
    })
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let reason = match status {
        400 => "Bad Request",
        403 => "Forbidden",
        _ => "Not Found",
    };
    let body =
        json!({ "message": message, "httpCode": format!("{status} {reason}"), "errorCode": code });
    Answer::json(status, body)
}
