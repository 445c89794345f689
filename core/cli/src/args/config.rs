//! `wildcert config`.

use clap::{Args, Subcommand};

use super::{
    run::WantedArgs,
    shared::{DirArgs, JsonArgs, StateArgs},
};
use crate::lang::Lang;

/// What to do with the configuration file.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Tell everything that is wrong with it; nothing is sent
    #[command(
        after_help = "Providers and their settings are looked at too, and the files and variables \
                            that secrets come from; programs that print secrets are not started."
    )]
    Check(ConfigCheckArgs),
    /// Show every value that is in force, and where it comes from
    #[command(after_help = "The options of `run` may be given, to see what they would change.")]
    Show(Box<ConfigShowArgs>),
    /// Print the JSON Schema of the file, for editors
    Schema,
}

/// What `config check` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ConfigCheckArgs {
    #[command(flatten)]
    pub(crate) dirs: DirArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `config show` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ConfigShowArgs {
    #[command(flatten)]
    pub(crate) wanted: WantedArgs,
    /// The language, which belongs to the whole command line.
    #[arg(from_global)]
    pub(crate) lang: Option<Lang>,
}
