//! Issues and renews certificates over ACME dns-01, with providers loaded at run time.
//!
//! [`Engine`] joins the ACME client, the DNS look-ups and the plugin host. It prints nothing: what
//! happens arrives as [`Event`]s, what came of it as [`Outcome`].

mod account;
mod certificate;
mod cleanup;
mod due;
mod engine;
mod error;
mod event;
mod files;
mod issue;
mod journal;
mod key;
mod plan;
mod providers;
mod records;
mod request;
mod stop;
mod store;
mod trials;
mod trust;

pub use account::AccountInfo;
pub use cleanup::CleanupReport;
pub use engine::{Engine, Options};
pub use error::Error;
pub use event::{Event, Observer};
pub use key::KeyType;
pub use request::{CertificateRequest, Faults, Outcome, Status};
pub use stop::{Signal, Stop, StopHandle};
pub use store::CertificateInfo;
pub use trials::{TrialGround, TrialReport};

pub use wildcert_acme as acme;
pub use wildcert_dns as dns;
pub use wildcert_plugin as plugin;
