//! Example DNS, the made-up vendor of the providers in `tests/languages`.

use std::{
    collections::BTreeSet,
    net::TcpStream,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use wildcert_plugin_sdk::{
    Request, Response,
    testing::{Answer, Call, Data, Record, Setup, Simulation, Simulator},
};

use crate::{FOREIGN, Rig, Vendor, reply};

/// The only token.
pub const TOKEN: &str = "edk_right";

/// Zones on a page of the listing.
const PAGE: usize = 20;

/// The API: zones in pages, and each TXT record an object of its own.
#[derive(Debug, Default)]
pub struct ExampleDns;

impl Simulator for ExampleDns {
    // Never asked: every request goes to the simulator.
    const SETTINGS: &'static [(&'static str, &'static str)] =
        &[("EXAMPLEDNS_URL", "https://api.dns.example.com/v1/"), ("EXAMPLEDNS_TOKEN", TOKEN)];
    const REFUSED: &'static [(&'static str, &'static str)] = &[("EXAMPLEDNS_TOKEN", "edk_wrong")];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.header("authorization")?.strip_prefix("Bearer ") {
            Some(TOKEN) => Ok(()),
            _ => Err(Answer::json(401, json!({ "message": "unknown token" }))),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        let missing = || Answer::json(404, json!({ "message": "not found" }));
        match call.route()[..] {
            ["GET", "v1", "zones"] => {
                call.allow_parameters(&["page"])?;
                let page = call.parameter("page").and_then(|page| page.parse().ok());
                let page: usize = page.ok_or_else(|| call.wrong("no page"))?;
                let (zones, more) = Call::page(&data.zones, page, PAGE);
                let names: Vec<&str> = zones.iter().map(|zone| zone.bare_name()).collect();
                let next = more.then_some(page + 1);
                Ok(Answer::json(200, json!({ "zones": names, "next": next })))
            }
            ["GET", "v1", "zones", zone, "records"] => {
                call.allow_parameters(&["type", "name"])?;
                let zone = data.zone(zone).ok_or_else(missing)?;
                let parameter =
                    |name| call.parameter(name).ok_or_else(|| call.wrong(format!("no {name}")));
                let found = zone.rrset(parameter("name")?, parameter("type")?);
                Ok(Answer::json(200, found.into_iter().map(show).collect()))
            }
            ["POST", "v1", "zones", zone, "records"] => {
                let body = call.json()?;
                let text = |key: &str| {
                    body[key].as_str().ok_or_else(|| call.wrong(format!("no text `{key}`")))
                };
                let ttl = body["ttl"].as_u64().and_then(|ttl| u32::try_from(ttl).ok());
                let ttl = ttl.ok_or_else(|| call.wrong("no ttl"))?;
                let zone = data.zone_mut(zone).ok_or_else(missing)?;
                if text("name")?.ends_with('.') || text("type")? != "TXT" {
                    return Err(call.wrong("a name with its final dot, or no TXT record"));
                }
                // As at many vendors: the same record once more is one more record.
                Ok(Answer::json(201, show(zone.add(text("name")?, "TXT", ttl, text("value")?))))
            }
            ["DELETE", "v1", "zones", zone, "records", id] => {
                let zone = data.zone_mut(zone).ok_or_else(missing)?;
                let id = id.parse().map_err(|_| missing())?;
                zone.remove(id).map(|_| Answer::empty(204)).ok_or_else(missing)
            }
            _ => Err(call.unknown()),
        }
    }
}

fn show(record: &Record) -> Value {
    let Record { id, name, kind, ttl, value } = record;
    let name = name.trim_end_matches('.');
    json!({ "id": id.to_string(), "type": kind, "name": name, "value": value, "ttl": ttl })
}

impl ExampleDns {
    /// Serves `zone`, an absolute name with [`FOREIGN`] at its challenge, from `rig`'s BIND: what the
    /// API is told goes there. The URL of the API is `/v1` below the vendor's.
    pub fn before(rig: &Arc<Rig>, zone: &str) -> Vendor {
        let mut data = Data::default();
        data.add_zone(zone).add(&format!("_acme-challenge.{zone}"), "TXT", 60, FOREIGN);
        let simulation = Mutex::new(Simulation::<Self>::new(Setup { data, fault: None }));
        let rig = Arc::clone(rig);
        Vendor::start(move |request, stream| {
            let mut simulation = simulation.lock().expect("no panic while it was held");
            let before = records(&simulation.state().data);
            let answer =
                simulation.handle(&parsed(request), 0).expect("an answer: no fault is set");
            let after = records(&simulation.state().data);
            for (owner, value) in after.difference(&before) {
                rig.bind.nsupdate(&format!("update add {owner} 60 TXT \"{value}\""));
            }
            for (owner, value) in before.difference(&after) {
                rig.bind.nsupdate(&format!("update delete {owner} TXT \"{value}\""));
            }
            send(stream, &answer)
        })
    }
}

/// Owner name and value of every TXT record.
fn records(data: &Data) -> BTreeSet<(String, String)> {
    let records = data.zones.iter().flat_map(|zone| &zone.records);
    let texts = records.filter(|record| record.kind == "TXT");
    texts.map(|record| (record.name.clone(), record.value.clone())).collect()
}

fn parsed(request: &str) -> Request {
    let (head, body) = request.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let url = format!("http://localhost{}", words.next().unwrap_or_default());
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        Some((name.to_owned(), value.trim().to_owned()))
    };
    let headers = lines.filter_map(header).collect();
    Request { method, url, headers, body: body.into(), options: Vec::new() }
}

fn send(stream: &mut TcpStream, answer: &Response) -> std::io::Result<()> {
    let mut head = format!("{} Simulated", answer.status);
    for (name, value) in &answer.headers {
        head.push_str(&format!("\r\n{name}: {value}"));
    }
    reply(stream, &head, &String::from_utf8_lossy(&answer.body))
}
