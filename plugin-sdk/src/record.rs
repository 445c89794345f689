//! Vendors where each TXT record is an object of its own, with an identifier.

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
        removals
            .iter()
            .map(|Removal { record, handle }| {
                if let Some(id) = handle {
                    let zone = lookups.zone(cx, record)?;
                    return gone(self.0.delete(cx, zone, id));
                }
                let (zone, listed) = lookups.records(cx, record)?;
                listed
                    .iter()
                    .filter(|listed| listed.value == record.value)
                    .try_for_each(|listed| gone(self.0.delete(cx, zone, &listed.id)))
            })
            .collect()
    }
}

/// What a call has looked up so far: each zone and each owner name is asked about once.
struct Lookups<'a, A: RecordApi> {
    api: &'a A,
    zones: Vec<(String, Result<A::Zone>)>,
    listed: Vec<(String, Result<Vec<Listed>>)>,
}

impl<'a, A: RecordApi> Lookups<'a, A> {
    fn new(api: &'a A) -> Self {
        Self { api, zones: Vec::new(), listed: Vec::new() }
    }

    fn zone(&mut self, cx: &Context<'_>, record: &TxtRecord) -> Result<&A::Zone> {
        let api = self.api;
        let zone = entry(&mut self.zones, &record.zone, || api.zone(cx, &record.zone));
        zone.as_ref().map_err(|error| error.clone())
    }

    fn records(
        &mut self,
        cx: &Context<'_>,
        record: &TxtRecord,
    ) -> Result<(&A::Zone, &mut Vec<Listed>)> {
        let api = self.api;
        let zone = entry(&mut self.zones, &record.zone, || api.zone(cx, &record.zone));
        let zone = zone.as_ref().map_err(|error| error.clone())?;
        let listed = entry(&mut self.listed, &record.owner, || api.list(cx, zone, &record.owner));
        let listed = listed.as_mut().map_err(|error| error.clone())?;
        Ok((zone, listed))
    }
}

/// The value kept under `key`, made by `make` the first time.
fn entry<'v, V>(kept: &'v mut Vec<(String, V)>, key: &str, make: impl FnOnce() -> V) -> &'v mut V {
    let index = match kept.iter().position(|(known, _)| known == key) {
        Some(index) => index,
        None => {
            kept.push((key.to_owned(), make()));
            kept.len() - 1
        }
    };
    &mut kept[index].1
}

/// Something that is not there any more is deleted.
fn gone(deleted: Result<()>) -> Result<()> {
    match deleted {
        Err(Error { kind: ErrorKind::Permanent, status: Some(404), .. }) => Ok(()),
        other => other,
    }
}
