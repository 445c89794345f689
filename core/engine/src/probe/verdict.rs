//! Whether what is served is what should be.

use std::fmt;

use serde::Serialize;
use time::{OffsetDateTime, serde::rfc3339};
use x509_parser::{certificate::X509Certificate, prelude::FromDer};

use crate::{leaf::LeafFacts, store::CertificateInfo};

/// What is served, beside what should be.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The certificate of the store that should be served; none when no stored one is meant.
    pub certificate: Option<CertificateInfo>,
    /// Everything that is not as it should be.
    pub findings: Vec<Finding>,
}

/// One thing that is not as it should be.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Finding {
    /// An older certificate of the store.
    Older {
        /// The certificate's name in the store.
        name: String,
        /// Its serial number in lower-case hexadecimal.
        serial: String,
        /// That of the newest; none when it was taken out of use.
        newest: Option<String>,
    },
    /// Another certificate than the one that should be.
    Other {
        /// What it says.
        certificate: LeafFacts,
        /// The serial number of the one that should be; none when the store has none for the name.
        wanted: Option<String>,
    },
    /// Its time is over.
    Expired {
        /// Since when.
        #[serde(with = "rfc3339")]
        since: OffsetDateTime,
    },
    /// Its time has not begun.
    Early {
        /// When it begins.
        #[serde(with = "rfc3339")]
        from: OffsetDateTime,
    },
    /// It is not for the name that was asked for.
    Name {
        /// The name.
        asked: String,
        /// What it is for.
        names: Vec<String>,
    },
    /// It was revoked by wildcert.
    Revoked {
        /// When.
        #[serde(with = "rfc3339")]
        on: OffsetDateTime,
    },
    /// The server signs with another key than the certificate's.
    Key,
    /// Certificates of the chain are missing.
    Missing {
        /// Their subjects.
        subjects: Vec<String>,
    },
    /// The chain has certificates that the stored one has not.
    Extra {
        /// Their subjects.
        subjects: Vec<String>,
    },
    /// The chain is in another order than the stored one.
    Order,
}

impl Verdict {
    /// Whether everything is as it should be.
    pub fn is_good(&self) -> bool {
        self.findings.is_empty()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Older { name, serial, newest: Some(newest) } => {
                write!(f, "it serves `{name}` {serial}, which is older than {newest}")
            }
            Self::Older { name, serial, newest: None } => {
                write!(f, "it serves `{name}` {serial}, which was taken out of use")
            }
            Self::Other { certificate, wanted } => {
                let LeafFacts { serial, domains, issuer, .. } = certificate;
                write!(f, "it serves {serial} for {} from {issuer}", listed(domains))?;
                match wanted {
                    Some(wanted) => write!(f, ", not {wanted}"),
                    None => f.write_str(", which is not in the store"),
                }
            }
            Self::Expired { since } => write!(f, "it expired on {}", since.date()),
            Self::Early { from } => write!(f, "it is valid only from {} on", from.date()),
            Self::Name { asked, names } => {
                write!(f, "it is for {} and not for `{asked}`", listed(names))
            }
            Self::Revoked { on } => write!(f, "it was revoked on {}", on.date()),
            Self::Key => f.write_str("it does not have the key of its certificate"),
            Self::Missing { subjects } => {
                write!(f, "the chain lacks {}", subjects.join(" and "))
            }
            Self::Extra { subjects } => {
                write!(f, "the chain has {} too many", subjects.join(" and "))
            }
            Self::Order => f.write_str("the chain is in another order than the stored one"),
        }
    }
}

impl Finding {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Older { .. } => {
                "deploy it, or reload the server: it may still hold the old files"
            }
            Self::Other { wanted: Some(_), .. } => {
                "see which certificate the server is set up with for this name"
            }
            Self::Other { wanted: None, .. } | Self::Name { .. } => {
                "ask for another server name by NAME@HOST:PORT or --name"
            }
            Self::Missing { .. } | Self::Extra { .. } | Self::Order => {
                "give the server fullchain.pem as it is stored"
            }
            Self::Key => "give the server privkey.pem and fullchain.pem of the same folder",
            Self::Expired { .. } | Self::Early { .. } | Self::Revoked { .. } => return None,
        })
    }
}

/// What is wrong with the certificates that follow the server's own.
pub(super) fn chain_findings(served: &[Vec<u8>], stored: &[Vec<u8>]) -> Vec<Finding> {
    let mut missing = stored.to_vec();
    let mut extra = Vec::new();
    for der in served {
        match missing.iter().position(|other| other == der) {
            Some(at) => drop(missing.remove(at)),
            None => extra.push(der.clone()),
        }
    }
    let mut findings = Vec::new();
    if !missing.is_empty() {
        findings.push(Finding::Missing { subjects: subjects(&missing) });
    }
    if !extra.is_empty() {
        findings.push(Finding::Extra { subjects: subjects(&extra) });
    }
    if findings.is_empty() && served != stored {
        findings.push(Finding::Order);
    }
    findings
}

fn subjects(ders: &[Vec<u8>]) -> Vec<String> {
    let subject = |der: &Vec<u8>| match X509Certificate::from_der(der) {
        Ok((_, certificate)) => format!("`{}`", certificate.subject()),
        Err(_) => "something that is no certificate".to_owned(),
    };
    ders.iter().map(subject).collect()
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "no name".to_owned() } else { names.join(", ") }
}
