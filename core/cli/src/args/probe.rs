//! What `probe` takes.

use clap::{Args, value_parser};

use super::shared::{JsonArgs, StateArgs};

/// What `probe` takes.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct ProbeArgs {
    /// Servers, as [PROTOCOL://][NAME@]HOST[:PORT]; without any, those that deploy targets of
    /// wildcert.toml name
    #[arg(value_name = "HOST:PORT")]
    pub(crate) endpoints: Vec<String>,
    /// Server name to ask for (SNI), where NAME@ says nothing else [default: HOST]
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Seconds to wait for each server
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "10",
        value_parser = value_parser!(u16).range(1..=600)
    )]
    pub(crate) timeout: u16,
    #[command(flatten)]
    pub(crate) state: StateArgs,
    #[command(flatten)]
    pub(crate) json: JsonArgs,
}

/// What `probe --help` says besides.
pub(crate) const AFTER_HELP: &str = "\
The server is asked as any client asks it, and what it shows is compared with the state folder: the \
newest certificate or an older one, its chain, its dates, its names. Nothing is trusted, only \
reported, so that self-signed and expired certificates are seen too.

PROTOCOL is smtp, imap, pop3 or ftp where TLS begins after a word of that protocol (STARTTLS).

Exit code 0: every server shows what it should. 1: one does not, or shows nothing; a certificate that \
is not in the state folder counts as well.

Examples:
  wildcert probe www.example.com                 port 443
  wildcert probe www.example.com@192.0.2.7:8443  this one of several servers
  wildcert probe smtp://mx.example.com mx.example.com:465
  wildcert probe --json                          all that wildcert.toml names";
