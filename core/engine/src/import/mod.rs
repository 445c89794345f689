//! Taking over accounts, certificates and renewal settings of other clients.
//!
//! A reader for each client tells what its files hold (`found`); nothing of them is ever written.
//! Which provider proves the names, and with which settings, comes from the manifests of the
//! providers themselves (`method`). What shall happen is an [`Import`], which can be looked at
//! before it is done.

mod acme_sh;
mod apply;
mod certbot;
mod client;
mod conf;
mod credentials;
mod dehydrated;
mod found;
mod lego;
mod method;
mod note;
mod plan;
mod posh_acme;
mod source;

pub use client::Client;
pub use note::Note;
pub use plan::{AccountImport, Action, CertificateImport, Import, ImportWish};
