//! `wildcert import`.

use std::path::PathBuf;

use clap::Args;
use wildcert::import::Client;

use super::shared::{DirArgs, JsonArgs, StateArgs};

/// What `import` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct ImportArgs {
    /// Whose files they are: acme.sh, certbot, dehydrated, lego or posh-acme
    #[arg(long, value_name = "CLIENT")]
    pub(crate) from: Client,
    /// The client's folder
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// Names of certificates there; without them, all
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Tell what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Provider for certificates of which the files tell none: lego's, and those that were proved by
    /// something else than DNS records
    #[arg(long, value_name = "ID|FILE", help_heading = "Provider")]
    pub(crate) dns: Option<String>,
    #[command(flatten)]
    pub(crate) dirs: DirArgs,
    /// The CA of accounts whose files tell none: a short name, as `wildcert cas` lists them, or a
    /// directory URL [env: WILDCERT_SERVER, LEGO_SERVER]
    #[arg(short, long, value_name = "NAME|URL", help_heading = "CA and account")]
    pub(crate) server: Option<String>,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What stands below the options.
pub(crate) const AFTER_HELP: &str = "\
Accounts keep their URLs and keys, so that renewals register none. A certificate's renewal keeps its \
key's kind, its CA and its provider; credentials that were in the other client's files are copied to \
`credentials` in the state folder. Nothing there is changed, and what is here already is left alone, so \
that it may be repeated. Stop the other client's own renewals afterwards.

Examples:
  wildcert import --from certbot /etc/letsencrypt --dry-run
  wildcert import --from acme.sh ~/.acme.sh
  wildcert import --from lego .lego --dns cloudflare";
