//! `wildcert.toml`: what is in it, what is wrong with it, and where it is.
//!
//! [`Config::read`] gives plain data: names of CAs and providers as they are written, files as
//! paths, secrets as [`SecretSource`]s that nobody has asked yet.

mod alert;
mod check;
mod command;
mod deploy;
pub mod eab_file;
mod fault;
mod reader;
mod schema;
mod secret;
mod settings;
mod table;
#[cfg(test)]
mod tests;
mod value;

pub use alert::{Alert, AlertEmail};
pub use command::CommandError;
pub use deploy::{Copies, DeployTarget};
pub use fault::{Error, Fault};
pub use reader::Entry;
pub use schema::schema;
pub use secret::{SecretError, SecretSource};
pub use settings::{
    AccountOptions, Ca, Certificate, CertificateOptions, Config, Language, PfxOptions, PfxSetting,
    Provider, Settings,
};
