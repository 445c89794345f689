//! The API of Alibaba Cloud DNS, after its description and recorded answers.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose};
use hmac::{Hmac, Mac};
use serde_json::{Value, json};
use sha1::Sha1;
use wildcert_plugin_sdk::testing::{Answer, Call, Data, Record, Simulator, Zone};

const COMMON: &[&str] = &[
    "AccessKeyId",
    "Action",
    "Format",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

#[derive(Default)]
pub(crate) struct Vendor {
    nonces: BTreeSet<String>,
}

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] =
        &[("ALICLOUD_ACCESS_KEY", "LTAIright"), ("ALICLOUD_SECRET_KEY", "right+secret")];
    const REFUSED: &'static [(&'static str, &'static str)] =
        &[("ALICLOUD_SECRET_KEY", "wrong+secret")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        let text = |name: &str| {
            call.parameter(name).ok_or_else(|| call.wrong(format!("no parameter `{name}`")))
        };
        for (name, expected) in [
            ("Format", "JSON"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureVersion", "1.0"),
            ("Version", "2015-01-09"),
        ] {
            if text(name)? != expected {
                return Err(call.wrong(format!("`{name}` is not {expected}")));
            }
        }
        let time = text("Timestamp")?;
        if time.len() != 20 || !time.ends_with('Z') {
            return Err(refusal(
                400,
                "InvalidTimeStamp.Format",
                "Specified time stamp is not well formatted.",
            ));
        }
        if text("AccessKeyId")? != "LTAIright" {
            return Err(refusal(
                404,
                "InvalidAccessKeyId.NotFound",
                "Specified access key is not found.",
            ));
        }
        if text("Signature")? != signature(call) {
            let words = "Specified signature is not matched with our calculation.";
            return Err(refusal(400, "SignatureDoesNotMatch", words));
        }
        if !self.nonces.insert(text("SignatureNonce")?.to_owned()) {
            let words = "Specified signature nonce was used already.";
            return Err(refusal(400, "SignatureNonceUsed", words));
        }
        Ok(())
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        let is_request = ["GET", "POST"].contains(&&*call.method) && call.body.is_empty();
        if call.origin != "https://alidns.aliyuncs.com" || call.path != "/" || !is_request {
            return Err(call.unknown());
        }
        let allow = |own: &[&str]| call.allow_parameters(&[COMMON, own].concat());
        let given = |name: &str| {
            let words = format!("{name} is mandatory for this action.");
            call.parameter(name).ok_or_else(|| refusal(400, &format!("Missing{name}"), &words))
        };
        let no_domain = || {
            let words = "The specified domain name does not exist. Refresh the page and try again.";
            refusal(400, "InvalidDomainName.NoExist", words)
        };
        match given("Action")? {
            "DescribeDomains" => {
                allow(&["PageNumber", "PageSize"])?;
                page(call, 100, ("Domains", "Domain"), data.zones.iter().map(domain).collect())
            }
            "DescribeDomainRecords" => {
                allow(&[
                    "DomainName",
                    "PageNumber",
                    "PageSize",
                    "RRKeyWord",
                    "TypeKeyWord",
                    "ValueKeyWord",
                ])?;
                let name = given("DomainName")?;
                let zone =
                    data.zones.iter().find(|zone| is_called(zone, name)).ok_or_else(no_domain)?;
                let contains = |text: &str, name| {
                    let word = call.parameter(name).unwrap_or_default().to_lowercase();
                    text.to_lowercase().contains(&word)
                };
                let wanted = |record: &&Record| {
                    contains(zone.relative(record), "RRKeyWord")
                        && contains(&record.value, "ValueKeyWord")
                        && call.parameter("TypeKeyWord").is_none_or(|kind| kind == record.kind)
                };
                // The newest come first.
                let found = zone.records.iter().rev().filter(wanted);
                let found = found.map(|record| show(zone, record)).collect();
                page(call, 500, ("DomainRecords", "Record"), found)
            }
            "AddDomainRecord" => {
                allow(&["DomainName", "Line", "RR", "TTL", "Type", "Value"])?;
                let name = given("DomainName")?;
                let (rr, kind, value) = (given("RR")?, given("Type")?, given("Value")?);
                let zone = data
                    .zones
                    .iter_mut()
                    .find(|zone| is_called(zone, name))
                    .ok_or_else(no_domain)?;
                let ttl: u32 = call.parameter("TTL").unwrap_or("600").parse().unwrap_or_default();
                if !(600..=86_400).contains(&ttl) {
                    let words = "The specified TTL is invalid. A valid TTL must be in the range of 600 to 86400.";
                    return Err(refusal(400, "QuotaExceeded.TTL", words));
                }
                let owner = zone.owner(rr);
                if zone.rrset(&owner, kind).iter().any(|record| record.value == value) {
                    let words = "The DNS record already exists.";
                    return Err(refusal(400, "DomainRecordDuplicate", words));
                }
                let record = zone.add(&owner, kind, ttl, value);
                Ok(changed(record))
            }
            "DeleteDomainRecord" => {
                allow(&["DomainName", "RecordId"])?;
                let id = given("RecordId")?.parse().unwrap_or_default();
                let record = data.zones.iter_mut().find_map(|zone| zone.remove(id));
                let words = "The domain record does not belong to this user.";
                let gone = || refusal(400, "DomainRecordNotBelongToUser", words);
                Ok(changed(&record.ok_or_else(gone)?))
            }
            _ => Err(call.unknown()),
        }
    }
}

/// Over the parameters as they came, still encoded, sorted by their names.
fn signature(call: &Call) -> String {
    let mut parameters: Vec<&str> = call.raw_query.split('&').collect();
    parameters.retain(|parameter| !parameter.starts_with("Signature="));
    parameters.sort_unstable();
    let query = parameters.join("&").replace('%', "%25").replace('=', "%3D").replace('&', "%26");
    let mut mac = Hmac::<Sha1>::new_from_slice(b"right+secret&").unwrap();
    mac.update(format!("{}&%2F&{query}", call.method).as_bytes());
    general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

/// Domains are called as people write them.
fn written(zone: &Zone) -> &str {
    match zone.bare_name() {
        "xn--bcher-kva.example" => "bücher.example",
        name => name,
    }
}

fn is_called(zone: &Zone, name: &str) -> bool {
    written(zone) == name
}

fn domain(zone: &Zone) -> Value {
    json!({
        "DomainId": format!("00000000-0000-4000-8000-{:012}", zone.id), "AliDomain": true,
        "DomainName": written(zone), "PunyCode": zone.bare_name(), "VersionCode": "mianfei",
        "DnsServers": { "DnsServer": ["dns1.vendor.example", "dns2.vendor.example"] },
    })
}

fn show(zone: &Zone, record: &Record) -> Value {
    json!({
        "RR": zone.relative(record), "Status": "ENABLE", "Value": record.value, "Weight": 1,
        "RecordId": record.id.to_string(), "Type": record.kind, "DomainName": written(zone),
        "Locked": false, "Line": "default", "TTL": record.ttl,
    })
}

fn changed(record: &Record) -> Answer {
    let body = json!({ "RecordId": record.id.to_string(), "RequestId": "0A1B2C3D-0000-4000-8000-000000000001" });
    Answer::json(200, body)
}

/// Pages of 20 unless asked for more, `most` at the most, here never more than 100.
fn page(call: &Call, most: usize, keys: (&str, &str), all: Vec<Value>) -> Result<Answer, Answer> {
    let number = |name, default| {
        call.parameter(name).map_or(Ok(default), str::parse::<usize>).map_err(|_| call.unknown())
    };
    let (page, size) = (number("PageNumber", 1)?, number("PageSize", 20)?);
    if size > most {
        return Err(refusal(400, "InvalidPageSize", "The specified PageSize is invalid."));
    }
    let size = size.min(100);
    let (items, _) = Call::page(&all, page, size);
    let mut body = json!({
        "PageNumber": page, "PageSize": size, "TotalCount": all.len(),
        "RequestId": "0A1B2C3D-0000-4000-8000-000000000001",
    });
    body[keys.0] = json!({ keys.1: items });
    Ok(Answer::json(200, body))
}

fn refusal(status: u16, code: &str, message: &str) -> Answer {
    let body = json!({
        "RequestId": "0A1B2C3D-0000-4000-8000-000000000002", "HostId": "alidns.aliyuncs.com",
        "Code": code, "Message": message,
    });
    Answer::json(status, body)
}
