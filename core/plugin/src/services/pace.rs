//! How many requests a second a vendor takes.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Lets so many requests a second through: as many at once as one second has, then evenly spaced.
pub(super) struct Pace {
    interval: Duration,
    /// How far the next free moment may lie ahead without waiting.
    slack: Duration,
    next: Mutex<Option<Instant>>,
}

impl Pace {
    /// `per_second` is above 0, which the manifest's own check sees to.
    pub(super) fn new(per_second: f64) -> Self {
        let interval = Duration::try_from_secs_f64(1.0 / per_second).unwrap_or(Duration::MAX);
        let interval = interval.min(Duration::from_secs(3600));
        Self {
            interval,
            slack: Duration::from_secs(1).saturating_sub(interval),
            next: Mutex::new(None),
        }
    }

    /// How long the caller waits before it sends; the moment is taken.
    pub(super) fn reserve(&self, now: Instant) -> Duration {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = next.unwrap_or(now).max(now);
        *next = Some(turn + self.interval);
        turn.saturating_duration_since(now).saturating_sub(self.slack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_s_worth_at_once_then_evenly() {
        let (pace, now) = (Pace::new(4.0), Instant::now());
        let waits: Vec<u128> = (0..6).map(|_| pace.reserve(now).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 250, 500]);
        assert_eq!(pace.reserve(now + Duration::from_secs(10)), Duration::ZERO);
    }

    #[test]
    fn slower_than_one_a_second() {
        let (pace, now) = (Pace::new(0.5), Instant::now());
        let waits: Vec<u128> = (0..3).map(|_| pace.reserve(now).as_millis()).collect();
        assert_eq!(waits, [0, 2000, 4000]);
    }
}
