//! A provider's settings: from the command line, the environment, files and the manifest.

mod fault;
mod layers;
mod resolve;
#[cfg(test)]
mod tests;

pub use self::{
    fault::Fault,
    resolve::{Settings, setting_named},
};
