//! Amazon Route 53 and STS, after botocore's description and recorded answers.

use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use wildcert_plugin_sdk::{
    encoding::percent,
    testing::{Answer, Call, Data, Record, Simulator, Zone},
    xml::Element,
};

const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

#[derive(Default)]
pub(crate) struct Vendor {
    /// How often each change has been looked at.
    changes: Vec<u32>,
}

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] =
        &[("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "right/secret+")];
    const REFUSED: &'static [(&'static str, &'static str)] =
        &[("AWS_SECRET_ACCESS_KEY", "wrong/secret+")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        let service = match call.origin.as_str() {
            "https://route53.amazonaws.com" => "route53",
            "https://sts.us-east-1.amazonaws.com" => "sts",
            _ => return Err(call.unknown()),
        };
        verify(call, service)
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        let route = call.route();
        if route == ["POST", ""] {
            return assume_role(call);
        }
        let ["2013-04-01", rest @ ..] = &route[1..] else { return Err(call.unknown()) };
        match (route[0], rest) {
            ("GET", ["hostedzonesbyname"]) => list(call, data),
            ("GET", ["hostedzone", id]) => {
                let zone = show(found(id, data)?);
                Ok(answer("GetHostedZoneResponse", vec![zone]))
            }
            ("GET", ["hostedzone", id, "rrset"]) => records(call, found(id, data)?),
            ("POST", ["hostedzone", id, "rrset", ""]) => {
                let body = Element::parse(&call.body).map_err(|fault| call.wrong(fault.message))?;
                if body.name != "ChangeResourceRecordSetsRequest" {
                    return Err(call.wrong("not a change"));
                }
                let zone = found(id, data)?;
                let mut after = zone.clone();
                for change in body.all("ChangeBatch/Changes/Change") {
                    apply(call, &mut after, change)?;
                }
                *zone = after;
                self.changes.push(0);
                let info = info(self.changes.len() - 1, "PENDING");
                Ok(answer("ChangeResourceRecordSetsResponse", vec![info]))
            }
            ("GET", ["change", id]) => {
                let id = id.strip_prefix('C').and_then(|id| id.parse::<usize>().ok());
                let id = id.ok_or_else(|| call.unknown())?;
                let looks = self.changes.get_mut(id).ok_or_else(|| call.unknown())?;
                *looks += 1;
                let status = if *looks > 1 { "INSYNC" } else { "PENDING" };
                Ok(answer("GetChangeResponse", vec![info(id, status)]))
            }
            _ => Err(call.unknown()),
        }
    }
}

/// Signature Version 4, by the letter of its documentation.
fn verify(call: &Call, service: &str) -> Result<(), Answer> {
    let authorization = call.header("authorization")?;
    let part = |name: &str| {
        let begin = authorization.find(name).map(|at| at + name.len());
        let rest = begin.map(|at| &authorization[at..]).unwrap_or_default();
        rest.split(',').next().unwrap_or_default()
    };
    let (credential, names) = (part("Credential="), part("SignedHeaders="));
    let date = call.header("x-amz-date")?;
    let day = date.get(..8).unwrap_or_default();
    let (key, scope) = credential.split_once('/').unwrap_or_default();
    if !authorization.starts_with("AWS4-HMAC-SHA256 ")
        || scope != format!("{day}/us-east-1/{service}/aws4_request")
        || wildcert_plugin_sdk::date::basic(call.now).get(..8) != Some(day)
    {
        return Err(call.wrong(format!("not signed for {service} of today: {authorization}")));
    }
    let must = ["host", "x-amz-date", "x-amz-security-token"];
    let names: Vec<&str> = names.split(';').collect();
    let there = |name: &&&str| **name == "host" || call.optional_header(name).is_some();
    if must.iter().filter(there).any(|name| !names.contains(name)) || !names.is_sorted() {
        return Err(call.wrong(format!("the wrong headers are signed: {names:?}")));
    }
    let secret = match (key, call.optional_header("x-amz-security-token")) {
        ("AKIAEXAMPLE", None) => "right/secret+",
        ("ASIAEXAMPLE", Some("session/token==")) => "passing/secret",
        _ => {
            let words = "The security token included in the request is invalid.";
            return Err(refusal(403, "InvalidClientTokenId", words));
        }
    };
    let host = call.origin.trim_start_matches("https://");
    let line = |name: &&str| {
        let value = if *name == "host" { host } else { call.optional_header(name).unwrap_or("") };
        format!("{name}:{}\n", value.trim())
    };
    let mut query: Vec<String> = call
        .query
        .iter()
        .map(|(name, value)| format!("{}={}", percent(name), percent(value)))
        .collect();
    query.sort();
    let canonical = format!(
        "{}\n{}\n{}\n{}\n{}\n{}",
        call.method,
        // Nothing in these paths has to be encoded.
        call.path,
        query.join("&"),
        names.iter().map(line).collect::<String>(),
        names.join(";"),
        hex(&Sha256::digest(&call.body)),
    );
    let digest = hex(&Sha256::digest(canonical));
    let text = format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{digest}");
    let mut key = format!("AWS4{secret}").into_bytes();
    for part in scope.split('/').chain([text.as_str()]) {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
        mac.update(part.as_bytes());
        key = mac.finalize().into_bytes().to_vec();
    }
    if hex(&key) == part("Signature=") {
        return Ok(());
    }
    let words = "The request signature we calculated does not match the signature you provided.";
    Err(refusal(403, "SignatureDoesNotMatch", words))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn assume_role(call: &Call) -> Result<Answer, Answer> {
    let form = call.form()?;
    let field = |name: &str| form.get(name).map(String::as_str);
    if field("Action") != Some("AssumeRole")
        || field("Version") != Some("2011-06-15")
        || field("RoleSessionName").is_none()
        || field("RoleArn") != Some("arn:aws:iam::123456789012:role/dns")
    {
        return Err(call.unknown());
    }
    if field("ExternalId") != Some("outside") {
        let words = "User is not authorized to perform: sts:AssumeRole";
        return Err(refusal(403, "AccessDenied", words));
    }
    let credentials = Element::new("Credentials")
        .child(Element::leaf("AccessKeyId", "ASIAEXAMPLE"))
        .child(Element::leaf("SecretAccessKey", "passing/secret"))
        .child(Element::leaf("SessionToken", "session/token=="))
        .child(Element::leaf("Expiration", "2023-11-14T23:13:20Z"));
    let result = Element::new("AssumeRoleResult").child(credentials);
    let root = Element::new("AssumeRoleResponse").child(result);
    Ok(Answer::text(200, "text/xml", root.to_string()))
}

fn found<'a>(id: &str, data: &'a mut Data) -> Result<&'a mut Zone, Answer> {
    let number = id.strip_prefix('Z').and_then(|number| number.parse().ok());
    number.and_then(|number| data.zone_by_id_mut(number)).ok_or_else(|| {
        refusal(404, "NoSuchHostedZone", &format!("No hosted zone found with ID: {id}"))
    })
}

fn id(zone: &Zone) -> String {
    format!("Z{:013}", zone.id)
}

/// In the order of the names' labels from the right, 100 at a time.
fn list(call: &Call, data: &Data) -> Result<Answer, Answer> {
    call.allow_parameters(&["dnsname", "hostedzoneid"])?;
    let mut zones: Vec<&Zone> = data.zones.iter().collect();
    zones.sort_by_key(|zone| labels(&zone.name));
    let from = call.parameter("dnsname").map(labels).unwrap_or_default();
    zones.retain(|zone| labels(&zone.name) >= from);
    let more = zones.get(100);
    let names = zones.iter().take(100).map(|zone| show(zone));
    let mut parts = vec![
        names.fold(Element::new("HostedZones"), Element::child),
        Element::leaf("IsTruncated", if more.is_some() { "true" } else { "false" }),
        Element::leaf("MaxItems", "100"),
    ];
    if let Some(zone) = more {
        parts.push(Element::leaf("NextDNSName", &zone.name));
        parts.push(Element::leaf("NextHostedZoneId", &id(zone)));
    }
    Ok(answer("ListHostedZonesByNameResponse", parts))
}

fn labels(name: &str) -> Vec<String> {
    name.trim_end_matches('.').rsplit('.').map(str::to_owned).collect()
}

fn show(zone: &Zone) -> Element {
    let private = if zone.name.starts_with("private.") { "true" } else { "false" };
    Element::new("HostedZone")
        .child(Element::leaf("Id", &format!("/hostedzone/{}", id(zone))))
        .child(Element::leaf("Name", &zone.name))
        .child(Element::leaf("CallerReference", "made-by-hand"))
        .child(Element::new("Config").child(Element::leaf("PrivateZone", private)))
}

/// The record sets from `name` and `type` on, in the order of names' labels and types.
fn records(call: &Call, zone: &Zone) -> Result<Answer, Answer> {
    call.allow_parameters(&["name", "type", "maxitems"])?;
    let most = call.parameter("maxitems").map_or(Ok(300), str::parse);
    let most: usize = most.map_err(|_| call.wrong("`maxitems` is no number"))?;
    let key = |record: &Record| (labels(&record.name), record.kind.clone());
    let mut keys: Vec<_> = zone.records.iter().map(key).collect();
    keys.sort();
    keys.dedup();
    if let Some(name) = call.parameter("name") {
        let from = (labels(name), call.parameter("type").unwrap_or_default().to_owned());
        keys.retain(|key| *key >= from);
    }
    let sets = keys.iter().take(most).map(|wanted| {
        let records: Vec<&Record> = zone.records.iter().filter(|r| key(r) == *wanted).collect();
        let values = records.iter().map(|record| match record.kind.as_str() {
            "TXT" => format!("\"{}\"", record.value),
            _ => record.value.clone(),
        });
        let record =
            |value: String| Element::new("ResourceRecord").child(Element::leaf("Value", &value));
        Element::new("ResourceRecordSet")
            // As Route 53 writes an asterisk.
            .child(Element::leaf("Name", &records[0].name.replace('*', "\\052")))
            .child(Element::leaf("Type", &records[0].kind))
            .child(Element::leaf("TTL", &records[0].ttl.to_string()))
            .child(values.map(record).fold(Element::new("ResourceRecords"), Element::child))
    });
    let sets = sets.fold(Element::new("ResourceRecordSets"), Element::child);
    let truncated = if keys.len() > most { "true" } else { "false" };
    let truncated = Element::leaf("IsTruncated", truncated);
    let most = Element::leaf("MaxItems", &most.to_string());
    Ok(answer("ListResourceRecordSetsResponse", vec![sets, truncated, most]))
}

fn apply(call: &Call, zone: &mut Zone, change: &Element) -> Result<(), Answer> {
    let set = change.at("ResourceRecordSet").ok_or_else(|| call.wrong("no record set"))?;
    let text = |name: &str| set.text_at(name).unwrap_or_default();
    let name = text("Name").to_owned();
    let ttl: u32 = text("TTL").parse().map_err(|_| call.wrong("a TTL that is no number"))?;
    if text("Type") != "TXT" || set.children.len() != 4 || !name.ends_with(&zone.name) {
        return Err(call.wrong(format!("a change of something else: {set}")));
    }
    let invalid = |words: String| refusal(400, "InvalidChangeBatch", &format!("[{words}]"));
    let mut values = Vec::new();
    for value in set.all("ResourceRecords/ResourceRecord/Value") {
        let bare = value.text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        let bare = bare.filter(|text| text.len() <= 255).ok_or_else(|| {
            let words = "Value should be enclosed in quotation marks";
            invalid(format!("Invalid Resource Record: '{words}: {}'", value.text))
        })?;
        if values.iter().any(|known| known == bare) {
            return Err(invalid(format!("Duplicate Resource Record: '{}'", value.text)));
        }
        values.push(bare.to_owned());
    }
    let standing = zone.rrset(&name, "TXT");
    let place = format!("resource record set [name='{name}', type='TXT']");
    match change.text_at("Action").unwrap_or_default() {
        "CREATE" if !standing.is_empty() => {
            return Err(invalid(format!("Tried to create {place} but it already exists")));
        }
        "CREATE" | "UPSERT" => zone.replace(&name, "TXT", ttl, &values),
        "DELETE" if standing.is_empty() => {
            return Err(invalid(format!("Tried to delete {place} but it was not found")));
        }
        "DELETE" => {
            let same = standing.len() == values.len()
                && standing.iter().all(|one| one.ttl == ttl && values.contains(&one.value));
            if !same {
                let words = "but the values provided do not match the current values";
                return Err(invalid(format!("Tried to delete {place} {words}")));
            }
            zone.replace(&name, "TXT", ttl, &[]);
        }
        other => return Err(call.wrong(format!("the action `{other}`"))),
    }
    Ok(())
}

fn info(id: usize, status: &str) -> Element {
    Element::new("ChangeInfo")
        .child(Element::leaf("Id", &format!("/change/C{id:013}")))
        .child(Element::leaf("Status", status))
        .child(Element::leaf("SubmittedAt", "2023-11-14T22:13:20.123Z"))
}

fn answer(name: &str, parts: Vec<Element>) -> Answer {
    let root = parts.into_iter().fold(Element::new(name).with("xmlns", NAMESPACE), Element::child);
    Answer::text(200, "text/xml", format!("<?xml version=\"1.0\"?>\n{root}"))
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let error = Element::new("Error")
        .child(Element::leaf("Type", "Sender"))
        .child(Element::leaf("Code", code))
        .child(Element::leaf("Message", message));
    let root = Element::new("ErrorResponse").with("xmlns", NAMESPACE).child(error);
    let root = root.child(Element::leaf("RequestId", "0"));
    Answer::text(status, "text/xml", format!("<?xml version=\"1.0\"?>\n{root}"))
}
