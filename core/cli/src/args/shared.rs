//! Options that several commands have.

use std::path::PathBuf;

use clap::{ArgAction, Args, ValueEnum};

use crate::lang::Lang;

/// How much is printed, and how.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Tell what happens inside; twice for more
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet")]
    pub(crate) verbose: u8,
    /// Print results, warnings and errors only
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// When to use colours; auto: on terminals, unless NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Language of messages [env: WILDCERT_LANG, LC_ALL, LC_MESSAGES, LANG] [default: en]
    #[arg(long, global = true, value_name = "LANG")]
    pub(crate) lang: Option<Lang>,
    /// Append what is told of each run to this file, each line with its time, also with --quiet
    /// [env: WILDCERT_LOG_FILE]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
    /// Configuration file [env: WILDCERT_CONFIG] [default: /etc/wildcert/wildcert.toml for root,
    /// ~/.config/wildcert/wildcert.toml for others, where it is there]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Configuration")]
    pub(crate) config: Option<PathBuf>,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// For programs.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(crate) struct JsonArgs {
    /// Print the result as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the state is.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "State")]
pub(crate) struct StateArgs {
    /// Folder of accounts, certificates and journal [env: WILDCERT_PATH, LEGO_PATH] [default:
    /// /var/lib/wildcert for root, ~/.local/share/wildcert for others]
    #[arg(long, value_name = "DIR")]
    pub(crate) path: Option<PathBuf>,
    /// The configuration file, which belongs to the whole command line.
    #[arg(from_global)]
    pub(crate) config: Option<PathBuf>,
    /// The log file, likewise.
    #[arg(from_global)]
    pub(crate) log_file: Option<PathBuf>,
}

/// Where providers are.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Provider")]
pub(crate) struct DirArgs {
    /// Look for providers in this folder first (repeatable) [env: WILDCERT_PROVIDER_PATH]
    #[arg(long, value_name = "DIR")]
    pub(crate) provider_dir: Vec<PathBuf>,
}

/// Whose modules may run.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Provider")]
pub(crate) struct SignatureArgs {
    /// Let only modules run that a trusted key signed, besides wildcert's own [env:
    /// WILDCERT_REQUIRE_SIGNATURE]
    #[arg(long)]
    pub(crate) require_signature: bool,
}

/// How the CA's server is trusted.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "CA and account")]
pub(crate) struct BundleArgs {
    /// Trust the CA's server by the roots in this PEM file too (repeatable) [env:
    /// LEGO_CA_CERTIFICATES]
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_bundle: Vec<PathBuf>,
}

/// The CA and the account there.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "CA and account")]
pub(crate) struct CaArgs {
    /// The CA: a short name, as `wildcert cas` lists them, or a directory URL; of several, separated
    /// by commas, the first that does not limit us [env: WILDCERT_SERVER, LEGO_SERVER] [default:
    /// letsencrypt]
    #[arg(short, long, value_name = "NAME|URL", value_delimiter = ',')]
    pub(crate) server: Vec<String>,
    /// Contact address of the account (repeatable) [env: WILDCERT_EMAIL, LEGO_EMAIL]
    #[arg(short = 'm', long, value_name = "ADDRESS", value_delimiter = ',')]
    pub(crate) email: Vec<String>,
    /// Agree to the CA's terms of service without being asked
    #[arg(short, long)]
    pub(crate) accept_tos: bool,
    #[command(flatten)]
    pub(crate) bundle: BundleArgs,
    /// Key identifier that the CA gave you (external account binding) [env: WILDCERT_EAB_KID,
    /// LEGO_EAB_KID]
    #[arg(long, aliases = ["kid", "eab.kid"], value_name = "ID")]
    pub(crate) eab_kid: Option<String>,
    /// HMAC key that the CA gave you, in base64url; others can read command lines, so prefer the
    /// environment [env: WILDCERT_EAB_HMAC_KEY, LEGO_EAB_HMAC]
    #[arg(long, aliases = ["hmac", "eab.hmac"], value_name = "KEY")]
    pub(crate) eab_hmac_key: Option<String>,
    /// Take CA, key identifier and HMAC key from the file with a certbot command that the CA sent you;
    /// what other options say goes first
    #[arg(long, value_name = "FILE")]
    pub(crate) eab_file: Option<PathBuf>,
    /// lego's word for "the next two options are given".
    #[arg(long, hide = true)]
    pub(crate) eab: bool,
    /// Kind of a new account's key: ec256, ec384, rsa2048, rsa3072, rsa4096 or ed25519 [default:
    /// ec256]
    #[arg(long, value_name = "KIND")]
    pub(crate) account_key: Option<String>,
}

/// Which DNS servers are asked.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "DNS look-ups")]
pub(crate) struct DnsArgs {
    /// Ask this server about a zone and all names below it, in place of the zone's NS records
    /// (repeatable)
    #[arg(long, value_name = "ZONE=HOST[:PORT]")]
    pub(crate) nameserver: Vec<String>,
    /// Recursive resolver in place of the system's (repeatable)
    #[arg(long, alias = "dns.resolvers", value_name = "HOST[:PORT]", value_delimiter = ',')]
    pub(crate) dns_resolvers: Vec<String>,
}
