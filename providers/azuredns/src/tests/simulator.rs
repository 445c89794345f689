//! Azure Resource Manager, after its description of Azure DNS and recorded answers.

use serde_json::{Value, json};
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Record, Simulator, Zone};

const GROUP: &str = "/subscriptions/5ab5c21e/resourceGroups/names/providers/Microsoft.Network";

#[derive(Default)]
pub(crate) struct Vendor;

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[
        ("AZURE_TENANT_ID", "7e4a47"),
        ("AZURE_CLIENT_ID", "c11e47"),
        ("AZURE_CLIENT_SECRET", "right~secret"),
        ("AZURE_SUBSCRIPTION_ID", "5ab5c21e"),
        ("AZURE_RESOURCE_GROUP", "names"),
    ];
    const REFUSED: &'static [(&'static str, &'static str)] =
        &[("AZURE_CLIENT_SECRET", "wrong~secret")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.origin.as_str() {
            "https://login.microsoftonline.com" => Ok(()),
            "https://management.azure.com" => match call.header("authorization")? {
                "Bearer eyJ0.right" => Ok(()),
                _ => {
                    Err(failure(401, "InvalidAuthenticationToken", "The access token is invalid."))
                }
            },
            _ => Err(call.unknown()),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        if let ["POST", "7e4a47", "oauth2", "v2.0", "token"] = call.route()[..] {
            return log_in(call);
        }
        call.allow_parameters(&["api-version", "$skipToken"])?;
        if call.parameter("api-version") != Some("2018-05-01") {
            return Err(call.wrong("another version of the API"));
        }
        // Names of Azure are the same in any case.
        let path = call.path.to_ascii_lowercase();
        let group = GROUP.to_ascii_lowercase();
        if path == "/subscriptions/5ab5c21e/providers/microsoft.network/dnszones" {
            return list(call, data);
        }
        let rest = path.strip_prefix(&group).and_then(|rest| rest.strip_prefix("/dnszones"));
        let parts: Vec<&str> = rest.ok_or_else(|| call.unknown())?.split('/').skip(1).collect();
        match (call.method.as_str(), &parts[..]) {
            ("GET", []) => list(call, data),
            ("GET", [name]) => {
                let zone = data.zone(name);
                zone.map(|zone| Answer::json(200, show(zone))).ok_or_else(|| {
                    let words =
                        format!("The Resource '{name}' under resource group was not found.");
                    failure(404, "ResourceNotFound", &words)
                })
            }
            (method, [name, "txt", relative]) => match data.zone_mut(name) {
                Some(zone) => record_set(call, method, zone, relative),
                None => Err(failure(404, "ParentResourceNotFound", "Parent resource not found.")),
            },
            _ => Err(call.unknown()),
        }
    }
}

fn log_in(call: &Call) -> Result<Answer, Answer> {
    let form = call.form()?;
    let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    let known = [
        ("grant_type", "client_credentials"),
        ("client_id", "c11e47"),
        ("scope", "https://management.azure.com/.default"),
    ];
    if form.len() != 4 || known.iter().any(|(name, value)| field(name) != *value) {
        return Err(call.wrong("not a client's log-in for this API"));
    }
    match field("client_secret") {
        "right~secret" => Ok(Answer::json(
            200,
            json!({ "token_type": "Bearer", "expires_in": 3599, "access_token": "eyJ0.right" }),
        )),
        _ => Err(Answer::json(
            401,
            json!({
                "error": "invalid_client",
                "error_description": "AADSTS7000215: Invalid client secret provided.\r\nTrace ID: 1",
                "error_codes": [7_000_215],
            }),
        )),
    }
}

/// Pages of 100.
fn list(call: &Call, data: &Data) -> Result<Answer, Answer> {
    let page =
        call.parameter("$skipToken").map_or(Ok(1), str::parse).map_err(|_| call.unknown())?;
    let (zones, more) = Call::page(&data.zones, page, 100);
    let mut body = json!({ "value": zones.iter().map(show).collect::<Vec<_>>() });
    if more {
        let Call { origin, path, .. } = call;
        let next = format!("{origin}{path}?api-version=2018-05-01&$skipToken={}", page + 1);
        body["nextLink"] = next.into();
    }
    Ok(Answer::json(200, body))
}

fn show(zone: &Zone) -> Value {
    json!({
        "id": format!("{GROUP}/dnszones/{}", zone.bare_name()), "name": zone.bare_name(),
        "type": "Microsoft.Network/dnszones", "location": "global", "tags": {},
        "etag": "00000002-0000-0000-0000-000000000000", "properties": { "zoneType": "Public" },
    })
}

fn record_set(
    call: &Call,
    method: &str,
    zone: &mut Zone,
    relative: &str,
) -> Result<Answer, Answer> {
    let owner = zone.owner(relative);
    let before = read(zone, &owner);
    let etag = before.as_ref().map(|before| before["etag"].as_str().unwrap_or_default());
    let unmet = match (call.optional_header("if-match"), call.optional_header("if-none-match")) {
        (Some(wanted), _) => etag != Some(wanted),
        (None, Some("*")) => etag.is_some(),
        _ => false,
    };
    if unmet && method != "GET" {
        let words = "The condition in the If-Match or If-None-Match header was not satisfied.";
        return Err(refusal(412, "PreconditionFailed", words));
    }
    match (method, &before) {
        ("GET", Some(found)) => Ok(Answer::json(200, found.clone())),
        ("GET" | "PATCH", None) => {
            let words = format!("The resource record '{relative}' does not exist.");
            Err(refusal(404, "NotFound", &words))
        }
        ("PUT" | "PATCH", _) => {
            let (ttl, values) = wanted(&call.json()?)
                .ok_or_else(|| refusal(400, "BadRequest", "The record set is not valid."))?;
            zone.replace(&owner, "TXT", ttl, &values);
            let status = if before.is_none() { 201 } else { 200 };
            Ok(Answer::json(status, read(zone, &owner).unwrap_or_default()))
        }
        ("DELETE", _) => {
            zone.replace(&owner, "TXT", 0, &[]);
            Ok(Answer::empty(if before.is_some() { 200 } else { 204 }))
        }
        _ => Err(call.unknown()),
    }
}

/// TTL and values of a record set that the service takes.
fn wanted(body: &Value) -> Option<(u32, Vec<String>)> {
    let properties = body["properties"].as_object()?;
    let ttl = u32::try_from(properties.get("TTL")?.as_u64()?).ok().filter(|ttl| *ttl > 0)?;
    let text = |record: &Value| {
        let pieces = record["value"].as_array()?.iter().map(Value::as_str);
        let pieces: Vec<&str> = pieces.collect::<Option<_>>()?;
        let fits = !pieces.is_empty() && pieces.iter().all(|piece| piece.len() <= 255);
        fits.then(|| pieces.concat())
    };
    let values: Vec<String> =
        properties.get("TXTRecords")?.as_array()?.iter().map(text).collect::<Option<_>>()?;
    let one_of_each = values.iter().enumerate().all(|(at, value)| !values[..at].contains(value));
    (!values.is_empty() && one_of_each).then_some((ttl, values))
}

fn read(zone: &Zone, owner: &str) -> Option<Value> {
    let records = zone.rrset(owner, "TXT");
    let Record { id, ttl, .. } = *records.last()?;
    let relative = zone.relative(records.last()?);
    let values = records.iter().map(|record| json!({ "value": [record.value] }));
    Some(json!({
        "id": format!("{GROUP}/dnszones/{}/TXT/{relative}", zone.bare_name()),
        "name": relative, "type": "Microsoft.Network/dnszones/TXT",
        "etag": format!("00000000-0000-0000-0000-{:012}-{}", id, records.len()),
        "properties": {
            "fqdn": owner, "TTL": ttl, "TXTRecords": values.collect::<Vec<_>>(),
            "targetResource": {}, "provisioningState": "Succeeded",
        },
    }))
}

/// As Azure Resource Manager refuses.
fn failure(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, json!({ "error": { "code": code, "message": message } }))
}

/// As Azure DNS behind it refuses.
fn refusal(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, json!({ "code": code, "message": message }))
}
