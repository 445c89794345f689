//! Everything that can go wrong in a run.

use std::{io, path::PathBuf};

use wildcert_acme as acme;
use wildcert_plugin::{Error as PluginError, ProviderError};

use crate::{
    config::SecretError,
    deploy::{Back, DeployError},
    request::Faults,
    stop::Signal,
};

/// Why something did not work: what was tried, on what, and what came back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The CA refused, or could not be reached.
    #[error("{doing}: {source}")]
    Acme {
        /// What was tried.
        doing: String,
        /// What came back.
        source: wildcert_acme::Error,
    },
    /// A name could not be looked up, or a record did not propagate.
    #[error(transparent)]
    Dns(#[from] wildcert_dns::Error),
    /// A provider could not be found, trusted, set up or loaded.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// A provider instance, which has a name of its own, could not be set up or loaded.
    #[error("provider instance `{instance}`: {source}")]
    Instance {
        /// The instance, as the user named it.
        instance: String,
        /// What is wrong.
        source: Box<PluginError>,
    },
    /// A secret could not be had from where the configuration says.
    #[error("{}:{line}: {key}: {source}", file.display())]
    Secret {
        /// The key, with those of its tables: it names the provider instance, CA or certificate.
        key: String,
        /// The configuration file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// Why.
        source: SecretError,
    },
    /// A provider could not do its work.
    #[error("failed to {doing} in zone `{zone}`{}: {source}", by(.instance, .source))]
    Provider {
        /// The provider instance, as the user named it.
        instance: String,
        /// `add TXT records` or `remove TXT records`.
        doing: &'static str,
        /// The zone.
        zone: String,
        /// What the provider said.
        source: Box<ProviderError>,
    },
    /// A provider's credentials could not be proved.
    #[error("failed to prove the credentials: {0}")]
    Check(Box<ProviderError>),
    /// The conformance suite could not come to an end.
    #[error("failed to end the trials of the provider cleanly: {reason}")]
    Trials {
        /// What is left, or what broke.
        reason: String,
    },
    /// The CA offers no dns-01 for an identifier.
    #[error("the CA offers no dns-01 challenge for `{identifier}`, only {offered}")]
    NoDns01 {
        /// The identifier.
        identifier: String,
        /// What it offers.
        offered: String,
    },
    /// No provider is there for a record.
    #[error("no provider takes the record at `{owner}`: {}", instances(.zones))]
    NoProvider {
        /// The owner name of the record.
        owner: String,
        /// The provider instances, each with its zones.
        zones: Vec<(String, Vec<String>)>,
    },
    /// Every CA that may be asked wants to be left alone for now.
    #[error("{server} wants to be left alone until {until}: {said}")]
    Limited {
        /// The CA that is free first, as the user named it.
        server: String,
        /// When it may be asked again, in RFC 3339.
        until: String,
        /// What it said.
        said: String,
    },
    /// The CA wants a name authorized that nobody asked for.
    #[error("the CA wants `{identifier}` authorized, which was not asked for")]
    Unasked {
        /// The identifier.
        identifier: String,
    },
    /// The CA's terms of service have not been agreed to.
    #[error("the CA wants its terms of service agreed to before it makes an account: {terms}")]
    TermsNotAgreed {
        /// The CA, as the user named it.
        server: String,
        /// Their URL.
        terms: String,
    },
    /// The CA wants an external account binding.
    #[error("the CA at {server} makes accounts only for its customers (external account binding)")]
    ExternalAccountRequired {
        /// The directory URL.
        server: String,
    },
    /// An account that the user or the CA gave up.
    #[error("the account {account} is {status}; its files are in `{}`", path.display())]
    AccountClosed {
        /// Its name.
        account: String,
        /// What became of it: `deactivated` or `revoked`.
        status: &'static str,
        /// Its folder.
        path: PathBuf,
    },
    /// No account here is meant.
    #[error("{}", no_account(.known))]
    NoAccount {
        /// The names of those that there are.
        known: Vec<String>,
    },
    /// It is not said clearly which account is meant.
    #[error("several accounts may be meant: {}", .accounts.join(", "))]
    SeveralAccounts {
        /// Their names.
        accounts: Vec<String>,
    },
    /// An account that would have been overwritten.
    #[error("`{}` has the key of another account", path.display())]
    AccountExists {
        /// Its folder.
        path: PathBuf,
    },
    /// A CA does not certify such keys.
    #[error("{server} certifies no {key} keys, only {}", .taken.join(", "))]
    KeyNotTaken {
        /// The CA, as the user named it.
        server: String,
        /// The kind of key that was asked for.
        key: String,
        /// The kinds that it takes.
        taken: Vec<String>,
    },
    /// The certificate from the CA cannot be used.
    #[error("the certificate for `{name}` from the CA is unusable: {reason}")]
    Certificate {
        /// The certificate's name.
        name: String,
        /// Why.
        reason: String,
    },
    /// A key or certificate request could not be made.
    #[error("failed to {doing}: {reason}")]
    Crypto {
        /// What was tried.
        doing: &'static str,
        /// What the library said.
        reason: String,
    },
    /// A file or folder of the state could not be used.
    #[error("failed to {doing} `{}`: {source}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A certificate, which is there, did not reach a target.
    #[error("{source}{back}")]
    Deploy {
        /// Why.
        source: Box<DeployError>,
        /// What became of the files that the target had before.
        back: Back,
    },
    /// A file of the state holds something else than it should.
    #[error("`{}` is damaged: {reason}", path.display())]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// Another process works on the same certificate.
    #[error("certificate `{name}` is being worked on by another wildcert")]
    Locked {
        /// The certificate's name.
        name: String,
    },
    /// The input is wrong.
    #[error("{}", .0.0.join("\n"))]
    Input(Faults),
    /// Somebody asked to stop; the records are removed.
    #[error("stopped by {}", match .0 { Signal::Interrupt => "SIGINT", Signal::Terminate => "SIGTERM" })]
    Stopped(Signal),
    /// Records could not be removed; the journal keeps them for the next run.
    #[error("{count} TXT record(s) could not be removed and stay in the journal: {reason}")]
    LeftBehind {
        /// How many.
        count: usize,
        /// The first reason.
        reason: String,
    },
}

impl Error {
    /// A stable word for programs: a provider's error kind, or the part that failed.
    pub fn kind(&self) -> &'static str {
        match self {
            // A word that nobody knows, a URL that is none: nothing was asked of the CA.
            Self::Acme {
                source: acme::Error::Unknown { .. } | acme::Error::Url { .. }, ..
            } => "usage",
            Self::Acme { .. } => "acme",
            Self::Certificate { .. } | Self::Crypto { .. } => "certificate",
            Self::Check(source) | Self::Provider { source, .. } => source.kind().as_str(),
            Self::Damaged { .. } | Self::File { .. } | Self::Locked { .. } => "store",
            Self::Deploy { .. } => "deploy",
            Self::Dns(_) => "dns",
            Self::AccountClosed { .. }
            | Self::AccountExists { .. }
            | Self::ExternalAccountRequired { .. }
            | Self::NoAccount { .. }
            | Self::SeveralAccounts { .. }
            | Self::TermsNotAgreed { .. } => "account",
            Self::Input(_) => "usage",
            Self::LeftBehind { .. } => "left-behind",
            Self::Limited { .. } => "limited",
            Self::NoDns01 { .. } | Self::Unasked { .. } => "acme",
            Self::KeyNotTaken { .. } | Self::NoProvider { .. } | Self::Secret { .. } => "config",
            // Settings that lack or are wrong are the user's to mend, the rest is about modules.
            Self::Plugin(PluginError::Settings { .. }) => "config",
            Self::Instance { source, .. } if matches!(**source, PluginError::Settings { .. }) => {
                "config"
            }
            Self::Instance { .. } | Self::Plugin(_) => "plugin",
            Self::Stopped(_) => "stopped",
            Self::Trials { .. } => "trials",
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::AccountClosed { .. } => Some(
                "register another with another contact, `wildcert accounts register -m ADDRESS`, \
                 or give that folder another name first to keep the contact"
                    .to_owned(),
            ),
            Self::AccountExists { .. } => {
                Some("give the account another name by a contact: -m ADDRESS".to_owned())
            }
            Self::KeyNotTaken { taken, .. } => {
                taken.first().map(|key| format!("add -k {key}, or use another CA"))
            }
            Self::NoAccount { known } if known.is_empty() => {
                Some("make one with `wildcert accounts register`".to_owned())
            }
            Self::NoAccount { known } => Some(format!("there are {}", known.join(", "))),
            Self::SeveralAccounts { .. } => {
                Some("name the account, or its contact with -m ADDRESS".to_owned())
            }
            Self::Acme { source, .. } => source.hint(),
            Self::Check(source) | Self::Provider { source, .. } => source.hint(),
            Self::Deploy { source, .. } => source.hint(),
            Self::Dns(source) => source.hint(),
            Self::ExternalAccountRequired { .. } => Some(
                "get a key identifier and an HMAC key from the CA, then give --eab-kid and \
                 --eab-hmac-key, or --eab-file; most are good for one registration, some for a \
                 short time only (JPRS and its resellers: 14 days)"
                    .to_owned(),
            ),
            Self::LeftBehind { .. } => {
                Some("mend the cause, then `wildcert cleanup` removes them".to_owned())
            }
            Self::Locked { .. } => Some("wait for it to end, then run again".to_owned()),
            Self::Limited { .. } => Some(
                "run again after that time, or name another CA to ask meanwhile: --server a,b"
                    .to_owned(),
            ),
            Self::NoProvider { .. } => Some(
                "give an instance this zone, or one no zones: it then takes all others".to_owned(),
            ),
            Self::Instance { source, .. } => source.hint(),
            Self::Plugin(source) => source.hint(),
            Self::Secret { source, .. } => source.hint(),
            Self::TermsNotAgreed { .. } => Some("read them, then add --accept-tos".to_owned()),
            _ => None,
        }
    }
}

fn no_account(known: &[String]) -> &'static str {
    match known {
        [] => "there is no account",
        _ => "no account of that name, CA or contact is here",
    }
}

/// The instance's name, where the provider's words would not tell which one it was.
fn by(instance: &str, source: &ProviderError) -> String {
    let told = source.to_string().contains(instance);
    if told || instance.is_empty() { String::new() } else { format!(" through `{instance}`") }
}

fn instances(zones: &[(String, Vec<String>)]) -> String {
    let each = zones.iter().map(|(name, zones)| format!("`{name}` has {}", zones.join(", ")));
    each.collect::<Vec<_>>().join("; ")
}
