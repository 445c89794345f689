//! Which failures are worth another try, and when.

use std::time::{Duration, SystemTime};

use reqwest::header::{HeaderMap, RETRY_AFTER};

use crate::Error;

/// Tries after the first one, for 429, 502, 503, 504 and broken connections.
const RETRIES: u32 = 4;

/// The first pause where the CA names none; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// The longest `Retry-After` that is waited for; beyond it the caller decides.
pub(crate) const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What one request has left of its tries.
pub(crate) struct Retries {
    left: u32,
    pause: Duration,
}

impl Retries {
    pub(crate) fn new() -> Retries {
        Retries { left: RETRIES, pause: FIRST_PAUSE }
    }

    /// How long to wait before the request is sent again; `None` if it shall not be.
    pub(crate) fn pause_after(&mut self, error: &Error) -> Option<Duration> {
        if !error.is_temporary() {
            return None;
        }
        // A request that timed out has cost much already: it may be sent three times in all.
        let cost = if matches!(error, Error::Timeout { .. }) { 2 } else { 1 };
        self.left = self.left.checked_sub(cost)?;
        let usual = self.pause;
        self.pause *= 2;
        match error.retry_after() {
            Some(asked) if asked > LONGEST_PAUSE => None,
            Some(asked) => Some(asked),
            None => Some(usual),
        }
    }
}

/// `Retry-After` in both its forms, seconds and HTTP-date (RFC 9110 §10.2.3).
pub(crate) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        // Digits that overflow still mean "very long".
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::from(u32::MAX))));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Duration> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, text.parse().unwrap())]), now)
    }

    #[test]
    fn retry_after_comes_as_seconds_or_as_a_date() {
        assert_eq!(asked("120"), Some(Duration::from_secs(120)));
        // 784111777 is RFC 9110's example date.
        assert_eq!(asked("Sun, 06 Nov 1994 08:50:07 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(asked("Sunday, 06-Nov-94 08:50:07 GMT"), Some(Duration::from_secs(30)));
        assert_eq!(asked("Sun Nov  6 08:50:07 1994"), Some(Duration::from_secs(30)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT"), Some(Duration::ZERO));
        assert!(asked("99999999999999999999999").unwrap() > LONGEST_PAUSE);
        assert_eq!(asked("soon"), None);
        assert_eq!(asked(""), None);
        assert_eq!(asked("-1"), None);
        assert_eq!(retry_after(&HeaderMap::new(), SystemTime::now()), None);
    }

    #[test]
    fn pauses_grow_and_end() {
        let error = Error::Status {
            operation: crate::Operation::NewOrder,
            url: "https://ca.example/".to_owned(),
            status: 503,
            retry_after: None,
        };
        let mut retries = Retries::new();
        let pauses: Vec<_> = std::iter::from_fn(|| retries.pause_after(&error)).collect();
        assert_eq!(pauses, [250, 500, 1000, 2000].map(Duration::from_millis));
    }
}
