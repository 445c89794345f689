//! `wildcert providers new` and `wildcert providers test`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{
    providers::ListArgs,
    shared::{DnsArgs, SignatureArgs},
};

/// What `providers new` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct NewArgs {
    /// The provider's id: lower-case letters, digits and hyphens
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// How the vendor keeps TXT records; asked for when it is left out
    #[arg(long, value_enum)]
    pub(crate) model: Option<ModelArg>,
    /// Folder to make [default: NAME]
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Folder of the SDK's source, in place of the published SDK
    #[arg(long, value_name = "DIR")]
    pub(crate) sdk: Option<PathBuf>,
}

/// How a vendor keeps TXT records.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum ModelArg {
    /// Each TXT record is an object with an identifier
    Record,
    /// All values of a name are written together
    Rrset,
    /// The whole zone is written at once
    Zone,
}

/// What `providers test` takes.
#[derive(Args, Clone, Debug)]
#[command(group = clap::ArgGroup::new("ground").required(true))]
pub(crate) struct TestArgs {
    /// The provider's id or a module's file
    #[arg(value_name = "ID|FILE")]
    pub(crate) provider: String,
    /// Test before a simulated vendor: a command that prints the simulator's URL on stdout
    #[arg(long, value_name = "COMMAND", group = "ground")]
    pub(crate) simulator: Option<String>,
    /// Test before the real vendor, with your own credentials, in this zone
    #[arg(long, value_name = "ZONE", group = "ground")]
    pub(crate) zone: Option<String>,
    /// Setting of the provider, in place of the environment variable (repeatable)
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Provider")]
    pub(crate) dns_opt: Vec<String>,
    #[command(flatten)]
    pub(crate) dns: DnsArgs,
    #[command(flatten)]
    pub(crate) signature: SignatureArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}
