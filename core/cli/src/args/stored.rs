//! What is done with certificates that are there.

use std::path::PathBuf;

use clap::Args;

use super::shared::{CaArgs, JsonArgs, StateArgs};

/// What `list` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ListArgs {
    /// Print the names only
    #[arg(short, long, conflicts_with = "json")]
    pub(crate) names: bool,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `show` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ShowArgs {
    /// The certificate's name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `history` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct HistoryArgs {
    /// The certificate's name; without it, all
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Only the certificate with this serial number, in hexadecimal
    #[arg(long, value_name = "HEX")]
    pub(crate) serial: Option<String>,
    /// Print tab-separated values
    #[arg(long, conflicts_with = "json")]
    pub(crate) tsv: bool,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `remove` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RemoveArgs {
    /// The certificate's name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `revoke` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RevokeArgs {
    /// Name of a certificate in the state folder, or a PEM file
    #[arg(value_name = "NAME|FILE", conflicts_with_all = ["domains", "serial", "cert_name"])]
    pub(crate) what: Option<String>,
    /// The certificate whose first domain this is, as lego names it (repeatable)
    #[arg(short, long = "domain", alias = "domains", value_name = "NAME", value_delimiter = ',')]
    pub(crate) domains: Vec<String>,
    /// Name of the certificate in the state folder
    #[arg(short = 'c', long, alias = "cert.name", value_name = "NAME")]
    pub(crate) cert_name: Option<String>,
    /// The certificate with this serial number, in hexadecimal
    #[arg(long, value_name = "HEX", conflicts_with = "domains")]
    pub(crate) serial: Option<String>,
    /// Revoke, of the named certificate or of all, what was replaced and is still valid
    #[arg(long, conflicts_with_all = ["serial", "key"])]
    pub(crate) replaced: bool,
    /// Why, as number or name: 0 unspecified, 1 keyCompromise, 3 affiliationChanged, 4 superseded,
    /// 5 cessationOfOperation
    #[arg(long, value_name = "REASON")]
    pub(crate) reason: Option<String>,
    /// Sign by the certificate's private key in this file, in place of the account
    #[arg(long, value_name = "FILE")]
    pub(crate) key: Option<PathBuf>,
    /// lego's word for what is always so: the files stay.
    #[arg(long, hide = true)]
    pub(crate) keep: bool,
    #[command(flatten)]
    pub(crate) ca: CaArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}
