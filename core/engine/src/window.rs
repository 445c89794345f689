//! Maintenance windows: at which times of the week certificates may be replaced.

use std::{fmt, str::FromStr, time::Duration};

use jiff::{
    Timestamp, ToSpan,
    civil::{Date, Weekday},
    tz::{self, TimeZone},
};
use time::OffsetDateTime;
use wildcert_plugin::near;

/// The windows of a certificate; without any it may be replaced at all times.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Windows(pub Vec<MaintenanceWindow>);

/// A window that comes back every week, written as `Sun 02:00-05:00 Asia/Tokyo`.
///
/// The days are those on which it begins: `Sun`, `Sat,Sun`, `Mon-Fri` or `daily`. It may end on the
/// next day (`22:00-02:00`). Without a time zone (IANA's name) the system's holds.
///
/// The clock of the zone decides. A window that the clock leaps over is open after the leap, for as long as
/// on other days; of a time that comes twice the first counts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MaintenanceWindow {
    /// As it was written, with single spaces.
    text: String,
    /// From Monday on.
    days: [bool; 7],
    /// In minutes after midnight, within 0 and 1439.
    start: i16,
    /// In minutes after midnight, within 1 and 1440; up to `start` it is on the next day.
    end: i16,
    zone: Option<TimeZone>,
}

/// When a window is open next.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Opening<'a> {
    /// From when: at once where it is open.
    pub start: OffsetDateTime,
    /// Until when.
    pub end: OffsetDateTime,
    /// Which window.
    pub window: &'a MaintenanceWindow,
}

impl Windows {
    /// Whether a certificate may be replaced at `now`.
    pub fn is_open(&self, now: OffsetDateTime) -> bool {
        self.0.is_empty() || self.next_open(now).is_some_and(|opening| opening.start <= now)
    }

    /// When the first window is open, at or after `now`; none where there are no windows.
    pub fn next_open(&self, now: OffsetDateTime) -> Option<Opening<'_>> {
        let openings = self.0.iter().filter_map(|window| window.next_open(now));
        openings.min_by_key(|opening| opening.start)
    }

    /// The length of the shortest one.
    pub fn shortest(&self) -> Option<Duration> {
        self.0.iter().map(MaintenanceWindow::length).min()
    }
}

impl fmt::Display for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let texts: Vec<&str> = self.0.iter().map(|window| window.text.as_str()).collect();
        f.write_str(&texts.join(", "))
    }
}

impl MaintenanceWindow {
    /// The days on which it begins, as `Mon`, from Monday on.
    pub fn days(&self) -> impl Iterator<Item = &'static str> {
        DAYS.iter().zip(self.days).filter(|(_, wanted)| *wanted).map(|((name, _), _)| *name)
    }

    /// Hour and minute at which it begins.
    pub fn start(&self) -> (i16, i16) {
        (self.start / 60, self.start % 60)
    }

    /// How long it is, on a day whose clock does not leap.
    pub fn length(&self) -> Duration {
        let minutes = match self.end - self.start {
            later @ 1.. => later,
            next_day => next_day + DAY,
        };
        Duration::from_secs(60 * u64::from(minutes.unsigned_abs()))
    }

    /// IANA's name of its time zone; none for the system's.
    pub fn zone(&self) -> Option<&str> {
        self.zone.as_ref().and_then(TimeZone::iana_name)
    }

    fn next_open(&self, now: OffsetDateTime) -> Option<Opening<'_>> {
        let now = Timestamp::from_second(now.unix_timestamp()).ok()?;
        let zone = self.zone.clone().unwrap_or_else(TimeZone::system);
        let today = now.to_zoned(zone.clone()).date();
        // One of the day before yesterday may still be open where a clock leapt.
        let dates = (-2..=8).filter_map(|days: i64| today.checked_add(days.days()).ok());
        let of_days = dates.filter(|date| self.days[index(date.weekday())]);
        let mut opens = of_days.filter_map(|date| self.on(date, &zone));
        let (start, end) = opens.find(|(_, end)| *end > now)?;
        let moment = |at: Timestamp| OffsetDateTime::from_unix_timestamp(at.as_second()).ok();
        Some(Opening { start: moment(start.max(now))?, end: moment(end)?, window: self })
    }

    /// From when until when the window that begins on `date` is open.
    fn on(&self, date: Date, zone: &TimeZone) -> Option<(Timestamp, Timestamp)> {
        let last = if self.end > self.start { date } else { date.tomorrow().ok()? };
        let at = |date: Date, minute: i16| {
            let (date, minute) =
                if minute == DAY { (date.tomorrow().ok()?, 0) } else { (date, minute) };
            let time =
                date.at(i8::try_from(minute / 60).ok()?, i8::try_from(minute % 60).ok()?, 0, 0);
            zone.to_timestamp(time).ok()
        };
        let (start, end) = (at(date, self.start)?, at(last, self.end)?);
        if end > start {
            return Some((start, end));
        }
        // The clock leapt over the beginning.
        Some((start, start.checked_add(jiff::SignedDuration::try_from(self.length()).ok()?).ok()?))
    }
}

impl fmt::Display for MaintenanceWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Everything that is wrong with a text that shall be a window.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct WindowError {
    /// The text.
    pub text: String,
    /// What is wrong, at least one thing.
    pub faults: Vec<WindowFault>,
}

/// One thing that is wrong with a window.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum WindowFault {
    /// It does not consist of days, hours and maybe a zone.
    #[error("it is not of the form DAYS HH:MM-HH:MM [ZONE]")]
    Form,
    /// A word that is no day.
    #[error("`{0}` is no day such as `Sun`, `Mon-Fri`, `Sat,Sun` or `daily`")]
    Day(String),
    /// A word that is no time of the day.
    #[error("`{0}` is no time within 00:00 and 24:00")]
    Time(String),
    /// It begins when it ends.
    #[error("it begins when it ends; a whole day is 00:00-24:00")]
    Empty,
    /// A word that is no time zone.
    #[error("there is no time zone `{name}`{}", did_you_mean(near))]
    Zone {
        /// The word.
        name: String,
        /// Names of zones that are much like it.
        near: Vec<String>,
    },
}

impl WindowError {
    /// How windows are written.
    pub fn hint(&self) -> Option<String> {
        let hint = "windows are written as `Sun 02:00-05:00 Asia/Tokyo`, `Mon-Fri 03:00-04:00` or \
                    `daily 22:00-02:00 UTC`";
        Some(hint.to_owned())
    }
}

impl std::error::Error for WindowError {}

impl fmt::Display for WindowError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let faults: Vec<String> = self.faults.iter().map(ToString::to_string).collect();
        write!(f, "`{}` is no maintenance window: {}", self.text, faults.join("; "))
    }
}

impl FromStr for MaintenanceWindow {
    type Err = WindowError;

    fn from_str(text: &str) -> Result<Self, WindowError> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let text = words.join(" ");
        let mut faults = Vec::new();
        let (days, hours, zone) = match words.as_slice() {
            [days, hours] => (*days, *hours, None),
            [days, hours, zone] => (*days, *hours, Some(*zone)),
            _ => return Err(WindowError { text, faults: vec![WindowFault::Form] }),
        };
        let days = days_of(days, &mut faults);
        let (start, end) = match hours.split_once('-') {
            None => {
                faults.push(WindowFault::Form);
                (0, 0)
            }
            Some((start, end)) => {
                let mut time = |word: &str, latest: i16| {
                    let minute = minute_of(word).filter(|minute| *minute <= latest);
                    minute.or_else(|| {
                        faults.push(WindowFault::Time(word.to_owned()));
                        None
                    })
                };
                match (time(start, DAY - 1), time(end, DAY)) {
                    (Some(start), Some(end)) if start == end => {
                        faults.push(WindowFault::Empty);
                        (start, end)
                    }
                    // Midnight ends the day that has just been.
                    (Some(start), Some(0)) => (start, DAY),
                    (start, end) => (start.unwrap_or_default(), end.unwrap_or_default()),
                }
            }
        };
        let zone = zone.and_then(|name| {
            let zone = TimeZone::get(name).ok();
            if zone.is_none() {
                faults.push(WindowFault::Zone { name: name.to_owned(), near: near_zones(name) });
            }
            zone
        });
        match faults.is_empty() {
            true => Ok(Self { text, days, start, end, zone }),
            false => Err(WindowError { text, faults }),
        }
    }
}

/// The days that a word such as `Mon-Wed,Sun` names, from Monday on.
fn days_of(word: &str, faults: &mut Vec<WindowFault>) -> [bool; 7] {
    if word.eq_ignore_ascii_case("daily") {
        return [true; 7];
    }
    let mut days = [false; 7];
    for part in word.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (Some(first), Some(last)) = (day(first), day(last)) else {
            faults.push(WindowFault::Day(part.to_owned()));
            continue;
        };
        // `Fri-Mon` goes over the end of the week.
        let length = (last + 7 - first) % 7;
        (first..=first + length).for_each(|day| days[day % 7] = true);
    }
    days
}

/// The day of a name, whole or short.
fn day(word: &str) -> Option<usize> {
    let is = |name: &&str| name.eq_ignore_ascii_case(word);
    DAYS.iter().position(|(short, long)| [*short, *long].iter().any(is))
}

/// The minute of the day that `9:05` or `09:05` names.
fn minute_of(word: &str) -> Option<i16> {
    let (hour, minute) = word.split_once(':')?;
    let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
    if !(1..=2).contains(&hour.len()) || minute.len() != 2 || !digits(hour) || !digits(minute) {
        return None;
    }
    let minute: i16 = minute.parse().ok().filter(|minute| *minute < 60)?;
    Some(hour.parse::<i16>().ok()? * 60 + minute)
}

fn index(day: Weekday) -> usize {
    usize::try_from(day.to_monday_zero_offset()).unwrap_or_default()
}

/// Zones whose names, or the cities in them, are much like `name`.
fn near_zones(name: &str) -> Vec<String> {
    let zones: Vec<String> = tz::db().available().map(|zone| zone.to_string()).collect();
    // Abbreviations such as JST are near to each other, and mean something else.
    let short = name.chars().count() < 4;
    let mut alike = match short {
        true => Vec::new(),
        false => near(name, zones.iter().map(String::as_str)),
    };
    let city = |zone: &&String| {
        zone.rsplit('/').next().is_some_and(|city| city.eq_ignore_ascii_case(name))
    };
    alike.extend(zones.iter().filter(city).cloned());
    alike.truncate(3);
    alike
}

fn did_you_mean(near: &[String]) -> String {
    let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
    if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) }
}

/// The names of the days.
const DAYS: [(&str, &str); 7] = [
    ("Mon", "Monday"),
    ("Tue", "Tuesday"),
    ("Wed", "Wednesday"),
    ("Thu", "Thursday"),
    ("Fri", "Friday"),
    ("Sat", "Saturday"),
    ("Sun", "Sunday"),
];

/// The minutes of a day.
const DAY: i16 = 24 * 60;

#[cfg(test)]
mod tests;
