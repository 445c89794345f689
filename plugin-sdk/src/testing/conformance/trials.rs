//! The trials.

use super::{
    super::simulation::Fault,
    Trial,
    stage::{Outcome, Presented, Stage, tell},
    world,
};
use crate::{
    error::{Error, ErrorKind},
    types::TxtRecord,
};

impl Stage<'_> {
    pub(super) fn perform(&self, trial: Trial) -> Outcome {
        match trial {
            Trial::CheckListsZones => self.check_lists_zones(),
            Trial::PresentOne => self.present_one(),
            Trial::TtlIsKept => self.ttl_is_kept(),
            Trial::TwoValuesAtOnce => self.two_values_at_once(),
            Trial::SecondValue => self.second_value(),
            Trial::SeveralNames => self.several_names(),
            Trial::PresentTwice => self.present_twice(),
            Trial::RemoveByHandle => self.remove_by(true),
            Trial::RemoveByValue => self.remove_by(false),
            Trial::RemoveAbsent => self.remove_absent(),
            Trial::OtherRecords => self.other_records(),
            Trial::RemoveOneOfTwo => self.remove_one_of_two(),
            Trial::ForeignValue => self.foreign_value(),
            Trial::Apex => self.apex(),
            Trial::ChildZone => self.in_zone(world::CHILD, false),
            Trial::LastPage => self.in_zone(world::ZONE, true),
            Trial::IdnZone => self.in_zone(world::IDN, false),
            Trial::WrongCredentials => self.wrong_credentials(),
            Trial::UnknownZone => self.unknown_zone(),
            Trial::TooManyRequests => self.passes_over(Fault::TooManyRequests(1)),
            Trial::Unavailable => self.passes_over(Fault::Unavailable),
            Trial::RefusedWrite => self.refused_write(),
            Trial::BrokenAnswer => self.broken_answer(),
            Trial::LostAnswer => self.lost_answer(),
            Trial::Redirect => self.redirect(),
        }
    }

    fn check_lists_zones(&self) -> Outcome {
        let data = self.set_up(None)?;
        let mut zones = self.check(self.settings()).map_err(|error| tell(&error))?;
        zones.sort();
        let Ok(vendor) = self.vendor() else {
            return match zones.iter().any(|zone| zone == self.zone()) || zones.is_empty() {
                true => Ok(()),
                false => Err(format!("{} is not among {zones:?}", self.zone())),
            };
        };
        let mut expected: Vec<String> = data.zones.iter().map(|zone| zone.name.clone()).collect();
        expected.sort();
        if vendor.state()?.data != data {
            return Err("check wrote something".to_owned());
        }
        match zones == expected {
            true => Ok(()),
            false => Err(format!("check gave {zones:?}, not {expected:?}")),
        }
    }

    fn present_one(&self) -> Outcome {
        self.set_up(None)?;
        let owner = self.owner("");
        let presented = self.present(&[self.record(&owner, "value-One_1")])?;
        self.expect(&owner, &["value-One_1"])?;
        self.clean(&presented)
    }

    fn ttl_is_kept(&self) -> Outcome {
        for ttl in [self.least_ttl, self.ttl] {
            self.set_up(None)?;
            let owner = self.owner("");
            self.present(&[TxtRecord { ttl, ..self.record(&owner, "value") }])?;
            let data = self.state()?.data;
            let at_owner = data.zones.iter().flat_map(|zone| zone.rrset(&owner, "TXT"));
            let found: Vec<u32> = at_owner.map(|record| record.ttl).collect();
            if found != [ttl] {
                return Err(format!("at {owner} stand the TTLs {found:?}, not {ttl}"));
            }
        }
        Ok(())
    }

    fn two_values_at_once(&self) -> Outcome {
        self.set_up(None)?;
        let owner = self.owner("");
        let presented = self.present(&[self.record(&owner, "one"), self.record(&owner, "two")])?;
        self.expect(&owner, &["one", "two"])?;
        self.clean(&presented)
    }

    fn second_value(&self) -> Outcome {
        self.set_up(None)?;
        let owner = self.owner("");
        let mut presented = self.present(&[self.record(&owner, "one")])?;
        presented.extend(self.present(&[self.record(&owner, "two")])?);
        self.expect(&owner, &["one", "two"])?;
        self.clean(&presented)
    }

    fn several_names(&self) -> Outcome {
        let data = self.set_up(None)?;
        let owners = [self.owner(""), self.owner("a"), self.owner("b.c")];
        let records: Vec<TxtRecord> =
            owners.iter().map(|owner| self.record(owner, "value")).collect();
        let presented = self.present(&records)?;
        for owner in &owners {
            self.expect(owner, &["value"])?;
        }
        self.remove(&presented)?;
        match self.vendor() {
            Ok(_) => self.expect_account(&data, &[]),
            Err(_) => owners.iter().try_for_each(|owner| self.expect(owner, &[])),
        }
    }

    fn present_twice(&self) -> Outcome {
        self.set_up(None)?;
        let owner = self.owner("");
        let record = self.record(&owner, "value");
        self.present(std::slice::from_ref(&record))?;
        let presented = self.present(std::slice::from_ref(&record))?;
        self.expect(&owner, &["value"])?;
        self.clean(&presented)
    }

    fn remove_by(&self, handle: bool) -> Outcome {
        self.set_up(None)?;
        let owner = self.owner("");
        let mut presented = self.present(&[self.record(&owner, "value")])?;
        if !handle {
            presented.iter_mut().for_each(|(_, handle)| *handle = None);
        }
        self.remove(&presented)?;
        self.expect(&owner, &[])
    }

    fn remove_absent(&self) -> Outcome {
        let data = self.set_up(None)?;
        let owner = self.owner("");
        self.remove(&[(self.record(&owner, "never-there"), None)])?;
        let presented = self.present(&[self.record(&owner, "value")])?;
        self.remove(&presented)?;
        self.remove(&presented)?;
        match self.vendor() {
            Ok(_) => self.expect_account(&data, &[]),
            Err(_) => self.expect(&owner, &[]),
        }
    }

    fn other_records(&self) -> Outcome {
        let data = self.set_up(None)?;
        let record = self.record(&self.owner(""), "value");
        let presented = self.present(std::slice::from_ref(&record))?;
        self.expect_account(&data, &[&record])?;
        self.remove(&presented)?;
        self.expect_account(&data, &[])
    }

    fn remove_one_of_two(&self) -> Outcome {
        for by_handle in [true, false] {
            self.set_up(None)?;
            let owner = self.owner("");
            let records = [self.record(&owner, "one"), self.record(&owner, "two")];
            let presented = self.present(&records)?;
            let (record, handle) = presented[0].clone();
            self.remove(&[(record, handle.filter(|_| by_handle))])?;
            self.expect(&owner, &["two"])?;
            self.clean(&presented[1..])?;
        }
        Ok(())
    }

    fn foreign_value(&self) -> Outcome {
        let mut data = world::account(false);
        let owner = self.owner("");
        if let Some(zone) = data.zone_mut(world::ZONE) {
            zone.add(&owner, "TXT", self.ttl, world::FOREIGN);
        }
        self.set_up_with(data.clone(), None)?;
        let records = [self.record(&owner, "one"), self.record(&owner, "two")];
        let presented = self.present(&records)?;
        self.expect_account(&data, &[&records[0], &records[1]])?;
        self.remove(&presented[..1])?;
        self.expect_account(&data, &[&records[1]])?;
        self.remove(&[(records[1].clone(), None)])?;
        self.expect_account(&data, &[])
    }

    fn apex(&self) -> Outcome {
        let mut data = world::account(false);
        if let Some(zone) = data.zone_mut(world::ZONE) {
            // All values of an RRset have one TTL.
            zone.records.iter_mut().filter(|r| r.kind == "TXT").for_each(|r| r.ttl = self.ttl);
        }
        self.set_up_with(data.clone(), None)?;
        let record = self.record(world::ZONE, "value");
        let presented = self.present(std::slice::from_ref(&record))?;
        self.expect_account(&data, &[&record])?;
        self.remove(&presented)?;
        self.expect_account(&data, &[])
    }

    /// Presents and removes in that zone, at the end of a long listing if asked for.
    fn in_zone(&self, zone: &str, last_page: bool) -> Outcome {
        let data = world::account(last_page);
        self.set_up_with(data.clone(), None)?;
        let record = self.record_in(zone, &format!("_acme-challenge.www.{zone}"), "value");
        let presented = self.present(std::slice::from_ref(&record))?;
        self.expect_account(&data, &[&record])?;
        self.remove(&presented)?;
        self.expect_account(&data, &[])?;
        if last_page {
            let zones = self.check(self.settings()).map_err(|error| tell(&error))?;
            if zones.len() != data.zones.len() {
                let all = data.zones.len();
                return Err(format!("check gave {} of {all} zones", zones.len()));
            }
        }
        Ok(())
    }

    fn wrong_credentials(&self) -> Outcome {
        let data = self.set_up(None)?;
        let mut settings = self.settings().clone();
        for (name, value) in self.vendor()?.facts()?.refused {
            settings.retain(|(known, _)| *known != name);
            settings.push((name, value));
        }
        let record = self.record(&self.owner(""), "value");
        let present = self.try_present(&settings, &[record])?.into_iter().find_map(Result::err);
        expect_kind("present", present, &[ErrorKind::Auth])?;
        expect_kind("check", self.check(&settings).err(), &[ErrorKind::Auth])?;
        self.expect_account(&data, &[])
    }

    fn unknown_zone(&self) -> Outcome {
        self.set_up(None)?;
        let owner = format!("_acme-challenge.{}", world::ABSENT);
        let record = self.record_in(world::ABSENT, &owner, "value");
        let results = self.try_present(self.settings(), &[record])?;
        let error = results.into_iter().find_map(Result::err);
        let error = expect_kind("present", error, &[ErrorKind::ZoneNotFound])?;
        let named = error.message.contains(self.zone().trim_end_matches('.'));
        match named || self.vendor().is_err() {
            true => Ok(()),
            false => Err(format!("the zones that were seen are not named: {error}")),
        }
    }

    fn passes_over(&self, fault: Fault) -> Outcome {
        self.set_up(Some(fault))?;
        let owner = self.owner("");
        let presented = self.present(&[self.record(&owner, "value")])?;
        self.fault_happened()?;
        self.expect(&owner, &["value"])?;
        self.clean(&presented)
    }

    fn refused_write(&self) -> Outcome {
        let data = self.set_up(Some(Fault::RefusedWrites))?;
        let record = self.record(&self.owner(""), "value");
        let result =
            self.try_present(self.settings(), &[record])?.into_iter().find_map(Result::err);
        self.fault_happened()?;
        expect_kind("present", result, &[ErrorKind::Transient, ErrorKind::Permanent])?;
        self.expect_account(&data, &[])
    }

    fn broken_answer(&self) -> Outcome {
        self.set_up(Some(Fault::Broken))?;
        let record = self.record(&self.owner(""), "value");
        let result =
            self.try_present(self.settings(), &[record])?.into_iter().find_map(Result::err);
        self.fault_happened()?;
        let kinds = [ErrorKind::Transient, ErrorKind::Permanent];
        let error = expect_kind("present", result, &kinds)?;
        match error.message.contains(|c: char| c.is_ascii_digit()) {
            true => Ok(()),
            false => Err(format!("the place is not named: {error}")),
        }
    }

    fn lost_answer(&self) -> Outcome {
        let data = self.set_up(Some(Fault::Lost))?;
        let record = self.record(&self.owner(""), "value");
        let records = std::slice::from_ref(&record);
        let first = self.try_present(self.settings(), records)?.into_iter().find_map(Result::err);
        self.fault_happened()?;
        if first.is_some() {
            // What a next run does: it presents again, or removes what may be there.
            expect_kind("present", first, &[ErrorKind::Transient])?;
            self.present(records)?;
        }
        self.expect_account(&data, &[&record])?;
        self.remove(&[(record, None)])?;
        self.expect_account(&data, &[])
    }

    fn redirect(&self) -> Outcome {
        self.set_up(Some(Fault::Redirect))?;
        let record = self.record(&self.owner(""), "value");
        let result =
            self.try_present(self.settings(), &[record])?.into_iter().find_map(Result::err);
        self.fault_happened()?;
        let state = self.state()?;
        if let Some(request) = state.requests.iter().find(|r| r.contains("elsewhere.example")) {
            return Err(format!("the redirect was followed: {request}"));
        }
        expect_kind("present", result, &[ErrorKind::Transient, ErrorKind::Permanent]).map(drop)
    }

    /// Somebody else writes between the provider's reading and its writing.
    pub(super) fn overtaken(&self) -> Outcome {
        let owner = self.owner("");
        let record = self.record(&owner, "ours");
        let account = |values: &[&str]| {
            let mut data = world::account(false);
            if let Some(zone) = data.zone_mut(world::ZONE) {
                for value in values {
                    zone.add(&owner, "TXT", self.ttl, value);
                }
            }
            data
        };
        for (read, found) in [(&[][..], &["theirs"][..]), (&["first"], &["first", "theirs"])] {
            self.set_up_with(account(read), Some(Fault::Overtaken(account(found))))?;
            let presented = self.present(std::slice::from_ref(&record))?;
            self.fault_happened()?;
            self.expect_account(&account(found), &[&record])?;
            let with_ours = |values| account(&[values, &["ours"][..]].concat());
            self.set_up_with(with_ours(read), Some(Fault::Overtaken(with_ours(found))))?;
            self.remove(&presented)?;
            self.fault_happened()?;
            self.expect_account(&account(found), &[])?;
            self.no_violation()?;
        }
        Ok(())
    }

    /// Before a real vendor nothing may stay behind; a simulated one begins anew.
    fn clean(&self, presented: &[Presented]) -> Outcome {
        match self.vendor() {
            Ok(_) => Ok(()),
            Err(_) => {
                self.remove(presented)?;
                let owners = presented.iter().map(|(record, _)| &record.owner);
                owners.into_iter().try_for_each(|owner| self.expect(owner, &[]))
            }
        }
    }

    fn fault_happened(&self) -> Outcome {
        match self.state()?.fault_happened {
            true => Ok(()),
            false => Err("the provider sent no request in which the fault could show".to_owned()),
        }
    }
}

/// The error, which must be of one of these kinds.
fn expect_kind(operation: &str, error: Option<Error>, kinds: &[ErrorKind]) -> Outcome<Error> {
    let wanted = || kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(" or ");
    match error {
        Some(error) if kinds.contains(&error.kind) => Ok(error),
        Some(error) => Err(format!("{operation} failed with {}, not {}", tell(&error), wanted())),
        None => Err(format!("{operation} succeeded, where it must be {}", wanted())),
    }
}
