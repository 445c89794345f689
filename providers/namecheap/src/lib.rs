//! Namecheap, over its XML API, which reads and writes a zone as a whole.

use std::{net::Ipv4Addr, time::Duration};

use wildcert_plugin_sdk::{
    Contents, Context, Error, ErrorKind, Result, TxtRecord, Zone, ZoneApi, Zones, export_provider,
    pages,
    session::{self, Token},
    xml::Element,
};

/// Tells the address that a request comes from, as text.
const GET_IP: &str = "https://dynamicdns.park-your-domain.com/getip";

/// The most domains that a page holds.
const PAGE: usize = 100;

struct Namecheap {
    url: &'static str,
    user: String,
    key: String,
}

export_provider!(Zones<Namecheap>);

impl ZoneApi for Namecheap {
    /// The element `host` as it came: what is not known of it goes back too.
    type Record = Element;

    fn new(cx: &Context<'_>) -> Result<Self> {
        Ok(Self {
            url: match cx.config.is_on("NAMECHEAP_SANDBOX")? {
                true => "https://api.sandbox.namecheap.com/xml.response",
                false => "https://api.namecheap.com/xml.response",
            },
            user: cx.config.require("NAMECHEAP_API_USER")?.to_owned(),
            key: cx.config.require("NAMECHEAP_API_KEY")?.to_owned(),
        })
    }

    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
        pages::all(1, |page| {
            let fields = [("Page", &*page.to_string()), ("PageSize", &PAGE.to_string())];
            let answer = self.ask(cx, "namecheap.domains.getList", &fields)?;
            let total = answer.require("CommandResponse/Paging/TotalItems")?.trim().parse();
            let total: usize = total.map_err(|_| Error::permanent("TotalItems is no number"))?;
            let domains = answer.all("CommandResponse/DomainGetListResult/Domain");
            // Zones of other name servers cannot be written, or would be moved by it.
            let served = domains.filter(|domain| domain.attribute("IsOurDNS") != Some("false"));
            let zones = served.filter_map(|domain| domain.attribute("Name")).map(Zone::named);
            Ok((zones.collect(), (page * PAGE < total).then_some(page + 1)))
        })
    }

    fn read(&self, cx: &Context<'_>, zone: &Zone) -> Result<Contents<Element>> {
        let answer = self.ask(cx, "namecheap.domains.dns.getHosts", &split(zone))?;
        let mail = answer.require("CommandResponse/DomainDNSGetHostsResult@EmailType")?.to_owned();
        let found = answer.all("CommandResponse/DomainDNSGetHostsResult");
        let records: Vec<Element> = found.flat_map(|found| found.children.clone()).collect();
        let dynamic = records.iter().find(|host| host.attribute("IsDDNSEnabled") == Some("true"));
        if let Some(name) = dynamic.and_then(|host| host.attribute("Name")) {
            let words = format!("writing {} would end the dynamic updates of `{name}`", zone.name);
            return Err(Error::new(ErrorKind::Unsupported, words));
        }
        Ok(Contents { records, version: Some(mail) })
    }

    fn txt(&self, zone: &Zone, host: &Element) -> Option<(String, String)> {
        if host.attribute("Type")? != "TXT" {
            return None;
        }
        Some((zone.absolute(host.attribute("Name")?), host.attribute("Address")?.to_owned()))
    }

    fn make(&self, zone: &Zone, record: &TxtRecord) -> Element {
        Element::new("host")
            .with("Name", zone.relative_or(&record.owner, "@"))
            .with("Type", "TXT")
            .with("Address", &record.value)
            .with("MXPref", "10")
            .with("TTL", &record.ttl.to_string())
    }

    fn write(&self, cx: &Context<'_>, zone: &Zone, contents: &Contents<Element>) -> Result<()> {
        let hosts = (1..).zip(&contents.records).flat_map(|(number, host)| {
            // Namecheap gives them new identifiers.
            let attributes = host.attributes.iter().filter(|(name, _)| name != "HostId");
            attributes.map(move |(name, value)| (format!("{}{number}", field(name)), value))
        });
        let hosts: Vec<_> = hosts.collect();
        let mut fields = split(zone).to_vec();
        fields.push(("EmailType", contents.version.as_deref().unwrap_or_default()));
        fields.extend(hosts.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let answer = self.ask(cx, "namecheap.domains.dns.setHosts", &fields)?;
        match answer.text_at("CommandResponse/DomainDNSSetHostsResult@IsSuccess") {
            Some("true") => Ok(()),
            _ => Err(Error::permanent(format!("Namecheap did not write `{}`", zone.name))),
        }
    }
}

impl Namecheap {
    /// Runs a command. It may be sent twice: only one changes anything, and that one says how all of
    /// the zone is to be.
    fn ask(&self, cx: &Context<'_>, command: &str, fields: &[(&str, &str)]) -> Result<Element> {
        let (user, ip) = (self.user.as_str(), client_ip(cx)?);
        let mut form = vec![("ApiUser", user), ("ApiKey", &self.key), ("UserName", user)];
        form.extend([("ClientIp", &*ip), ("Command", command)]);
        form.extend(fields);
        let answer = cx.request("POST", self.url).form(&form).repeatable().send()?;
        if answer.status == 405 {
            let words = "Namecheap takes 20 requests a minute, 700 an hour and 8000 a day";
            return Err(Error::new(ErrorKind::RateLimited, words));
        }
        let root = answer.success(|_| None)?.xml()?;
        match root.attribute("Status") {
            Some("OK") => Ok(root),
            _ => Err(refusal(&root)),
        }
    }
}

/// What `setHosts` calls an attribute of `getHosts`.
fn field(attribute: &str) -> &str {
    match attribute {
        "Name" => "HostName",
        "Type" => "RecordType",
        other => other,
    }
}

/// The address of this machine, as Namecheap sees it.
fn client_ip(cx: &Context<'_>) -> Result<String> {
    if let Some(ip) = cx.config.get("NAMECHEAP_CLIENT_IP") {
        return Ok(ip.to_owned());
    }
    session::token(cx, "client-ip", || {
        let answer = cx.request("GET", GET_IP).send()?.success(|_| None)?;
        let value = String::from_utf8_lossy(&answer.body).trim().to_owned();
        match value.parse::<Ipv4Addr>() {
            Ok(_) => Ok(Token { value, lifetime: Duration::from_secs(600) }),
            Err(_) => Err(Error::permanent(format!("`{GET_IP}` gave no address: `{value}`"))),
        }
    })
}

/// The domain as the API wants it. Namecheap lists registered domains, so all after the first label is
/// the public suffix.
fn split(zone: &Zone) -> [(&'static str, &str); 2] {
    let (sld, tld) = zone.id.split_once('.').unwrap_or((&zone.id, ""));
    [("SLD", sld), ("TLD", tld)]
}

/// The vendor's refusal. Its number begins with 10 where it is about the account.
fn refusal(root: &Element) -> Error {
    let number = root.text_at("Errors/Error@Number").unwrap_or_default();
    let words = root.text_at("Errors/Error").unwrap_or("no reason given").trim();
    let kind = match number {
        "1050900" | "3031510" | "3050900" | "5019169" | "5050169" | "5050900" => {
            ErrorKind::Transient
        }
        "2030166" | "4011103" => ErrorKind::Auth,
        number if number.starts_with("10") => ErrorKind::Auth,
        _ => ErrorKind::Permanent,
    };
    Error::new(kind, format!("{words} (error {number})"))
}

#[cfg(test)]
mod tests;
