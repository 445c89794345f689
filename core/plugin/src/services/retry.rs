//! When a request is sent again, and how long to wait before.

use std::time::{Duration, SystemTime};

use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};

/// How often a request is sent at the most.
pub(super) const TRIES: u32 = 3;

/// A longer wait is the caller's to decide.
const WAIT_LIMIT: Duration = Duration::from_secs(60);

/// How long to wait before sending again after this answer; none when it is the caller's to see.
///
/// 429 is obeyed where the vendor names a wait, for every method; 502, 503 and 504 are tried again
/// for requests that may be repeated: by their method (RFC 9110, section 9.2.2), or because the
/// provider gave them the option `repeatable`.
pub(super) fn after_answer(
    status: u16,
    headers: &HeaderMap,
    repeatable: bool,
    attempt: u32,
) -> Option<Duration> {
    let asked = retry_after(headers, SystemTime::now());
    let pause = match StatusCode::from_u16(status) {
        Ok(StatusCode::TOO_MANY_REQUESTS) => asked?,
        Ok(
            StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT,
        ) if repeatable => asked.unwrap_or_else(|| growing(attempt)),
        _ => return None,
    };
    (pause <= WAIT_LIMIT).then_some(pause)
}

/// How long to wait after the failed try of that number, counted from 1: 0.5 s, 1 s, 2 s.
pub(super) fn growing(attempt: u32) -> Duration {
    Duration::from_millis(500) * 2_u32.saturating_pow(attempt.saturating_sub(1).min(6))
}

/// `Retry-After` as seconds or as a date (RFC 9110, section 10.2.3).
pub(super) fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(retry_after: Option<&'static str>) -> HeaderMap {
        retry_after.map(|value| (RETRY_AFTER, value.parse().unwrap())).into_iter().collect()
    }

    #[test]
    fn what_is_tried_again() {
        let after = |status, asked, repeatable| {
            after_answer(status, &headers(asked), repeatable, 2).map(|pause| pause.as_millis())
        };
        assert_eq!(after(503, None, true), Some(1000));
        assert_eq!(after(503, Some("7"), true), Some(7000));
        assert_eq!(after(503, Some("61"), true), None);
        assert_eq!(after(503, None, false), None);
        assert_eq!(after(500, None, true), None);
        assert_eq!(after(429, None, true), None);
        assert_eq!(after(429, Some("3"), false), Some(3000));
        assert_eq!(after(429, Some("3600"), false), None);
        assert_eq!(after(200, Some("1"), true), None);
    }

    #[test]
    fn retry_after_as_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770);
        let asked = headers(Some("Sun, 06 Nov 1994 08:49:37 GMT"));
        assert_eq!(retry_after(&asked, now), Some(Duration::from_secs(7)));
        assert_eq!(retry_after(&headers(Some("soon")), now), None);
    }
}
