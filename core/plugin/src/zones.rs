//! The order of calls: those that touch one zone do not overlap, unless the manifest allows it.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::failure::Failure;

/// Who may be called for which zone, for one loaded provider.
pub(crate) struct Zones {
    concurrency: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    locks: HashMap<Key, Arc<Semaphore>>,
    closed: bool,
}

/// Owner names come before zones: everybody takes the locks in this order, so nobody waits for
/// somebody who waits for them.
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
enum Key {
    Owner(String),
    Zone(String),
}

impl Zones {
    /// `concurrency` calls at once for a zone, and never two for an owner name.
    pub(crate) fn new(concurrency: u32) -> Self {
        let concurrency = usize::try_from(concurrency).unwrap_or(1).clamp(1, 1024);
        Self { concurrency, state: Mutex::default() }
    }

    /// Waits until a call for these zones and owner names may begin; it holds what it is given.
    ///
    /// # Errors
    /// When the module hangs in an earlier call.
    pub(crate) async fn enter(
        &self,
        names: impl Iterator<Item = (&str, &str)>,
    ) -> Result<Vec<OwnedSemaphorePermit>, Failure> {
        let mut keys = BTreeSet::new();
        for (zone, owner) in names {
            keys.insert(Key::Zone(zone.to_owned()));
            if self.concurrency > 1 {
                keys.insert(Key::Owner(owner.to_owned()));
            }
        }
        let mut held = Vec::with_capacity(keys.len());
        for lock in self.locks(keys)? {
            held.push(lock.acquire_owned().await.map_err(|_| Failure::Hanging)?);
        }
        Ok(held)
    }

    /// Lets nobody in any more, and sends away who waits.
    pub(crate) fn close(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.closed = true;
        state.locks.values().for_each(|lock| lock.close());
    }

    fn locks(&self, keys: BTreeSet<Key>) -> Result<Vec<Arc<Semaphore>>, Failure> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed {
            return Err(Failure::Hanging);
        }
        // What nobody holds or waits for is forgotten: permits keep their lock alive.
        state.locks.retain(|_, lock| Arc::strong_count(lock) > 1);
        let locks = keys.into_iter().map(|key| {
            let permits = if matches!(key, Key::Zone(_)) { self.concurrency } else { 1 };
            let lock = state.locks.entry(key).or_insert_with(|| Arc::new(Semaphore::new(permits)));
            Arc::clone(lock)
        });
        Ok(locks.collect())
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn enters(zones: &Zones, names: &[(&str, &str)]) -> Option<Vec<OwnedSemaphorePermit>> {
        zones.enter(names.iter().copied()).now_or_never().map(Result::unwrap)
    }

    #[test]
    fn calls_for_one_zone_wait_for_each_other() {
        let zones = Zones::new(1);
        let first = enters(&zones, &[("a.test.", "x.a.test."), ("b.test.", "x.b.test.")]);
        assert!(first.is_some());
        assert!(enters(&zones, &[("b.test.", "y.b.test.")]).is_none());
        assert!(enters(&zones, &[("c.test.", "x.c.test.")]).is_some());
        drop(first);
        assert!(enters(&zones, &[("b.test.", "y.b.test.")]).is_some());
    }

    #[test]
    fn concurrency_is_for_different_owner_names() {
        let zones = Zones::new(2);
        let first = enters(&zones, &[("a.test.", "x.a.test.")]);
        assert!(enters(&zones, &[("a.test.", "x.a.test.")]).is_none());
        let second = enters(&zones, &[("a.test.", "y.a.test.")]);
        assert!(first.is_some() && second.is_some());
        assert!(enters(&zones, &[("a.test.", "z.a.test.")]).is_none());
    }

    #[tokio::test]
    async fn who_waits_for_a_module_that_hangs_is_sent_away() {
        let zones = Arc::new(Zones::new(1));
        let held = enters(&zones, &[("a.test.", "x.a.test.")]);
        let waiting = tokio::spawn({
            let zones = Arc::clone(&zones);
            async move { zones.enter([("a.test.", "x.a.test.")].into_iter()).await.err() }
        });
        tokio::task::yield_now().await;
        zones.close();
        assert_eq!(waiting.await.unwrap(), Some(Failure::Hanging));
        let late = zones.enter([("b.test.", "x.b.test.")].into_iter()).await.err();
        assert_eq!(late, Some(Failure::Hanging));
        drop(held);
    }
}
