//! What was told, and to whom: `alerts.json`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use crate::{error::Error, files};

/// The keys of the incidents that last and were told, for each channel.
#[derive(Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub(super) struct Ledger(BTreeMap<String, BTreeSet<String>>);

impl Ledger {
    pub(super) fn read(state: &Path) -> Result<Self, Error> {
        let path = path(state);
        let Some(text) = files::read_if_there(&path)? else { return Ok(Self::default()) };
        serde_json::from_str(&text).map_err(|error| {
            let reason = format!("{error}; it may be deleted, then everything is told once more");
            Error::Damaged { path, reason }
        })
    }

    pub(super) fn write(&self, state: &Path) -> Result<(), Error> {
        files::replace_soon(&path(state), &serde_json::to_vec_pretty(self).unwrap_or_default())
    }

    /// What a channel was told.
    pub(super) fn of(&self, channel: &str) -> BTreeSet<String> {
        self.0.get(channel).cloned().unwrap_or_default()
    }

    pub(super) fn set(&mut self, channel: String, told: BTreeSet<String>) {
        self.0.entry(channel).or_default().extend(told);
    }
}

fn path(state: &Path) -> PathBuf {
    state.join("alerts.json")
}
