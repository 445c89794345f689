//! The line of cron.

use std::{fs, path::Path, time::Duration};

use wildcert::plugin::Sha256Digest;

use super::{
    plan::{Schedule, Scope},
    seal::{self, sealed},
};
use crate::error::Error;

/// The file of `/etc/cron.d`, under its name.
pub(super) fn file(schedule: &Schedule) -> (&'static str, String) {
    let path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let text = format!("{ABOUT}{path}\n{} root {}\n", times(schedule), command(schedule));
    (FILE, sealed(&text))
}

/// The lines of a user's crontab, up to [`END`].
pub(super) fn lines(schedule: &Schedule) -> String {
    sealed(&format!("{ABOUT}{} {}\n", times(schedule), command(schedule)))
}

/// The lines of ours in a crontab, without [`END`].
pub(super) fn ours(crontab: &str) -> Option<&str> {
    let begin = crontab.find(seal::BEGIN).filter(|at| starts_line(crontab, *at))?;
    let rest = &crontab[begin..];
    // What lacks its end was edited: only the first line is surely ours.
    let end = rest.find(END).filter(|at| starts_line(rest, *at));
    Some(&rest[..end.unwrap_or_else(|| rest.find('\n').map_or(rest.len(), |at| at + 1))])
}

/// A crontab with these lines in place of ours, or without ours; all others stay.
pub(super) fn with(crontab: &str, lines: Option<&str>) -> String {
    let (before, after) = match ours(crontab) {
        Some(old) => {
            let begin = crontab.find(old).unwrap_or_default();
            let rest = &crontab[begin + old.len()..];
            (&crontab[..begin], rest.strip_prefix(END).unwrap_or(rest))
        }
        None => (crontab, ""),
    };
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    let lines = lines.map(|lines| format!("{gap}{lines}{END}")).unwrap_or_default();
    format!("{before}{lines}{after}")
}

fn starts_line(text: &str, at: usize) -> bool {
    at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n')
}

/// When it runs: twice a day, and with windows as often as the shortest needs.
fn times(schedule: &Schedule) -> String {
    let chance = chance(&schedule.state);
    let Some(shortest) = schedule.windows.shortest() else {
        let hour = chance % 12;
        return format!("{} {hour},{} * * *", chance / 12 % 60, hour + 12);
    };
    let steps = [60, 30, 20, 15, 10, 5];
    let wanted = u32::try_from((shortest / 2).min(HOUR).as_secs() / 60).unwrap_or_default();
    let step = steps.into_iter().find(|step| *step <= wanted).unwrap_or(5);
    let first = chance % step;
    let minutes = (0..60 / step).map(|index| (first + index * step).to_string());
    format!("{} * * * *", minutes.collect::<Vec<_>>().join(","))
}

/// A number that is another one on every machine, and on each always the same: cron has no random delay.
fn chance(state: &Path) -> u32 {
    let machine = fs::read_to_string("/etc/machine-id").unwrap_or_default();
    let digest = Sha256Digest::of(format!("{machine}{}", state.display()).as_bytes()).to_string();
    digest.get(..6).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or_default()
}

fn command(schedule: &Schedule) -> String {
    let Schedule { scope, program, arguments, environment, .. } = schedule;
    let quoted =
        |text: &str| shlex::try_quote(text).map(Into::into).unwrap_or_else(|_| String::new());
    let environment = quoted(&environment.display().to_string());
    let program = quoted(&program.display().to_string());
    let arguments: String = arguments.iter().map(|text| format!(" {}", quoted(text))).collect();
    let umask = if *scope == Scope::System { "umask 077; " } else { "" };
    let command = format!(
        "{umask}set -a; [ ! -r {environment} ] || . {environment}; set +a; \
         exec {program} renew --quiet{arguments} >/dev/null"
    );
    // cron takes `%` for the end of the line.
    command.replace('%', "\\%")
}

/// The crontab of the user.
///
/// # Errors
/// When there is no program `crontab`, or it does not let us see it.
pub(super) fn read_crontab() -> Result<String, Error> {
    let mut command = std::process::Command::new("crontab");
    match super::place::output(command.arg("-l"), None) {
        // Who has none is told so as an error.
        Err(Error::Program { said, .. }) if said.contains("no crontab for") => Ok(String::new()),
        read => read,
    }
}

/// Puts a crontab in place of the user's.
///
/// # Errors
/// When `crontab` does not take it.
pub(super) fn write_crontab(text: &str) -> Result<(), Error> {
    let mut command = std::process::Command::new("crontab");
    super::place::output(command.arg("-"), Some(text)).map(|_| ())
}

/// The file in `/etc/cron.d`, where names have no dots.
pub(super) const FILE: &str = "wildcert";
/// The line behind ours in a crontab.
const END: &str = "# end of wildcert schedule\n";
const HOUR: Duration = Duration::from_secs(60 * 60);

const ABOUT: &str = "\
# Made by `wildcert schedule install`. That replaces it, and `wildcert schedule remove`
# takes it away, only while nobody edits it.
";
