//! End to end, faults, speed: helpers that own every server they start.
//!
//! A [`Rig`] is what most tests need: Pebble as the CA, BIND as the DNS and a folder for wildcert's
//! state. Each server is a process of its own on ports that the system chose, keeps its files in a
//! temporary folder, and ends with the value that stands for it. When a test fails, the last lines
//! of each server's log are printed.
#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test's helper fails by panicking, and shows the servers' logs"
)]

mod acme2certifier;
mod bind;
mod certificate;
mod clients;
mod dig;
mod exampledns;
mod guide;
mod https;
mod journal;
mod many;
mod minisign;
mod modules;
mod moto;
mod outcome;
mod pebble;
mod pki;
mod ports;
mod powerdns;
mod process;
mod program;
pub mod reference;
mod relay;
mod rig;
mod sandbox;
mod smtp;
mod sshd;
mod tls_server;
mod tls_servers;
mod vendor;
mod venv;
mod webhook;
mod wildcert;

pub use acme2certifier::Acme2certifier;
pub use bind::{Algorithm, Bind, Zone};
pub use certificate::{Stored, mode};
pub use clients::Clients;
pub use dig::Server;
pub use exampledns::{ExampleDns, TOKEN};
pub use guide::{Block, blocks, commands, shell, shim, succeed};
pub use journal::Update;
pub use many::multiply;
pub use minisign::Minisign;
pub use modules::{
    Form, built, code_lines, manifest, own_lines, provider, provider_ids, providers, repository,
    target, with_manifest,
};
pub use moto::Moto;
pub use outcome::Outcome;
pub use pebble::{Binding, Options as PebbleOptions, Pebble};
pub use powerdns::PowerDns;
pub use program::{command, is_there};
pub use relay::Relay;
pub use rig::{EXAMPLE, FOREIGN, Rig};
pub use sandbox::{SandboxCa, SandboxRig};
pub use smtp::{Mail, Smtp};
pub use sshd::Machines;
pub use tls_server::TlsServer;
pub use tls_servers::{Nginx, OpensslServer, script};
pub use vendor::{Vendor, reply};
pub use webhook::{Answer, Webhook};
pub use wildcert::{Running, Wildcert};
