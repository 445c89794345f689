//! `wildcert providers …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::author::{NewArgs, TestArgs};
use super::shared::{DirArgs, JsonArgs, SignatureArgs, StateArgs};

/// What is done with providers.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ProvidersCommand {
    /// List the providers that are found, and why others cannot be used
    List(ListArgs),
    /// Show what a provider needs: settings, rights, reach
    #[command(after_help = "lego's `wildcert dnshelp -c ID` does the same.")]
    Show(ShowArgs),
    /// Prove a provider's credentials and list the zones that they reach
    Check(CheckArgs),
    /// Make the folder of a new provider: it builds, and passes its tests
    #[command(after_help = "docs/guide/writing-a-provider.md goes on from there.")]
    New(NewArgs),
    /// Test a provider: the conformance suite
    #[command(
        after_help = "Prints TAP version 14, or JSON with --json; fails when a trial fails.\n\n\
                            With --zone it adds and removes TXT records below \
                            _acme-challenge.wildcert-… in your zone and looks at its authoritative \
                            servers."
    )]
    Test(TestArgs),
    /// Build providers as WebAssembly and as native library
    #[command(after_help = "Without --wasm and --native both are built.")]
    Build(BuildArgs),
    /// Install modules, once you have seen and approved what they may reach
    #[command(
        after_help = "The module is compiled at once, and goes to the folder `providers` of the \
                      state folder, where `--dns ID` finds it. Installing it again, in another \
                      release, shows what changes and asks anew.\n\n\
                      A folder stands for every module in it; of a provider's crate the module is \
                      built first."
    )]
    Install(InstallArgs),
    /// Remove an installed module, its signature and its approval
    Remove(RemoveArgs),
    /// Approve a module that changed since it was first used
    #[command(
        after_help = "A module that is not wildcert's own is recorded in providers.lock when it is \
                      installed or first used: its content and what it may reach. When either \
                      changes, wildcert refuses it until you approve the change here."
    )]
    Approve(ApproveArgs),
    /// Trust the modules that a key signed; without KEY, list the trusted keys
    #[command(
        after_help = "Keys and signatures are those of minisign. With --require-signature, or \
                      WILDCERT_REQUIRE_SIGNATURE=1, a module runs only when FILE.minisig beside it \
                      is by a trusted key; wildcert's own modules need none."
    )]
    Trust(TrustArgs),
}

/// What `providers list` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ListArgs {
    #[command(flatten)]
    pub(crate) dirs: DirArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `providers show` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct ShowArgs {
    /// The provider's id or a module's file
    #[arg(value_name = "ID|FILE")]
    pub(crate) provider: String,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// What `providers check` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct CheckArgs {
    /// The provider's id or a module's file
    #[arg(value_name = "ID|FILE")]
    pub(crate) provider: String,
    /// Setting of the provider, in place of the environment variable (repeatable)
    #[arg(long, value_name = "NAME=VALUE", help_heading = "Provider")]
    pub(crate) dns_opt: Vec<String>,
    #[command(flatten)]
    pub(crate) signature: SignatureArgs,
    #[command(flatten)]
    pub(crate) list: ListArgs,
}

/// What `providers build` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct BuildArgs {
    /// Folder with provider.toml and Cargo.toml, or provider.wasm made in another language
    #[arg(value_name = "DIR", required = true)]
    pub(crate) dirs: Vec<PathBuf>,
    /// Folder that the modules are written to
    #[arg(long, value_name = "DIR", default_value = "providers")]
    pub(crate) out: PathBuf,
    /// Build WebAssembly, which runs everywhere and is confined
    #[arg(long)]
    pub(crate) wasm: bool,
    /// Build a library of this platform, which is not confined
    #[arg(long)]
    pub(crate) native: bool,
}

/// What `providers install` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct InstallArgs {
    /// A module's file, a folder of modules, a provider's crate or an https URL
    #[arg(value_name = "FILE|DIR|URL")]
    pub(crate) source: String,
    /// SHA-256 digest of the file, in hexadecimal digits; a URL needs it
    #[arg(long, value_name = "HEX")]
    pub(crate) sha256: Option<String>,
    /// Approve without being asked
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) signature: SignatureArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `providers remove` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct RemoveArgs {
    /// The provider's id
    #[arg(value_name = "ID")]
    pub(crate) provider: String,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `providers trust` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct TrustArgs {
    /// Public key of minisign in base64, or the `.pub` file that holds it
    #[arg(value_name = "KEY|FILE")]
    pub(crate) key: Option<String>,
    /// Trust it no more; KEY may be the key's id
    #[arg(long, requires = "key")]
    pub(crate) remove: bool,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `providers approve` takes.
#[derive(Args, Clone, Debug)]
pub(crate) struct ApproveArgs {
    /// The provider's id or a module's file
    #[arg(value_name = "ID|FILE")]
    pub(crate) provider: String,
    #[command(flatten)]
    pub(crate) dirs: DirArgs,
    #[command(flatten)]
    pub(crate) signature: SignatureArgs,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}
