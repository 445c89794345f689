//! The provider of vendors where each TXT record is an object of its own.

use crate::{
    error::{Error, ErrorKind, Result},
    host::Context,
    per_zone::{Outcome, per_zone, unique},
    provider::Provider,
    record::RecordApi,
    types::{Removal, TxtRecord},
    zones::{self, Zone},
};

/// The [`Provider`] of a [`RecordApi`].
pub struct Records<A>(A);

impl<A: RecordApi> Provider for Records<A> {
    fn new(cx: &Context<'_>) -> Result<Self> {
        A::new(cx).map(Self)
    }

    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        self.0.zones(cx).map(|zones| zones::names(&zones))
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        let records: Vec<&TxtRecord> = records.iter().collect();
        per_zone(cx, &records, &|name| self.0.zone(cx, name), &|zone, places| {
            let records: Vec<&TxtRecord> = places.iter().map(|place| records[*place]).collect();
            self.present_in(cx, zone, &records)
        })
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        let records: Vec<&TxtRecord> = removals.iter().map(|removal| &removal.record).collect();
        let outcomes = per_zone(cx, &records, &|name| self.0.zone(cx, name), &|zone, places| {
            let removals: Vec<&Removal> = places.iter().map(|place| &removals[*place]).collect();
            self.remove_in(cx, zone, &removals)
        });
        outcomes.into_iter().map(|outcome| outcome.map(drop)).collect()
    }
}

impl<A: RecordApi> Records<A> {
    fn present_in(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        records: &[&TxtRecord],
    ) -> Result<Vec<Outcome>> {
        let there = self.ids(cx, zone, records)?;
        let same = |a: &TxtRecord, b: &TxtRecord| a.owner == b.owner && a.value == b.value;
        let mut missing: Vec<&TxtRecord> = Vec::new();
        for (record, ids) in records.iter().zip(&there) {
            if ids.is_empty() && !missing.iter().any(|known| same(known, record)) {
                missing.push(record);
            }
        }
        let created = match missing.as_slice() {
            [] => Vec::new(),
            missing => self.0.create_all(cx, zone, missing),
        };
        let mut outcomes = Vec::with_capacity(records.len());
        for (record, ids) in records.iter().zip(there) {
            let created = || {
                let place = missing.iter().position(|known| same(known, record));
                place.and_then(|place| created.get(place).cloned()).unwrap_or_else(|| {
                    Err(Error::permanent("the provider gave no result for the record"))
                })
            };
            outcomes.push(ids.into_iter().next().map_or_else(created, Ok).map(Some));
        }
        Ok(self.finished(cx, zone, outcomes))
    }

    fn remove_in(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        removals: &[&Removal],
    ) -> Result<Vec<Outcome>> {
        // A value whose handle leads nowhere may have come back under another identifier.
        let mut handles = removals.iter().filter_map(|removal| removal.handle.as_deref());
        let by_handle = self.delete_ids(cx, zone, &mut handles);
        let mut outcomes = vec![Ok(None); removals.len()];
        let (mut places, mut rest) = (Vec::new(), Vec::new());
        for (place, removal) in removals.iter().enumerate() {
            match removal.handle.as_deref().and_then(|handle| by_handle.of(handle)) {
                Some(Ok(())) => {}
                Some(Err(error)) if !is_gone(error) => outcomes[place] = Err(error.clone()),
                _ => {
                    places.push(place);
                    rest.push(&removal.record);
                }
            }
        }
        match self.ids(cx, zone, &rest) {
            Ok(ids) => {
                let by_value =
                    self.delete_ids(cx, zone, &mut ids.iter().flatten().map(String::as_str));
                for (place, ids) in places.into_iter().zip(&ids) {
                    let mut failed = ids.iter().filter_map(|id| by_value.of(id)?.as_ref().err());
                    if let Some(error) = failed.find(|error| !is_gone(error)) {
                        outcomes[place] = Err(error.clone());
                    }
                }
            }
            Err(error) => places.into_iter().for_each(|place| outcomes[place] = Err(error.clone())),
        }
        Ok(self.finished(cx, zone, outcomes))
    }

    /// For each of `records` the identifiers under which its value is there.
    fn ids(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        records: &[&TxtRecord],
    ) -> Result<Vec<Vec<String>>> {
        let owners = unique(&mut records.iter().map(|record| &*record.owner));
        let listed = match owners.as_slice() {
            [] => Vec::new(),
            owners => self.0.list_all(cx, zone, owners)?,
        };
        if listed.len() != owners.len() {
            return Err(Error::permanent("the provider did not list each owner name"));
        }
        let ids = |record: &&TxtRecord| {
            let place = owners.iter().position(|owner| *owner == record.owner);
            let at_owner = place.and_then(|place| listed.get(place)).into_iter().flatten();
            at_owner.filter(|l| l.value == record.value).map(|l| l.id.clone()).collect()
        };
        Ok(records.iter().map(ids).collect())
    }

    /// Deletes each identifier once.
    fn delete_ids<'i>(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        ids: &mut dyn Iterator<Item = &'i str>,
    ) -> Deleted<'i> {
        let ids = unique(ids);
        let results = match ids.as_slice() {
            [] => Vec::new(),
            ids => self.0.delete_all(cx, zone, ids),
        };
        Deleted { ids, results }
    }

    /// The outcomes once the zone's changes are effective.
    fn finished(&self, cx: &Context<'_>, zone: &Zone, mut outcomes: Vec<Outcome>) -> Vec<Outcome> {
        if outcomes.iter().all(Result::is_err) {
            return outcomes;
        }
        let Err(mut error) = self.0.finish(cx, zone) else { return outcomes };
        if error.kind.rules_out_a_change() {
            // Yet something was.
            error.kind = ErrorKind::Permanent;
        }
        for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_ok()) {
            *outcome = Err(error.clone());
        }
        outcomes
    }
}

/// What became of each identifier.
struct Deleted<'i> {
    ids: Vec<&'i str>,
    results: Vec<Result<()>>,
}

impl Deleted<'_> {
    fn of(&self, id: &str) -> Option<&Result<()>> {
        self.results.get(self.ids.iter().position(|known| *known == id)?)
    }
}

/// Whether the vendor says that there is nothing to delete.
fn is_gone(error: &Error) -> bool {
    error.kind == ErrorKind::Permanent && error.status == Some(404)
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;
    use crate::{
        record::Listed,
        testing::{FakeHost, record, removal},
    };

    const OWNER: &str = "_acme-challenge.example.com.";

    /// A vendor in memory: identifier, owner name and value of every record.
    #[derive(Default)]
    struct Vendor {
        records: RefCell<Vec<(String, String, String)>>,
        calls: RefCell<Vec<String>>,
        finish_fails: bool,
        /// Whether somebody else creates the next record just before us.
        quicker: Cell<bool>,
    }

    impl Vendor {
        fn called(&self, call: &str) {
            self.calls.borrow_mut().push(call.to_owned());
        }
    }

    impl RecordApi for Vendor {
        fn new(_: &Context<'_>) -> Result<Self> {
            Ok(Self::default())
        }

        fn zones(&self, _: &Context<'_>) -> Result<Vec<Zone>> {
            self.called("zones");
            Ok(vec![Zone::named("example.com")])
        }

        fn list(&self, _: &Context<'_>, _: &Zone, owner: &str) -> Result<Vec<Listed>> {
            self.called("list");
            let records = self.records.borrow();
            let at_owner = records.iter().filter(|(_, name, _)| name == owner);
            let listed = |(id, _, value): &(String, String, String)| Listed {
                id: id.clone(),
                value: value.clone(),
            };
            Ok(at_owner.map(listed).collect())
        }

        fn create(&self, _: &Context<'_>, _: &Zone, record: &TxtRecord) -> Result<String> {
            self.called("create");
            if self.quicker.take() {
                let theirs = ("theirs".to_owned(), record.owner.clone(), record.value.clone());
                self.records.borrow_mut().push(theirs);
                return Err(Error::from_status(400, "is there already").into_conflict());
            }
            let id = format!("id-{}", self.calls.borrow().len());
            let new = (id.clone(), record.owner.clone(), record.value.clone());
            self.records.borrow_mut().push(new);
            Ok(id)
        }

        fn delete(&self, _: &Context<'_>, _: &Zone, id: &str) -> Result<()> {
            self.called("delete");
            if id == "forbidden" {
                return Err(Error::from_status(403, "no"));
            }
            let mut records = self.records.borrow_mut();
            let place = records.iter().position(|(known, _, _)| known == id);
            let place = place.ok_or_else(|| Error::from_status(404, "no such record"))?;
            records.remove(place);
            Ok(())
        }

        fn finish(&self, _: &Context<'_>, zone: &Zone) -> Result<()> {
            self.called(&format!("finish {}", zone.name));
            if self.finish_fails { Err(Error::auth("no right to publish")) } else { Ok(()) }
        }
    }

    fn vendor_with(values: &[&str]) -> Records<Vendor> {
        let record = |value: &&str| (format!("id-{value}"), OWNER.to_owned(), (*value).to_owned());
        let records = RefCell::new(values.iter().map(record).collect());
        Records(Vendor { records, ..Vendor::default() })
    }

    fn values(provider: &Records<Vendor>) -> Vec<String> {
        provider.0.records.borrow().iter().map(|(_, _, value)| value.clone()).collect()
    }

    fn calls(provider: &Records<Vendor>) -> Vec<String> {
        provider.0.calls.take()
    }

    #[test]
    fn two_values_of_a_name_need_one_zone_and_one_list() {
        let provider = vendor_with(&["foreign"]);
        FakeHost::default().call(&[], |cx| {
            let results = provider.present(cx, &[record(OWNER, "a"), record(OWNER, "b")]);
            assert!(results.iter().all(|result| matches!(result, Ok(Some(_)))));
        });
        assert_eq!(values(&provider), ["foreign", "a", "b"]);
        assert_eq!(calls(&provider), ["zones", "list", "create", "create", "finish example.com."]);
    }

    #[test]
    fn presenting_twice_leaves_one_value_with_its_handle() {
        let provider = vendor_with(&["a"]);
        FakeHost::default().call(&[], |cx| {
            let results = provider.present(cx, &[record(OWNER, "a"), record(OWNER, "a")]);
            assert_eq!(results, [Ok(Some("id-a".into())), Ok(Some("id-a".into()))]);
            let results = provider.present(cx, &[record(OWNER, "b"), record(OWNER, "b")]);
            assert_eq!(results[0], results[1]);
        });
        assert_eq!(values(&provider), ["a", "b"]);
    }

    #[test]
    fn a_handle_saves_the_list() {
        let provider = vendor_with(&["foreign", "a", "b"]);
        FakeHost::default().call(&[], |cx| {
            assert_eq!(provider.remove(cx, &[removal(OWNER, "a", Some("id-a"))]), [Ok(())]);
        });
        assert_eq!(values(&provider), ["foreign", "b"]);
        assert_eq!(calls(&provider), ["zones", "delete", "finish example.com."]);
    }

    #[test]
    fn without_a_handle_exactly_the_value_goes() {
        let provider = vendor_with(&["foreign", "a", "b"]);
        let again = ("id-again".to_owned(), OWNER.to_owned(), "a".to_owned());
        provider.0.records.borrow_mut().push(again);
        FakeHost::default().call(&[], |cx| {
            assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
        });
        assert_eq!(values(&provider), ["foreign", "b"]);
    }

    #[test]
    fn what_is_absent_counts_as_removed() {
        let provider = vendor_with(&["foreign"]);
        FakeHost::default().call(&[], |cx| {
            let removals = [removal(OWNER, "a", None), removal(OWNER, "b", Some("stale"))];
            assert_eq!(provider.remove(cx, &removals), [Ok(()), Ok(())]);
        });
        assert_eq!(values(&provider), ["foreign"]);
    }

    #[test]
    fn a_stale_handle_does_not_leave_the_value_behind() {
        let provider = vendor_with(&["a"]);
        FakeHost::default().call(&[], |cx| {
            assert_eq!(provider.remove(cx, &[removal(OWNER, "a", Some("stale"))]), [Ok(())]);
        });
        assert_eq!(values(&provider), [""; 0]);
    }

    #[test]
    fn each_record_has_its_own_result() {
        let provider = vendor_with(&[]);
        FakeHost::default().call(&[], |cx| {
            let records = [record("_acme-challenge.broken.com.", "a"), record(OWNER, "b")];
            let results = provider.present(cx, &records);
            assert_eq!(results[0].as_ref().unwrap_err().kind, ErrorKind::ZoneNotFound);
            assert!(results[1].is_ok());
            let removals = [removal(OWNER, "b", Some("forbidden")), removal(OWNER, "b", None)];
            let results = provider.remove(cx, &removals);
            assert_eq!(results[0].as_ref().unwrap_err().kind, ErrorKind::Auth);
            assert_eq!(results[1], Ok(()));
        });
        assert_eq!(values(&provider), [""; 0]);
    }

    #[test]
    fn names_of_one_zone_are_published_once_and_again_by_a_later_call() {
        let provider = vendor_with(&[]);
        let records = [record(OWNER, "a"), record("_acme-challenge.www.example.com.", "b")];
        FakeHost::default().call(&[], |cx| {
            assert!(provider.present(cx, &records).iter().all(Result::is_ok));
            let expected = ["zones", "list", "list", "create", "create", "finish example.com."];
            assert_eq!(calls(&provider), expected);
            assert!(provider.present(cx, &records).iter().all(Result::is_ok));
            assert_eq!(calls(&provider), ["list", "list", "finish example.com."]);
        });
    }

    #[test]
    fn what_is_there_and_not_published_is_never_told_as_not_added() {
        let mut provider = vendor_with(&[]);
        provider.0.finish_fails = true;
        FakeHost::default().call(&[], |cx| {
            let results = provider.present(cx, &[record(OWNER, "a")]);
            let error = results[0].as_ref().unwrap_err();
            assert_eq!(error.kind, ErrorKind::Permanent);
            assert_eq!(error.message, "no right to publish");
        });
        assert_eq!(values(&provider), ["a"]);
    }

    #[test]
    fn a_value_that_somebody_else_creates_meanwhile_is_found_by_another_look() {
        let mut provider = vendor_with(&[]);
        provider.0.quicker = Cell::new(true);
        FakeHost::default().call(&[], |cx| {
            assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(Some("theirs".into()))]);
        });
        assert_eq!(values(&provider), ["a"]);
    }
}
