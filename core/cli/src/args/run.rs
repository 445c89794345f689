//! `wildcert run` and `wildcert renew`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{
    certificate::{CertificateArgs, ProviderArgs},
    deploy::HookArgs,
    shared::{CaArgs, DnsArgs, JsonArgs, StateArgs},
};

/// What `run` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RunArgs {
    /// Certificates of wildcert.toml; without names or domains, all of them
    #[arg(value_name = "NAME", conflicts_with_all = ["domains", "csr", "from"])]
    pub(crate) names: Vec<String>,
    /// One certificate for each line of this file: its domains, separated by tabs or commas
    #[arg(long, value_name = "FILE.tsv", conflicts_with_all = ["domains", "csr", "cert_name"])]
    pub(crate) from: Option<PathBuf>,
    /// What a faulty line of that file does: stop before anything is issued, or let the others
    /// continue
    #[arg(long, value_name = "WHAT", default_value = "stop", requires = "from")]
    pub(crate) on_error: OnError,
    #[command(flatten)]
    pub(crate) wanted: WantedArgs,
}

/// What a faulty line does.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum OnError {
    #[default]
    Stop,
    Continue,
}

/// What `renew` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RenewArgs {
    /// Certificates of the state folder; without names or domains, all of them
    #[arg(value_name = "NAME", conflicts_with_all = ["domains", "csr"])]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) wanted: WantedArgs,
}

/// What `run` and `renew` have in common.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct WantedArgs {
    #[command(flatten)]
    pub(crate) certificate: CertificateArgs,
    #[command(flatten)]
    pub(crate) provider: ProviderArgs,
    #[command(flatten)]
    pub(crate) hooks: HookArgs,
    #[command(flatten)]
    pub(crate) ca: CaArgs,
    #[command(flatten)]
    pub(crate) dns_servers: DnsArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}
