//! What a run is asked for, and what came of it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use wildcert_dns::{DnsOptions, Identifier};

use crate::{
    ca::CaAccount,
    config::DeployTarget,
    csr::ExternalCsr,
    deploy::{Deployed, Hooks},
    due::Due,
    error::Error,
    instance::ProviderInstance,
    key::KeyType,
    maintenance::{Maintenance, Waiting},
    outputs::Outputs,
    store::CertificateInfo,
};

/// One certificate that shall be there.
#[derive(Clone, Debug)]
pub struct CertificateRequest {
    /// The name in the store; by default the first identifier, `_` for `*`.
    pub name: Option<String>,
    /// At least one, without repetition; the order is kept.
    pub identifiers: Vec<Identifier>,
    /// The CAs that may issue it, at least one; the first is asked, the others while it limits us.
    pub cas: Vec<CaAccount>,
    /// Who sets the TXT records; at least one.
    pub providers: Vec<ProviderInstance>,
    /// The certificate's key; by default the kind that the stored certificate has.
    pub key_type: Option<KeyType>,
    /// Whether a renewal keeps the key of the stored certificate.
    pub reuse_key: bool,
    /// A certificate request made elsewhere, whose private key is never seen; it says the key, and
    /// the identifiers are those that it asks for.
    pub csr: Option<ExternalCsr>,
    /// In which forms the certificate is stored, besides the PEM set.
    pub outputs: Outputs,
    /// One of the CA's certificate profiles.
    pub profile: Option<String>,
    /// The common name of the root that the chain shall lead to, where the CA offers several.
    pub preferred_chain: Option<String>,
    /// When the certificate shall end; few CAs take it. Renewals do not ask for it again.
    pub not_after: Option<OffsetDateTime>,
    /// Which DNS servers are asked; by default those of the engine.
    pub dns: Option<DnsOptions>,
    /// How long to wait for propagation; by default what the providers declare.
    pub propagation_timeout: Option<Duration>,
    /// Renew when no more than so many days are left; by default as the CA suggests, and when a
    /// third of the lifetime is left.
    pub days: Option<u32>,
    /// At what times a renewal may be made.
    pub maintenance: Maintenance,
    /// Renew even when it is not due.
    pub force: bool,
    /// Whether the CA is asked when to renew.
    pub ari: bool,
    /// Where it goes when it is new.
    pub deploy: Vec<DeployTarget>,
    /// What is run around its issue and when it is new; its renewals run the same.
    pub hooks: Hooks,
    /// What it needs and nobody told, such as a password: it fails for this, but only when a
    /// certificate must be got.
    pub lacking: Vec<String>,
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
    /// Why a stored certificate did not do.
    pub due: Option<Due>,
    /// That it waits for a maintenance window, and so is unchanged though it is due.
    pub waiting: Option<Waiting>,
    /// The certificate that the store now holds; the old one when a renewal failed.
    pub certificate: Option<CertificateInfo>,
    /// Why it failed.
    pub error: Option<Error>,
    /// What came of its targets; those that have it already are not among them.
    pub deployed: Vec<Deployed>,
}

impl Outcome {
    /// That the certificate `name` failed for `error` before anything was tried.
    pub fn failed(name: String, domains: Vec<String>, error: Error) -> Self {
        let (status, error) = (Status::Failed, Some(error));
        Self {
            name,
            domains,
            status,
            due: None,
            waiting: None,
            certificate: None,
            error,
            deployed: Vec::new(),
        }
    }
}

/// What happened to a certificate.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Nothing new is stored.
    Failed,
    /// The first of its name.
    Issued,
    /// A new one in place of an older one.
    Renewed,
    /// Not due, or waiting for a maintenance window; no order was made.
    Unchanged,
}

/// Everything that is wrong with an input, found before any network call.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Faults(pub Vec<String>);

impl CertificateRequest {
    /// A request for these names with nothing special about it.
    pub fn new(identifiers: Vec<Identifier>, ca: CaAccount, provider: ProviderInstance) -> Self {
        Self {
            name: None,
            identifiers,
            cas: vec![ca],
            providers: vec![provider],
            key_type: None,
            reuse_key: false,
            csr: None,
            outputs: Outputs::default(),
            profile: None,
            preferred_chain: None,
            not_after: None,
            dns: None,
            propagation_timeout: None,
            days: None,
            maintenance: Maintenance::default(),
            force: false,
            ari: true,
            deploy: Vec::new(),
            hooks: Hooks::default(),
            lacking: Vec::new(),
        }
    }

    /// The name in the store: safe as a file name.
    pub fn store_name(&self) -> String {
        match (&self.name, self.identifiers.first()) {
            (Some(name), _) => name.clone(),
            (None, Some(first)) => store_name(first),
            (None, None) => String::new(),
        }
    }

    /// The identifiers, as A-labels.
    pub fn domains(&self) -> Vec<String> {
        self.identifiers.iter().map(|name| name.ascii().to_owned()).collect()
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

    /// The kind of the key that it asks for; none when that is one that wildcert does not make. Where
    /// nobody says it, `stored` does.
    pub(crate) fn key_type(&self, stored: Option<&CertificateInfo>) -> Option<KeyType> {
        match &self.csr {
            Some(csr) => csr.key_type(),
            None => {
                let kept = stored.and_then(|stored| stored.key_type);
                Some(self.key_type.or(kept).unwrap_or_default())
            }
        }
    }

    /// The same with the secrets of its own fetched, so that each is fetched once.
    pub(crate) fn with_secrets(mut self) -> Result<Self, Error> {
        if let Some(pfx) = &mut self.outputs.pfx {
            pfx.password = pfx.password.resolve()?.into();
        }
        Ok(self)
    }

    pub(crate) fn untried(&self) -> Outcome {
        Outcome {
            name: self.store_name(),
            domains: self.domains(),
            status: Status::Failed,
            due: None,
            waiting: None,
            certificate: None,
            error: None,
            deployed: Vec::new(),
        }
    }
}

/// What a certificate is called in the store after its first identifier: safe as a file name.
pub fn store_name(first: &Identifier) -> String {
    first.ascii().replace('*', "_")
}
