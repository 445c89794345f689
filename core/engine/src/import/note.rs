//! What there is to say about something that is imported, or is not.

use std::path::PathBuf;

use crate::error::Error;

/// Something that the user should know of an account or certificate.
#[derive(Debug)]
#[non_exhaustive]
pub enum Note {
    /// A file cannot be read, or holds something else than it should.
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A private key cannot be used.
    Key {
        /// Its file.
        path: PathBuf,
        /// Why, without any of it.
        reason: String,
    },
    /// The certificate is not what its private key and its names say.
    Certificate {
        /// Why.
        reason: String,
    },
    /// The client does not keep the CA's directory URL.
    NoDirectory {
        /// The CA's server, as the client calls it.
        host: String,
    },
    /// The account was given up.
    Closed {
        /// What became of it.
        status: String,
    },
    /// Another key is kept here for the account.
    OtherKey,
    /// The client does not keep who proves the names.
    NoMethod,
    /// The names were proved by something else than dns-01.
    NotDns {
        /// By what, in the client's words.
        method: String,
    },
    /// No provider here goes by the client's name for it.
    NoProvider {
        /// The client's name for it.
        plugin: String,
    },
    /// Another certificate has the name here.
    OtherCertificate,
    /// The client itself does not renew it any more.
    Retired,
    /// The account that ordered it was not found: the first renewal registers another.
    NoAccount {
        /// The CA.
        server: String,
    },
    /// Credentials that only the client itself can open.
    Sealed {
        /// What the client calls them.
        names: Vec<String>,
    },
    /// A file with credentials cannot be read.
    Credentials {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The provider lacks settings.
    Settings(Box<Error>),
    /// What the client calls has the whole environment there, and here none but what a setting gives.
    Environment {
        /// The setting.
        setting: String,
    },
    /// Commands that the client runs around a renewal, which are not taken over.
    Hooks {
        /// The client's names for them, each with its command.
        commands: Vec<String>,
    },
}

impl Note {
    /// Whether it keeps something from being imported.
    pub fn prevents(&self) -> bool {
        !matches!(
            self,
            Self::Credentials { .. }
                | Self::Environment { .. }
                | Self::Hooks { .. }
                | Self::NoAccount { .. }
                | Self::Sealed { .. }
                | Self::Settings(_)
        )
    }

    /// A stable word for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Certificate { .. } => "certificate",
            Self::Closed { .. } => "closed",
            Self::Credentials { .. } => "credentials",
            Self::Environment { .. } => "environment",
            Self::Hooks { .. } => "hooks",
            Self::Key { .. } => "key",
            Self::NoAccount { .. } => "no-account",
            Self::NoDirectory { .. } => "no-directory",
            Self::NoMethod => "no-method",
            Self::NoProvider { .. } => "no-provider",
            Self::NotDns { .. } => "not-dns",
            Self::OtherCertificate => "other-certificate",
            Self::OtherKey => "other-key",
            Self::Retired => "retired",
            Self::Sealed { .. } => "sealed",
            Self::Settings(_) => "settings",
            Self::Unreadable { .. } => "unreadable",
        }
    }
}
