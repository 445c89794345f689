//! Why a certificate did not reach a target.

use std::{fmt, io, path::PathBuf};

use super::command::CommandError;
use crate::{
    error::Error,
    probe::{Finding, ProbeError},
};

/// Why a certificate did not reach a target.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeployError {
    /// A command failed.
    #[error("the {step} command `{command}` {source}")]
    Command {
        /// Which of a target's commands or hooks: `pre`, `run`, `post`, `--pre-hook`, `--post-hook`.
        step: &'static str,
        /// The command, with its words quoted.
        command: String,
        /// How.
        source: CommandError,
    },
    /// A file could not be put in its place.
    #[error("failed to {doing} `{}`: {source}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another machine could not be reached.
    #[error("`{command}` {source}")]
    Host {
        /// The ssh command.
        command: String,
        /// How it ended.
        source: CommandError,
    },
    /// The files could not be put in their places on another machine.
    #[error("failed to {doing} there: {source}")]
    Remote {
        /// What was tried.
        doing: &'static str,
        /// How it ended.
        source: CommandError,
    },
    /// The certificate does not have a file that is wanted.
    #[error("`{path}` shall be the certificate's `{form}`, which it does not have")]
    Lacking {
        /// The key of the configuration.
        form: &'static str,
        /// Where it should go.
        path: String,
    },
    /// A user or group is not known.
    #[error("there is no {kind} `{name}`")]
    Nobody {
        /// `user` or `group`.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// A server still serves something else.
    #[error("{endpoint} does not serve it: {source}")]
    Probe {
        /// The server.
        endpoint: String,
        /// What was seen there.
        source: Unserved,
    },
}

/// What a server shows in place of a certificate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unserved {
    /// Nothing.
    #[error(transparent)]
    Nothing(#[from] ProbeError),
    /// Another certificate, or not its whole chain.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Other(Vec<Finding>),
}

/// What became of the files that a target had before.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Back {
    /// Nothing was changed.
    Untouched,
    /// They are in their places again, and the command ran with them, where there is one.
    Done,
    /// They are in their places again, but the command failed with them too; how, where that was
    /// not the same again.
    CommandFailed(Option<String>),
    /// They could not be put back: they lie beside the new ones.
    Failed(String),
}

impl DeployError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Command { source, .. } | Self::Remote { source, .. } => return source.hint(),
            Self::Host { .. } => {
                "`ssh -o BatchMode=yes HOST true` must work without a question for the user that \
                 wildcert runs as"
            }
            Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound => {
                "make the folder first, with the owner and mode that it shall have"
            }
            Self::Lacking { form: "pfx", .. } => {
                "have it stored as PKCS #12 too: --pfx, or `pfx` in wildcert.toml"
            }
            Self::Lacking { .. } => "its request came from outside, and so has no private key here",
            Self::Probe { .. } => {
                "see whether the server reads these files, and whether its command makes it do so"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

impl From<DeployError> for Error {
    fn from(source: DeployError) -> Self {
        match source {
            DeployError::Command { source: CommandError::Stopped(signal), .. }
            | DeployError::Remote { source: CommandError::Stopped(signal), .. } => {
                Self::Stopped(signal)
            }
            source => Self::Deploy { source: Box::new(source), back: Back::Untouched },
        }
    }
}

/// What is said behind the error.
impl fmt::Display for Back {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Untouched => Ok(()),
            Self::Done => f.write_str("\nthe old files are back"),
            Self::CommandFailed(None) => {
                f.write_str("\nthe old files are back, but it failed with them too")
            }
            Self::CommandFailed(Some(reason)) => {
                write!(f, "\nthe old files are back, but with them {reason}")
            }
            Self::Failed(reason) => write!(f, "\nthe old files could not be put back: {reason}"),
        }
    }
}
