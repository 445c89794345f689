//! `wildcert run`.

use clap::Args;

use super::shared::{CaArgs, DirArgs, DnsArgs, JsonArgs, SignatureArgs, StateArgs};

/// What `run` takes. Texts are parsed later, so that all faults are told at once.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Certificate")]
pub(crate) struct RunArgs {
    /// Domain name to certify, `*.` in front for a wildcard (repeatable, or separated by commas)
    #[arg(short, long = "domain", alias = "domains", value_name = "NAME", value_delimiter = ',')]
    pub(crate) domains: Vec<String>,
    /// Name of the certificate in the state folder [default: the first domain]
    #[arg(long, value_name = "NAME")]
    pub(crate) cert_name: Option<String>,
    /// Kind of the certificate's key: ec256, ec384, rsa2048, rsa3072 or rsa4096 [default: as in
    /// the certificate that is renewed, otherwise ec256]
    #[arg(short, long, value_name = "KIND")]
    pub(crate) key_type: Option<String>,
    /// Renew when no more than this many days are left [default: a third of the lifetime]
    #[arg(long, value_name = "N")]
    pub(crate) days: Option<String>,
    /// Renew even when it is not due
    #[arg(long)]
    pub(crate) force: bool,
    /// Exit with 5 instead of 0 when nothing was due
    #[arg(long)]
    pub(crate) exit_code_unchanged: bool,

    /// The provider that sets the TXT records: its id or a module's file
    #[arg(long, value_name = "ID|FILE", help_heading = "Provider")]
    pub(crate) dns: Option<String>,
    /// Setting of the provider, in place of the environment variable (repeatable); others can read
    /// command lines, so prefer the environment for secrets
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Provider")]
    pub(crate) dns_opt: Vec<String>,
    /// Seconds to wait for the records on all authoritative servers [default: the provider's]
    #[arg(long, value_name = "SECONDS", help_heading = "Provider")]
    pub(crate) propagation_timeout: Option<String>,
    #[command(flatten)]
    pub(crate) dirs: DirArgs,
    #[command(flatten)]
    pub(crate) signature: SignatureArgs,

    #[command(flatten)]
    pub(crate) ca: CaArgs,
    #[command(flatten)]
    pub(crate) dns_servers: DnsArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}
