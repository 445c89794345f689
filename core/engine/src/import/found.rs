//! What the files of a client hold.

use rcgen::KeyPair;
use wildcert_acme::{AccountKey, Secret};

use super::note::Note;
use crate::deploy::{CommandLine, Hook, Hooks};

/// Everything that a client keeps.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) accounts: Vec<FoundAccount>,
    pub(super) certificates: Vec<FoundCertificate>,
}

/// An account of a client.
#[derive(Debug, Default)]
pub(super) struct FoundAccount {
    /// What the client calls it.
    pub(super) label: String,
    /// The CA's directory URL; empty when a note says why it is not known.
    pub(super) server: String,
    /// Its URL at the CA.
    pub(super) url: String,
    /// Contact addresses, without `mailto:`.
    pub(super) contacts: Vec<String>,
    /// None when a note says why.
    pub(super) key: Option<AccountKey>,
    pub(super) notes: Vec<Note>,
}

/// A certificate of a client.
#[derive(Debug, Default)]
pub(super) struct FoundCertificate {
    /// What the client calls it.
    pub(super) name: String,
    /// The CA's directory URL, where the client keeps it.
    pub(super) server: Option<String>,
    /// The URL of the account that ordered it, where the client keeps it.
    pub(super) account: Option<String>,
    /// The certificate and what leads to the root, PEM.
    pub(super) chain: String,
    /// The private key; none when a note says why.
    pub(super) key: Option<KeyPair>,
    /// Where the CA keeps it; may be empty.
    pub(super) certificate_url: String,
    pub(super) method: Method,
    /// Whether renewals keep the key.
    pub(super) reuse_key: bool,
    pub(super) preferred_chain: Option<String>,
    pub(super) profile: Option<String>,
    pub(super) renewed: Renewed,
    /// Commands around renewals.
    pub(super) hooks: Hooks,
    pub(super) notes: Vec<Note>,
}

/// When a client renews a certificate, where the user said so.
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Renewed {
    #[default]
    Unsaid,
    /// So many days before its end.
    Before(u32),
    /// So many days after it came.
    After(u32),
}

/// How the names were proved.
#[derive(Debug, Default)]
pub(super) enum Method {
    /// The client does not keep it.
    #[default]
    Unsaid,
    /// Not by dns-01, in the client's words.
    Other(String),
    /// By dns-01.
    Dns {
        /// What the client calls what sets the records.
        plugin: String,
        /// The settings under the client's names.
        values: Vec<(String, Secret)>,
    },
}

/// A command that the other client hands to a shell.
pub(super) fn hook(command: impl Into<String>) -> Hook {
    Hook::new(CommandLine::Shell(command.into()))
}

/// Contacts as the CA has them, without `mailto:`.
pub(super) fn addresses<'a>(contacts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let plain = contacts.into_iter().map(|one| one.trim_start_matches("mailto:").trim().to_owned());
    plain.filter(|one| !one.is_empty()).collect()
}
