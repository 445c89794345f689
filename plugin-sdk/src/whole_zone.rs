//! Vendors where the whole zone is read and replaced.
//!
//! ```
//! use serde_json::{Value, json};
//! use wildcert_plugin_sdk::{Contents, Context, Result, TxtRecord, Zone, ZoneApi};
//!
//! struct Example;
//!
//! impl ZoneApi for Example {
//!     /// The vendor's own JSON: fields that this provider does not know go back as they came.
//!     type Record = Value;
//!
//!     fn new(_: &Context<'_>) -> Result<Self> {
//!         Ok(Self)
//!     }
//!
//!     fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> {
//!         let url = "https://api.dns.example/zones";
//!         let names: Vec<String> = cx.request("GET", url).send()?.success(|_| None)?.json()?;
//!         Ok(names.iter().map(|name| Zone::named(name)).collect())
//!     }
//!
//!     fn read(&self, cx: &Context<'_>, zone: &Zone) -> Result<Contents<Value>> {
//!         let answer = cx.request("GET", url(zone)).send()?.success(|_| None)?;
//!         let version = answer.header("etag").map(str::to_owned);
//!         Ok(Contents { records: answer.json()?, version })
//!     }
//!
//!     fn txt(&self, zone: &Zone, record: &Value) -> Option<(String, String)> {
//!         if record["type"] != "TXT" {
//!             return None;
//!         }
//!         Some((zone.absolute(record["name"].as_str()?), record["data"].as_str()?.to_owned()))
//!     }
//!
//!     fn make(&self, zone: &Zone, record: &TxtRecord) -> Value {
//!         let name = zone.relative(&record.owner);
//!         json!({"type": "TXT", "name": name, "data": record.value, "ttl": record.ttl})
//!     }
//!
//!     fn write(&self, cx: &Context<'_>, zone: &Zone, contents: &Contents<Value>) -> Result<()> {
//!         let etag = contents.version.as_deref().unwrap_or_default();
//!         let request = cx.request("PUT", url(zone)).header("if-match", etag);
//!         request.json(&contents.records).send()?.success(|_| None).map(drop)
//!     }
//! }
//!
//! fn url(zone: &Zone) -> String {
//!     format!("https://api.dns.example/zones/{}/records", zone.id)
//! }
//! ```

use crate::{
    error::Result,
    host::Context,
    per_zone::{Outcome, per_zone},
    provider::Provider,
    types::{Removal, TxtRecord},
    zones::{self, Zone},
};

/// A vendor's API in which a zone is read and replaced as a whole.
///
/// [`Zones`] makes a [`Provider`] of it: it reads a zone once, adds or takes away exactly the wanted
/// values, and writes once; where nothing changes it does not write.
pub trait ZoneApi: Sized {
    /// One record of any type in the vendor's own form, with all that the vendor said of it.
    type Record;

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

    /// Everything in the zone.
    ///
    /// # Errors
    /// Whatever the vendor answers, and `permanent` for an answer that may not be all of it: what is
    /// not read here is gone after [`write`](Self::write).
    fn read(&self, cx: &Context<'_>, zone: &Zone) -> Result<Contents<Self::Record>>;

    /// The absolute owner name and the text, without quotes, of a TXT record; none for any other.
    fn txt(&self, zone: &Zone, record: &Self::Record) -> Option<(String, String)>;

    /// The TXT record in the vendor's form.
    fn make(&self, zone: &Zone, record: &TxtRecord) -> Self::Record;

    /// Puts `contents` in place of the zone that [`read`](Self::read) gave (with its `version`).
    ///
    /// # Errors
    /// [`Error::conflict`](crate::Error::conflict) where the vendor says that the zone changed in
    /// between; whatever else the vendor answers.
    fn write(&self, cx: &Context<'_>, zone: &Zone, contents: &Contents<Self::Record>)
    -> Result<()>;
}

/// All of a zone.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Contents<R> {
    /// The records of all types, in the vendor's order.
    pub records: Vec<R>,
    /// What `write` wants back from `read`, which nobody else reads: a hash or a serial that shows
    /// that nobody wrote in between, or what belongs to the zone and to none of its records.
    pub version: Option<String>,
}

/// The [`Provider`] of a [`ZoneApi`].
pub struct Zones<A>(A);

impl<A: ZoneApi> Provider for Zones<A> {
    fn new(cx: &Context<'_>) -> Result<Self> {
        A::new(cx).map(Self)
    }

    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        self.0.zones(cx).map(|zones| zones::names(&zones))
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        self.merge(cx, &records.iter().collect::<Vec<_>>(), &|zone, there, record| {
            if !there.iter().any(|known| self.is(zone, known, record)) {
                there.push(self.0.make(zone, record));
                return true;
            }
            false
        })
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        let records: Vec<&TxtRecord> = removals.iter().map(|removal| &removal.record).collect();
        let outcomes = self.merge(cx, &records, &|zone, there, record| {
            let before = there.len();
            there.retain(|known| !self.is(zone, known, record));
            there.len() < before
        });
        outcomes.into_iter().map(|outcome| outcome.map(drop)).collect()
    }
}

/// Brings one record into a zone's contents or takes it out; tells whether that did anything.
type Change<'a, R> = dyn Fn(&Zone, &mut Vec<R>, &TxtRecord) -> bool + 'a;

impl<A: ZoneApi> Zones<A> {
    /// Reads, changes and writes each zone once.
    fn merge(
        &self,
        cx: &Context<'_>,
        records: &[&TxtRecord],
        change: &Change<'_, A::Record>,
    ) -> Vec<Outcome> {
        per_zone(cx, records, &|name| self.0.zone(cx, name), &|zone, places| {
            let mut contents = self.0.read(cx, zone)?;
            let mut changed = false;
            for place in places {
                changed |= change(zone, &mut contents.records, records[*place]);
            }
            if changed {
                self.0.write(cx, zone, &contents)?;
            }
            Ok(vec![Ok(None); places.len()])
        })
    }

    /// Whether `known` is the TXT record `wanted`, whatever its TTL.
    fn is(&self, zone: &Zone, known: &A::Record, wanted: &TxtRecord) -> bool {
        let name = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
        self.0.txt(zone, known).is_some_and(|(owner, value)| {
            value == wanted.value && name(&owner) == name(&wanted.owner)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;
    use crate::{
        Error, ErrorKind,
        testing::{FakeHost, record, removal},
    };

    const OWNER: &str = "_acme-challenge.example.com.";
    const OTHER: &str = "_acme-challenge.www.example.com.";

    /// A vendor in memory, whose records are lines: owner, type and text.
    #[derive(Default)]
    struct Vendor {
        lines: RefCell<Vec<String>>,
        serial: Cell<u32>,
        calls: RefCell<Vec<&'static str>>,
        /// How often somebody else writes between our look and our write.
        disturbances: Cell<u32>,
    }

    impl ZoneApi for Vendor {
        type Record = String;

        fn new(_: &Context<'_>) -> Result<Self> {
            Ok(Self::default())
        }

        fn zones(&self, _: &Context<'_>) -> Result<Vec<Zone>> {
            Ok(vec![Zone::named("example.com")])
        }

        fn read(&self, _: &Context<'_>, _: &Zone) -> Result<Contents<String>> {
            self.calls.borrow_mut().push("read");
            let version = Some(self.serial.get().to_string());
            let records = self.lines.borrow().clone();
            if let Some(left) = self.disturbances.get().checked_sub(1) {
                self.disturbances.set(left);
                self.lines.borrow_mut().push(format!("other{left} A 192.0.2.1"));
                self.serial.set(self.serial.get() + 1);
            }
            Ok(Contents { records, version })
        }

        fn txt(&self, zone: &Zone, record: &String) -> Option<(String, String)> {
            let (owner, text) = record.split_once(" TXT ")?;
            Some((zone.absolute(owner), text.to_owned()))
        }

        fn make(&self, zone: &Zone, record: &TxtRecord) -> String {
            format!("{} TXT {}", zone.relative(&record.owner), record.value)
        }

        fn write(&self, _: &Context<'_>, _: &Zone, contents: &Contents<String>) -> Result<()> {
            self.calls.borrow_mut().push("write");
            if contents.version != Some(self.serial.get().to_string()) {
                return Err(Error::conflict("the serial is another one"));
            }
            self.serial.set(self.serial.get() + 1);
            self.lines.borrow_mut().clone_from(&contents.records);
            Ok(())
        }
    }

    fn vendor_with(lines: &[&str]) -> Zones<Vendor> {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Zones(Vendor { lines: RefCell::new(lines), ..Vendor::default() })
    }

    fn run<T>(operation: impl FnOnce(&Context<'_>) -> T) -> T {
        FakeHost::default().call(&[], operation)
    }

    #[test]
    fn one_read_and_one_write_for_all_names_and_the_rest_of_the_zone_stays() {
        let before =
            ["@ MX 10 mail", "_Acme-Challenge TXT foreign", "@ TXT foreign", "w A 192.0.2.2"];
        let provider = vendor_with(&before);
        run(|cx| {
            let records = [record(OWNER, "a"), record(OWNER, "b"), record(OTHER, "a")];
            assert_eq!(provider.present(cx, &records), [Ok(None), Ok(None), Ok(None)]);
            let mut expected = before.to_vec();
            expected.extend([
                "_acme-challenge TXT a",
                "_acme-challenge TXT b",
                "_acme-challenge.www TXT a",
            ]);
            assert_eq!(*provider.0.lines.borrow(), expected);
            assert_eq!(provider.0.calls.take(), ["read", "write"]);

            let removals = [removal(OWNER, "a", None), removal(OTHER, "a", Some("x"))];
            assert_eq!(provider.remove(cx, &removals), [Ok(()), Ok(())]);
            expected.retain(|line| !line.ends_with("TXT a"));
            assert_eq!(*provider.0.lines.borrow(), expected);
            assert_eq!(provider.0.calls.take(), ["read", "write"]);
        });
    }

    #[test]
    fn where_nothing_changes_nothing_is_written() {
        let provider = vendor_with(&["_ACME-challenge TXT a"]);
        run(|cx| {
            assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(None)]);
            assert_eq!(provider.remove(cx, &[removal(OWNER, "b", Some("h"))]), [Ok(())]);
        });
        assert_eq!(provider.0.calls.take(), ["read", "read"]);
    }

    #[test]
    fn a_value_twice_in_one_call_is_one_record() {
        let provider = vendor_with(&[]);
        run(|cx| provider.present(cx, &[record(OWNER, "a"), record(OWNER, "a")]));
        assert_eq!(*provider.0.lines.borrow(), ["_acme-challenge TXT a"]);
    }

    #[test]
    fn a_change_in_between_is_read_again_and_kept() {
        let provider = vendor_with(&[]);
        provider.0.disturbances.set(2);
        run(|cx| assert_eq!(provider.present(cx, &[record(OWNER, "a")]), [Ok(None)]));
        let expected = ["other1 A 192.0.2.1", "other0 A 192.0.2.1", "_acme-challenge TXT a"];
        assert_eq!(*provider.0.lines.borrow(), expected);
        provider.0.disturbances.set(9);
        run(|cx| {
            let results = provider.present(cx, &[record(OWNER, "b")]);
            assert_eq!(results[0].as_ref().unwrap_err().kind, ErrorKind::Transient);
        });
        assert_eq!(provider.0.disturbances.get(), 6);
    }

    #[test]
    fn an_unknown_zone_names_the_known_ones() {
        let provider = vendor_with(&[]);
        run(|cx| {
            assert_eq!(provider.check(cx), Ok(vec!["example.com.".to_owned()]));
            let results = provider.present(cx, &[record("_acme-challenge.other.test.", "a")]);
            let error = results[0].as_ref().unwrap_err();
            assert_eq!(error.kind, ErrorKind::ZoneNotFound);
            assert!(error.message.ends_with("reach example.com."), "{error}");
        });
        assert_eq!(provider.0.calls.take(), [""; 0]);
    }
}
