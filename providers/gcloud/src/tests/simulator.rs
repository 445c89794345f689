//! Google's Cloud DNS and its log-in, after their description and recorded answers.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey, pkcs8::DecodePrivateKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Simulator, Zone};

/// A key made for these tests; it belongs to no account.
pub(crate) const ACCOUNT: &str = include_str!("account.json");
/// The same account with a key that is not its own, made for these tests too.
const OTHER_KEY: &str = include_str!("other-key.json");

const DNS: &str = "https://www.googleapis.com/auth/ndev.clouddns.readwrite";

#[derive(Default)]
pub(crate) struct Vendor {
    /// How often each change has been looked at.
    changes: Vec<u32>,
}

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[("GCE_SERVICE_ACCOUNT", ACCOUNT)];
    const REFUSED: &'static [(&'static str, &'static str)] = &[("GCE_SERVICE_ACCOUNT", OTHER_KEY)];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.origin.as_str() {
            "https://oauth2.googleapis.com" => Ok(()),
            "https://dns.googleapis.com" => bearer(call, "ya29.right"),
            "https://iamcredentials.googleapis.com" => bearer(call, "ya29.everything"),
            _ => Err(call.unknown()),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        let route = call.route();
        if route == ["POST", "token"] {
            return log_in(call);
        }
        if let ["POST", "v1", "projects", "-", "serviceAccounts", account] = route[..] {
            let scope = json!({ "scope": [DNS] });
            if account != "other@a-project.example:generateAccessToken" || call.json()? != scope {
                return Err(call.unknown());
            }
            let ends = "2023-11-14T23:13:20Z";
            return Ok(Answer::json(
                200,
                json!({ "accessToken": "ya29.right", "expireTime": ends }),
            ));
        }
        let ["dns", "v1", "projects", "a-project", "managedZones", rest @ ..] = &route[1..] else {
            return Err(call.unknown());
        };
        match (route[0], rest) {
            ("GET", []) => list(call, data),
            ("GET", [zone]) => found(zone, data).map(|zone| Answer::json(200, show(zone))),
            ("GET", [zone, "rrsets"]) => {
                call.allow_parameters(&["name", "type"])?;
                let (Some(name), Some("TXT")) = (call.parameter("name"), call.parameter("type"))
                else {
                    return Err(call.wrong("not one RRset of TXT records"));
                };
                let sets: Vec<Value> = read(found(zone, data)?, name).into_iter().collect();
                let kind = "dns#resourceRecordSetsListResponse";
                Ok(Answer::json(200, json!({ "kind": kind, "rrsets": sets })))
            }
            ("POST", [zone, "changes"]) => self.change(call, found(zone, data)?),
            ("GET", [_, "changes", id]) => {
                let looks = id.parse().ok().and_then(|index: usize| self.changes.get_mut(index));
                let looks = looks.ok_or_else(|| call.unknown())?;
                *looks += 1;
                let status = if *looks > 1 { "done" } else { "pending" };
                Ok(Answer::json(200, json!({ "kind": "dns#change", "id": id, "status": status })))
            }
            _ => Err(call.unknown()),
        }
    }
}

impl Vendor {
    fn change(&mut self, call: &Call, zone: &mut Zone) -> Result<Answer, Answer> {
        let mut body = call.json()?;
        let mut after = zone.clone();
        for set in body["deletions"].as_array().unwrap_or(&Vec::new()) {
            let (name, ttl, mut values) = wanted(call, set)?;
            let standing = after.rrset(&name, "TXT");
            let mut texts: Vec<&str> = standing.iter().map(|record| &*record.value).collect();
            values.sort();
            texts.sort_unstable();
            if standing.is_empty() {
                let words = format!("The resource named '{name} (TXT)' does not exist.");
                return Err(refusal(404, "notFound", &words));
            }
            if texts != values || standing.iter().any(|record| record.ttl != ttl) {
                let words = "Precondition not met for 'entity.change.deletions[0]'";
                return Err(refusal(412, "conditionNotMet", words));
            }
            after.replace(&name, "TXT", 0, &[]);
        }
        for set in body["additions"].as_array().unwrap_or(&Vec::new()) {
            let (name, ttl, values) = wanted(call, set)?;
            if !after.rrset(&name, "TXT").is_empty() {
                let words = format!("The resource named '{name} (TXT)' already exists");
                return Err(refusal(409, "alreadyExists", &words));
            }
            after.replace(&name, "TXT", ttl, &values);
        }
        *zone = after;
        body["kind"] = "dns#change".into();
        body["id"] = self.changes.len().to_string().into();
        body["status"] = "pending".into();
        self.changes.push(0);
        Ok(Answer::json(200, body))
    }
}

fn bearer(call: &Call, token: &str) -> Result<(), Answer> {
    match call.header("authorization")?.strip_prefix("Bearer ") {
        Some(found) if found == token => Ok(()),
        _ => Err(refusal(401, "authError", "Invalid Credentials")),
    }
}

/// Looks at the assertion as RFC 7523 and Google's documentation ask for it.
fn log_in(call: &Call) -> Result<Answer, Answer> {
    let form = call.form()?;
    let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    let (Some(true), Some(assertion), 2) =
        (form.get("grant_type").map(|found| found == grant), form.get("assertion"), form.len())
    else {
        return Err(call.wrong("not the grant of a service account"));
    };
    let invalid = |words: &str| {
        Answer::json(400, json!({ "error": "invalid_grant", "error_description": words }))
    };
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| invalid("Bad Request"));
    let (text, signature) = assertion.rsplit_once('.').ok_or_else(|| invalid("Bad Request"))?;
    let (header, claims) = text.split_once('.').ok_or_else(|| invalid("Bad Request"))?;
    let json = |text| Ok(serde_json::from_slice::<Value>(&decode(text)?).unwrap_or_default());
    let (header, claims) = (json(header)?, json(claims)?);
    let account: Value = serde_json::from_str(ACCOUNT).unwrap();
    let key = RsaPrivateKey::from_pkcs8_pem(account["private_key"].as_str().unwrap()).unwrap();
    let digest = Sha256::digest(text);
    RsaPublicKey::from(key)
        .verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &decode(signature)?)
        .map_err(|_| invalid("Invalid JWT Signature."))?;
    let now = call.now / 1000;
    let (made, ends) = (claims["iat"].as_u64().unwrap_or(0), claims["exp"].as_u64().unwrap_or(0));
    let right = header == json!({ "alg": "RS256", "typ": "JWT", "kid": account["private_key_id"] })
        && claims["iss"] == account["client_email"]
        && claims["aud"] == "https://oauth2.googleapis.com/token"
        && now.abs_diff(made) < 300
        && (now + 1..=made + 3600).contains(&ends);
    let token = match claims["scope"].as_str() {
        Some(DNS) => "ya29.right",
        Some("https://www.googleapis.com/auth/cloud-platform") => "ya29.everything",
        _ => return Err(call.wrong("a token for something else")),
    };
    if !right {
        return Err(call.wrong(format!("an assertion of {claims}, headed {header}")));
    }
    let body = json!({ "access_token": token, "token_type": "Bearer", "expires_in": 3599 });
    Ok(Answer::json(200, body))
}

fn found<'a>(id: &str, data: &'a mut Data) -> Result<&'a mut Zone, Answer> {
    let missing =
        || refusal(404, "notFound", "The 'parameters.managedZone' resource does not exist.");
    data.zone_by_id_mut(id.parse().map_err(|_| missing())?).ok_or_else(missing)
}

/// Pages of 100.
fn list(call: &Call, data: &Data) -> Result<Answer, Answer> {
    call.allow_parameters(&["pageToken"])?;
    let page = call.parameter("pageToken").map_or(Ok(1), str::parse).map_err(|_| call.unknown())?;
    let (zones, more) = Call::page(&data.zones, page, 100);
    let zones: Vec<Value> = zones.iter().map(show).collect();
    let mut body = json!({ "kind": "dns#managedZonesListResponse", "managedZones": zones });
    if more {
        body["nextPageToken"] = (page + 1).to_string().into();
    }
    Ok(Answer::json(200, body))
}

fn show(zone: &Zone) -> Value {
    let name = zone.bare_name().replace('.', "-");
    let visibility = if name.starts_with("private-") { "private" } else { "public" };
    json!({
        "kind": "dns#managedZone", "id": zone.id.to_string(), "name": name,
        "dnsName": zone.name, "description": "", "visibility": visibility,
    })
}

fn read(zone: &Zone, name: &str) -> Option<Value> {
    let records = zone.rrset(name, "TXT");
    let ttl = records.first()?.ttl;
    let texts = records.iter().map(|record| format!("\"{}\"", record.value));
    Some(json!({
        "kind": "dns#resourceRecordSet", "name": name, "type": "TXT", "ttl": ttl,
        "rrdatas": texts.collect::<Vec<_>>(),
    }))
}

/// Name, TTL and texts of a record set in a change.
fn wanted(call: &Call, set: &Value) -> Result<(String, u32, Vec<String>), Answer> {
    let invalid =
        |what| refusal(400, "invalid", &format!("Invalid value for 'entity.change.{what}'"));
    let name = set["name"].as_str().filter(|name| name.ends_with('.'));
    let ttl = set["ttl"].as_u64().and_then(|ttl| u32::try_from(ttl).ok());
    let text = |data: &Value| {
        let inside = data.as_str()?.strip_prefix('"')?.strip_suffix('"')?;
        (inside.len() <= 255 && !inside.contains('"')).then(|| inside.to_owned())
    };
    let texts = set["rrdatas"].as_array().filter(|texts| !texts.is_empty());
    let texts: Option<Vec<String>> = texts.and_then(|texts| texts.iter().map(text).collect());
    if set["type"] != "TXT" {
        return Err(call.wrong("a change of something that is no TXT record"));
    }
    Ok((
        name.ok_or_else(|| invalid("name"))?.to_owned(),
        ttl.ok_or_else(|| invalid("ttl"))?,
        texts.ok_or_else(|| invalid("rrdata"))?,
    ))
}

fn refusal(status: u16, reason: &str, message: &str) -> Answer {
    let errors = json!([{ "message": message, "domain": "global", "reason": reason }]);
    let error = json!({ "code": status, "message": message, "errors": errors });
    Answer::json(status, json!({ "error": error }))
}
