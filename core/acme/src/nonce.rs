//! The nonces at hand (RFC 8555 §6.5).
//!
//! Every request spends a nonce and its answer brings a new one, so one nonce is enough for any
//! number of requests in a row, and requests side by side need one each. A request that finds
//! none left while others are under way therefore waits for what their answers bring, as long as
//! these come quickly; only then does it ask `newNonce`. With a CA nearby the number of requests
//! stays at the minimum, with one far away as many requests run together as are useful.

use std::pin::pin;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::header::HeaderMap;
use tokio::sync::Notify;

/// How long a request waits for other requests' answers before it asks `newNonce`.
pub(crate) const PATIENCE: Duration = Duration::from_millis(25);

/// More are not kept: CAs forget old nonces, and no batch of requests is wider.
const KEPT: usize = 64;

/// The nonces of one CA.
pub(crate) struct NoncePool {
    state: Mutex<State>,
    changed: Notify,
    patience: Duration,
}

/// Says that a request is under way whose answer will bring a nonce; ends when dropped.
pub(crate) struct UnderWay<'a>(&'a NoncePool);

impl NoncePool {
    pub(crate) fn new(patience: Duration) -> NoncePool {
        NoncePool { state: Mutex::default(), changed: Notify::new(), patience }
    }

    /// Takes the newest nonce for a request that starts now; `None` if `newNonce` must be asked.
    pub(crate) async fn take(&self) -> (Option<String>, UnderWay<'_>) {
        loop {
            // Listening starts before the look, so that no nonce slips in between unnoticed.
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            {
                let mut state = self.lock();
                let nonce = state.nonces.pop();
                if nonce.is_some() || state.under_way == 0 {
                    state.under_way += 1;
                    return (nonce, UnderWay(self));
                }
            }
            if tokio::time::timeout(self.patience, changed).await.is_err() {
                let mut state = self.lock();
                state.under_way += 1;
                return (state.nonces.pop(), UnderWay(self));
            }
        }
    }

    /// Keeps the nonce that an answer carries, if it carries one.
    pub(crate) fn keep(&self, headers: &HeaderMap) {
        let Some(nonce) = nonce(headers) else { return };
        let mut state = self.lock();
        if state.nonces.len() < KEPT {
            state.nonces.push(nonce);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The `Replay-Nonce` of an answer; one that is not base64url must be ignored (RFC 8555 §6.5.1).
pub(crate) fn nonce(headers: &HeaderMap) -> Option<String> {
    let nonce = headers.get("replay-nonce")?.to_str().ok()?;
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (!nonce.is_empty() && nonce.bytes().all(valid)).then(|| nonce.to_owned())
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.under_way = state.under_way.saturating_sub(1);
        drop(state);
        self.0.changed.notify_waiters();
    }
}

#[derive(Default)]
struct State {
    nonces: Vec<String>,
    under_way: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(nonce: &str) -> HeaderMap {
        HeaderMap::from_iter([("replay-nonce".parse().unwrap(), nonce.parse().unwrap())])
    }

    #[tokio::test]
    async fn the_newest_nonce_goes_first_and_none_is_given_twice() {
        let pool = NoncePool::new(PATIENCE);
        pool.keep(&answer("old"));
        pool.keep(&answer("new"));
        assert_eq!(pool.take().await.0.as_deref(), Some("new"));
        assert_eq!(pool.take().await.0.as_deref(), Some("old"));
        assert_eq!(pool.take().await.0, None);
    }

    #[tokio::test]
    async fn a_second_request_waits_for_the_first_one_s_answer() {
        let pool = NoncePool::new(Duration::from_secs(3600));
        let (_, first) = pool.take().await;
        let second = async { pool.take().await.0 };
        let answered = async {
            tokio::task::yield_now().await;
            pool.keep(&answer("brought"));
        };
        assert_eq!(futures_util::join!(second, answered).0.as_deref(), Some("brought"));
        drop(first);
    }

    #[tokio::test]
    async fn waiting_ends_when_the_answer_brings_nothing_or_takes_too_long() {
        let pool = NoncePool::new(Duration::from_secs(3600));
        let (_, first) = pool.take().await;
        let second = async { pool.take().await.0 };
        let failed = async {
            tokio::task::yield_now().await;
            drop(first);
        };
        assert_eq!(futures_util::join!(second, failed).0, None);

        let pool = NoncePool::new(Duration::from_millis(1));
        let (_, _first) = pool.take().await;
        assert_eq!(pool.take().await.0, None);
    }

    #[test]
    fn malformed_nonces_are_ignored() {
        assert_eq!(nonce(&answer("ab_-9")).as_deref(), Some("ab_-9"));
        assert_eq!(nonce(&answer("a b")), None);
        assert_eq!(nonce(&answer("a=")), None);
        assert_eq!(nonce(&answer("")), None);
    }
}
