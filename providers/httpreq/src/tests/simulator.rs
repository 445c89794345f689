//! A web server of somebody's that speaks lego's `httpreq` protocol, after its documentation.

use wildcert_plugin_sdk::{
    testing::{
        Answer, Call, Data, Simulator,
        conformance::Trial::{
            self, BrokenAnswer, CheckListsZones, LastPage, TtlIsKept, UnknownZone,
        },
    },
    zones,
};

/// What the server's own records have; the protocol carries none.
const TTL: u32 = 120;

#[derive(Default)]
pub(crate) struct Vendor;

impl Simulator for Vendor {
    const SETTINGS: &'static [(&'static str, &'static str)] = &[
        ("HTTPREQ_ENDPOINT", "https://hook.example/acme"),
        ("HTTPREQ_USERNAME", "wildcert"),
        ("HTTPREQ_PASSWORD", "right"),
    ];
    const REFUSED: &'static [(&'static str, &'static str)] = &[("HTTPREQ_PASSWORD", "wrong")];
    const EXCEPTIONS: &'static [(Trial, &'static str)] = &[
        (CheckListsZones, "the protocol lists no zones"),
        (LastPage, "the protocol lists no zones"),
        (UnknownZone, "the protocol has no sign for it, and lists no zones"),
        (TtlIsKept, "the protocol carries no TTL"),
        (BrokenAnswer, "an answer's status says all of it: nobody reads its body"),
    ];

    fn authorize(&mut self, call: &Call) -> Result<(), Answer> {
        match call.header("authorization")? {
            // Of `wildcert:right` and `wildcert:wrong`.
            "Basic d2lsZGNlcnQ6cmlnaHQ=" => Ok(()),
            "Basic d2lsZGNlcnQ6d3Jvbmc=" => Err(Answer::text(401, "text/plain", "who are you?")),
            other => Err(call.wrong(format!("credentials of nobody: {other}"))),
        }
    }

    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer> {
        if call.origin != "https://hook.example" {
            return Err(call.unknown());
        }
        call.allow_parameters(&[])?;
        let action = match call.route()[..] {
            ["GET", "acme", ""] => return Ok(Answer::text(404, "text/plain", "nothing to see")),
            ["POST", "acme", action @ ("present" | "cleanup")] => action,
            _ => return Err(call.unknown()),
        };
        let body = call.json()?;
        let (Some(owner), Some(value), Some(2)) =
            (body["fqdn"].as_str(), body["value"].as_str(), body.as_object().map(|o| o.len()))
        else {
            return Err(call.wrong(format!("neither more nor less than fqdn and value: {body}")));
        };
        if !owner.ends_with('.') {
            return Err(call.wrong(format!("`{owner}` is not absolute")));
        }
        let zone = zones::longest_match(owner, &data.zones, |zone| &zone.name);
        let Some(name) = zone.map(|zone| zone.name.clone()) else {
            return Err(Answer::text(404, "text/plain", format!("no zone for {owner}")));
        };
        let Some(zone) = data.zone_mut(&name) else { return Err(call.unknown()) };
        let there = zone.rrset(owner, "TXT").into_iter().find(|record| record.value == value);
        let there = there.map(|record| record.id);
        match (action, there) {
            ("present", None) => {
                zone.add(owner, "TXT", TTL, value);
            }
            ("cleanup", Some(id)) => {
                zone.remove(id);
            }
            _ => {}
        }
        Ok(Answer::empty(204))
    }
}
