//! Answers that are found once and shared by everyone who asks meanwhile and after.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

use crate::error::Error;

type Flight<V> = Arc<OnceCell<Result<V, Error>>>;

/// A cache in which each key is looked up by one caller, while the others wait for its result.
///
/// A success stays for as long as the cache lives. A failure is given to all who waited for it and
/// is then forgotten, so that a later caller tries again. A caller may be dropped at any time: the
/// next one in the queue then looks up.
#[derive(Debug)]
pub(crate) struct Flights<K, V> {
    flights: Mutex<HashMap<K, Flight<V>>>,
}

impl<K: Clone + Eq + Hash, V: Clone> Flights<K, V> {
    /// What is known for the key, or what `find` finds.
    pub(crate) async fn get<F>(&self, key: &K, find: impl FnOnce() -> F) -> Result<V, Error>
    where
        F: Future<Output = Result<V, Error>>,
    {
        let flight = Arc::clone(self.lock().entry(key.clone()).or_default());
        let result = flight.get_or_init(find).await.clone();
        if result.is_err() {
            let mut flights = self.lock();
            // Only this flight: a later one may already be under way.
            if flights.get(key).is_some_and(|current| Arc::ptr_eq(current, &flight)) {
                flights.remove(key);
            }
        }
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<K, Flight<V>>> {
        // Nothing panics while the map is held, and a map is whole even then.
        self.flights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Default for Flights<K, V> {
    fn default() -> Self {
        Self { flights: Mutex::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::task::yield_now;

    use super::*;

    fn failure() -> Error {
        Error::NoZone { owner: "a.example".parse().unwrap() }
    }

    #[tokio::test]
    async fn one_finds_and_all_get_it() {
        let flights = Flights::<&str, usize>::default();
        let found = AtomicUsize::new(0);
        let find = || async {
            yield_now().await;
            Ok(found.fetch_add(1, Ordering::SeqCst))
        };
        let (a, b) = tokio::join!(flights.get(&"k", find), flights.get(&"k", find));
        let c = flights.get(&"k", find).await;
        assert_eq!((a.unwrap(), b.unwrap(), c.unwrap()), (0, 0, 0));
        assert_eq!(flights.get(&"other", find).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_failure_is_shared_once_and_forgotten() {
        let flights = Flights::<&str, usize>::default();
        let tried = AtomicUsize::new(0);
        let fail = || async {
            yield_now().await;
            tried.fetch_add(1, Ordering::SeqCst);
            Err(failure())
        };
        let (a, b) = tokio::join!(flights.get(&"k", fail), flights.get(&"k", fail));
        assert!(a.is_err() && b.is_err());
        assert_eq!(tried.load(Ordering::SeqCst), 1);
        assert_eq!(flights.get(&"k", || async { Ok(7) }).await.unwrap(), 7);
    }

    #[tokio::test]
    async fn a_dropped_caller_leaves_the_work_to_the_next() {
        let flights = Flights::<&str, usize>::default();
        let forever = flights.get(&"k", std::future::pending);
        let dropped = tokio::time::timeout(std::time::Duration::from_millis(5), forever).await;
        assert!(dropped.is_err());
        assert_eq!(flights.get(&"k", || async { Ok(7) }).await.unwrap(), 7);
    }
}
