//! The TXT records of a run: presented zone by zone, and removed whatever happens.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use wildcert_plugin::{DnsProvider, ErrorKind, ProviderError, Removal, TxtRecord};

use crate::{
    error::Error,
    event::{Event, Observer},
    journal::{Journal, Outstanding},
    results::Calls,
};

/// The records of one journal, with the provider that adds and removes them.
pub(crate) struct Records {
    /// What the user calls the provider with its credentials.
    instance: String,
    provider: Arc<dyn DnsProvider>,
    journal: Journal,
    outstanding: Mutex<Vec<Outstanding>>,
    observer: Observer,
    /// How often the provider was called to add and to remove.
    called: [AtomicU64; 2],
}

impl Records {
    /// The records that `journal` lists and `outstanding` describes.
    pub(crate) fn new(
        instance: String,
        provider: Arc<dyn DnsProvider>,
        journal: Journal,
        outstanding: Vec<Outstanding>,
        observer: Observer,
    ) -> Self {
        let (outstanding, called) = (Mutex::new(outstanding), Default::default());
        Self { instance, provider, journal, outstanding, observer, called }
    }

    /// What the user calls the provider, and how often it was called so far.
    pub(crate) fn calls_made(&self) -> (&str, Calls) {
        let [present, remove] = self.called.each_ref().map(|count| count.load(Ordering::Relaxed));
        (&self.instance, Calls { present, remove })
    }

    /// Adds every record, zones side by side. Must run to its end: what is dropped half way may
    /// still reach the vendor after the removal.
    ///
    /// # Errors
    /// The first failure; the records stay outstanding until [`remove`](Self::remove).
    pub(crate) async fn present(&self) -> Result<(), Error> {
        let calls = self.calls().into_iter().map(|call| async move {
            let (zone, values) = (zone_of(&call), call.len());
            (self.observer)(Event::Presenting { zone, values });
            let done = self.repeat(call, |attempt, call| self.present_once(attempt, call)).await;
            self.report(&done, |zone, owner, values| Event::Presented { zone, owner, values });
            self.first_error("add TXT records", &done)
        });
        join_all(calls).await.into_iter().collect()
    }

    /// Removes whatever is outstanding, each zone's part of it for a minute at the longest.
    ///
    /// # Errors
    /// [`Error::LeftBehind`]; the journal then stays for the next run.
    pub(crate) async fn remove(&self) -> Result<(), Error> {
        let calls = self.calls().into_iter().map(|call| async move {
            let done = self.repeat(call, |_, call| self.remove_once(call));
            let Ok(done) = tokio::time::timeout(REMOVAL_LIMIT, done).await else {
                return Err(format!("no answer for {} seconds", REMOVAL_LIMIT.as_secs()));
            };
            self.report(&done, |zone, owner, values| Event::Removed { zone, owner, values });
            match self.first_error("remove TXT records", &done) {
                Ok(()) => Ok(()),
                Err(error) => Err(error.to_string()),
            }
        });
        let reason = join_all(calls).await.into_iter().find_map(Result::err);
        let count = self.lock().len();
        match (count, reason) {
            (0, _) => {
                self.journal.close();
                Ok(())
            }
            (count, reason) => {
                let reason = reason.unwrap_or_else(|| "the provider did not say why".to_owned());
                Err(Error::LeftBehind { count, reason })
            }
        }
    }

    /// The outstanding records as calls: all values of an owner name in one, one call per zone, or
    /// several where the provider takes several at once.
    fn calls(&self) -> Vec<Vec<Outstanding>> {
        let mut outstanding = self.lock().clone();
        let place = |entry: &Outstanding| (entry.record.zone.clone(), entry.record.owner.clone());
        outstanding.sort_by_cached_key(place);
        let at_once = self.provider.manifest().limits.concurrency.max(1) as usize;
        let zones = outstanding.chunk_by(|one, next| one.record.zone == next.record.zone);
        let calls = zones.flat_map(|zone| {
            let owners: Vec<&[Outstanding]> =
                zone.chunk_by(|one, next| one.record.owner == next.record.owner).collect();
            let per_call = owners.len().div_ceil(at_once);
            owners.chunks(per_call).map(<[_]>::concat).collect::<Vec<_>>()
        });
        calls.collect()
    }

    /// Calls until nothing is left that a later try may mend.
    async fn repeat<F>(
        &self,
        call: Vec<Outstanding>,
        once: impl Fn(u32, Vec<Outstanding>) -> F,
    ) -> Done
    where
        F: Future<Output = Done>,
    {
        let mut settled = Done::new();
        let mut rest = call;
        for attempt in 0.. {
            let (again, done): (Done, Done) =
                once(attempt, rest).await.into_iter().partition(|(_, result)| {
                    result.as_ref().is_err_and(|error| attempt < retries(error))
                });
            settled.extend(done);
            let Some(pause) = again.iter().filter_map(|(_, r)| pause(r, attempt)).max() else {
                break;
            };
            tokio::time::sleep(pause).await;
            rest = again.into_iter().map(|(outstanding, _)| outstanding).collect();
        }
        settled
    }

    async fn present_once(&self, attempt: u32, call: Vec<Outstanding>) -> Done {
        let records: Vec<TxtRecord> = call.iter().map(|entry| entry.record.clone()).collect();
        let [called, _] = &self.called;
        called.fetch_add(1, Ordering::Relaxed);
        let results = self.provider.present(records).await;
        let settle = |(entry, result): (Outstanding, Result<Option<String>, ProviderError>)| {
            match &result {
                Ok(Some(handle)) => {
                    self.journal.presented(&entry.record, handle);
                    self.change(&entry.record, |known| known.handle = Some(handle.clone()));
                }
                Ok(None) => {}
                // An earlier try may have added it nevertheless.
                Err(error) if attempt == 0 && error.kind().rules_out_a_change() => {
                    self.forget(&entry.record)
                }
                Err(_) => {}
            }
            (entry, result.map(|_| ()))
        };
        call.into_iter().zip(results).map(settle).collect()
    }

    async fn remove_once(&self, call: Vec<Outstanding>) -> Done {
        let removals = call
            .iter()
            .map(|entry| Removal { record: entry.record.clone(), handle: entry.handle.clone() });
        let [_, called] = &self.called;
        called.fetch_add(1, Ordering::Relaxed);
        let results = self.provider.remove(removals.collect()).await;
        let settle = |(entry, result): (Outstanding, Result<(), ProviderError>)| {
            if result.is_ok() {
                self.forget(&entry.record);
            }
            (entry, result)
        };
        call.into_iter().zip(results).map(settle).collect()
    }

    /// The record is not in the DNS.
    fn forget(&self, record: &TxtRecord) {
        self.journal.removed(record);
        self.lock().retain(|known| !is(known, record));
    }

    fn change(&self, record: &TxtRecord, change: impl FnMut(&mut Outstanding)) {
        self.lock().iter_mut().filter(|known| is(known, record)).for_each(change);
    }

    fn report(&self, done: &Done, event: impl Fn(String, String, usize) -> Event) {
        let mut owners: Vec<(&TxtRecord, usize)> = Vec::new();
        for (entry, _) in done.iter().filter(|(_, result)| result.is_ok()) {
            match owners.iter_mut().find(|(first, _)| first.owner == entry.record.owner) {
                Some((_, values)) => *values += 1,
                None => owners.push((&entry.record, 1)),
            }
        }
        for (record, values) in owners {
            (self.observer)(event(record.zone.clone(), record.owner.clone(), values));
        }
    }

    fn first_error(&self, doing: &'static str, done: &Done) -> Result<(), Error> {
        let failed = done.iter().find_map(|(entry, result)| Some((entry, result.as_ref().err()?)));
        let Some((entry, error)) = failed else { return Ok(()) };
        let (zone, source) = (entry.record.zone.clone(), Box::new(error.clone()));
        Err(Error::Provider { instance: self.instance.clone(), doing, zone, source })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Outstanding>> {
        self.outstanding.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Each record of a call with what came of it.
type Done = Vec<(Outstanding, Result<(), ProviderError>)>;

fn is(known: &Outstanding, record: &TxtRecord) -> bool {
    known.record.owner == record.owner && known.record.value == record.value
}

fn zone_of(call: &[Outstanding]) -> String {
    call.first().map(|entry| entry.record.zone.clone()).unwrap_or_default()
}

/// How often a later try may mend it. The host has repeated what is transient in HTTP already.
fn retries(error: &ProviderError) -> u32 {
    match error.kind() {
        ErrorKind::RateLimited => 3,
        ErrorKind::Transient => 1,
        _ => 0,
    }
}

/// How long to wait before another try: what the vendor asked for, else a second, doubled each time.
fn pause(result: &Result<(), ProviderError>, attempt: u32) -> Option<Duration> {
    let error = result.as_ref().err()?;
    let own = Duration::from_secs(1 << attempt);
    Some(error.retry_after().unwrap_or(own).min(LONGEST_PAUSE))
}

const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const REMOVAL_LIMIT: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests;
