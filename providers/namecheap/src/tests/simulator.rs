//! Namecheap's API, after the vendor's pages and its own client.

use std::{collections::BTreeMap, fmt::Write};

use wildcert_plugin_sdk::testing::{Answer, Call, Data, Record, Simulator, Zone};

#[derive(Default)]
pub(crate) struct Vendor;

type Form = BTreeMap<String, String>;

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[
        ("NAMECHEAP_API_USER", "someone"),
        ("NAMECHEAP_API_KEY", "right-key"),
        ("NAMECHEAP_CLIENT_IP", "203.0.113.7"),
    ];
    const REFUSED: &'static [(&'static str, &'static str)] = &[("NAMECHEAP_API_KEY", "wrong-key")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        let form = call.form()?;
        let field = |name: &str| field(call, &form, name);
        if field("ApiUser")? != "someone" || field("UserName")? != "someone" {
            return Err(call.wrong("another user"));
        }
        if field("ApiKey")? != "right-key" {
            let words = "API Key is invalid or API access has not been enabled";
            return Err(refusal(1_011_102, words));
        }
        match field("ClientIp")? {
            "203.0.113.7" => Ok(()),
            other => Err(refusal(1_011_150, &format!("Invalid request IP: {other}"))),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        let asked = (call.method.as_str(), call.origin.as_str(), call.path.as_str());
        if asked != ("POST", "https://api.namecheap.com", "/xml.response") {
            return Err(call.unknown());
        }
        let mut form = call.form()?;
        form.retain(|name, _| !["ApiUser", "ApiKey", "UserName", "ClientIp"].contains(&&**name));
        let command = form.remove("Command").ok_or_else(|| call.wrong("no Command"))?;
        if command == "namecheap.domains.getList" {
            return domains(call, &form, data);
        }
        let domain = format!("{}.{}", field(call, &form, "SLD")?, field(call, &form, "TLD")?);
        let missing = || refusal(2_019_166, "Domain not found");
        form.retain(|name, _| !["SLD", "TLD"].contains(&&**name));
        match command.as_str() {
            "namecheap.domains.dns.getHosts" if form.is_empty() => {
                let zone = data.zone(&domain).ok_or_else(missing)?;
                Ok(answered(&command, &hosts(zone)))
            }
            "namecheap.domains.dns.setHosts" => {
                let zone = data.zone_mut(&domain).ok_or_else(missing)?;
                replace(call, form, zone)?;
                let done =
                    format!(r#"<DomainDNSSetHostsResult Domain="{domain}" IsSuccess="true"/>"#);
                Ok(answered(&command, &done))
            }
            _ => Err(call.wrong(format!("{command}: {form:?}"))),
        }
    }
}

fn field<'a>(call: &Call, form: &'a Form, name: &str) -> Result<&'a str, Answer> {
    form.get(name).map(String::as_str).ok_or_else(|| call.wrong(format!("no field `{name}`")))
}

fn domains(call: &Call, form: &Form, data: &Data) -> Result<Answer, Answer> {
    let number = |name: &str, default: usize| match form.get(name).map(|text| text.parse()) {
        Some(Ok(number)) => Ok(number),
        Some(Err(_)) => Err(call.wrong(format!("{name} is no number"))),
        None => Ok(default),
    };
    let (page, size) = (number("Page", 1)?, number("PageSize", 20)?);
    if form.keys().any(|name| name != "Page" && name != "PageSize") || !(10..=100).contains(&size) {
        return Err(call.wrong(format!("{form:?}")));
    }
    let (shown, _) = Call::page(&data.zones, page, size);
    let mut list = String::from("<DomainGetListResult>");
    for Zone { id, name, .. } in shown {
        let name = name.trim_end_matches('.');
        let _ =
            write!(list, r#"<Domain ID="{id}" Name="{name}" IsExpired="false" IsOurDNS="true"/>"#);
    }
    let total = data.zones.len();
    let _ = write!(
        list,
        "</DomainGetListResult><Paging><TotalItems>{total}</TotalItems>\
         <CurrentPage>{page}</CurrentPage><PageSize>{size}</PageSize></Paging>"
    );
    Ok(answered("namecheap.domains.getList", &list))
}

/// The name servers of the apex are not among the hosts.
fn is_host(zone: &Zone, record: &Record) -> bool {
    record.kind != "NS" || record.name != zone.name
}

fn hosts(zone: &Zone) -> String {
    let mail = if zone.records.iter().any(|r| r.kind == "MX") { "MX" } else { "NONE" };
    let domain = zone.bare_name();
    let mut list = format!(
        r#"<DomainDNSGetHostsResult Domain="{domain}" EmailType="{mail}" IsUsingOurDNS="true">"#
    );
    for record in zone.records.iter().filter(|record| is_host(zone, record)) {
        let Record { id, kind, ttl, value, .. } = record;
        let (preference, address) = match value.split_once(' ') {
            Some((preference, address)) if kind == "MX" => (preference, address),
            _ => ("10", value.as_str()),
        };
        let address = address.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
        let _ = write!(
            list,
            r#"<host HostId="{id}" Name="{}" Type="{kind}" Address="{address}" MXPref="{preference}" TTL="{ttl}" AssociatedAppTitle="" FriendlyName="" IsActive="true" IsDDNSEnabled="false"/>"#,
            zone.relative(record),
        );
    }
    list + "</DomainDNSGetHostsResult>"
}

/// Puts the hosts of the form, counted from 1, in place of the zone's. Without `EmailType=MX` there are
/// no MX records.
fn replace(call: &Call, mut form: Form, zone: &mut Zone) -> Result<(), Answer> {
    let mail = form.remove("EmailType").unwrap_or_default();
    let mut hosts = Vec::new();
    for number in 1.. {
        let mut take = |name: &str| form.remove(&format!("{name}{number}"));
        let Some(name) = take("HostName") else { break };
        let (kind, address) = (take("RecordType"), take("Address"));
        let (preference, ttl) = (take("MXPref"), take("TTL").unwrap_or_else(|| "1800".into()));
        let titles = ["AssociatedAppTitle", "FriendlyName", "IsActive", "IsDDNSEnabled"];
        titles.into_iter().for_each(|name| drop(take(name)));
        let (Some(kind), Some(address), Some(preference)) = (kind, address, preference) else {
            return Err(call.wrong(format!("host {number} is not complete")));
        };
        let ttl = ttl.parse().ok().filter(|ttl| (60..=60_000).contains(ttl));
        let ttl = ttl.ok_or_else(|| call.wrong(format!("the TTL of host {number}")))?;
        let value = if kind == "MX" { format!("{preference} {address}") } else { address };
        if kind != "MX" || mail == "MX" {
            hosts.push((zone.owner(&name), kind, ttl, value));
        }
    }
    if !form.is_empty() {
        return Err(call.wrong(format!("unknown fields: {form:?}")));
    }
    let old: Vec<u64> = zone.records.iter().filter(|r| is_host(zone, r)).map(|r| r.id).collect();
    old.into_iter().for_each(|id| drop(zone.remove(id)));
    for (name, kind, ttl, value) in hosts {
        zone.add(&name, &kind, ttl, &value);
    }
    Ok(())
}

fn answered(command: &str, result: &str) -> Answer {
    envelope(
        "OK",
        "<Errors/>",
        &format!(r#"<CommandResponse Type="{command}">{result}</CommandResponse>"#),
    )
}

/// Refusals have status 200.
fn refusal(number: u32, words: &str) -> Answer {
    let error = format!(r#"<Errors><Error Number="{number}">{words}</Error></Errors>"#);
    envelope("ERROR", &error, "<RequestedCommand/>")
}

fn envelope(status: &str, errors: &str, rest: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<ApiResponse Status=\"{status}\" \
         xmlns=\"http://api.namecheap.com/xml.response\">\r\n  {errors}\r\n  <Warnings/>\r\n  {rest}\r\n  \
         <Server>API01</Server>\r\n  <ExecutionTime>0.1</ExecutionTime>\r\n</ApiResponse>"
    );
    Answer::text(200, "text/xml; charset=utf-8", body)
}
