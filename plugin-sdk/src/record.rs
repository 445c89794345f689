//! Vendors where each TXT record is an object of its own, with an identifier.

use std::collections::BTreeMap;

use crate::{
    error::{Error, ErrorKind, Result},
    host::Context,
    provider::Provider,
    types::{Removal, TxtRecord},
};

/// A vendor's API in which every TXT record is an object of its own.
///
/// [`Records`] makes a [`Provider`] of it and keeps the contract: a value that is there already is
/// not created again, and only the record with exactly the wanted value is deleted.
pub trait RecordApi: Sized {
    /// What the vendor calls the zone by: a name, an identifier, or both.
    type Zone;

    /// Reads the settings; sends nothing.
    ///
    /// # Errors
    /// `config` for settings that cannot work.
    fn new(cx: &Context<'_>) -> Result<Self>;

    /// The zones that the credentials reach, as absolute names; proves the credentials.
    ///
    /// # Errors
    /// Whatever the vendor answers.
    fn zones(&self, cx: &Context<'_>) -> Result<Vec<String>>;

    /// The vendor's zone that holds `name`, an absolute name.
    ///
    /// # Errors
    /// `zone-not-found`, and whatever the vendor answers.
    fn zone(&self, cx: &Context<'_>, name: &str) -> Result<Self::Zone>;

    /// The TXT records at exactly `owner`.
    ///
    /// # Errors
    /// Whatever the vendor answers.
    fn list(&self, cx: &Context<'_>, zone: &Self::Zone, owner: &str) -> Result<Vec<Listed>>;

    /// Creates one record and gives back its identifier.
    ///
    /// # Errors
    /// Whatever the vendor answers.
    fn create(&self, cx: &Context<'_>, zone: &Self::Zone, record: &TxtRecord) -> Result<String>;

    /// Deletes the record with this identifier. A vendor's "not found" (status 404) counts as done.
    ///
    /// # Errors
    /// Whatever the vendor answers.
    fn delete(&self, cx: &Context<'_>, zone: &Self::Zone, id: &str) -> Result<()>;
}

/// A TXT record as the vendor lists it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// The vendor's identifier.
    pub id: String,
    /// The text, without quotes.
    pub value: String,
}

/// The [`Provider`] of a [`RecordApi`].
pub struct Records<A>(A);

impl<A: RecordApi> Provider for Records<A> {
    fn new(cx: &Context<'_>) -> Result<Self> {
        A::new(cx).map(Self)
    }

    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        self.0.zones(cx)
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        let mut lookups = Lookups::new(&self.0);
        records
            .iter()
            .map(|record| {
                let (zone, listed) = lookups.records(cx, record)?;
                if let Some(there) = listed.iter().find(|listed| listed.value == record.value) {
                    return Ok(Some(there.id.clone()));
                }
                let id = self.0.create(cx, zone, record)?;
                listed.push(Listed { id: id.clone(), value: record.value.clone() });
                Ok(Some(id))
            })
            .collect()
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        let mut lookups = Lookups::new(&self.0);
        removals.iter().map(|removal| self.remove_one(cx, &mut lookups, removal)).collect()
    }
}

impl<A: RecordApi> Records<A> {
    fn remove_one(
        &self,
        cx: &Context<'_>,
        lookups: &mut Lookups<'_, A>,
        Removal { record, handle }: &Removal,
    ) -> Result<()> {
        if let Some(id) = handle {
            let zone = lookups.zone(cx, record)?;
            match self.0.delete(cx, zone, id) {
                // The value may have come back under another identifier.
                Err(error) if is_gone(&error) => {}
                done => return done,
            }
        }
        let (zone, listed) = lookups.records(cx, record)?;
        for listed in listed.iter().filter(|listed| listed.value == record.value) {
            match self.0.delete(cx, zone, &listed.id) {
                Err(error) if !is_gone(&error) => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

/// What a call has looked up so far: each zone and each owner name is asked about once.
struct Lookups<'a, A: RecordApi> {
    api: &'a A,
    zones: BTreeMap<String, Result<A::Zone>>,
    listed: BTreeMap<String, Result<Vec<Listed>>>,
}

impl<'a, A: RecordApi> Lookups<'a, A> {
    fn new(api: &'a A) -> Self {
        Self { api, zones: BTreeMap::new(), listed: BTreeMap::new() }
    }

    fn zone(&mut self, cx: &Context<'_>, record: &TxtRecord) -> Result<&A::Zone> {
        let zone = self.zones.entry(record.zone.clone());
        zone.or_insert_with(|| self.api.zone(cx, &record.zone)).as_ref().map_err(Clone::clone)
    }

    fn records(
        &mut self,
        cx: &Context<'_>,
        record: &TxtRecord,
    ) -> Result<(&A::Zone, &mut Vec<Listed>)> {
        let zone = self.zones.entry(record.zone.clone());
        let zone = zone.or_insert_with(|| self.api.zone(cx, &record.zone));
        let zone = zone.as_ref().map_err(|error| error.clone())?;
        let listed = self.listed.entry(record.owner.clone());
        let listed = listed.or_insert_with(|| self.api.list(cx, zone, &record.owner));
        Ok((zone, listed.as_mut().map_err(|error| error.clone())?))
    }
}

/// Whether the vendor says that there is nothing to delete.
fn is_gone(error: &Error) -> bool {
    error.kind == ErrorKind::Permanent && error.status == Some(404)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::testing::{FakeHost, record, removal};

    const OWNER: &str = "_acme-challenge.example.com.";

    /// A vendor in memory: identifier, owner name and value of every record.
    #[derive(Default)]
    struct Vendor {
        records: RefCell<Vec<(String, String, String)>>,
        calls: RefCell<Vec<String>>,
    }

    impl Vendor {
        fn called(&self, call: &str) {
            self.calls.borrow_mut().push(call.to_owned());
        }
    }

    impl RecordApi for Vendor {
        type Zone = ();

        fn new(_: &Context<'_>) -> Result<Self> {
            Ok(Self::default())
        }

        fn zones(&self, _: &Context<'_>) -> Result<Vec<String>> {
            Ok(vec!["example.com.".to_owned()])
        }

        fn zone(&self, _: &Context<'_>, name: &str) -> Result<()> {
            self.called(&format!("zone {name}"));
            match name {
                "broken.com." => Err(Error::zone_not_found(name, &[])),
                _ => Ok(()),
            }
        }

        fn list(&self, _: &Context<'_>, (): &(), owner: &str) -> Result<Vec<Listed>> {
            self.called("list");
            let records = self.records.borrow();
            let at_owner = records.iter().filter(|(_, name, _)| name == owner);
            let listed = |(id, _, value): &(String, String, String)| Listed {
                id: id.clone(),
                value: value.clone(),
            };
            Ok(at_owner.map(listed).collect())
        }

        fn create(&self, _: &Context<'_>, (): &(), record: &TxtRecord) -> Result<String> {
            self.called("create");
            let id = format!("id-{}", self.calls.borrow().len());
            let new = (id.clone(), record.owner.clone(), record.value.clone());
            self.records.borrow_mut().push(new);
            Ok(id)
        }

        fn delete(&self, _: &Context<'_>, (): &(), id: &str) -> Result<()> {
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
        assert_eq!(calls(&provider), ["zone example.com.", "list", "create", "create"]);
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
        assert_eq!(calls(&provider), ["zone example.com.", "delete"]);
    }

    #[test]
    fn without_a_handle_exactly_the_value_goes() {
        let provider = vendor_with(&["foreign", "a", "b", "a"]);
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
}
