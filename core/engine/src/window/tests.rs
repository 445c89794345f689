//! Windows as they are written, and when they are open.

use time::{Duration, OffsetDateTime, macros::datetime};

use super::*;

fn windows(texts: &[&str]) -> Windows {
    Windows(texts.iter().map(|text| text.parse().unwrap()).collect())
}

/// Whether the wall clock of the window's zone says that it is open: an independent reading of its text.
fn by_the_clock(text: &str, at: OffsetDateTime) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let zone = TimeZone::get(words[2]).unwrap();
    let local = Timestamp::from_second(at.unix_timestamp()).unwrap().to_zoned(zone);
    let clock = format!("{:02}:{:02}", local.hour(), local.minute());
    let (start, end) = words[1].split_once('-').unwrap();
    let named = |date: Date| {
        let day = DAYS[usize::try_from(date.weekday().to_monday_zero_offset()).unwrap()].0;
        words[0] == "daily" || words[0].split(',').any(|name| name == day)
    };
    let today = local.date();
    match start < end {
        true => named(today) && start <= clock.as_str() && clock.as_str() < end,
        false => {
            named(today) && start <= clock.as_str()
                || named(today.yesterday().unwrap()) && clock.as_str() < end
        }
    }
}

#[test]
fn over_a_year_a_window_is_open_when_the_clock_of_its_zone_says_so() {
    let texts = [
        "Sun 04:00-05:30 Europe/Berlin",
        "Sat,Sun 22:15-00:45 America/New_York",
        "daily 23:30-00:30 America/St_Johns",
        "Mon,Wed,Fri 12:00-13:00 Asia/Tokyo",
        "Sun 09:00-24:00 Australia/Lord_Howe",
        "Tue 05:10-05:20 Africa/Casablanca",
        "daily 22:00-20:00 UTC",
    ];
    for text in texts {
        let window = windows(&[text]);
        let mut at = datetime!(2026-01-01 00:00 UTC);
        let mut open = 0;
        while at < datetime!(2027-01-01 00:00 UTC) {
            assert_eq!(window.is_open(at), by_the_clock(text, at), "{text} at {at}");
            open += u32::from(window.is_open(at));
            at += Duration::minutes(5);
        }
        assert!(open > 100, "{text} was open {open} times");
    }
}

#[test]
fn the_next_opening_is_where_closed_becomes_open() {
    for text in ["Sun 02:00-05:00 Asia/Tokyo", "Sat 23:00-01:00 America/New_York"] {
        let window = windows(&[text]);
        let mut at = datetime!(2026-10-01 00:00 UTC);
        let mut promised = window.next_open(at).unwrap().start;
        let mut kept = 0;
        while at < datetime!(2027-04-01 00:00 UTC) {
            at += Duration::minutes(10);
            let opening = window.next_open(at).unwrap();
            assert!(opening.start >= at && opening.end > opening.start);
            if window.is_open(at) {
                assert_eq!(opening.start, at);
                kept += u32::from(at == promised);
            } else {
                assert!(opening.start > at && window.is_open(opening.start), "{text} at {at}");
                promised = opening.start;
            }
        }
        assert_eq!(kept, 26, "{text}");
    }
}

#[test]
fn a_window_that_the_clock_leaps_over_is_not_lost() {
    // 2026-03-29: 02:00 is followed by 03:00.
    let open = |text: &str, from: OffsetDateTime| {
        let windows = windows(&[text]);
        let opening = windows.next_open(from).unwrap();
        (opening.start, opening.end)
    };
    let day = datetime!(2026-03-28 12:00 UTC);
    let whole = (datetime!(2026-03-29 01:00 UTC), datetime!(2026-03-29 02:00 UTC));
    assert_eq!(open("Sun 02:00-03:00 Europe/Berlin", day), whole);
    let half = (datetime!(2026-03-29 01:30 UTC), datetime!(2026-03-29 02:00 UTC));
    assert_eq!(open("Sun 02:30-03:00 Europe/Berlin", day), half);
    // 2026-10-25: 02:00 to 03:00 comes twice.
    let day = datetime!(2026-10-24 12:00 UTC);
    let first = (datetime!(2026-10-25 00:00 UTC), datetime!(2026-10-25 00:30 UTC));
    assert_eq!(open("Sun 02:00-02:30 Europe/Berlin", day), first);
    let both = (datetime!(2026-10-25 00:00 UTC), datetime!(2026-10-25 02:00 UTC));
    assert_eq!(open("Sun 02:00-03:00 Europe/Berlin", day), both);
}

#[test]
fn of_several_windows_the_first_to_open_counts_and_none_is_always() {
    let sunday = datetime!(2026-11-22 12:00 UTC);
    let several = windows(&["Wed 01:00-02:00 UTC", "Mon 03:00-04:00 UTC"]);
    let opening = several.next_open(sunday).unwrap();
    assert_eq!(opening.start, datetime!(2026-11-23 03:00 UTC));
    assert_eq!(opening.window.to_string(), "Mon 03:00-04:00 UTC");
    assert_eq!(several.shortest(), Some(std::time::Duration::from_secs(3600)));
    assert!(Windows::default().is_open(sunday) && Windows::default().next_open(sunday).is_none());
}

#[test]
fn days_and_hours_are_read_in_all_their_spellings() {
    let days = |text: &str| {
        let window: MaintenanceWindow = format!("{text} 1:00-02:00").parse().unwrap();
        window.days().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(days("sun"), "Sun");
    assert_eq!(days("Sunday,MON"), "Mon Sun");
    assert_eq!(days("Mon-Fri"), "Mon Tue Wed Thu Fri");
    assert_eq!(days("Fri-Mon"), "Mon Fri Sat Sun");
    assert_eq!(days("Mon-Tue,Sat"), "Mon Tue Sat");
    assert_eq!(days("daily"), "Mon Tue Wed Thu Fri Sat Sun");
    let hours = |text: &str| {
        let window: MaintenanceWindow = format!("  daily   {text}  utc ").parse().unwrap();
        (window.start(), window.length().as_secs() / 60, window.zone().map(str::to_owned))
    };
    let utc = || Some("UTC".to_owned());
    assert_eq!(hours("2:05-05:00"), ((2, 5), 175, utc()));
    assert_eq!(hours("22:00-02:00"), ((22, 0), 240, utc()));
    assert_eq!(hours("00:00-24:00"), ((0, 0), 1440, utc()));
    assert_eq!(hours("23:00-00:00"), ((23, 0), 60, utc()));
    let window: MaintenanceWindow = "Sun   02:00-05:00  asia/tokyo".parse().unwrap();
    assert_eq!(window.to_string(), "Sun 02:00-05:00 asia/tokyo");
    assert_eq!(window.zone(), Some("Asia/Tokyo"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let said = |text: &str| text.parse::<MaintenanceWindow>().unwrap_err().to_string();
    assert_eq!(
        said("Son 2-25:00 Asia/Tokio"),
        "`Son 2-25:00 Asia/Tokio` is no maintenance window: `Son` is no day such as `Sun`, \
         `Mon-Fri`, `Sat,Sun` or `daily`; `2` is no time within 00:00 and 24:00; `25:00` is no \
         time within 00:00 and 24:00; there is no time zone `Asia/Tokio`; did you mean `Asia/Tokyo`?"
    );
    assert!(said("daily 03:00-04:00 Tokyo").ends_with("did you mean `Asia/Tokyo`?"));
    assert!(said("daily 03:00-04:00 JST").ends_with("there is no time zone `JST`"));
    assert!(said("daily 03:00-03:00").ends_with("a whole day is 00:00-24:00"));
    for text in ["", "daily", "daily 03:00", "03:00-04:00", "Sun 02:00 - 03:00", "a b c d"] {
        assert!(text.parse::<MaintenanceWindow>().is_err(), "{text}");
    }
    for hours in
        ["24:00-01:00", "02:60-03:00", "02:0-03:00", "-1:00-03:00", "02:00-24:01", "+2:00-3:00"]
    {
        assert!(format!("daily {hours}").parse::<MaintenanceWindow>().is_err(), "{hours}");
    }
}
