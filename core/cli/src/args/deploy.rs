//! What brings certificates to servers: options of `run` and `renew`, and `deploy`.

use clap::Args;

use super::shared::{JsonArgs, StateArgs};

/// Commands that go with a certificate. Texts are parsed later, so that all faults are told at once.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Hooks")]
pub(crate) struct HookArgs {
    /// Command for a new certificate, which the environment tells about; split into words, without
    /// a shell. Renewals run it too
    #[arg(long, aliases = ["run-hook", "renew-hook"], value_name = "COMMAND")]
    pub(crate) deploy_hook: Option<String>,
    /// Command before a certificate is got, and not when none is due
    #[arg(long, value_name = "COMMAND")]
    pub(crate) pre_hook: Option<String>,
    /// Command in the end, whatever came of it, where --pre-hook had its turn
    #[arg(long, value_name = "COMMAND")]
    pub(crate) post_hook: Option<String>,
    /// How long --deploy-hook may take, such as 90s or 10m [default: 5m]
    #[arg(
        long,
        aliases = ["run-hook-timeout", "renew-hook-timeout"],
        value_name = "TIME"
    )]
    pub(crate) deploy_hook_timeout: Option<String>,
    /// The same for --pre-hook
    #[arg(long, value_name = "TIME")]
    pub(crate) pre_hook_timeout: Option<String>,
    /// The same for --post-hook
    #[arg(long, value_name = "TIME")]
    pub(crate) post_hook_timeout: Option<String>,
}

/// What `deploy` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct DeployArgs {
    /// Certificates of the state folder; without names, all that have targets
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Only targets that do not have the certificate yet
    #[arg(long)]
    pub(crate) failed: bool,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `deploy --help` says besides.
pub(crate) const DEPLOY_AFTER_HELP: &str = "\
Targets stand in wildcert.toml as [[certificates.NAME.deploy]]; --deploy-hook of the command that got \
the certificate is one too. `run` and `renew` bring a new certificate there by themselves, and try \
those again that failed. When a target's command or probe fails, its old files come back.

Exit code 6: the certificates are there, and a target failed.

Examples:
  wildcert deploy                       all targets of all certificates
  wildcert deploy example.com --failed  those of this one that lack it";
