//! Cloudflare's API v4, after its OpenAPI description and recorded answers.

use serde_json::{Value, json};
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Record, Simulator, Zone};

#[derive(Default)]
pub(crate) struct Vendor;

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] =
        &[("CLOUDFLARE_DNS_API_TOKEN", "right-token")];
    const REFUSED: &'static [(&'static str, &'static str)] =
        &[("CLOUDFLARE_DNS_API_TOKEN", "wrong-token")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.header("authorization")?.strip_prefix("Bearer ") {
            Some("right-token") => Ok(()),
            Some(_) => Err(refusal(403, 9109, "Invalid access token")),
            None => Err(call.wrong("not a bearer token")),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        if call.origin != "https://api.cloudflare.com" {
            return Err(call.unknown());
        }
        let route = call.route();
        let [method, "client", "v4", "zones", rest @ ..] = &route[..] else {
            return Err(call.unknown());
        };
        let Some((id, rest)) = rest.split_first() else {
            if *method != "GET" {
                return Err(call.unknown());
            }
            call.allow_parameters(&["name", "page", "per_page"])?;
            let wanted =
                |zone: &&Zone| call.parameter("name").is_none_or(|name| name == zone.bare_name());
            return page(call, data.zones.iter().filter(wanted).map(show_zone).collect(), 50);
        };
        let zone = number(id).and_then(|id| data.zone_by_id_mut(id)).ok_or_else(|| {
            let path = call.path.trim_start_matches("/client/v4");
            let words =
                format!("Could not route to {path}, perhaps your object identifier is invalid?");
            refusal(404, 7003, &words)
        })?;
        match (*method, rest) {
            ("GET", ["dns_records"]) => {
                call.allow_parameters(&["type", "name", "content", "page", "per_page"])?;
                let is = |name, value: &str| call.parameter(name).is_none_or(|v| v == value);
                let wanted = |record: &&Record| {
                    is("type", &record.kind)
                        && is("name", record.name.trim_end_matches('.'))
                        && is("content", &record.value)
                };
                let found = zone.records.iter().filter(wanted);
                // The vendor has pages of up to five million.
                page(call, found.map(show).collect(), 100)
            }
            ("POST", ["dns_records"]) => Ok(success(create(call, zone, &call.json()?)?)),
            ("DELETE", ["dns_records", id]) => Ok(success(delete(zone, id)?)),
            ("POST", ["dns_records", "batch"]) => batch(call, zone),
            _ => Err(call.unknown()),
        }
    }
}

/// Deletions come first; all of it happens or none.
fn batch(call: &Call, zone: &mut Zone) -> Result<Answer, Answer> {
    let body = call.json()?;
    let parts = body.as_object().ok_or_else(|| call.wrong("no object"))?;
    if let Some(part) = parts.keys().find(|part| !["deletes", "posts"].contains(&part.as_str())) {
        return Err(call.wrong(format!("unknown part `{part}` of a batch")));
    }
    let list = |part: &str| body[part].as_array().cloned().unwrap_or_default();
    if list("deletes").len() + list("posts").len() > 200 {
        return Err(refusal(400, 9207, "Too many changes in the batch."));
    }
    let mut after = zone.clone();
    let mut deleted = Vec::new();
    for entry in list("deletes") {
        let id = entry["id"].as_str().ok_or_else(|| call.wrong("a deletion without `id`"))?;
        deleted.push(delete(&mut after, id)?);
    }
    let mut created = Vec::new();
    for entry in list("posts") {
        created.push(create(call, &mut after, &entry)?);
    }
    *zone = after;
    let some = |list: Vec<Value>| if list.is_empty() { Value::Null } else { list.into() };
    Ok(success(json!({
        "deletes": some(deleted), "patches": null, "puts": null, "posts": some(created),
    })))
}

fn create(call: &Call, zone: &mut Zone, body: &Value) -> Result<Value, Answer> {
    let known =
        ["type", "name", "content", "ttl", "data", "comment", "proxied", "settings", "tags"];
    let fields = body.as_object().ok_or_else(|| call.wrong("no record"))?;
    if let Some(field) = fields.keys().find(|field| !known.contains(&field.as_str())) {
        return Err(call.wrong(format!("unknown field `{field}` of a record")));
    }
    let text =
        |field: &str| body[field].as_str().ok_or_else(|| call.wrong(format!("no `{field}`")));
    let (kind, owner, content) = (text("type")?, text("name")?, text("content")?);
    let ttl = body["ttl"].as_u64().unwrap_or(1);
    if ttl != 1 && !(60..=86_400).contains(&ttl) {
        let words = "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.";
        return Err(refusal(400, 9021, words));
    }
    if owner != zone.bare_name() && !owner.ends_with(&format!(".{}", zone.bare_name())) {
        return Err(call.wrong(format!("`{owner}` is not a whole name in the zone")));
    }
    // Quotes are the form of a zone file; a text without them is taken too.
    let value = content.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let value = value.unwrap_or(content);
    if zone.rrset(owner, kind).iter().any(|record| record.value == value) {
        return Err(refusal(400, 81058, "An identical record already exists."));
    }
    Ok(show(zone.add(owner, kind, ttl as u32, value)))
}

fn delete(zone: &mut Zone, id: &str) -> Result<Value, Answer> {
    let removed = number(id).and_then(|id| zone.remove(id));
    removed
        .map(|_| json!({ "id": id }))
        .ok_or_else(|| refusal(404, 81044, "Record does not exist."))
}

/// The number in an identifier, which has 32 hexadecimal digits.
fn number(id: &str) -> Option<u64> {
    id.parse().ok().filter(|_| id.len() == 32)
}

fn show_zone(zone: &Zone) -> Value {
    let id = format!("{:032}", zone.id);
    json!({
        "id": id, "name": zone.bare_name(), "status": "active", "paused": false, "type": "full",
        "permissions": ["#dns_records:edit", "#dns_records:read", "#zone:read"],
    })
}

fn show(record: &Record) -> Value {
    let Record { id, name, kind, ttl, value } = record;
    let content = if kind == "TXT" { format!("\"{value}\"") } else { value.clone() };
    json!({
        "id": format!("{id:032}"), "name": name.trim_end_matches('.'), "type": kind,
        "content": content, "proxiable": false, "proxied": false, "ttl": ttl, "settings": {},
        "meta": {}, "comment": null, "tags": [],
    })
}

/// A page of the size that was asked for, at the most `largest`.
fn page(call: &Call, all: Vec<Value>, largest: usize) -> Result<Answer, Answer> {
    let number = |name, default| {
        call.parameter(name).map_or(Ok(default), str::parse::<usize>).map_err(|_| call.unknown())
    };
    let (page, size) = (number("page", 1)?, number("per_page", 20)?.clamp(1, largest));
    let (items, _) = Call::page(&all, page, size);
    let (count, total) = (items.len(), all.len());
    Ok(Answer::json(
        200,
        json!({
            "result": items, "success": true, "errors": [], "messages": [],
            "result_info": {
                "page": page, "per_page": size, "count": count, "total_count": total,
                "total_pages": total.div_ceil(size).max(1),
            },
        }),
    ))
}

fn success(result: Value) -> Answer {
    Answer::json(200, json!({ "result": result, "success": true, "errors": [], "messages": [] }))
}

fn refusal(status: u16, code: u64, message: &str) -> Answer {
    let errors = json!([{ "code": code, "message": message }]);
    Answer::json(
        status,
        json!({ "result": null, "success": false, "errors": errors, "messages": [] }),
    )
}
