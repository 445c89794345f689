//! INWX's XML-RPC API, after recorded answers, the vendor's reference and its users' notes.

use std::fmt::Write;

use hmac::{Hmac, Mac};
use sha1::Sha1;
use wildcert_plugin_sdk::{
    testing::{Answer, Call, Data, Record, Simulator, Zone},
    xml::Element,
};

/// The 20 octets of `GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ`.
const SECRET: &[u8] = b"12345678901234567890";

/// One session: its cookie, and whether the second step is done. Codes count once.
#[derive(Default)]
pub(crate) struct Vendor {
    cookie: Option<String>,
    unlocked: bool,
    used: Option<String>,
}

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[
        ("INWX_USERNAME", "someone"),
        ("INWX_PASSWORD", "right-password"),
        ("INWX_SHARED_SECRET", "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"),
    ];
    const REFUSED: &'static [(&'static str, &'static str)] = &[("INWX_PASSWORD", "wrong-password")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        let (method, _) = read(call)?;
        if method == "account.login" {
            return Ok(());
        }
        let sent = call.optional_header("cookie").map(str::to_owned);
        match sent.is_some() && sent == self.cookie && (self.unlocked || method == "account.unlock")
        {
            true => Ok(()),
            false => Err(refusal(2002, "Command use error")),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        let here = matches!(
            call.origin.as_str(),
            "https://api.domrobot.com" | "https://api.ote.domrobot.com"
        );
        if !here || call.route() != ["POST", "xmlrpc", ""] {
            return Err(call.unknown());
        }
        let (method, parameters) = read(call)?;
        let known: &[&str] = match method.as_str() {
            "account.login" => &["user", "pass", "lang"],
            "account.unlock" => &["tan"],
            "nameserver.list" => &["domain", "wide", "page", "pagelimit"],
            "nameserver.info" => &["domain", "name", "type", "content"],
            "nameserver.createRecord" => &["domain", "name", "type", "content", "ttl"],
            "nameserver.deleteRecord" => &["id"],
            _ => return Err(call.wrong(format!("unknown method {method}"))),
        };
        if let Some((name, _)) = parameters.iter().find(|(name, _)| !known.contains(&&**name)) {
            return Err(call.wrong(format!("{method}: unknown parameter `{name}`")));
        }
        let get = |name: &str| {
            let found = parameters.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.as_str())
        };
        let need =
            |name: &str| get(name).ok_or_else(|| refusal(2003, "Required parameter missing"));
        let missing = || refusal(2303, "Object does not exist");
        match method.as_str() {
            "account.login" => self.log_in(need("user")?, need("pass")?, call.now),
            "account.unlock" => self.unlock(need("tan")?, call.now),
            "nameserver.list" => {
                let number = |name, default| get(name).map_or(Ok(default), str::parse::<usize>);
                let (Ok(page), Ok(size)) = (number("page", 1), number("pagelimit", 20)) else {
                    return Err(refusal(2005, "Parameter value syntax error"));
                };
                let (zones, _) = Call::page(&data.zones, page, size.min(100));
                let zones: String = zones.iter().map(domain).collect();
                let count = member("count", &format!("<int>{}</int>", data.zones.len()));
                let list = format!("<array><data>{zones}</data></array>");
                Ok(done(&(count + &member("domains", &list))))
            }
            "nameserver.info" => {
                let zone = data.zone(need("domain")?).ok_or_else(missing)?;
                let is = |name: &str, value: &str| get(name).is_none_or(|wanted| wanted == value);
                let wanted = |record: &&Record| {
                    is("name", record.name.trim_end_matches('.'))
                        && is("type", &record.kind)
                        && is("content", &record.value)
                };
                Ok(done(&info(zone, zone.records.iter().filter(wanted).collect())))
            }
            "nameserver.createRecord" => {
                let (name, kind) = (need("name")?, need("type")?);
                let (content, ttl) = (need("content")?, get("ttl").unwrap_or("3600"));
                let zone = data.zone_mut(need("domain")?).ok_or_else(missing)?;
                let ttl = ttl.parse().map_err(|_| refusal(2005, "Parameter value syntax error"))?;
                if !(300..=864_000).contains(&ttl) {
                    return Err(refusal(2004, "Parameter value range error"));
                }
                // Names end in that of the zone or are relative to it.
                let owner = match name.strip_suffix(zone.bare_name()) {
                    Some(_) => format!("{name}."),
                    None => zone.owner(name),
                };
                if zone.rrset(&owner, kind).iter().any(|record| record.value == content) {
                    return Err(refusal(2302, "Object exists"));
                }
                let id = zone.add(&owner, kind, ttl, content).id;
                Ok(done(&member("id", &format!("<int>{id}</int>"))))
            }
            _ => {
                let id = need("id")?.parse().map_err(|_| missing())?;
                let removed = data.zones.iter_mut().find_map(|zone| zone.remove(id));
                removed.map(|_| done("")).ok_or_else(missing)
            }
        }
    }
}

impl Vendor {
    fn log_in(&mut self, user: &str, password: &str, now: u64) -> Result<Answer, Answer> {
        if (user, password) != ("someone", "right-password") {
            return Err(refusal(2200, "Authentication error"));
        }
        let cookie = format!("domrobot={now:x}");
        (self.cookie, self.unlocked) = (Some(cookie.clone()), false);
        let account =
            member("customerId", "<int>7</int>") + &member("tfa", "<string>GOOGLE-AUTH</string>");
        Ok(done(&account).header("set-cookie", format!("{cookie}; path=/; secure; HttpOnly")))
    }

    fn unlock(&mut self, tan: &str, now: u64) -> Result<Answer, Answer> {
        let expected = [0, 30_000].map(|ago| code((now - ago) / 30_000));
        if self.used.as_deref() == Some(tan) || !expected.contains(&tan.to_owned()) {
            return Err(refusal(2200, "Authentication error"));
        }
        (self.used, self.unlocked) = (Some(tan.to_owned()), true);
        Ok(done(""))
    }
}

/// The code of six digits for that half minute (RFC 4226 §5.3).
fn code(counter: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(SECRET).unwrap();
    mac.update(&counter.to_be_bytes());
    let mac = mac.finalize().into_bytes();
    let start = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes(mac[start..start + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// The method and the members of its one parameter, a struct of texts and numbers.
fn read(call: &Call) -> Result<(String, Vec<(String, String)>), Answer> {
    call.content_type("text/xml")?;
    let root = Element::parse(&call.body).map_err(|error| call.wrong(error.message))?;
    let method = root.text_at("methodName").ok_or_else(|| call.wrong("no methodName"))?;
    let members = root.all("params/param/value/struct/member").map(|member| {
        let name = member.text_at("name").ok_or_else(|| call.wrong("a member without name"))?;
        let value = member.at("value").and_then(|value| value.children.first());
        match value.filter(|value| ["string", "int"].contains(&&*value.name)) {
            Some(value) => Ok((name.to_owned(), value.text.clone())),
            None => Err(call.wrong(format!("`{name}` is neither text nor number"))),
        }
    });
    Ok((method.to_owned(), members.collect::<Result<_, _>>()?))
}

/// Listings show names as people read them.
fn domain(zone: &Zone) -> String {
    let name = zone.bare_name().replace("xn--bcher-kva", "bücher");
    let members = member("roId", &format!("<int>{}</int>", zone.id))
        + &member("domain", &format!("<string>{name}</string>"))
        + &member("type", "<string>MASTER</string>");
    format!("<value><struct>{members}</struct></value>")
}

fn info(zone: &Zone, records: Vec<&Record>) -> String {
    let mut out = member("roId", &format!("<int>{}</int>", zone.id))
        + &member("domain", &format!("<string>{}</string>", zone.bare_name()))
        + &member("type", "<string>MASTER</string>");
    if records.is_empty() {
        return out;
    }
    let mut list = String::new();
    for Record { id, name, kind, ttl, value } in &records {
        let name = name.trim_end_matches('.');
        let (prio, value) = match value.split_once(' ') {
            Some((prio, value)) if kind == "MX" => (prio, value),
            _ => ("0", value.as_str()),
        };
        let members = member("id", &format!("<int>{id}</int>"))
            + &member("name", &format!("<string>{name}</string>"))
            + &member("type", &format!("<string>{kind}</string>"))
            + &member("content", &Element::leaf("string", value).to_string())
            + &member("ttl", &format!("<int>{ttl}</int>"))
            + &member("prio", &format!("<int>{prio}</int>"));
        let _ = write!(list, "<value><struct>{members}</struct></value>");
    }
    out += &member("count", &format!("<int>{}</int>", records.len()));
    out + &member("record", &format!("<array><data>{list}</data></array>"))
}

fn member(name: &str, value: &str) -> String {
    format!("<member><name>{name}</name><value>{value}</value></member>")
}

fn done(members: &str) -> Answer {
    let data = match members {
        "" => String::new(),
        members => member("resData", &format!("<struct>{members}</struct>")),
    };
    answer(1000, "Command completed successfully", &data)
}

fn refusal(code: u16, words: &str) -> Answer {
    answer(code, words, "")
}

fn answer(code: u16, words: &str, data: &str) -> Answer {
    let members = member("code", &format!("<int>{code}</int>"))
        + &member("msg", &format!("<string>{words}</string>"))
        + data
        + &member("svTRID", "<string>20260102-1000001</string>")
        + &member("runtime", "<double>0.050000</double>");
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><methodResponse><params><param><value><struct>\
         {members}</struct></value></param></params></methodResponse>"
    );
    Answer::text(200, "text/xml; charset=utf-8", body)
}
