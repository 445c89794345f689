//! A program that keeps values, for the providers that start one.

use std::{fs, io, os::unix::fs::symlink, path::PathBuf, sync::Mutex};

use wildcert_plugin::conformance::{
    Trial::{
        Apex, BrokenAnswer, CheckListsZones, LastPage, LostAnswer, Redirect, TooManyRequests,
        TtlIsKept, Unavailable, UnknownZone, WrongCredentials,
    },
    Vendor,
};
use wildcert_plugin_sdk::{
    testing::{Data, Facts, Fault, Setup, State},
    zones,
};

const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/values.sh");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/dns_values.sh");
const NO_HTTP: &str = "a program is run, nothing is sent";

/// What the program's own records have; the protocol carries none.
const TTL: u32 = 120;

/// The program in a folder of its own, with a file of values.
pub(super) struct Program {
    /// The provider that starts it.
    provider: String,
    folder: tempfile::TempDir,
    /// The account as the trial began.
    data: Mutex<Data>,
}

impl Program {
    pub(super) fn new(provider: &str) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        symlink(PROGRAM, folder.path().join("program"))?;
        Ok(Self { provider: provider.to_owned(), folder, data: Mutex::default() })
    }

    /// The settings that name the program.
    fn settings(&self) -> Result<Vec<(&'static str, String)>, String> {
        let path = self.path("program").to_string_lossy().into_owned();
        Ok(match self.provider.as_str() {
            "exec" => vec![("EXEC_PATH", path)],
            "exec-acmesh" => vec![
                ("EXEC_ACMESH_SCRIPT", SCRIPT.to_owned()),
                ("EXEC_ACMESH_ENV", format!("VALUES={path}")),
            ],
            "exec-certbot" => vec![
                ("EXEC_CERTBOT_AUTH_HOOK", format!("{path} auth")),
                ("EXEC_CERTBOT_CLEANUP_HOOK", format!("{path} clean")),
            ],
            "exec-dehydrated" => vec![("EXEC_DEHYDRATED_HOOK", path)],
            other => return Err(format!("nobody has said how `{other}` starts a program")),
        })
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }
}

impl Vendor for Program {
    fn facts(&self) -> Result<Facts, String> {
        let exceptions = [
            (CheckListsZones, "the protocol lists no zones"),
            (LastPage, "the protocol lists no zones"),
            (UnknownZone, "the protocol has no sign for it, and lists no zones"),
            (TtlIsKept, "the protocol carries no TTL"),
            (WrongCredentials, "the program takes its credentials from elsewhere"),
            (TooManyRequests, NO_HTTP),
            (Unavailable, NO_HTTP),
            (BrokenAnswer, NO_HTTP),
            (LostAnswer, NO_HTTP),
            (Redirect, NO_HTTP),
        ];
        let mut exceptions = exceptions.map(|(trial, why)| (trial, why.to_owned())).to_vec();
        if ["exec-certbot", "exec-dehydrated"].contains(&self.provider.as_str()) {
            exceptions
                .push((Apex, "the protocol names the domain below `_acme-challenge`".to_owned()));
        }
        Ok(Facts {
            settings: self
                .settings()?
                .into_iter()
                .map(|(n, value)| (n.to_owned(), value))
                .collect(),
            refused: Vec::new(),
            exceptions,
        })
    }

    fn set_up(&self, Setup { data, fault }: Setup) -> Result<(), String> {
        let records = data.zones.iter().flat_map(|zone| &zone.records);
        let texts = records.filter(|record| record.kind == "TXT");
        let lines: String = texts.map(|r| format!("{} {}\n", r.name, r.value)).collect();
        fs::write(self.path("values"), lines).map_err(|error| error.to_string())?;
        match fault {
            None => {}
            Some(Fault::RefusedWrites) => {
                fs::write(self.path("refuse"), "").map_err(|error| error.to_string())?;
            }
            Some(_) => return Err(NO_HTTP.to_owned()),
        }
        *self.data.lock().expect("no panic") = data;
        Ok(())
    }

    fn state(&self) -> Result<State, String> {
        let mut data = self.data.lock().expect("no panic").clone();
        let text = fs::read_to_string(self.path("values")).map_err(|error| error.to_string())?;
        take_over(&mut data, &text);
        let fault_happened = self.path("refused").exists();
        Ok(State { data, violations: Vec::new(), requests: Vec::new(), fault_happened })
    }
}

/// Makes the texts of `data` those of the file.
fn take_over(data: &mut Data, text: &str) {
    let mut lines: Vec<(&str, &str)> = text.lines().filter_map(|l| l.split_once(' ')).collect();
    for zone in &mut data.zones {
        zone.records.retain(|record| {
            let line = (record.name.as_str(), record.value.as_str());
            let place = lines.iter().position(|known| *known == line);
            let is_there = place.map(|place| lines.remove(place)).is_some();
            record.kind != "TXT" || is_there
        });
    }
    for (owner, value) in lines {
        let zone = zones::longest_match(owner, &data.zones, |zone| &zone.name);
        let zone = zone.map(|zone| zone.name.clone()).and_then(|name| data.zone_mut(&name));
        if let Some(zone) = zone {
            zone.add(owner, "TXT", TTL, value);
        }
    }
}
