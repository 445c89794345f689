//! What every target last got: `deployments/<certificate>.json`.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use time::{OffsetDateTime, serde::rfc3339};

use crate::{error::Error, files, store::CertificateInfo};

/// How a target stands.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct TargetState {
    /// The target's name, with `@host` for each of its hosts.
    pub target: String,
    /// The serial number of the certificate that it has, in lower-case hexadecimal; none when it has
    /// none yet.
    pub serial: Option<String>,
    /// SHA-256 over the certificate that it has, in lower-case hexadecimal.
    pub fingerprint_sha256: Option<String>,
    /// When it was last tried.
    #[serde(with = "rfc3339")]
    pub time: OffsetDateTime,
    /// Why that failed; none when it did not.
    pub error: Option<String>,
}

impl TargetState {
    /// Whether it has this certificate.
    pub fn has(&self, info: &CertificateInfo) -> bool {
        self.fingerprint_sha256.as_ref() == Some(&info.fingerprint_sha256)
    }
}

/// The states of a certificate's targets.
#[derive(Debug, Default, Deserialize, Serialize)]
pub(super) struct Record {
    #[serde(default)]
    targets: Vec<TargetState>,
}

impl Record {
    /// What is written down in the state folder.
    pub(super) fn read(state: &Path, name: &str) -> Result<Self, Error> {
        let path = path(state, name);
        let Some(text) = files::read_if_there(&path)? else { return Ok(Self::default()) };
        serde_json::from_str(&text)
            .map_err(|error| Error::Damaged { path, reason: error.to_string() })
    }

    pub(super) fn into_states(self) -> Vec<TargetState> {
        self.targets
    }

    /// Whether a target has the certificate.
    pub(super) fn has(&self, target: &str, info: &CertificateInfo) -> bool {
        self.targets.iter().any(|state| state.target == target && state.has(info))
    }

    /// Writes down what came of a target; `error` tells why it failed.
    pub(super) fn note(&mut self, target: &str, info: &CertificateInfo, error: Option<String>) {
        let before = self.targets.iter().position(|state| state.target == target);
        let before = before.map(|at| self.targets.remove(at));
        let (serial, fingerprint_sha256) = match (&error, before) {
            (None, _) => (Some(info.serial.clone()), Some(info.fingerprint_sha256.clone())),
            // Its command may have failed with the very certificate that it had.
            (Some(_), Some(before)) if !before.has(info) => {
                (before.serial, before.fingerprint_sha256)
            }
            (Some(_), _) => (None, None),
        };
        let time = OffsetDateTime::now_utc();
        let target = target.to_owned();
        self.targets.push(TargetState { target, serial, fingerprint_sha256, time, error });
    }

    /// Forgets targets that there are no more; tells whether there were some.
    pub(super) fn retain(&mut self, known: &[String]) -> bool {
        let before = self.targets.len();
        self.targets.retain(|state| known.contains(&state.target));
        self.targets.len() < before
    }

    pub(super) fn write(&self, state: &Path, name: &str) -> Result<(), Error> {
        if self.targets.is_empty() {
            return forget(state, name);
        }
        files::private_folder(&state.join(FOLDER))?;
        let json = serde_json::to_vec_pretty(self).unwrap_or_default();
        files::replace(&path(state, name), &json)
    }
}

/// Writes down that a target has a certificate, which somebody else brought there.
pub(crate) fn settled(state: &Path, target: &str, info: &CertificateInfo) -> Result<(), Error> {
    let mut record = Record::read(state, &info.name)?;
    record.note(target, info, None);
    record.write(state, &info.name)
}

/// The names of the certificates of whose targets something is written down, sorted.
pub(crate) fn names(state: &Path) -> Result<Vec<String>, Error> {
    let names = files::names(&state.join(FOLDER))?;
    let names = names.iter().filter_map(|name| name.strip_suffix(".json"));
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    // Their endings had put them in another order.
    names.sort_unstable();
    Ok(names)
}

/// Forgets what is written down of a certificate's targets.
pub(crate) fn forget(state: &Path, name: &str) -> Result<(), Error> {
    let path = path(state, name);
    match fs::remove_file(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.map_err(|source| files::file_error("remove", &path, source)),
    }
}

fn path(state: &Path, name: &str) -> PathBuf {
    state.join(FOLDER).join(format!("{name}.json"))
}

const FOLDER: &str = "deployments";
