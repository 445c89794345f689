//! Issues and renews certificates over ACME dns-01, with providers loaded at run time.
//!
//! [`Engine`] joins the ACME client, the DNS look-ups and the plugin host. It prints nothing: what
//! happens arrives as [`Event`]s, what came of it as [`Outcome`].

mod account;
mod alerts;
mod ca;
mod certificate;
mod cleanup;
pub mod config;
mod csr;
pub mod deploy;
mod due;
mod engine;
mod error;
mod event;
mod files;
mod history;
pub mod import;
mod instance;
mod issue;
mod journal;
mod key;
mod late;
mod leaf;
mod limits;
mod maintenance;
mod obtain;
#[cfg(test)]
mod openssl;
mod orders;
mod outputs;
mod pem;
mod plan;
mod probe;
mod prometheus;
mod providers;
mod records;
mod renew;
mod renewal;
mod request;
mod results;
mod revoke;
mod status;
mod stop;
mod store;
mod suggestion;
mod trials;
mod trust;
mod window;

pub use account::{AccountChoice, AccountInfo, AccountStatus, RolloverStep};
pub use alerts::{
    AlertChannel, AlertKind, AlertMessage, Incident, MailSecurity, MailServer, Unsent, host_name,
};
pub use ca::CaAccount;
pub use cleanup::CleanupReport;
pub use csr::ExternalCsr;
pub use due::Due;
pub use engine::{Engine, Options};
pub use error::Error;
pub use event::{Event, Observer};
pub use history::{HistoryEntry, HistoryEvent};
pub use instance::{ProviderInstance, variables};
pub use key::KeyType;
pub use late::LateSecret;
pub use leaf::LeafFacts;
pub use limits::Limit;
pub use maintenance::{Maintenance, Waiting};
pub use outputs::{OutputKinds, Outputs, Pfx, PfxFormat};
pub use probe::{
    Endpoint, EndpointError, EndpointFault, Finding, ProbeError, ProbeStep, Protocol, Served,
    Verdict, probe,
};
pub use prometheus::write_metrics;
pub use renew::Todo;
pub use renewal::Renewal;
pub use request::{CertificateRequest, Faults, Outcome, Status, store_name};
pub use results::{Attempt, Calls, Failure, Results};
pub use revoke::{Revocable, Revoked, Signer};
pub use status::{LeftBehind, NextRenewal, Overview, Standing};
pub use stop::{Signal, Stop, StopHandle};
pub use store::{CertificateInfo, Listing, Replacement, Revocation};
pub use suggestion::{Suggestion, Window};
pub use trials::{TrialGround, TrialReport};
pub use window::{MaintenanceWindow, Opening, WindowError, WindowFault, Windows};

pub use wildcert_acme as acme;
pub use wildcert_dns as dns;
pub use wildcert_plugin as plugin;
