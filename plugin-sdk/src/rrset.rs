//! Vendors where all values of an owner name are one object.
//!
//! ```
//! use serde::{Deserialize, Serialize};
//! use wildcert_plugin_sdk::{Context, RequestBuilder, Result, Rrset, RrsetApi, Zone};
//!
//! struct Example {
//!     token: String,
//! }
//!
//! /// What the vendor writes and reads.
//! #[derive(Deserialize, Serialize)]
//! struct Texts {
//!     ttl: u32,
//!     texts: Vec<String>,
//! }
//!
//! impl RrsetApi for Example {
//!     fn new(cx: &Context<'_>) -> Result<Self> {
//!         Ok(Self { token: cx.config.require("EXAMPLE_TOKEN")?.to_owned() })
//!     }
//!
//!     fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
//!         let url = "https://api.dns.example/zones";
//!         let names: Vec<String> = self.request(cx, "GET", url).send()?.success(|_| None)?.json()?;
//!         Ok(names.iter().map(|name| Zone::named(name)).collect())
//!     }
//!
//!     fn read(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Option<Rrset>> {
//!         let answer = self.request(cx, "GET", &url(zone, owner)).send()?;
//!         if answer.status == 404 {
//!             return Ok(None);
//!         }
//!         let answer = answer.success(|_| None)?;
//!         let Texts { ttl, texts } = answer.json()?;
//!         let version = answer.header("etag").map(str::to_owned);
//!         Ok(Some(Rrset { ttl, values: texts, version }))
//!     }
//!
//!     fn write(&self, cx: &Context<'_>, zone: &Zone, owner: &str, rrset: &Rrset) -> Result<()> {
//!         let method = if rrset.values.is_empty() { "DELETE" } else { "PUT" };
//!         let mut request = self.request(cx, method, &url(zone, owner));
//!         if let Some(etag) = &rrset.version {
//!             // The vendor answers 412 when the RRset is another one by now; the SDK reads it again.
//!             request = request.header("if-match", etag);
//!         }
//!         if !rrset.values.is_empty() {
//!             request = request.json(&Texts { ttl: rrset.ttl, texts: rrset.values.clone() });
//!         }
//!         request.send()?.success(|_| None).map(drop)
//!     }
//! }
//!
//! impl Example {
//!     fn request<'a>(&self, cx: &Context<'a>, method: &str, url: &str) -> RequestBuilder<'a> {
//!         cx.request(method, url).bearer(&self.token)
//!     }
//! }
//!
//! fn url(zone: &Zone, owner: &str) -> String {
//!     format!("https://api.dns.example/zones/{}/txt/{}", zone.id, zone.relative(owner))
//! }
//! ```

use crate::{
    error::{Error, Result},
    host::Context,
    per_zone::{Outcome, per_zone, unique},
    provider::Provider,
    types::{Removal, TxtRecord},
    zones::{self, Zone},
};

/// A vendor's API in which the TXT values of an owner name are written as one RRset.
///
/// [`Rrsets`] makes a [`Provider`] of it: it reads, merges, and writes one RRset per owner name.
/// A vendor that takes many owner names in one request overrides [`read_all`](Self::read_all) and
/// [`write_all`](Self::write_all) too.
pub trait RrsetApi: Sized {
    /// Reads the settings; sends nothing.
    ///
    /// # Errors
    /// `config` for settings that cannot work.
    fn new(cx: &Context<'_>) -> Result<Self>;

    /// The zones that the credentials reach; proves the credentials.
    ///
    /// # Errors
    /// Whatever the vendor answers.
    fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>>;

    /// The vendor's zone that holds `name`, an absolute name: the longest that [`zones`](Self::zones)
    /// lists. [`mod@zones`] has other ways, one line each.
    ///
    /// # Errors
    /// `zone-not-found`, and whatever the vendor answers.
    fn zone(&self, cx: &Context<'_>, name: &str) -> Result<Zone> {
        zones::in_listing(cx, name, || self.zones(cx))
    }

    /// The TXT RRset at exactly `owner`, or none.
    ///
    /// # Errors
    /// Whatever the vendor answers.
    fn read(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Option<Rrset>>;

    /// Puts `rrset` in place of the one that [`read`](Self::read) gave (with its `version`); an
    /// RRset without values deletes it.
    ///
    /// # Errors
    /// [`Error::conflict`] where the vendor says that it changed in between; whatever else the vendor
    /// answers.
    fn write(&self, cx: &Context<'_>, zone: &Zone, owner: &str, rrset: &Rrset) -> Result<()>;

    /// [`read`](Self::read) for each of `owners`, in order.
    ///
    /// # Errors
    /// Whatever the vendor answers; nothing is written in this zone then.
    fn read_all(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        owners: &[&str],
    ) -> Result<Vec<Option<Rrset>>> {
        owners.iter().map(|owner| self.read(cx, zone, owner)).collect()
    }

    /// [`write`](Self::write) for each of `changes`, in order.
    fn write_all(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
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
        self.0.zones(cx).map(|zones| zones::names(&zones))
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        self.merge(cx, &records.iter().collect::<Vec<_>>(), &|rrset, record| {
            if rrset.values.is_empty() {
                // Beside other people's values theirs stays: an RRset has only one.
                rrset.ttl = record.ttl;
            }
            if !rrset.values.contains(&record.value) {
                rrset.values.push(record.value.clone());
            }
        })
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        let records: Vec<&TxtRecord> = removals.iter().map(|removal| &removal.record).collect();
        let outcomes = self.merge(cx, &records, &|rrset, record| {
            rrset.values.retain(|value| *value != record.value);
        });
        outcomes.into_iter().map(|outcome| outcome.map(drop)).collect()
    }
}

impl<A: RrsetApi> Rrsets<A> {
    /// Reads, changes and writes the RRset of each owner name once; one outcome per record.
    fn merge(
        &self,
        cx: &Context<'_>,
        records: &[&TxtRecord],
        change: &dyn Fn(&mut Rrset, &TxtRecord),
    ) -> Vec<Outcome> {
        per_zone(cx, records, &|name| self.0.zone(cx, name), &|zone, places| {
            let records: Vec<&TxtRecord> = places.iter().map(|place| records[*place]).collect();
            self.merge_zone(cx, zone, &records, change)
        })
    }

    fn merge_zone(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        records: &[&TxtRecord],
        change: &dyn Fn(&mut Rrset, &TxtRecord),
    ) -> Result<Vec<Outcome>> {
        let owners = unique(&mut records.iter().map(|record| &*record.owner));
        let before = self.0.read_all(cx, zone, &owners)?;
        if before.len() != owners.len() {
            return Err(Error::permanent("the provider did not read each owner name"));
        }
        let mut changes = Vec::new();
        for (owner, before) in owners.into_iter().zip(before) {
            let before = before.unwrap_or_default();
            let mut after = before.clone();
            let of_owner = records.iter().filter(|record| record.owner == owner);
            of_owner.for_each(|record| change(&mut after, record));
            if after.values != before.values {
                changes.push((owner, after));
            }
        }
        let written = match changes.as_slice() {
            [] => Vec::new(),
            changes => self.0.write_all(cx, zone, changes),
        };
        let outcome = |record: &&TxtRecord| {
            let Some(place) = changes.iter().position(|(owner, _)| *owner == record.owner) else {
                return Ok(None);
            };
            let missing =
                || Err(Error::permanent("the provider gave no result for the owner name"));
            written.get(place).cloned().unwrap_or_else(missing).map(|()| None)
        };
        Ok(records.iter().map(outcome).collect())
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::{Cell, RefCell},
        collections::BTreeMap,
    };

    use super::*;
    use crate::testing::{FakeHost, record, removal};

    const OWNER: &str = "_acme-challenge.example.com.";

    /// A vendor in memory with the one zone `example.com.`.
    #[derive(Default)]
    struct Vendor {
        /// How often somebody else writes between our look and our write.
        disturbances: Cell<u32>,
        rrsets: RefCell<BTreeMap<String, Rrset>>,
        calls: RefCell<Vec<String>>,
    }

    impl RrsetApi for Vendor {
        fn new(_: &Context<'_>) -> Result<Self> {
            Ok(Self::default())
        }

        fn zones(&self, _: &Context<'_>) -> Result<Vec<Zone>> {
            self.calls.borrow_mut().push("zones".to_owned());
            Ok(vec![Zone::named("example.com")])
        }

        fn read(&self, _: &Context<'_>, _: &Zone, owner: &str) -> Result<Option<Rrset>> {
            self.calls.borrow_mut().push(format!("read {owner}"));
            Ok(self.rrsets.borrow().get(owner).cloned())
        }

        fn write(&self, _: &Context<'_>, _: &Zone, owner: &str, rrset: &Rrset) -> Result<()> {
            self.calls.borrow_mut().push(format!("write {owner}"));
            let mut rrsets = self.rrsets.borrow_mut();
            if let Some(left) = self.disturbances.get().checked_sub(1) {
                self.disturbances.set(left);
                let other = rrsets.entry(owner.to_owned()).or_default();
                other.values.push(format!("other {left}"));
                return Err(Error::conflict("the ETag is another one"));
            }
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
        let expected = ["zones", &format!("read {OWNER}"), &format!("write {OWNER}")];
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

    #[test]
    fn a_change_in_between_is_read_again_and_kept() {
        let provider = vendor_with(&[]);
        provider.0.disturbances.set(2);
        FakeHost::default().call(&[], |cx| {
            assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(None)]);
        });
        assert_eq!(values(&provider), ["other 1", "other 0", "a"]);
    }

    #[test]
    fn three_changes_in_between_are_too_many() {
        let provider = vendor_with(&[]);
        provider.0.disturbances.set(9);
        FakeHost::default().call(&[], |cx| {
            let results = provider.present(cx, &[record(OWNER, "a")]);
            let error = results[0].as_ref().unwrap_err();
            assert_eq!(
                (error.kind, &*error.message),
                (crate::ErrorKind::Transient, "the ETag is another one")
            );
        });
        assert_eq!(provider.0.disturbances.get(), 6);
    }
}
