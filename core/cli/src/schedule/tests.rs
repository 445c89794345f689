//! What units and crontabs say.

use std::path::{Path, PathBuf};

use wildcert::{Windows, config::Config};

use super::{cron, plan::Schedule, seal, systemd::units};

fn schedule() -> Schedule {
    Schedule::packaged(Path::new("/usr/bin/wildcert"))
}

fn windows(texts: &[&str]) -> Windows {
    Windows(texts.iter().map(|text| text.parse().unwrap()).collect())
}

/// The values of a key in a text.
fn values<'a>(text: &'a str, key: &str) -> Vec<&'a str> {
    let line = |line: &'a str| line.strip_prefix(key)?.strip_prefix('=');
    text.lines().filter_map(line).collect()
}

#[test]
fn words_are_quoted_so_that_nothing_is_expanded() {
    let mut schedule = schedule();
    schedule.program = PathBuf::from("/opt/wild cert/100%/$HOME");
    schedule.arguments = vec!["--path".to_owned(), "/srv/a\"b\\c".to_owned()];
    schedule.state = PathBuf::from("/srv/a\"b\\c");
    let units = units(&schedule);
    assert_eq!(
        values(&units[0].1, "ExecStart"),
        ["\"/opt/wild cert/100%%/$$HOME\" renew --path \"/srv/a\\\"b\\\\c\""]
    );
    assert_eq!(values(&units[0].1, "ReadWritePaths"), ["\"-/srv/a\\\"b\\\\c\""]);
}

#[test]
fn the_service_writes_where_it_must_and_nowhere_else() {
    let mut schedule = schedule();
    let service = |schedule: &Schedule| units(schedule)[0].1.clone();
    let usual = service(&schedule);
    assert_eq!(values(&usual, "ProtectSystem"), ["strict"]);
    assert_eq!(values(&usual, "StateDirectory"), ["wildcert"]);
    assert_eq!(values(&usual, "ReadWritePaths"), [""; 0]);
    assert_eq!(values(&usual, "PrivateTmp"), ["yes"]);
    schedule.writable.insert(PathBuf::from("/etc/nginx/tls"));
    schedule.state = PathBuf::from("/srv/state");
    let other = service(&schedule);
    assert_eq!(values(&other, "ReadWritePaths"), ["-/srv/state", "-/etc/nginx/tls"]);
    assert_eq!(values(&other, "StateDirectory"), [""; 0]);
    schedule.state = PathBuf::from("/tmp/state");
    schedule.commands = true;
    let loose = service(&schedule);
    assert_eq!(values(&loose, "PrivateTmp"), [""; 0]);
    assert_eq!(values(&loose, "ProtectSystem"), ["full"]);
    assert_eq!(values(&loose, "NoNewPrivileges"), [""; 0]);
}

#[test]
fn metrics_have_their_folder_and_programs_of_alerts_their_freedom() {
    let config = |text: &str| Config::parse(text, Path::new("/etc/w.toml")).unwrap();
    let mut schedule = schedule();
    schedule.serve(&config("prometheus = \"/var/lib/node/wildcert.prom\"\n"), &[]);
    assert!(schedule.writable.contains(Path::new("/var/lib/node")) && !schedule.commands);
    schedule.serve(&config("[[alerts]]\ncommand = \"page\"\n"), &[]);
    assert!(schedule.commands);
}

#[test]
fn windows_have_times_of_their_own_and_a_delay_that_fits_into_them() {
    let mut schedule = schedule();
    let timer = |schedule: &Schedule| units(schedule)[1].1.clone();
    assert_eq!(values(&timer(&schedule), "OnCalendar"), ["*-*-* 00,12:00:00"]);
    assert_eq!(values(&timer(&schedule), "RandomizedDelaySec"), ["12h"]);
    schedule.windows = windows(&["Mon-Fri 03:00-04:00", "daily 22:30-02:00 Asia/Tokyo"]);
    let timer = timer(&schedule);
    let times =
        ["*-*-* 00,12:00:00", "Mon,Tue,Wed,Thu,Fri *-*-* 03:00:00", "*-*-* 22:30:00 Asia/Tokyo"];
    assert_eq!(values(&timer, "OnCalendar"), times);
    assert_eq!(values(&timer, "RandomizedDelaySec"), ["30min"]);
}

#[test]
fn cron_comes_by_often_enough_for_the_shortest_window() {
    let mut schedule = schedule();
    schedule.arguments = vec!["--path".to_owned(), "/srv/100% mine".to_owned()];
    let line = |schedule: &Schedule| {
        let (_, text) = cron::file(schedule);
        text.lines().last().unwrap().to_owned()
    };
    let twice = line(&schedule);
    let fields: Vec<&str> = twice.split(' ').collect();
    let hours: Vec<u32> = fields[1].split(',').map(|hour| hour.parse().unwrap()).collect();
    assert!(fields[0].parse::<u32>().unwrap() < 60 && hours[1] == hours[0] + 12, "{twice}");
    assert!(twice.ends_with("renew --quiet --path '/srv/100\\% mine' >/dev/null"), "{twice}");
    schedule.windows = windows(&["daily 03:00-03:40"]);
    let often = line(&schedule);
    let minutes: Vec<u32> =
        often.split(' ').next().unwrap().split(',').map(|minute| minute.parse().unwrap()).collect();
    assert_eq!(minutes.len(), 3, "{often}");
    assert!(minutes.windows(2).all(|pair| pair[1] - pair[0] == 20), "{often}");
    assert!(often.contains(" * * * * root "), "{often}");
}

#[test]
fn other_lines_of_a_crontab_stay() {
    let lines = cron::lines(&schedule());
    for before in ["", "MAILTO=a@example.test\n5 * * * * true\n", "5 * * * * true"] {
        let with = cron::with(before, Some(&lines));
        assert!(with.starts_with(before) && seal::is_whole(cron::ours(&with).unwrap()), "{with}");
        // A second time changes nothing, and lines behind it stay too.
        assert_eq!(cron::with(&with, Some(&lines)), with);
        let more = format!("{with}6 * * * * false\n");
        let without = cron::with(&more, None);
        assert_eq!(
            without.replace("true\n", "true"),
            format!("{before}6 * * * * false\n").replace("true\n", "true")
        );
        assert_eq!(cron::ours(&without), None);
    }
    let edited = cron::with("", Some(&lines)).replace("--quiet", "");
    assert!(!seal::is_whole(cron::ours(&edited).unwrap()));
    // Without its end nobody knows what else is ours.
    let cut = format!("{}7 * * * * mine\n", &edited[..edited.rfind('#').unwrap()]);
    assert!(!seal::is_whole(cron::ours(&cut).unwrap()));
    assert!(cron::with(&cut, None).ends_with("7 * * * * mine\n"));
}
