//! Whether a module may run.

use std::{
    env, fmt,
    path::{Path, PathBuf},
};

use wildcert_plugin_sdk::manifest::Reach;

use super::{
    exposure::{exposed, owner, privileged},
    record::{Record, guard, load, save},
};
use crate::{
    artifact::{Artifact, Form, Origin},
    digest::Sha256Digest,
    error::Error,
};

/// providers.lock: the modules that may run, each with its content and its reach.
#[derive(Clone, Debug)]
pub struct Lock {
    path: PathBuf,
    /// This program's file, whose owner vouches for the modules beside it.
    executable: Option<PathBuf>,
}

/// A module that was not known before and is now recorded.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct FirstUse {
    /// Its id, or its path when it was named by that.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// How it is loaded.
    pub form: Form,
    /// Its content.
    pub sha256: Sha256Digest,
    /// What it may talk to from now on.
    pub reach: Reach,
}

impl Lock {
    /// The file `providers.lock` in the state folder; it need not exist.
    pub fn new(state: &Path) -> Self {
        Self { path: state.join("providers.lock"), executable: env::current_exe().ok() }
    }

    /// Decides whether `artifact` may run, and records it when it is met for the first time.
    ///
    /// A module of the release's own folder runs unrecorded when it and its folder belong to the
    /// owner of this program and nobody else may write them: an upgrade exchanges it together with
    /// the program. Every other module is recorded on first use and must then stay as it was; one
    /// found by id is known by its id, one named by path by its path.
    ///
    /// # Errors
    /// [`Error::Exposed`] for a native module that others could write, [`Error::Changed`] for
    /// another content or a wider reach than the approved, and whatever reading and writing
    /// providers.lock meets.
    pub fn admit(&self, artifact: &Artifact) -> Result<Option<FirstUse>, Error> {
        if artifact.form == Form::Native {
            self.refuse_exposed(artifact)?;
        }
        if self.vouched_for(artifact)? {
            return Ok(None);
        }
        let wanted = Record::of(artifact);
        // The usual case takes no guard: the file is always whole.
        if load(&self.path)?.contains(&wanted) {
            return Ok(None);
        }
        let _guard = guard(&self.path)?;
        let mut records = load(&self.path)?;
        let known = records.iter().position(|record| record.name == wanted.name);
        // The approved content under another name, such as an installed file named by its path.
        let same = records.iter().any(|record| record.id == wanted.id && record.covers(&wanted));
        match known.and_then(|known| records.get_mut(known)) {
            Some(known) if known.covers(&wanted) => *known = wanted,
            Some(known) => {
                let changes = known.changes(&wanted);
                return Err(Error::Changed { name: wanted.name, changes });
            }
            None => records.push(wanted),
        }
        save(&self.path, records)?;
        Ok((known.is_none() && !same).then(|| FirstUse::of(artifact)))
    }

    /// Lets `artifact` run as it is now, whatever was approved before.
    ///
    /// # Errors
    /// When providers.lock cannot be read or written.
    pub fn approve(&self, artifact: &Artifact) -> Result<(), Error> {
        let wanted = Record::of(artifact);
        let _guard = guard(&self.path)?;
        let mut records = load(&self.path)?;
        records.retain(|record| record.name != wanted.name);
        records.push(wanted);
        save(&self.path, records)
    }

    fn refuse_exposed(&self, artifact: &Artifact) -> Result<(), Error> {
        let mut trusted = privileged();
        trusted.extend(self.executable.as_deref().and_then(owner));
        match exposed(&artifact.path, &trusted)? {
            None => Ok(()),
            Some((path, reason)) => {
                Err(Error::Exposed { module: artifact.path.clone(), path, reason })
            }
        }
    }

    fn vouched_for(&self, artifact: &Artifact) -> Result<bool, Error> {
        match self.executable.as_deref().and_then(owner) {
            Some(owner) if artifact.origin == Origin::Release => {
                Ok(exposed(&artifact.path, &[owner])?.is_none())
            }
            _ => Ok(false),
        }
    }
}

impl FirstUse {
    fn of(artifact: &Artifact) -> Self {
        Self {
            name: Record::of(artifact).name,
            path: artifact.path.clone(),
            form: artifact.form,
            sha256: artifact.sha256,
            reach: artifact.manifest.reach.clone(),
        }
    }
}

impl fmt::Display for FirstUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, sha256, reach, .. } = self;
        write!(f, "provider `{name}` is used for the first time (sha256 {sha256})")?;
        if self.form == Form::Native {
            return write!(f, "; it is native and not confined");
        }
        let reach: Vec<&str> = reach.http.iter().chain(&reach.dns).map(String::as_str).collect();
        match reach.as_slice() {
            [] => write!(f, "; it may reach nothing"),
            reach => write!(f, "; it may reach {}", reach.join(", ")),
        }
    }
}
