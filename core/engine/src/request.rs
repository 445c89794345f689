//! What a run is asked for, and what came of it.

use std::time::Duration;

use serde::Serialize;
use wildcert_dns::Identifier;

use crate::{error::Error, key::KeyType};

/// One certificate that shall be there.
#[derive(Clone, Debug)]
pub struct CertificateRequest {
    /// The name in the store; by default the first identifier, `_` for `*`.
    pub name: Option<String>,
    /// At least one, without repetition; the order is kept.
    pub identifiers: Vec<Identifier>,
    /// The certificate's key; by default the kind that the stored certificate has.
    pub key_type: Option<KeyType>,
    /// The provider's id or the path of a module.
    pub provider: String,
    /// Settings given in place of the environment's, under the names of the manifest.
    pub provider_options: Vec<(String, String)>,
    /// How long to wait for propagation; by default what the provider declares.
    pub propagation_timeout: Option<Duration>,
    /// Renew when no more than so many days are left; by default a third of the lifetime.
    pub days: Option<u32>,
    /// Renew even when it is not due.
    pub force: bool,
}

/// What came of a [`CertificateRequest`].
#[derive(Debug)]
pub struct Outcome {
    /// The certificate's name in the store.
    pub name: String,
    /// The identifiers, as A-labels.
    pub domains: Vec<String>,
    /// What happened.
    pub status: Status,
    /// The certificate that the store now holds; the old one when a renewal failed.
    pub certificate: Option<crate::store::CertificateInfo>,
    /// Why it failed.
    pub error: Option<Error>,
}

/// What happened to a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Nothing new is stored.
    Failed,
    /// The first of its name.
    Issued,
    /// A new one in place of an older one.
    Renewed,
    /// Not due; the CA was not asked.
    Unchanged,
}

/// Everything that is wrong with an input, found before any network call.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Faults(pub Vec<String>);

impl CertificateRequest {
    /// The name in the store: safe as a file name.
    pub fn store_name(&self) -> String {
        match (&self.name, self.identifiers.first()) {
            (Some(name), _) => name.clone(),
            (None, Some(first)) => first.ascii().replace('*', "_"),
            (None, None) => String::new(),
        }
    }

    /// What is wrong with the request itself: no or repeated identifiers, a name that is no file
    /// name.
    pub fn faults(&self) -> Faults {
        let mut faults = Vec::new();
        if self.identifiers.is_empty() {
            faults.push("no domain is given (-d example.com)".to_owned());
        }
        for (index, identifier) in self.identifiers.iter().enumerate() {
            if self.identifiers.iter().take(index).any(|other| other.ascii() == identifier.ascii())
            {
                faults.push(format!("domain `{}` is given twice", identifier.ascii()));
            }
        }
        if let Some(name) = &self.name {
            let ok = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if name.is_empty() || name.starts_with('.') || !name.chars().all(ok) {
                faults.push(format!(
                    "certificate name `{name}` is not made of letters, digits, `.`, `_` and `-`"
                ));
            }
        }
        Faults(faults)
    }
}
