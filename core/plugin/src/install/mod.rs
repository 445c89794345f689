//! Installing modules: from a file, a folder, a provider's crate or a URL into the user's folder of
//! providers, and removing them from there.

mod error;
mod fetch;
mod folder;
mod installer;
mod source;
#[cfg(test)]
mod tests;

pub use self::{
    error::InstallError,
    folder::Removed,
    installer::{Candidate, Installer, Prepared},
    source::Source,
};
