//! `wildcert accounts …` and `wildcert cas`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::shared::{BundleArgs, CaArgs, JsonArgs, StateArgs};

/// What is done with accounts.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum AccountsCommand {
    /// Register an account at the CA, or find the one that is there
    #[command(
        after_help = "Each account has a folder of its own, called after its first contact: with \
                      another first contact it is another account."
    )]
    Register(Box<RegisterArgs>),
    /// List the accounts, without asking any CA
    List(AccountsListArgs),
    /// Show what the CA has on file for an account
    Show(AccountArgs),
    /// Replace the contacts of an account
    Update(UpdateArgs),
    /// Give an account another key
    #[command(
        after_help = "The new key is on disk before the CA hears of it, and the old one stays there. A \
                      change that was interrupted is ended by whatever uses the account next."
    )]
    #[command(alias = "keyrollover")]
    Rollover(RolloverArgs),
    /// Give an account up for good; its files stay
    Deactivate(DeactivateArgs),
    /// Store the account of a key that you have
    Recover(RecoverArgs),
}

/// What `accounts register` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RegisterArgs {
    #[command(flatten)]
    pub(crate) ca: CaArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `accounts list` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct AccountsListArgs {
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// Which account, and how its CA is reached.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "CA and account")]
pub(crate) struct ChoiceArgs {
    /// The account, as `wildcert accounts list` calls it; not needed when there is only one
    #[arg(value_name = "ACCOUNT", help_heading = "Arguments")]
    pub(crate) account: Option<String>,
    /// The account at this CA
    #[arg(short, long, value_name = "NAME|URL")]
    pub(crate) server: Option<String>,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// The contact of the account that is meant.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "CA and account")]
pub(crate) struct ContactArgs {
    /// The account with this contact address
    #[arg(short = 'm', long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
}

/// What `accounts show` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct AccountArgs {
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,
    #[command(flatten)]
    pub(crate) contact: ContactArgs,
}

/// What `accounts update` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct UpdateArgs {
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,
    /// Contact address to have from now on (repeatable)
    #[arg(
        short = 'm',
        long,
        value_name = "ADDRESS",
        value_delimiter = ',',
        required_unless_present = "no_email"
    )]
    pub(crate) email: Vec<String>,
    /// Have no contact address any more
    #[arg(long, conflicts_with = "email")]
    pub(crate) no_email: bool,
}

/// What `accounts rollover` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RolloverArgs {
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,
    #[command(flatten)]
    pub(crate) contact: ContactArgs,
    /// Kind of the new key: ec256, ec384, rsa2048, rsa3072, rsa4096 or ed25519 [default: the
    /// algorithm of the old one]
    #[arg(long, value_name = "KIND")]
    pub(crate) account_key: Option<String>,
}

/// What `accounts deactivate` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct DeactivateArgs {
    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,
    #[command(flatten)]
    pub(crate) contact: ContactArgs,
    /// Do so without being asked
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// What `accounts recover` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct RecoverArgs {
    /// The account's private key in PEM
    #[arg(long, alias = "private-key", value_name = "FILE")]
    pub(crate) key: PathBuf,
    /// The CA: a short name, as `wildcert cas` lists them, or a directory URL
    #[arg(short, long, value_name = "NAME|URL")]
    pub(crate) server: String,
    /// Contact address to call the account after [default: the first that the CA has]
    #[arg(short = 'm', long, value_name = "ADDRESS")]
    pub(crate) email: Option<String>,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `cas` takes.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct CasArgs {
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}
