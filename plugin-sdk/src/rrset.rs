//! Vendors where all values of an owner name are one object.

use std::collections::BTreeMap;

use crate::{
    error::{Error, Result},
    host::Context,
    provider::Provider,
    types::{Removal, TxtRecord},
};

/// A vendor's API in which the TXT values of an owner name are written as one RRset.
///
/// [`Rrsets`] makes a [`Provider`] of it: it reads, merges, and writes one RRset per owner name.
/// A vendor that takes many owner names in one request overrides [`read_all`](Self::read_all) and
/// [`write_all`](Self::write_all) too.
pub trait RrsetApi: Sized {
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

    /// The TXT RRset at exactly `owner`, or none.
    ///
    /// # Errors
    /// Whatever the vendor answers.
    fn read(&self, cx: &Context<'_>, zone: &Self::Zone, owner: &str) -> Result<Option<Rrset>>;

    /// Puts `rrset` in place of the one that [`read`](Self::read) gave (with its `version`); an
    /// RRset without values deletes it.
    ///
    /// # Errors
    /// Whatever the vendor answers.
    fn write(&self, cx: &Context<'_>, zone: &Self::Zone, owner: &str, rrset: &Rrset) -> Result<()>;

    /// [`read`](Self::read) for each of `owners`, in order.
    fn read_all(
        &self,
        cx: &Context<'_>,
        zone: &Self::Zone,
        owners: &[&str],
    ) -> Vec<Result<Option<Rrset>>> {
        owners.iter().map(|owner| self.read(cx, zone, owner)).collect()
    }

    /// [`write`](Self::write) for each of `changes`, in order.
    fn write_all(
        &self,
        cx: &Context<'_>,
        zone: &Self::Zone,
        changes: &[(&str, Rrset)],
    ) -> Vec<Result<()>> {
        changes.iter().map(|(owner, rrset)| self.write(cx, zone, owner, rrset)).collect()
    }
}

/// All TXT values of one owner name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rrset {
    /// Seconds.
    pub ttl: u32,
    /// The texts, without quotes.
    pub values: Vec<String>,
    /// What `write` wants back from `read`, which nobody else reads: an ETag or a serial that shows
    /// that nobody wrote in between, or the vendor's own form of the values.
    pub version: Option<String>,
}

/// The [`Provider`] of an [`RrsetApi`].
pub struct Rrsets<A>(A);

impl<A: RrsetApi> Provider for Rrsets<A> {
    fn new(cx: &Context<'_>) -> Result<Self> {
        A::new(cx).map(Self)
    }

    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        self.0.zones(cx)
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        let written = self.merge(cx, &records.iter().collect::<Vec<_>>(), |rrset, record| {
            if rrset.values.is_empty() {
                // Beside other people's values theirs stays: an RRset has only one.
                rrset.ttl = record.ttl;
            }
            if !rrset.values.contains(&record.value) {
                rrset.values.push(record.value.clone());
            }
        });
        written.into_iter().map(|result| result.map(|()| None)).collect()
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        let records: Vec<&TxtRecord> = removals.iter().map(|removal| &removal.record).collect();
        self.merge(cx, &records, |rrset, record| rrset.values.retain(|v| *v != record.value))
    }
}

impl<A: RrsetApi> Rrsets<A> {
    /// Reads, changes and writes the RRset of each owner name once; one result per record.
    fn merge(
        &self,
        cx: &Context<'_>,
        records: &[&TxtRecord],
        change: impl Fn(&mut Rrset, &TxtRecord),
    ) -> Vec<Result<()>> {
        let mut zones: BTreeMap<&str, BTreeMap<&str, Vec<&TxtRecord>>> = BTreeMap::new();
        for record in records {
            let owners = zones.entry(&record.zone).or_default();
            owners.entry(&record.owner).or_default().push(record);
        }
        let mut outcomes: BTreeMap<&str, Result<()>> = BTreeMap::new();
        for (zone, owners) in &zones {
            match self.0.zone(cx, zone) {
                Ok(zone) => outcomes.extend(self.merge_zone(cx, &zone, owners, &change)),
                Err(error) => outcomes.extend(owners.keys().map(|o| (*o, Err(error.clone())))),
            }
        }
        let outcome = |owner: &str| match outcomes.get(owner) {
            Some(outcome) => outcome.clone(),
            None => Err(Error::permanent(format!("the provider gave no result for `{owner}`"))),
        };
        records.iter().map(|record| outcome(&record.owner)).collect()
    }

    fn merge_zone<'r>(
        &self,
        cx: &Context<'_>,
        zone: &A::Zone,
        owners: &BTreeMap<&'r str, Vec<&TxtRecord>>,
        change: &impl Fn(&mut Rrset, &TxtRecord),
    ) -> Vec<(&'r str, Result<()>)> {
        let names: Vec<&'r str> = owners.keys().copied().collect();
        let mut outcomes = Vec::new();
        let mut changes = Vec::new();
        let before = self.0.read_all(cx, zone, &names);
        for ((owner, records), before) in owners.iter().zip(before) {
            match before {
                Ok(before) => {
                    let before = before.unwrap_or_default();
                    let mut after = before.clone();
                    records.iter().for_each(|record| change(&mut after, record));
                    if after.values == before.values {
                        outcomes.push((*owner, Ok(())));
                    } else {
                        changes.push((*owner, after));
                    }
                }
                Err(error) => outcomes.push((*owner, Err(error))),
            }
        }
        if !changes.is_empty() {
            let written = self.0.write_all(cx, zone, &changes);
            outcomes.extend(changes.iter().map(|(owner, _)| *owner).zip(written));
        }
        outcomes
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::testing::{FakeHost, record, removal};

    const OWNER: &str = "_acme-challenge.example.com.";

    /// A vendor in memory; `broken.com.` is a zone that it does not have.
    #[derive(Default)]
    struct Vendor {
        rrsets: RefCell<BTreeMap<String, Rrset>>,
        calls: RefCell<Vec<String>>,
    }

    impl RrsetApi for Vendor {
        type Zone = ();

        fn new(_: &Context<'_>) -> Result<Self> {
            Ok(Self::default())
        }

        fn zones(&self, _: &Context<'_>) -> Result<Vec<String>> {
            Ok(vec!["example.com.".to_owned()])
        }

        fn zone(&self, cx: &Context<'_>, name: &str) -> Result<()> {
            self.calls.borrow_mut().push(format!("zone {name}"));
            match name {
                "broken.com." => Err(Error::zone_not_found(name, &self.zones(cx)?)),
                _ => Ok(()),
            }
        }

        fn read(&self, _: &Context<'_>, (): &(), owner: &str) -> Result<Option<Rrset>> {
            self.calls.borrow_mut().push(format!("read {owner}"));
            Ok(self.rrsets.borrow().get(owner).cloned())
        }

        fn write(&self, _: &Context<'_>, (): &(), owner: &str, rrset: &Rrset) -> Result<()> {
            self.calls.borrow_mut().push(format!("write {owner}"));
            let mut rrsets = self.rrsets.borrow_mut();
            let version = rrsets.get(owner).and_then(|rrset| rrset.version.clone());
            assert_eq!(rrset.version, version, "the version comes back");
            match rrset.values.is_empty() {
                true => drop(rrsets.remove(owner)),
                false => drop(rrsets.insert(owner.to_owned(), rrset.clone())),
            }
            Ok(())
        }
    }

    fn vendor_with(values: &[&str]) -> Rrsets<Vendor> {
        let provider = Rrsets(Vendor::default());
        if !values.is_empty() {
            let values = values.iter().map(|value| (*value).to_owned()).collect();
            let rrset = Rrset { ttl: 3600, values, version: Some("etag".to_owned()) };
            provider.0.rrsets.borrow_mut().insert(OWNER.to_owned(), rrset);
        }
        provider
    }

    fn values(provider: &Rrsets<Vendor>) -> Vec<String> {
        provider.0.rrsets.borrow().get(OWNER).map(|rrset| rrset.values.clone()).unwrap_or_default()
    }

    fn calls(provider: &Rrsets<Vendor>) -> Vec<String> {
        provider.0.calls.take()
    }

    #[test]
    fn two_values_of_a_name_are_written_at_once() {
        let provider = vendor_with(&[]);
        FakeHost::default().call(&[], |cx| {
            let results = provider.present(cx, &[record(OWNER, "a"), record(OWNER, "b")]);
            assert_eq!(results, [Ok(None), Ok(None)]);
        });
        assert_eq!(values(&provider), ["a", "b"]);
        assert_eq!(provider.0.rrsets.borrow()[OWNER].ttl, 120);
        let expected = ["zone example.com.", &format!("read {OWNER}"), &format!("write {OWNER}")];
        assert_eq!(calls(&provider), expected);
    }

    #[test]
    fn presenting_twice_leaves_one_value_and_writes_nothing() {
        let provider = vendor_with(&["a"]);
        FakeHost::default().call(&[], |cx| {
            assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(None)]);
        });
        assert_eq!(values(&provider), ["a"]);
        assert!(!calls(&provider).iter().any(|call| call.starts_with("write")));
    }

    #[test]
    fn foreign_values_and_their_ttl_survive() {
        let provider = vendor_with(&["foreign"]);
        FakeHost::default().call(&[], |cx| {
            provider.present(cx, &[record(OWNER, "a"), record(OWNER, "b")]);
            assert_eq!(values(&provider), ["foreign", "a", "b"]);
            assert_eq!(provider.0.rrsets.borrow()[OWNER].ttl, 3600);
            assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
            assert_eq!(values(&provider), ["foreign", "b"]);
            assert_eq!(provider.remove(cx, &[removal(OWNER, "b", Some("x"))]), [Ok(())]);
            assert_eq!(values(&provider), ["foreign"]);
        });
    }

    #[test]
    fn the_last_value_takes_the_rrset_with_it_and_absent_ones_are_gone_already() {
        let provider = vendor_with(&["a"]);
        FakeHost::default().call(&[], |cx| {
            assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
            assert!(provider.0.rrsets.borrow().is_empty());
            assert_eq!(provider.remove(cx, &[removal(OWNER, "a", None)]), [Ok(())]);
        });
    }

    #[test]
    fn a_zone_that_fails_leaves_the_others_alone() {
        let provider = vendor_with(&[]);
        FakeHost::default().call(&[], |cx| {
            let records = [record("_acme-challenge.broken.com.", "a"), record(OWNER, "b")];
            let results = provider.present(cx, &records);
            let error = results[0].as_ref().unwrap_err();
            assert_eq!(error.kind, crate::ErrorKind::ZoneNotFound);
            assert!(error.message.ends_with("the credentials reach example.com."), "{error}");
            assert_eq!(results[1], Ok(None));
        });
        assert_eq!(values(&provider), ["b"]);
    }
}
