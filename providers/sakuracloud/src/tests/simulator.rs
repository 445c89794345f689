//! SAKURA Cloud's API 1.1, after the vendor's Go client and its users' notes of real answers.

use serde_json::{Value, json};
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Record, Simulator, Zone};

#[derive(Default)]
pub(crate) struct Vendor;

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[
        ("SAKURACLOUD_ACCESS_TOKEN", "5f6b0d2e-token"),
        ("SAKURACLOUD_ACCESS_TOKEN_SECRET", "right-secret"),
    ];
    const REFUSED: &'static [(&'static str, &'static str)] =
        &[("SAKURACLOUD_ACCESS_TOKEN_SECRET", "wrong-secret")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.header("authorization")? {
            // 5f6b0d2e-token:right-secret
            "Basic NWY2YjBkMmUtdG9rZW46cmlnaHQtc2VjcmV0" => Ok(()),
            other if other.starts_with("Basic ") => {
                Err(refusal(401, "unauthorized", "error-unauthorized"))
            }
            _ => Err(call.wrong("no basic authentication")),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        let missing = || refusal(404, "not_found", "対象が見つかりません。");
        let path = "/cloud/zone/is1a/api/cloud/1.1/commonserviceitem";
        if call.origin != "https://secure.sakura.ad.jp" || !call.path.starts_with(path) {
            return Err(call.unknown());
        }
        let id = call.path[path.len()..].strip_prefix('/');
        if id.is_some() {
            call.allow_parameters(&[])?;
        }
        // A zone's number is the item's without the leading digits.
        let id = id.map(|id| id.strip_prefix("1130").unwrap_or("").parse::<u64>());
        match (call.method.as_str(), id) {
            ("GET", None) => list(call, data),
            ("GET", Some(id)) => {
                let id = id.map_err(|_| missing())?;
                let zone = data.zone_by_id(id).ok_or_else(missing)?;
                Ok(Answer::json(200, json!({"CommonServiceItem": show(zone), "is_ok": true})))
            }
            ("PUT", Some(id)) => {
                let id = id.map_err(|_| missing())?;
                let zone = data.zone_by_id_mut(id).ok_or_else(missing)?;
                let item = &call.json()?["CommonServiceItem"];
                match item["SettingsHash"].as_str() {
                    None => return Err(call.wrong("no SettingsHash")),
                    Some(sent) if sent != hash(zone) => {
                        return Err(refusal(409, "conflict", "要求は競合しました。"));
                    }
                    Some(_) => {}
                }
                replace(call, zone, &item["Settings"]["DNS"])?;
                let body = json!({
                    "CommonServiceItem": show(zone), "Success": true, "is_ok": true
                });
                Ok(Answer::json(200, body))
            }
            _ => Err(call.unknown()),
        }
    }
}

/// The query is a JSON text: `Filter`, `From` and `Count`. `+` is not taken for a space.
fn list(call: &Call, data: &Data) -> Result<Answer, Answer> {
    let wanted: Value = match call.query.as_slice() {
        [] => json!({}),
        [(text, _)] if !call.raw_query.contains('+') => serde_json::from_str(text)
            .map_err(|error| call.wrong(format!("a query that is not JSON: {error}")))?,
        _ => return Err(call.wrong("a query that is not one JSON text")),
    };
    let known = |key: &String| ["Filter", "From", "Count"].contains(&key.as_str());
    if !wanted.as_object().is_some_and(|wanted| wanted.keys().all(known)) {
        return Err(call.wrong(format!("unknown conditions {wanted}")));
    }
    if wanted["Filter"] != json!({"Provider.Class": "dns"}) {
        return Err(call.wrong("a listing of more than the zones"));
    }
    let number = |key: &str, default| wanted[key].as_u64().unwrap_or(default) as usize;
    let (from, count) = (number("From", 0), number("Count", 100).clamp(1, 100));
    let items: Vec<Value> = data.zones.iter().skip(from).take(count).map(show).collect();
    let body = json!({
        "From": from, "Count": items.len(), "Total": data.zones.len(),
        "CommonServiceItems": items, "is_ok": true,
    });
    Ok(Answer::json(200, body))
}

/// The records of the apex's name servers are not among the settings.
fn is_setting(zone: &Zone, record: &Record) -> bool {
    record.kind != "NS" || record.name != zone.name
}

fn show(zone: &Zone) -> Value {
    let records = zone.records.iter().filter(|record| is_setting(zone, record));
    let records = records.map(|record| {
        let Record { kind, ttl, value, .. } = record;
        let mut shown = json!({"Name": zone.relative(record), "Type": kind, "RData": value});
        // That of the zone is not told.
        if *ttl != 3600 {
            shown["TTL"] = (*ttl).into();
        }
        shown
    });
    json!({
        "ID": format!("1130{}", zone.id), "Name": zone.bare_name(), "Description": "", "Tags": [],
        "Settings": {
            "DNS": {
                "ResourceRecordSets": records.collect::<Vec<_>>(),
                "MonitoringSuiteLog": {"Enabled": "True"},
            },
        },
        "SettingsHash": hash(zone),
        "Status": {"Zone": zone.bare_name(), "NS": ["ns1.vendor.example", "ns2.vendor.example"]},
        "ServiceClass": "cloud/dns", "Availability": "available", "Icon": null,
        "Provider": {"ID": 4000001, "Class": "dns", "Name": "vendor.example", "ServiceClass": "cloud/dns"},
    })
}

fn hash(zone: &Zone) -> String {
    format!("{:032x}", zone.id * 1000 + zone.version)
}

fn replace(call: &Call, zone: &mut Zone, settings: &Value) -> Result<(), Answer> {
    if settings["MonitoringSuiteLog"]["Enabled"] != "True" {
        return Err(call.wrong("a change that switches the zone's log off"));
    }
    let records = settings["ResourceRecordSets"].as_array();
    let records = records.ok_or_else(|| call.wrong("no ResourceRecordSets"))?;
    let mut parsed = Vec::new();
    for record in records {
        let text = |key: &str| record[key].as_str().filter(|text| !text.is_empty());
        let ttl = record["TTL"].as_u64().unwrap_or(3600) as u32;
        let (Some(name), Some(kind), Some(data)) = (text("Name"), text("Type"), text("RData"))
        else {
            return Err(refusal(400, "bad_request", "不適切な要求です。"));
        };
        if name.ends_with('.') || (kind == "TXT" && data.contains(['"', '\\'])) {
            return Err(refusal(400, "bad_request", "不適切な要求です。"));
        }
        parsed.push((zone.owner(name), kind, ttl, data));
    }
    let old: Vec<u64> = zone.records.iter().filter(|r| is_setting(zone, r)).map(|r| r.id).collect();
    old.into_iter().for_each(|id| drop(zone.remove(id)));
    for (name, kind, ttl, data) in parsed {
        zone.add(&name, kind, ttl, data);
    }
    Ok(())
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let reason = match status {
        400 => "400 Bad Request",
        401 => "401 Unauthorized",
        404 => "404 Not Found",
        _ => "409 Conflict",
    };
    let body = json!({
        "is_fatal": true, "serial": "0f1e2d3c4b5a69788796a5b4c3d2e1f0", "status": reason,
        "error_code": code, "error_msg": message,
    });
    Answer::json(status, body)
}
