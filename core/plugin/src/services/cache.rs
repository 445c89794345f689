//! Memory that outlives a call: session tokens, zone identifiers.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use zeroize::Zeroizing;

use crate::limits;

/// The cache of one provider under one set of settings. It is never written to disk.
#[derive(Default)]
pub(super) struct Cache(Mutex<HashMap<String, Entry>>);

struct Entry {
    value: Zeroizing<String>,
    until: Instant,
}

impl Cache {
    pub(super) fn get(&self, key: &str, now: Instant) -> Option<String> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(key)?;
        if entry.until > now {
            return Some(entry.value.to_string());
        }
        entries.remove(key);
        None
    }

    /// False when key or value is too large. A full cache forgets what would expire first.
    pub(super) fn put(&self, key: &str, value: &str, ttl: Duration, now: Instant) -> bool {
        if key.len() > limits::CACHE_KEY || value.len() > limits::CACHE_VALUE {
            return false;
        }
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= limits::CACHE_ENTRIES && !entries.contains_key(key) {
            let first = entries.iter().min_by_key(|(_, entry)| entry.until);
            if let Some(first) = first.map(|(key, _)| key.clone()) {
                entries.remove(&first);
            }
        }
        let until = now + ttl.min(limits::CACHE_TTL);
        let value = Zeroizing::new(value.to_owned());
        entries.insert(key.to_owned(), Entry { value, until });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_expire() {
        let cache = Cache::default();
        let now = Instant::now();
        assert!(cache.put("token", "abc", Duration::from_secs(10), now));
        assert!(cache.put("forever", "def", Duration::MAX, now));
        assert_eq!(cache.get("token", now).as_deref(), Some("abc"));
        let later = now + Duration::from_secs(10);
        assert_eq!(cache.get("token", later), None);
        assert_eq!(cache.get("forever", later).as_deref(), Some("def"));
    }

    #[test]
    fn it_is_bounded() {
        let cache = Cache::default();
        let now = Instant::now();
        assert!(!cache.put("k", &"v".repeat(limits::CACHE_VALUE + 1), Duration::from_secs(1), now));
        for n in 0..limits::CACHE_ENTRIES as u64 + 1 {
            assert!(cache.put(&format!("k{n}"), "v", Duration::from_secs(60 + n), now));
        }
        assert_eq!(cache.get("k0", now), None);
        assert_eq!(cache.get("k1", now).as_deref(), Some("v"));
        assert_eq!(cache.get("k256", now).as_deref(), Some("v"));
    }
}
