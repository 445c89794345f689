//! The units of systemd, and systemd itself.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use wildcert::MaintenanceWindow;

use super::{
    plan::{STATE, Schedule, Scope},
    seal::sealed,
};
use crate::{env::Lookup, error::Error, path};

/// The files of units, under their names.
pub(super) fn units(schedule: &Schedule) -> Vec<(&'static str, String)> {
    vec![(SERVICE, sealed(&service(schedule))), (TIMER, sealed(&timer(schedule)))]
}

/// The folder that systemd reads the units of; none when the user has no home.
pub(super) fn folder(scope: Scope, env: Lookup<'_>) -> Option<PathBuf> {
    match scope {
        Scope::System => Some(PathBuf::from("/etc/systemd/system")),
        Scope::User => path::config_home(env).map(|folder| folder.join("systemd/user")),
    }
}

/// Whether systemd runs here and takes orders for this scope.
pub(crate) fn is_running(scope: Scope, env: Lookup<'_>) -> bool {
    // As sd_booted(3) has it.
    let system = Path::new("/run/systemd/system").is_dir();
    let user = || {
        let folder = env("XDG_RUNTIME_DIR").map(PathBuf::from);
        folder.is_some_and(|folder| folder.join("systemd").is_dir())
    };
    system && (scope == Scope::System || user())
}

/// Runs `systemctl`.
///
/// # Errors
/// [`Error::Program`] with what it said.
pub(crate) fn systemctl(scope: Scope, words: &[&str]) -> Result<(), Error> {
    let mut command = Command::new("systemctl");
    if scope == Scope::User {
        command.arg("--user");
    }
    command.args(words);
    super::place::output(&mut command, None).map(|_| ())
}

fn service(schedule: &Schedule) -> String {
    let Schedule { scope, program, arguments, environment, .. } = schedule;
    let words = [program.display().to_string(), "renew".to_owned()];
    let words: Vec<String> =
        words.iter().chain(arguments).map(|text| word(text).replace('$', "$$")).collect();
    let network = match scope {
        Scope::System => "Wants=network-online.target\nAfter=network-online.target\n",
        // The network is no business of a user's systemd.
        Scope::User => "",
    };
    let mut text = format!(
        "\
# Made by `wildcert schedule install`. That replaces it, and `wildcert schedule remove`
# takes it away, only while nobody edits it. What you want otherwise goes into a file
# of its own: `systemctl edit {SERVICE}`.
[Unit]
Description=Renew the TLS certificates that are due
{network}
[Service]
Type=oneshot
ExecStart={}
# Secrets of providers, as NAME=value; chmod 600. Also LoadCredential=, for
# `credential = ...` in wildcert.toml.
EnvironmentFile=-{}
# Asked to stop, it removes its TXT records first, and then ends with 143.
KillMode=mixed
SuccessExitStatus=143
TimeoutStartSec=6h
TimeoutStopSec=5min
",
        words.join(" "),
        environment.display().to_string().replace('%', "%%"),
    );
    match scope {
        Scope::System => confine(&mut text, schedule),
        Scope::User => text.push_str(FOR_USERS),
    }
    text
}

/// What root's service may not do.
fn confine(text: &mut String, schedule: &Schedule) {
    let Schedule { state, writable, commands, .. } = schedule;
    let mut folders: Vec<&Path> = writable.iter().map(PathBuf::as_path).collect();
    text.push('\n');
    if state == Path::new(STATE) {
        text.push_str("StateDirectory=wildcert\nStateDirectoryMode=0700\n");
    } else {
        folders.insert(0, state);
    }
    text.push_str(if *commands { WITH_COMMANDS } else { WITHOUT_COMMANDS });
    for folder in &folders {
        let _ = writeln!(text, "ReadWritePaths={}", word(&format!("-{}", folder.display())));
    }
    let temporary = |path: &Path| path.starts_with("/tmp") || path.starts_with("/var/tmp");
    let hidden = folders.into_iter().chain([schedule.program.as_path()]).any(temporary);
    if !hidden {
        text.push_str("PrivateTmp=yes\n");
    }
    text.push_str(ALWAYS);
}

fn timer(schedule: &Schedule) -> String {
    let windows = &schedule.windows;
    let delay = windows.shortest().map_or(HALF_A_DAY, |shortest| HALF_A_DAY.min(shortest / 2));
    let mut times = String::new();
    if !windows.0.is_empty() {
        times.push_str("# The maintenance windows.\n");
    }
    for window in &windows.0 {
        let _ = writeln!(times, "OnCalendar={}", calendar(window));
    }
    format!(
        "\
# Made by `wildcert schedule install`. That replaces it, and `wildcert schedule remove`
# takes it away, only while nobody edits it. What you want otherwise goes into a file
# of its own: `systemctl edit {TIMER}`.
[Unit]
Description=Look for TLS certificates that are due

[Timer]
OnCalendar=*-*-* 00,12:00:00
{times}# Not at the same second as everybody else, and every day at the same one.
RandomizedDelaySec={}
FixedRandomDelay=yes
# What was missed while the machine was off is made up for.
Persistent=yes

[Install]
WantedBy=timers.target
",
        span(delay),
    )
}

/// The beginning of a window, as systemd.time(7) writes it.
fn calendar(window: &MaintenanceWindow) -> String {
    let days: Vec<&str> = window.days().collect();
    let days = if days.len() == 7 { String::new() } else { format!("{} ", days.join(",")) };
    let (hour, minute) = window.start();
    let zone = window.zone().map(|zone| format!(" {zone}")).unwrap_or_default();
    format!("{days}*-*-* {hour:02}:{minute:02}:00{zone}")
}

fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds % 3600 == 0 => format!("{}h", seconds / 3600),
        seconds if seconds % 60 == 0 => format!("{}min", seconds / 60),
        seconds => format!("{seconds}s"),
    }
}

/// A word of a unit's line (systemd.syntax(7)): nothing in it is expanded.
fn word(text: &str) -> String {
    let text = text.replace('%', "%%");
    let plain = |c: char| c.is_alphanumeric() || "/-_.,:=@+%$".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text;
    }
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

const SERVICE: &str = "wildcert.service";
/// The unit that is enabled.
const TIMER: &str = "wildcert.timer";

const HALF_A_DAY: Duration = Duration::from_secs(12 * 60 * 60);

/// What a service may not do whose every step is known.
const WITHOUT_COMMANDS: &str = "\
# It sends and asks, writes its state and the files of deploy targets, and no more.
CapabilityBoundingSet=CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER
NoNewPrivileges=yes
PrivateDevices=yes
ProcSubset=pid
ProtectProc=invisible
RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX
RestrictNamespaces=yes
RestrictSUIDSGID=yes
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
ProtectSystem=strict
";

/// The same where commands of the user's run, which may reload any server.
const WITH_COMMANDS: &str = "\
# Commands of deploy targets or providers run in it and may need more than wildcert:
# capabilities, other users, devices, /var. What they do not need can be taken away.
ProtectSystem=full
";

/// What is nobody's business here.
const ALWAYS: &str = "\
# Keys of ssh are read.
ProtectHome=read-only
LockPersonality=yes
# Providers in WebAssembly are compiled, and their code is mapped to be executed.
MemoryDenyWriteExecute=no
ProtectClock=yes
ProtectControlGroups=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
RestrictRealtime=yes
SystemCallArchitectures=native
UMask=0077
";

/// What the systemd of a user can enforce.
const FOR_USERS: &str = "
LockPersonality=yes
RestrictRealtime=yes
SystemCallArchitectures=native
UMask=0077
";
