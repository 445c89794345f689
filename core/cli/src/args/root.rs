//! The command line as a whole.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use clap_complete::Shell;

use super::{
    accounts::{AccountsCommand, CasArgs},
    config::ConfigCommand,
    deploy::{DEPLOY_AFTER_HELP, DeployArgs},
    import::{self, ImportArgs},
    probe::{self, ProbeArgs},
    providers::{ListArgs as ProvidersListArgs, ProvidersCommand},
    run::{RenewArgs, RunArgs},
    schedule::ScheduleCommand,
    shared::{DirArgs, JsonArgs, OutputArgs, SignatureArgs, StateArgs},
    status::{AlertsCommand, StatusArgs},
    stored::{HistoryArgs, ListArgs, RemoveArgs, RevokeArgs, ShowArgs},
};

/// TLS certificates, wildcards first, proved by DNS records
#[derive(Clone, Debug, Parser)]
#[command(
    name = "wildcert",
    version,
    max_term_width = 100,
    args_override_self = true,
    arg_required_else_help = true,
    subcommand_required = true,
    after_help = "\
wildcert obtains and renews certificates from any ACME CA. It proves the names by TXT records \
(dns-01), which a provider for your DNS service sets and removes again.

Begin with:
  wildcert demo                       see it work: no domain, account or network
  wildcert providers list             which DNS services it knows here
  wildcert providers show cloudflare  what such a service needs

  CLOUDFLARE_DNS_API_TOKEN=… wildcert run -m you@example.com \\
      -d example.com -d '*.example.com' --dns cloudflare"
)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Command {
    /// Obtain a certificate, or renew it when it is due
    #[command(after_help = run_after_help())]
    Run(Box<RunArgs>),
    /// Renew the certificates that are due
    #[command(after_help = renew_after_help())]
    Renew(Box<RenewArgs>),
    /// Bring certificates to the servers that use them
    #[command(after_help = DEPLOY_AFTER_HELP)]
    Deploy(DeployArgs),
    /// Revoke a certificate
    Revoke(Box<RevokeArgs>),
    /// List the certificates and when they are due
    #[command(
        after_help = "Certificates that were replaced two weeks ago or longer and are still valid \
                            are told too: `wildcert revoke --replaced` ends them."
    )]
    List(ListArgs),
    /// Show all that is known of a certificate
    Show(ShowArgs),
    /// List every issue, renewal, revocation and removal
    #[command(after_help = "With --json each entry holds certificate and request in PEM, also of \
                      certificates that were removed.")]
    History(HistoryArgs),
    /// Take a certificate out of use; its files are kept aside, and it is not revoked
    Remove(RemoveArgs),
    /// Show how all certificates stand, and what is wrong
    #[command(after_help = status_after_help())]
    Status(StatusArgs),
    /// Check what servers serve against the stored certificates
    #[command(after_help = probe::AFTER_HELP)]
    Probe(ProbeArgs),
    /// Who is told when something is wrong
    #[command(subcommand, arg_required_else_help = true)]
    Alerts(AlertsCommand),
    /// Certificates, under lego's name
    #[command(subcommand, hide = true)]
    Certificates(CertificatesCommand),
    /// The configuration file
    #[command(subcommand, arg_required_else_help = true)]
    Config(ConfigCommand),
    /// Have `renew` run by itself: a systemd timer, or a line of cron
    #[command(subcommand, arg_required_else_help = true)]
    Schedule(ScheduleCommand),
    /// Take over accounts, certificates and renewals of another ACME client
    #[command(after_help = import::AFTER_HELP)]
    Import(Box<ImportArgs>),
    /// Remove the TXT records that killed runs left behind
    Cleanup(CleanupArgs),
    /// Accounts at CAs
    #[command(subcommand, arg_required_else_help = true)]
    Accounts(AccountsCommand),
    /// List the CAs that have a short name
    Cas(CasArgs),
    /// Providers, which set the TXT records at your DNS service
    #[command(subcommand, arg_required_else_help = true)]
    Providers(ProvidersCommand),
    /// What a provider needs, under lego's name
    #[command(hide = true)]
    Dnshelp(DnshelpArgs),
    /// See it work: a certificate from a CA inside this process
    #[command(
        after_help = "A CA and a DNS server are started on loopback ports, the records go through \
                      the provider rfc2136, and what came of it is checked. Nothing leaves this \
                      machine, nothing is kept."
    )]
    Demo(DemoArgs),
    /// Run a CA and a DNS server to try things with, until stopped
    Sandbox(SandboxArgs),
    /// Explain an error type: how it comes about, and what to do
    #[command(
        after_help = "TYPE is a type of ACME, such as `caa` or `urn:ietf:params:acme:error:caa`, or one \
                      of wildcert's own kinds, which JSON has under `kind`. Without TYPE all are listed."
    )]
    Explain(ExplainArgs),
    /// Print a completion script
    #[command(after_help = "For bash:\n  source <(wildcert completions bash)")]
    Completions {
        /// The shell that it is for
        shell: Shell,
    },
    /// Print the manual page, or write all of them to a folder
    Man(ManArgs),
}

/// What lego 5 does with certificates.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum CertificatesCommand {
    /// Revoke a certificate
    Revoke(Box<RevokeArgs>),
    /// List the certificates
    List(ListArgs),
}

/// What `cleanup` takes.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct CleanupArgs {
    #[command(flatten)]
    pub(crate) dirs: DirArgs,
    #[command(flatten)]
    pub(crate) signature: SignatureArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
}

/// What `dnshelp` takes.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct DnshelpArgs {
    /// The provider's id or a module's file; without it, the list
    #[arg(value_name = "ID|FILE")]
    pub(crate) provider: Option<String>,
    /// The same, as lego spells it
    #[arg(short, long, value_name = "ID|FILE", conflicts_with = "provider")]
    pub(crate) code: Option<String>,
    #[command(flatten)]
    pub(crate) list: ProvidersListArgs,
}

/// What `demo` takes.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct DemoArgs {
    /// Keep the state in this folder, to look at
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) dirs: DirArgs,
}

/// What `sandbox` takes.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct SandboxArgs {
    /// Zone of the DNS server (repeatable)
    #[arg(long, value_name = "ZONE", default_value = "example.test")]
    pub(crate) zone: Vec<String>,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `explain` takes.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct ExplainArgs {
    /// An error type of ACME or an error kind of wildcert, in whatever case
    #[arg(value_name = "TYPE")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `man` takes.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct ManArgs {
    /// Folder for the pages of all commands
    #[arg(value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

fn renew_after_help() -> &'static str {
    "\
Each certificate is renewed the way it was got: same domains, CA, account, provider and plain \
settings; the secrets of the provider come from the environment, or from wildcert.toml. Options that \
are given change that. Nothing is due: exit code 0, and CAs are asked for their suggestions no more \
often than they like, so that the command may run every few hours.

Examples:
  wildcert renew                       all that are due
  wildcert renew example.com --force   this one, due or not"
}

fn status_after_help() -> &'static str {
    "\
The bar is the share of the lifetime that is left; a run renews from the mark on. Behind the table \
stands what fails, which TXT records were left behind, and which CAs limit us until when. All is read \
from the state folder: nobody is asked.

Examples:
  wildcert status                      all certificates
  wildcert status --json               the same for programs
  wildcert status --prometheus /var/lib/prometheus/node-exporter/wildcert.prom"
}

fn run_after_help() -> String {
    let codes = crate::exit::ALL.iter();
    let codes: String = codes.map(|(code, meaning)| format!("\n  {code:<4} {meaning}")).collect();
    format!(
        "\
A new certificate is obtained when there is none of that name, and when it is due, lacks a domain or \
has another kind of key. Otherwise nothing is asked of anybody, so that the command may run every \
day. Options may stand before `run`, and lego's spellings of them work too.

Examples:
  CLOUDFLARE_DNS_API_TOKEN=… wildcert run -m you@example.com \\
      -d example.com -d '*.example.com' --dns cloudflare

  Try it without using up the CA's limits:
  wildcert run --server letsencrypt-staging …

  A provider that is not installed:
  wildcert run -d example.com --dns ./acme-dns.wasm

Exit codes:{codes}"
    )
}
