//! Whether a certificate that is due waits for a maintenance window.

use time::{Duration, OffsetDateTime};

use crate::{
    due::{self, Due},
    engine::Engine,
    request::CertificateRequest,
    store::CertificateInfo,
    window::Windows,
};

/// When a certificate may be replaced.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Maintenance {
    /// In which windows; at all times where there are none.
    pub windows: Windows,
    /// At all times when no more than so many days are left; by default half of the time before its
    /// end at which it becomes due: 15 days of a lifetime of 90.
    pub emergency_days: Option<u32>,
}

/// That a certificate which is due is not touched yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Waiting {
    /// Until when: the window opens, or too little time is left to wait for it.
    pub until: OffsetDateTime,
    /// The window, as it was written.
    pub window: String,
}

impl Maintenance {
    /// Whether a certificate that is due at `now` waits, and until when. `days` is when its renewal is
    /// wanted, where somebody said so.
    pub fn waiting(
        &self,
        stored: &CertificateInfo,
        days: Option<u32>,
        now: OffsetDateTime,
    ) -> Option<Waiting> {
        let margin = match self.emergency_days {
            Some(days) => Duration::days(days.into()),
            None => due::margin(days, stored) / 2,
        };
        let emergency = stored.not_after - margin;
        if now >= emergency || self.windows.is_open(now) {
            return None;
        }
        let opening = self.windows.next_open(now)?;
        let window = opening.window.to_string();
        Some(Waiting { until: opening.start.min(emergency), window })
    }
}

impl Engine {
    /// Whether a certificate that is due for this reason waits for a window of its request.
    ///
    /// Windows are for servers that run: they hold back every renewal, but neither who asks for it by
    /// force, nor that of a certificate which was revoked or is about to be: its CA wanted it gone by
    /// now, long before it becomes due by its lifetime.
    pub(crate) fn waiting(
        &self,
        request: &CertificateRequest,
        stored: &CertificateInfo,
        due: Due,
        now: OffsetDateTime,
    ) -> Option<Waiting> {
        let pressing = match due {
            Due::Forced | Due::Revoked => true,
            Due::Suggested => {
                let suggested = self.suggestion(stored).and_then(|told| told.window);
                suggested.is_some_and(|window| window.end <= now)
                    && due::by_time(None, stored, None, now).is_none()
            }
            _ => false,
        };
        let waiting = || request.maintenance.waiting(stored, request.days, now);
        if pressing { None } else { waiting() }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    /// Valid for 90 days from 1970-01-01 on; the first day of 1970 was a Thursday.
    fn until(
        windows: &str,
        emergency_days: Option<u32>,
        days: Option<u32>,
        now: OffsetDateTime,
    ) -> Option<OffsetDateTime> {
        let windows = Windows(windows.split(';').filter_map(|text| text.parse().ok()).collect());
        let maintenance = Maintenance { windows, emergency_days };
        let stored = CertificateInfo::sample("example.test");
        maintenance.waiting(&stored, days, now).map(|waiting| waiting.until)
    }

    #[test]
    fn it_waits_for_the_window_until_half_of_the_time_is_over() {
        let sunday = "Sun 02:00-05:00 UTC";
        let due = datetime!(1970-03-03 12:00 UTC);
        assert_eq!(until(sunday, None, None, due), Some(datetime!(1970-03-08 02:00 UTC)));
        assert_eq!(until(sunday, None, None, datetime!(1970-03-08 02:00 UTC)), None);
        let after = datetime!(1970-03-08 05:00 UTC);
        assert_eq!(until(sunday, None, None, after), Some(datetime!(1970-03-15 02:00 UTC)));
        // Fifteen days before the end nobody waits any more.
        let late = datetime!(1970-03-16 00:00 UTC);
        assert_eq!(
            until(sunday, None, None, datetime!(1970-03-15 06:00 UTC)),
            Some(datetime!(1970-03-17 00:00 UTC))
        );
        assert_eq!(until(sunday, None, None, late + Duration::DAY), None);
        assert_eq!(until("", None, None, due), None);
    }

    #[test]
    fn the_margin_is_what_somebody_says_or_half_of_the_days_that_they_do() {
        let sunday = "Sun 02:00-05:00 UTC";
        let at = datetime!(1970-03-23 00:00 UTC);
        assert_eq!(until(sunday, Some(5), None, at), Some(datetime!(1970-03-27 00:00 UTC)));
        assert_eq!(until(sunday, Some(9), None, at), None);
        assert_eq!(until(sunday, None, Some(10), at), Some(datetime!(1970-03-27 00:00 UTC)));
        assert_eq!(until(sunday, None, None, at), None);
    }
}
