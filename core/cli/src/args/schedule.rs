//! `wildcert schedule`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::shared::{JsonArgs, StateArgs};

/// What to do with the schedule.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Have `renew` run twice a day
    #[command(after_help = INSTALL_AFTER_HELP)]
    Install(ScheduleInstallArgs),
    /// Show what `install` would write, and how that differs from what is there
    Show(ScheduleArgs),
    /// Undo `install`; what somebody edited since stays
    Remove(ScheduleRemoveArgs),
}

/// Which schedule.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ScheduleArgs {
    /// Use cron in place of systemd [default: where systemd does not run]
    #[arg(long)]
    pub(crate) cron: bool,
    /// Folder of the files [default: /etc/systemd/system or /etc/cron.d for root,
    /// ~/.config/systemd/user or the crontab for others]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `schedule install` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ScheduleInstallArgs {
    /// Write the units, but let systemd be
    #[arg(long)]
    pub(crate) no_enable: bool,
    /// Replace what somebody edited too
    #[arg(long)]
    pub(crate) force: bool,
    /// For packages: units for root that start this program, with nothing of this machine in them
    #[arg(long, value_name = "FILE", requires = "dir", conflicts_with_all = ["cron", "path"])]
    pub(crate) program: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) schedule: ScheduleArgs,
}

/// What `schedule remove` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ScheduleRemoveArgs {
    /// Remove what somebody edited too
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) schedule: ScheduleArgs,
}

const INSTALL_AFTER_HELP: &str = "\
The state folder, configuration and log file that hold now are written into the unit. Maintenance \
windows get a time of their own, and folders of deploy targets become writable: repeat the command \
when they change. Secrets of providers go into /etc/wildcert/environment, mode 0600, as \
NAME=value; for others than root into ~/.config/wildcert/environment.

Examples:
  wildcert schedule install
  wildcert schedule install --cron
  systemctl list-timers wildcert.timer     when it runs next
  journalctl -u wildcert                   what came of it";
