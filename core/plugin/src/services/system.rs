//! Time, chance, the log and the cache of a call.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tracing::{debug, info, warn};

use super::call::Call;
use crate::limits::{LINE, LINES, RANDOM};

/// How long after its deadline a call is over for sure.
const OVER: Duration = Duration::from_secs(1);

impl Call {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    pub(crate) fn now(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// Waits until the call is over at the longest: nothing else wakes a native module.
    pub(crate) async fn sleep(&self, duration: Duration) {
        let left = self.deadline.saturating_duration_since(tokio::time::Instant::now());
        tokio::time::sleep(duration.min(left + OVER)).await;
    }

    /// `length` octets fit for keys; none when that is more than 4096.
    pub(crate) fn random(&self, length: usize) -> Option<Vec<u8>> {
        let mut octets = vec![0; Some(length).filter(|length| *length <= RANDOM)?];
        aws_lc_rs::rand::fill(&mut octets).ok()?;
        Some(octets)
    }

    /// Writes one line to the log, without secrets; lines over the call's 200 are dropped.
    pub(crate) fn log(&self, level: &str, message: &str) {
        let provider = self.services.id.as_str();
        match self.count_line() {
            0..LINES => {}
            LINES => return warn!(provider, "the provider logs too much: the rest is dropped"),
            _ => return,
        }
        let line = self.services.presentable(message, LINE);
        match level {
            "warn" => warn!(provider, "{line}"),
            "info" => info!(provider, "{line}"),
            _ => debug!(provider, "{line}"),
        }
        self.remember(&line);
    }

    /// What an earlier call kept under `key`.
    pub(crate) fn cache_get(&self, key: &str) -> Option<String> {
        self.services.cache.get(key, Instant::now())
    }

    /// Keeps `value` under `key` for `ttl` at the longest.
    pub(crate) fn cache_put(&self, key: &str, value: &str, ttl: Duration) {
        if !self.services.cache.put(key, value, ttl, Instant::now()) {
            // A line of the call's, and its key may be anything.
            self.log("debug", "an entry is too large for the cache");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::call::tests_support::call;

    #[tokio::test]
    async fn random_is_bounded_and_random() {
        let call = call("", &[]);
        assert_eq!(call.random(4097), None);
        assert_eq!(call.random(4096).map(|octets| octets.len()), Some(4096));
        assert_ne!(call.random(32), call.random(32));
    }

    #[tokio::test]
    async fn the_last_line_is_kept_without_secrets_and_lines_are_counted() {
        let call = call("", &[("TOKEN", "correct-horse")]);
        call.log("info", "sending correct-horse\nforged line");
        assert_eq!(call.last_words().as_deref(), Some("sending ****\\nforged line"));
        for _ in 0..300 {
            call.log("debug", "more");
        }
        call.log("debug", "one too many");
        assert_eq!(call.last_words().as_deref(), Some("more"));
    }
}
