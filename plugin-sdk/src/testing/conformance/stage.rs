//! What the trials are written in: calls of the provider, and looks at what came of them.

use std::cell::RefCell;

use super::{
    super::{
        data::Data,
        simulation::{Fault, Setup, State},
    },
    Bench, Ground, Settings, Trial, Vendor, world,
};
use crate::{
    error::{Error, Result},
    manifest::Manifest,
    types::{Removal, TxtRecord},
};

/// What went otherwise than it should.
pub(super) type Outcome<T = ()> = Result<T, String>;

/// One trial's provider, vendor and ground.
pub(super) struct Stage<'a> {
    bench: &'a dyn Bench,
    ground: &'a Ground,
    /// The TTL of every record, within the manifest's range.
    pub(super) ttl: u32,
    /// The least that the manifest allows.
    pub(super) least_ttl: u32,
    /// The names of the settings that are secret.
    secrets: Vec<String>,
    /// The first error that told a secret: its setting.
    told: RefCell<Option<String>>,
}

/// A presented record and its handle.
pub(super) type Presented = (TxtRecord, Option<String>);

impl<'a> Stage<'a> {
    pub(super) fn new(bench: &'a dyn Bench, manifest: &Manifest, ground: &'a Ground) -> Self {
        let within = |ttl: u32| ttl.max(manifest.ttl.minimum).min(manifest.ttl.maximum);
        let secrets = manifest.config.iter().filter(|setting| setting.secret);
        let secrets = secrets.map(|setting| setting.name.clone()).collect();
        let told = RefCell::default();
        Self { bench, ground, ttl: within(120), least_ttl: within(1), secrets, told }
    }

    pub(super) fn play(&self, trial: Trial) -> Outcome {
        self.perform(trial)?;
        self.no_violation()
    }

    /// Requires that the provider did nothing that none may do.
    pub(super) fn no_violation(&self) -> Outcome {
        if let Some(setting) = self.told.borrow().as_ref() {
            return Err(format!("an error tells the value of the secret setting `{setting}`"));
        }
        let Some(vendor) = self.bench.vendor() else { return Ok(()) };
        match vendor.state()?.violations.as_slice() {
            [] => Ok(()),
            some => Err(some.join("; ")),
        }
    }

    /// The settings of the ground.
    pub(super) fn settings(&self) -> &Settings {
        &self.ground.settings
    }

    /// The zone of the ground.
    pub(super) fn zone(&self) -> &str {
        &self.ground.zone
    }

    /// An owner name for a challenge below `name` in the zone of the ground; empty for the zone itself.
    pub(super) fn owner(&self, name: &str) -> String {
        let labels = ["_acme-challenge", name, &self.ground.label, self.zone()];
        let labels = labels.into_iter().filter(|label| !label.is_empty());
        labels.collect::<Vec<_>>().join(".")
    }

    /// A record in the zone of the ground.
    pub(super) fn record(&self, owner: &str, value: &str) -> TxtRecord {
        self.record_in(self.zone(), owner, value)
    }

    pub(super) fn record_in(&self, zone: &str, owner: &str, value: &str) -> TxtRecord {
        let (zone, owner, value) = (zone.to_owned(), owner.to_owned(), value.to_owned());
        TxtRecord { zone, owner, value, ttl: self.ttl, options: Vec::new() }
    }

    /// The vendor, with the usual account and this fault; nothing before a real vendor.
    pub(super) fn set_up(&self, fault: Option<Fault>) -> Outcome<Data> {
        let data = world::account(false);
        self.set_up_with(data.clone(), fault)?;
        Ok(data)
    }

    pub(super) fn set_up_with(&self, data: Data, fault: Option<Fault>) -> Outcome {
        match self.bench.vendor() {
            Some(vendor) => vendor.set_up(Setup { data, fault }),
            None => Ok(()),
        }
    }

    pub(super) fn check(&self, settings: &Settings) -> Result<Vec<String>> {
        let result = self.bench.check(settings);
        self.hear(settings, result.as_ref().err());
        result
    }

    pub(super) fn try_present(
        &self,
        settings: &Settings,
        records: &[TxtRecord],
    ) -> Outcome<Vec<Result<Option<String>>>> {
        let results = self.bench.present(settings, records);
        self.hear(settings, results.iter().filter_map(|result| result.as_ref().err()));
        same_number("present", records.len(), results.len())?;
        Ok(results)
    }

    /// Presents in one call; every record must succeed.
    pub(super) fn present(&self, records: &[TxtRecord]) -> Outcome<Vec<Presented>> {
        let results = self.try_present(self.settings(), records)?;
        let presented = records.iter().zip(results).map(|(record, result)| match result {
            Ok(handle) => Ok((record.clone(), handle)),
            Err(error) => Err(format!("present of {}: {}", show(record), tell(&error))),
        });
        presented.collect()
    }

    /// Removes in one call; every removal must succeed.
    pub(super) fn remove(&self, presented: &[Presented]) -> Outcome {
        let removal = |(record, handle): &Presented| Removal {
            record: record.clone(),
            handle: handle.clone(),
        };
        let removals: Vec<Removal> = presented.iter().map(removal).collect();
        let results = self.bench.remove(self.settings(), &removals);
        self.hear(self.settings(), results.iter().filter_map(|result| result.as_ref().err()));
        same_number("remove", removals.len(), results.len())?;
        for (removal, result) in removals.iter().zip(results) {
            result.map_err(|error| {
                let by = if removal.handle.is_some() { "by its handle" } else { "without handle" };
                format!("remove of {} {by}: {}", show(&removal.record), tell(&error))
            })?;
        }
        Ok(())
    }

    /// Requires these TXT values at `owner`, and no others.
    pub(super) fn expect(&self, owner: &str, values: &[&str]) -> Outcome {
        let mut expected: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        expected.sort();
        let found = self.bench.values(owner, &expected)?;
        if found == expected {
            return Ok(());
        }
        Err(format!("at {owner} stands {found:?}, not {expected:?}"))
    }

    /// Requires that the account holds `before` and these TXT values besides; identifiers do not count.
    pub(super) fn expect_account(&self, before: &Data, added: &[&TxtRecord]) -> Outcome {
        let found = contents(&self.state()?.data);
        let mut expected = contents(before);
        for record in added {
            let TxtRecord { zone, owner, value, ttl, .. } = record;
            expected.push(format!("{zone}: {owner} {ttl} TXT {value:?}"));
        }
        expected.sort();
        let missing: Vec<&String> = expected.iter().filter(|line| !found.contains(line)).collect();
        let surplus: Vec<&String> = found.iter().filter(|line| !expected.contains(line)).collect();
        match (missing.as_slice(), surplus.as_slice()) {
            ([], []) if found.len() == expected.len() => Ok(()),
            ([], []) => Err("records stand there more than once".to_owned()),
            (missing, surplus) => {
                Err(format!("missing in the account: {missing:?}; not expected in it: {surplus:?}"))
            }
        }
    }

    /// Looks for secrets in errors. The host would take them out, but it knows them only as a whole.
    fn hear<'e>(&self, settings: &Settings, errors: impl IntoIterator<Item = &'e Error>) {
        for error in errors {
            let tells = |(name, value): &&(String, String)| {
                self.secrets.contains(name) && !value.is_empty() && error.message.contains(value)
            };
            if let Some((name, _)) = settings.iter().find(tells) {
                self.told.borrow_mut().get_or_insert_with(|| name.clone());
            }
        }
    }

    pub(super) fn state(&self) -> Outcome<State> {
        self.vendor()?.state()
    }

    pub(super) fn vendor(&self) -> Outcome<&dyn Vendor> {
        self.bench.vendor().ok_or_else(|| "it needs a simulator".to_owned())
    }
}

/// Every record of an account on a line, sorted.
fn contents(data: &Data) -> Vec<String> {
    let records = data.zones.iter().flat_map(|zone| zone.records.iter().map(move |r| (zone, r)));
    let mut lines: Vec<String> = records
        .map(|(zone, record)| {
            format!(
                "{}: {} {} {} {:?}",
                zone.name, record.name, record.ttl, record.kind, record.value
            )
        })
        .collect();
    lines.sort();
    lines
}

fn same_number(operation: &str, asked: usize, answered: usize) -> Outcome {
    if asked == answered {
        return Ok(());
    }
    Err(format!("{operation} of {asked} records gave {answered} results"))
}

fn show(record: &TxtRecord) -> String {
    format!("{:?} at {}", record.value, record.owner)
}

/// An error with its kind.
pub(super) fn tell(error: &Error) -> String {
    format!("{}: {error}", error.kind)
}
