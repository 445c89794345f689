//! Why nothing is known of what is served.

use std::{io, time::Duration};

/// Why a probe saw no certificate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// The host has no address.
    #[error("`{host}` has no address: {source}")]
    Unresolved {
        /// The host.
        host: String,
        /// What the system said.
        source: io::Error,
    },
    /// Nobody takes the connection.
    #[error("nobody is there: {source}")]
    Nobody {
        /// What the system said.
        source: io::Error,
    },
    /// Nothing came in time.
    #[error("no answer within {} s to {waiting}", limit.as_secs_f32())]
    Silent {
        /// What it was that was waited for.
        waiting: ProbeStep,
        /// How long.
        limit: Duration,
    },
    /// The connection broke.
    #[error("the connection ended after {waiting}: {source}")]
    Broken {
        /// What it was that was waited for.
        waiting: ProbeStep,
        /// What the system said.
        source: io::Error,
    },
    /// The server does not begin TLS.
    #[error("{protocol} begins no TLS: {said}")]
    NotStarted {
        /// The protocol before TLS, in capitals.
        protocol: &'static str,
        /// What the server said.
        said: String,
    },
    /// What came is no TLS.
    #[error("what is there speaks no TLS{}", answered(.said))]
    NoTls {
        /// The first that it said, as far as it can be read.
        said: String,
    },
    /// Client and server do not agree on a handshake.
    #[error("no TLS handshake with it: {reason}")]
    Refused {
        /// What came back.
        reason: String,
        /// Whether it wants an older TLS than 1.2.
        outdated: bool,
    },
    /// What the server served is no certificate.
    #[error("what it serves cannot be read: {reason}")]
    Unreadable {
        /// Why.
        reason: String,
    },
}

/// What a probe waits for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProbeStep {
    /// The connection.
    Connection,
    /// The server's first line.
    Greeting,
    /// Its answer to the wish to begin TLS.
    StartTls,
    /// Its part of the handshake.
    Handshake,
}

impl ProbeError {
    /// What kind of trouble it is, for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unresolved { .. } => "unresolved",
            Self::Nobody { .. } => "nobody",
            Self::Silent { waiting: ProbeStep::Connection, .. } => "nobody",
            Self::Silent { .. } => "silent",
            Self::Broken { .. } => "broken",
            Self::NotStarted { .. } | Self::NoTls { .. } => "no-tls",
            Self::Refused { .. } => "refused",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// The protocol that begins TLS on request and greets so.
    pub fn protocol(&self) -> Option<&'static str> {
        match self {
            Self::NoTls { said } => starttls(said),
            _ => None,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Silent { waiting: ProbeStep::Connection, .. } => {
                "see that the server runs and that no firewall drops the connection"
            }
            Self::Silent { waiting: ProbeStep::Greeting, .. } => {
                "it may wait for TLS to begin at once: probe it without `smtp://` or the like"
            }
            Self::NoTls { .. } => match self.protocol() {
                Some(protocol) => {
                    return Some(format!(
                        "TLS may begin later there: write {protocol}://HOST:PORT"
                    ));
                }
                None => "see that the port is that of TLS",
            },
            Self::Refused { outdated: true, .. } => {
                "let the server speak TLS 1.2 or 1.3: clients of today refuse what is older"
            }
            Self::Nobody { .. } => "see that the server runs and listens on that address",
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// The protocol that begins TLS on request and greets so.
pub(super) fn starttls(said: &str) -> Option<&'static str> {
    let smtp = said.starts_with("220") && said.to_ascii_uppercase().contains("SMTP");
    let table = [
        (smtp, "smtp"),
        (said.starts_with("* OK"), "imap"),
        (said.starts_with("+OK"), "pop3"),
        (said.starts_with("220"), "ftp"),
    ];
    table.into_iter().find_map(|(is_it, protocol)| is_it.then_some(protocol))
}

impl std::fmt::Display for ProbeStep {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Connection => "the wish to connect",
            Self::Greeting => "the connection",
            Self::StartTls => "the wish to begin TLS",
            Self::Handshake => "the TLS handshake",
        })
    }
}

fn answered(said: &str) -> String {
    if said.is_empty() { String::new() } else { format!(": it said `{said}`") }
}
