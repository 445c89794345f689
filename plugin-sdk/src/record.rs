//! Vendors where each TXT record is an object of its own, with an identifier.
//!
//! The front page's example is such a vendor. One that takes many records in one request overrides
//! [`RecordApi::list_all`], [`RecordApi::create_all`] and [`RecordApi::delete_all`]; one that publishes
//! a zone only when told to, [`RecordApi::finish`].

use crate::{
    error::{Error, ErrorKind, Result},
    host::Context,
    types::TxtRecord,
    zones::{self, Zone},
};

/// A vendor's API in which every TXT record is an object of its own.
///
/// [`Records`](crate::Records) makes a [`Provider`](crate::Provider) of it and keeps the contract: a value that is there already is
/// not created again, and only the record with exactly the wanted value is deleted.
pub trait RecordApi: Sized {
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

    /// The TXT records at exactly `owner`.
    ///
    /// # Errors
    /// Whatever the vendor answers.
    fn list(&self, cx: &Context<'_>, zone: &Zone, owner: &str) -> Result<Vec<Listed>>;

    /// Creates one record and gives back its identifier.
    ///
    /// # Errors
    /// [`Error::conflict`] where the vendor says that it is there already: the SDK looks again.
    /// Whatever else the vendor answers.
    fn create(&self, cx: &Context<'_>, zone: &Zone, record: &TxtRecord) -> Result<String>;

    /// Deletes the record with this identifier. A vendor's "not found" (status 404) counts as done.
    ///
    /// # Errors
    /// Whatever the vendor answers.
    fn delete(&self, cx: &Context<'_>, zone: &Zone, id: &str) -> Result<()>;

    /// [`list`](Self::list) for each of `owners`, in order.
    ///
    /// # Errors
    /// Whatever the vendor answers; nothing is written in this zone then.
    fn list_all(&self, cx: &Context<'_>, zone: &Zone, owners: &[&str]) -> Result<Vec<Vec<Listed>>> {
        owners.iter().map(|owner| self.list(cx, zone, owner)).collect()
    }

    /// [`create`](Self::create) for each of `records`, in order; [`in_batches`] helps.
    fn create_all(
        &self,
        cx: &Context<'_>,
        zone: &Zone,
        records: &[&TxtRecord],
    ) -> Vec<Result<String>> {
        records.iter().map(|record| self.create(cx, zone, record)).collect()
    }

    /// [`delete`](Self::delete) for each of `ids`, in order; [`in_batches`] helps.
    fn delete_all(&self, cx: &Context<'_>, zone: &Zone, ids: &[&str]) -> Vec<Result<()>> {
        ids.iter().map(|id| self.delete(cx, zone, id)).collect()
    }

    /// Makes the zone's changes effective, where the vendor wants to be told.
    ///
    /// Called once per zone after the last change of a call, and also when everything was as wanted
    /// already: the call before may have ended between the change and this.
    ///
    /// # Errors
    /// Whatever the vendor answers.
    fn finish(&self, _cx: &Context<'_>, _zone: &Zone) -> Result<()> {
        Ok(())
    }
}

/// A TXT record as the vendor lists it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Listed {
    /// The vendor's identifier.
    pub id: String,
    /// The text, without quotes.
    pub value: String,
}

/// Does `items` in batches of at most `size`, for [`RecordApi::create_all`] and its like.
///
/// `batch` takes effect as a whole or not at all and gives one result per item. What it refuses for
/// good (`permanent`) is done item by item with `one`, so that the refusal gets to where it belongs; a
/// single item goes that way at once.
pub fn in_batches<I, T>(
    items: &[I],
    size: usize,
    batch: impl Fn(&[I]) -> Result<Vec<T>>,
    one: impl Fn(&I) -> Result<T>,
) -> Vec<Result<T>> {
    let mut results = Vec::with_capacity(items.len());
    for items in items.chunks(size.max(1)) {
        if let [item] = items {
            results.push(one(item));
            continue;
        }
        match batch(items) {
            Ok(done) if done.len() == items.len() => results.extend(done.into_iter().map(Ok)),
            Ok(done) => {
                let (asked, done) = (items.len(), done.len());
                let message = format!("the answer to a batch of {asked} has {done} results");
                results.extend(items.iter().map(|_| Err(Error::permanent(&*message))));
            }
            Err(error) if error.kind == ErrorKind::Permanent => {
                results.extend(items.iter().map(&one));
            }
            Err(error) => results.extend(items.iter().map(|_| Err(error.clone()))),
        }
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_batch_is_done_one_by_one_and_a_lost_one_is_not() {
        let run = |batch: &dyn Fn(&[u8]) -> Result<Vec<u8>>| {
            let one = |item: &u8| if *item == 3 { Err(Error::permanent("odd")) } else { Ok(*item) };
            in_batches(&[1, 2, 3, 4, 5], 2, batch, one)
        };
        let doubled = run(&|items| Ok(items.iter().map(|item| item * 2).collect()));
        assert_eq!(doubled, [Ok(2), Ok(4), Ok(6), Ok(8), Ok(5)]);
        let refused = run(&|_| Err(Error::permanent("no")));
        assert_eq!(refused, [Ok(1), Ok(2), Err(Error::permanent("odd")), Ok(4), Ok(5)]);
        let lost = Error::transient("no answer");
        let results = run(&|_| Err(lost.clone()));
        assert_eq!(results[..4], vec![Err(lost); 4]);
        let short = run(&|_| Ok(vec![1]));
        assert_eq!(
            short[0].as_ref().unwrap_err().message,
            "the answer to a batch of 2 has 1 results"
        );
    }
}
