//! Times as signatures want them.

/// `now`, in milliseconds since 1970, as `2026-01-31T23:59:58Z` (RFC 3339).
pub fn iso(now: u64) -> String {
    let Utc { year, month, day, hour, minute, second } = Utc::new(now);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// `now`, in milliseconds since 1970, as `20260131T235958Z` (the basic format of ISO 8601).
pub fn basic(now: u64) -> String {
    iso(now).replace(['-', ':'], "")
}

/// A time of the calendar.
struct Utc {
    year: u64,
    month: u64,
    day: u64,
    hour: u64,
    minute: u64,
    second: u64,
}

impl Utc {
    /// The calendar repeats after 400 years, which are 146,097 days. Counting years from 1 March puts
    /// the leap day at their end, and the months' lengths into one formula.
    fn new(now: u64) -> Self {
        let seconds = now / 1000;
        let days_since_march_of_year_0 = seconds / 86_400 + 719_468;
        let (cycle, day) =
            (days_since_march_of_year_0 / 146_097, days_since_march_of_year_0 % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let months_since_march = (5 * day + 2) / 153;
        let month = (months_since_march + 2) % 12 + 1;
        Self {
            year: 400 * cycle + year + u64::from(month <= 2),
            month,
            day: day - (153 * months_since_march + 2) / 5 + 1,
            hour: seconds / 3600 % 24,
            minute: seconds / 60 % 60,
            second: seconds % 60,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `date -u`.
    #[test]
    fn times_have_their_dates() {
        for (seconds, date) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_700_000_000, "2023-11-14T22:13:20Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(iso(seconds * 1000 + 999), date);
        }
        assert_eq!(basic(1_440_938_160_000), "20150830T123600Z");
    }
}
