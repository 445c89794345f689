//! `wildcert status` and `wildcert alerts`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::shared::{BundleArgs, JsonArgs, StateArgs};

/// What `status` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct StatusArgs {
    /// Certificates; without names, all of them
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Write metrics to this file, for the text file collector of Prometheus' node_exporter, in place
    /// of the table; - prints them
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "names"])]
    pub(crate) prometheus: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What is done with alerts.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum AlertsCommand {
    /// Send a test to everybody whom wildcert.toml has under [[alerts]]
    Test(AlertsTestArgs),
}

/// What `alerts test` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct AlertsTestArgs {
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}
