//! The sandbox's DNS server, for the provider `rfc2136`.

use std::{fmt::Write as _, io::Write as _, process::Stdio, sync::Mutex};

use tokio::runtime::Handle;
use wildcert_plugin::conformance::{
    Trial::{
        BrokenAnswer, CheckListsZones, LastPage, LostAnswer, Redirect, RefusedWrite,
        TooManyRequests, Unavailable, UnknownZone,
    },
    Vendor,
};
use wildcert_plugin_sdk::testing::{Data, Facts, Setup, State};
use wildcert_sandbox::{Sandbox, SandboxOptions, ZoneRecord};
use wildcert_tests::command;

/// Those of the account in most trials.
const ZONES: [&str; 4] =
    ["example.com.", "sub.example.com.", "xn--bcher-kva.example.", "other.example."];
const NO_HTTP: &str = "there is no such thing in DNS";
const NO_FAULTS: &str = "the sandbox has no such fault; tests of the SDK and the provider show it";
const NO_LISTING: &str = "a DNS server lists no zones";

/// A DNS server with the zones of the account.
pub(super) struct UpdateServer {
    sandbox: Sandbox,
    /// What each zone cannot be without: SOA, a name server and its address.
    own: Vec<(&'static str, ZoneRecord)>,
    /// The account as the trial began.
    data: Mutex<Data>,
}

impl UpdateServer {
    pub(super) fn new(runtime: &Handle) -> Result<Self, String> {
        let zones = ZONES.map(str::to_owned).to_vec();
        let options = SandboxOptions { zones, ..SandboxOptions::default() };
        let sandbox = runtime.block_on(Sandbox::start(options)).map_err(|e| e.to_string())?;
        let of = |zone| sandbox.zone_records(zone).into_iter().map(move |record| (zone, record));
        let own = ZONES.into_iter().flat_map(of).collect();
        Ok(Self { sandbox, own, data: Mutex::default() })
    }

    /// The records of a zone beside its own.
    fn records(&self, zone: &str) -> Vec<ZoneRecord> {
        let own =
            |record: &ZoneRecord| self.own.iter().any(|(of, own)| *of == zone && same(own, record));
        let mut records = self.sandbox.zone_records(zone);
        records.retain(|record| !own(record));
        records
    }

    /// The zones' own records that are gone.
    fn missing(&self) -> Vec<String> {
        let missing = self.own.iter().filter(|(zone, own)| {
            !self.sandbox.zone_records(zone).iter().any(|record| same(own, record))
        });
        missing.map(|(zone, own)| format!("{zone} has lost {} {}", own.owner, own.kind)).collect()
    }

    /// Lets `nsupdate` make the zones those of `data`.
    fn update(&self, data: &Data) -> Result<(), String> {
        let (server, key) = (self.sandbox.dns_addr(), self.sandbox.tsig());
        let mut script = format!("server {} {}\n", server.ip(), server.port());
        let _ = writeln!(script, "key {}:{} {}", key.algorithm, key.name, key.secret_base64);
        for zone in &data.zones {
            let _ = writeln!(script, "zone {}", zone.name);
            for ZoneRecord { owner, kind, data, .. } in self.records(&zone.name) {
                let _ = writeln!(script, "update delete {owner} {kind} {}", text(&kind, &data));
            }
            script.push_str("send\n");
            let _ = writeln!(script, "zone {}", zone.name);
            for record in &zone.records {
                let value = text(&record.kind, &record.value);
                let _ = writeln!(
                    script,
                    "update add {} {} {} {value}",
                    record.name, record.ttl, record.kind
                );
            }
            script.push_str("send\n");
        }
        let mut nsupdate = command("nsupdate");
        nsupdate.args(["-v"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = nsupdate.spawn().map_err(|error| error.to_string())?;
        let stdin = process.stdin.take();
        stdin.map(|mut stdin| stdin.write_all(script.as_bytes()));
        let output = process.wait_with_output().map_err(|error| error.to_string())?;
        match output.status.success() {
            true => Ok(()),
            false => Err(format!("nsupdate: {}", String::from_utf8_lossy(&output.stderr))),
        }
    }
}

impl Vendor for UpdateServer {
    fn facts(&self) -> Result<Facts, String> {
        let key = self.sandbox.tsig();
        let settings = [
            ("RFC2136_NAMESERVER", self.sandbox.dns_addr().to_string()),
            ("RFC2136_TSIG_KEY", key.name.clone()),
            ("RFC2136_TSIG_SECRET", key.secret_base64.clone()),
        ];
        let exceptions = [
            (CheckListsZones, NO_LISTING),
            (LastPage, NO_LISTING),
            (UnknownZone, NO_LISTING),
            (TooManyRequests, NO_HTTP),
            (Unavailable, NO_HTTP),
            (RefusedWrite, NO_FAULTS),
            (BrokenAnswer, NO_FAULTS),
            (
                LostAnswer,
                "the sandbox loses no answers; an update repeated changes nothing, as present-twice shows",
            ),
            (Redirect, NO_HTTP),
        ];
        Ok(Facts {
            settings: settings.map(|(name, value)| (name.to_owned(), value)).to_vec(),
            refused: vec![("RFC2136_TSIG_SECRET".to_owned(), "d3Jvbmctc2VjcmV0".to_owned())],
            exceptions: exceptions.map(|(trial, why)| (trial, why.to_owned())).to_vec(),
        })
    }

    fn set_up(&self, Setup { data, fault }: Setup) -> Result<(), String> {
        if fault.is_some() {
            return Err(NO_FAULTS.to_owned());
        }
        if data.zones.len() > ZONES.len() {
            return Err(NO_LISTING.to_owned());
        }
        self.update(&data)?;
        *self.data.lock().expect("no panic") = data;
        let state = self.state()?;
        match state.data == *self.data.lock().expect("no panic") {
            true => Ok(()),
            false => Err(format!("the server does not hold what it was given: {state:?}")),
        }
    }

    /// Every record that was there keeps its identifier.
    fn state(&self) -> Result<State, String> {
        let mut data = self.data.lock().expect("no panic").clone();
        for zone in &mut data.zones {
            let mut found = self.records(&zone.name);
            zone.records.retain(|record| {
                let is_it = |r: &ZoneRecord| {
                    (&r.owner, r.ttl, &r.kind, &r.data)
                        == (&record.name, record.ttl, &record.kind, &record.value)
                };
                let place = found.iter().position(is_it);
                place.map(|place| found.remove(place)).is_some()
            });
            for ZoneRecord { owner, ttl, kind, data } in found {
                zone.add(&owner, &kind, ttl, &data);
            }
        }
        let violations = self.missing();
        Ok(State { data, violations, requests: Vec::new(), fault_happened: false })
    }
}

/// Whether they are the same record. The TTL is that of the RRset, the serial grows.
fn same(one: &ZoneRecord, other: &ZoneRecord) -> bool {
    let data = one.data == other.data || one.kind == "SOA";
    (&one.owner, &one.kind) == (&other.owner, &other.kind) && data
}

/// The data of a record as a zone file has it.
fn text(kind: &str, data: &str) -> String {
    if kind == "TXT" { format!("\"{data}\"") } else { data.to_owned() }
}
