//! Vendors where all values of an owner name are one object.

use crate::{
    error::{Error, Result},
    host::Context,
    provider::Provider,
    types::{Removal, TxtRecord},
};

/// A vendor's API in which the TXT values of an owner name are written as one RRset.
///
/// [`Rrsets`] makes a [`Provider`] of it: it reads, merges, and writes one RRset per owner name.
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
}

/// All TXT values of one owner name.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Rrset {
    /// Seconds.
    pub ttl: u32,
    /// The texts, without quotes.
    pub values: Vec<String>,
    /// What the vendor wants back to see that nobody wrote in between: an ETag, a serial.
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
        let records: Vec<&TxtRecord> = records.iter().collect();
        let written = self.merge(cx, &records, |rrset, record| {
            if !rrset.values.contains(&record.value) {
                rrset.values.push(record.value.clone());
                rrset.ttl = record.ttl;
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
        let mut zones: Vec<(&str, Result<A::Zone>)> = Vec::new();
        let mut written: Vec<(&str, Result<()>)> = Vec::new();
        for record in records {
            if written.iter().any(|(owner, _)| *owner == record.owner) {
                continue;
            }
            if !zones.iter().any(|(name, _)| *name == record.zone) {
                zones.push((&record.zone, self.0.zone(cx, &record.zone)));
            }
            let zone = zones.iter().find(|(name, _)| *name == record.zone).map(|(_, zone)| zone);
            let result = match zone {
                Some(Ok(zone)) => {
                    let same = records.iter().filter(|other| other.owner == record.owner);
                    self.merge_one(cx, zone, &record.owner, |rrset| {
                        same.for_each(|record| change(rrset, record));
                    })
                }
                Some(Err(error)) => Err(error.clone()),
                None => Err(Error::permanent(format!("zone `{}` was not looked up", record.zone))),
            };
            written.push((&record.owner, result));
        }
        records
            .iter()
            .filter_map(|record| written.iter().find(|(owner, _)| *owner == record.owner))
            .map(|(_, result)| result.clone())
            .collect()
    }

    fn merge_one(
        &self,
        cx: &Context<'_>,
        zone: &A::Zone,
        owner: &str,
        change: impl FnOnce(&mut Rrset),
    ) -> Result<()> {
        let before = self.0.read(cx, zone, owner)?.unwrap_or_default();
        let mut after = before.clone();
        change(&mut after);
        if after.values == before.values { Ok(()) } else { self.0.write(cx, zone, owner, &after) }
    }
}
