//! ConoHa VPS 3.0's Identity and DNS APIs, after the vendor's reference and answers of its older region.

use serde_json::{Value, json};
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Record, Simulator, Zone};

const IDENTITY: &str = "https://identity.c3j1.conoha.io";
const DNS: &str = "https://dns-service.c3j1.conoha.io";
const DAY: u64 = 24 * 3600 * 1000;

/// The token and the moment until which it counts.
#[derive(Default)]
pub(crate) struct Vendor(Option<(String, u64)>);

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[
        ("CONOHAV3_TENANT_ID", "0c1d2e3f405142a9"),
        ("CONOHAV3_API_USER_ID", "a1b2c3d4e5f60718"),
        ("CONOHAV3_API_PASSWORD", "right-password"),
        ("CONOHAV3_REGION", "c3j1"),
    ];
    const REFUSED: &'static [(&'static str, &'static str)] =
        &[("CONOHAV3_API_PASSWORD", "wrong-password")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        if call.origin == IDENTITY {
            return Ok(());
        }
        let sent = call.header("x-auth-token")?;
        match &self.0 {
            Some((token, until)) if token == sent && call.now < *until => Ok(()),
            _ => Err(Answer::json(401, json!({"code": 401, "error": "Unauthorized"}))),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        let missing = |kind: &str| {
            Answer::json(404, json!({"code": 404, "type": kind, "request_id": "req-0000"}))
        };
        let zone_of = |uuid: &str| number(uuid, ZONES).ok_or_else(|| missing("domain_not_found"));
        match (call.origin.as_str(), &call.route()[..]) {
            (IDENTITY, ["POST", "v3", "auth", "tokens"]) => self.log_in(call),
            (DNS, ["GET", "v1", "domains"]) => {
                let zones = data.zones.iter().map(|zone| {
                    json!({
                        "uuid": uuid(zone.id, ZONES), "name": zone.name, "ttl": 3600,
                        "project_id": "0c1d2e3f405142a9", "serial": zone.version,
                        "email": "hostmaster@example.com", "created_at": "2026-01-02T03:04:05Z",
                    })
                });
                page(call, "domains", zones.collect())
            }
            (DNS, ["GET", "v1", "domains", zone, "records"]) => {
                let zone = data.zone_by_id(zone_of(zone)?);
                let zone = zone.ok_or_else(|| missing("domain_not_found"))?;
                page(call, "records", zone.records.iter().map(|r| show(zone, r)).collect())
            }
            (DNS, ["POST", "v1", "domains", zone, "records"]) => {
                let body = call.json()?;
                let zone = data.zone_by_id_mut(zone_of(zone)?);
                create(zone.ok_or_else(|| missing("domain_not_found"))?, &body)
            }
            (DNS, ["DELETE", "v1", "domains", zone, "records", record]) => {
                let zone = data.zone_by_id_mut(zone_of(zone)?);
                let zone = zone.ok_or_else(|| missing("domain_not_found"))?;
                let removed = number(record, RECORDS).and_then(|id| zone.remove(id));
                removed.map(|_| Answer::empty(204)).ok_or_else(|| missing("record_not_found"))
            }
            _ => Err(call.unknown()),
        }
    }
}

impl Vendor {
    fn log_in(&mut self, call: &Call) -> Result<Answer, Answer> {
        let mut body = call.json()?;
        let password = body["auth"]["identity"]["password"]["user"]["password"].take();
        let user = json!({"id": "a1b2c3d4e5f60718", "password": null});
        let identity = json!({"methods": ["password"], "password": {"user": user}});
        let project = json!({"id": "0c1d2e3f405142a9"});
        if body != json!({"auth": {"identity": identity, "scope": {"project": project}}}) {
            return Err(call.wrong("not a log-in with password and project"));
        }
        if password != "right-password" {
            let message = "The request you have made requires authentication.";
            let error = json!({"code": 401, "message": message, "title": "Unauthorized"});
            return Err(Answer::json(401, json!({"error": error})));
        }
        let token = format!("gAAAAAB-{}", call.now);
        self.0 = Some((token.clone(), call.now + DAY));
        let answer = Answer::json(201, json!({"token": {"methods": ["password"]}}));
        Ok(answer.header("x-subject-token", token))
    }
}

const ZONES: &str = "11111111-2222-4333-8444-";
const RECORDS: &str = "55555555-6666-4777-8888-";

fn uuid(id: u64, kind: &str) -> String {
    format!("{kind}{id:012}")
}

fn number(uuid: &str, kind: &str) -> Option<u64> {
    uuid.strip_prefix(kind)?.parse().ok()
}

/// Of at most 100 objects.
fn page(call: &Call, key: &str, all: Vec<Value>) -> Result<Answer, Answer> {
    call.allow_parameters(&["limit", "offset", "sort_type", "sort_key"])?;
    let parameter = |name: &str, default| match call.parameter(name) {
        Some(text) => text.parse::<usize>().map_err(|_| call.wrong(format!("{name}: {text}"))),
        None => Ok(default),
    };
    let (offset, limit) = (parameter("offset", 0)?, parameter("limit", 100)?.min(100));
    let shown: Vec<&Value> = all.iter().skip(offset).take(limit).collect();
    Ok(Answer::json(200, json!({key: shown, "total_count": all.len()})))
}

fn show(zone: &Zone, record: &Record) -> Value {
    let Record { id, name, kind, ttl, value, .. } = record;
    json!({
        "uuid": uuid(*id, RECORDS), "domain_id": uuid(zone.id, ZONES), "name": name, "type": kind,
        "data": value, "ttl": ttl, "priority": null, "description": null, "updated_at": null,
        "created_at": "2026-01-02T03:04:05Z",
    })
}

fn create(zone: &mut Zone, body: &Value) -> Result<Answer, Answer> {
    let refused = |status: u16, kind: &str| {
        Answer::json(status, json!({"code": status, "type": kind, "request_id": "req-0000"}))
    };
    let text = |key: &str| body[key].as_str().filter(|text| !text.is_empty());
    let (Some(name), Some(kind), Some(value)) = (text("name"), text("type"), text("data")) else {
        return Err(refused(400, "invalid_object"));
    };
    let ttl = body["ttl"].as_u64().unwrap_or(3600) as u32;
    if ttl < 60 || !name.ends_with(&zone.name) {
        return Err(refused(400, "invalid_object"));
    }
    if zone.rrset(name, kind).iter().any(|record| record.value == value) {
        return Err(refused(409, "duplicate_record"));
    }
    let record = zone.add(name, kind, ttl, value).clone();
    Ok(Answer::json(200, show(zone, &record)))
}
