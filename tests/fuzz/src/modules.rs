//! What is read before anything runs.

use std::path::Path;

use wildcert_plugin_sdk::manifest::Manifest;

use crate::{error::Error, inspect};

pub(crate) fn manifest(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    match Manifest::parse(text) {
        Ok((manifest, _)) => {
            for setting in &manifest.config {
                assert!(manifest.setting(&setting.name).is_some());
            }
        }
        Err(error) => drop(error.to_string()),
    }
}

/// Whatever the first octets say: the readers must bear what is not theirs.
pub(crate) fn module(bytes: &[u8]) {
    let path = Path::new("fuzz");
    told(inspect::component(path, bytes));
    told(inspect::library(path, bytes));
}

fn told(outcome: Result<Manifest, Error>) {
    if let Err(error) = outcome {
        let _ = (error.to_string(), error.hint());
    }
}
