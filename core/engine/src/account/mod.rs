//! Accounts at CAs: found, registered, kept and given up.
//!
//! `accounts/<CA>/<contact>/` has `key.pem` and `account.json`; during a change of keys also
//! `next.pem`, and after it the key of before as `retired-<thumbprint>.pem`.

mod adopt;
mod choice;
mod folder;
mod info;
mod manage;
mod open;
mod recover;
mod rollover;
#[cfg(test)]
mod tests;

pub use choice::AccountChoice;
pub use info::{AccountInfo, AccountStatus};
pub use rollover::RolloverStep;

pub(crate) use adopt::Adoption;
pub(crate) use folder::folder;
pub(crate) use info::of_ca as info;
pub(crate) use open::{open, reopen};

/// The account's key.
const KEY: &str = "key.pem";
