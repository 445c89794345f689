//! Whether a module may run.

use std::{
    env, fmt,
    path::{Path, PathBuf},
};

use wildcert_plugin_sdk::manifest::Reach;

use super::{
    exposure::{exposed, owner, privileged},
    record::{Record, load, save},
};
use crate::{
    artifact::{Artifact, Form, Origin},
    digest::Sha256Digest,
    error::Error,
    private::guard,
    signature::{Judgement, Signers, read_beside},
};

/// providers.lock: the modules that may run, each with its content and its reach.
#[derive(Clone, Debug)]
pub struct Lock {
    path: PathBuf,
    /// This program's file, whose owner vouches for the modules beside it.
    executable: Option<PathBuf>,
    signers: Signers,
    signatures_required: bool,
}

/// How a module stands to what was approved under its name.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// No module of this name was approved.
    New,
    /// It is the approved one.
    Approved,
    /// It differs, in these points.
    Changed(Vec<String>),
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
        Self {
            path: state.join("providers.lock"),
            executable: env::current_exe().ok(),
            signers: Signers::new(state),
            signatures_required: false,
        }
    }

    /// Lets only modules run that a trusted key signed, besides those that the release vouches for.
    #[must_use]
    pub fn requiring_signatures(self, required: bool) -> Self {
        Self { signatures_required: required, ..self }
    }

    /// True when only signed modules may run.
    pub(crate) fn requires_signatures(&self) -> bool {
        self.signatures_required
    }

    /// Decides whether `artifact` may run, and records it when it is met for the first time.
    ///
    /// A module of the release's own folder runs unrecorded when it and its folder belong to the
    /// owner of this program and nobody else may write them: an upgrade exchanges it together with
    /// the program. Every other module is recorded on first use and must then stay as it was; one
    /// found by id is known by its id, one named by path by its path.
    ///
    /// # Errors
    /// [`Error::Exposed`] for a native module that others could write, [`Error::Signature`] where
    /// a signature is required and does not count, [`Error::Changed`] for another content or a
    /// wider reach than the approved, and whatever reading and writing providers.lock meets.
    pub fn admit(&self, artifact: &Artifact) -> Result<Option<FirstUse>, Error> {
        if artifact.form == Form::Native {
            self.refuse_exposed(artifact)?;
        }
        if self.vouched_for(artifact)? {
            return Ok(None);
        }
        self.demand_signature(artifact)?;
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
    /// [`Error::Signature`] where a signature is required and does not count, or when
    /// providers.lock cannot be read or written.
    pub fn approve(&self, artifact: &Artifact) -> Result<(), Error> {
        self.demand_signature(artifact)?;
        self.approve_with(artifact, || Ok(()))
    }

    /// Approves `artifact` together with `place`, which puts it where it will be found: runs that
    /// meet the new file wait until it is approved.
    pub(crate) fn approve_with(
        &self,
        artifact: &Artifact,
        place: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let wanted = Record::of(artifact);
        let _guard = guard(&self.path)?;
        let mut records = load(&self.path)?;
        place()?;
        records.retain(|record| record.name != wanted.name);
        records.push(wanted);
        save(&self.path, records)
    }

    /// How `artifact` stands to what was approved; changes nothing.
    ///
    /// # Errors
    /// When providers.lock cannot be read.
    pub fn standing(&self, artifact: &Artifact) -> Result<Standing, Error> {
        let wanted = Record::of(artifact);
        let records = load(&self.path)?;
        Ok(match records.iter().find(|record| record.name == wanted.name) {
            None => Standing::New,
            Some(known) if known.covers(&wanted) => Standing::Approved,
            Some(known) => Standing::Changed(known.changes(&wanted)),
        })
    }

    /// Takes approvals back, together with `remove`, which takes the files away: that of `id`, and
    /// those of `files` under their paths. Gives the names that are gone.
    pub(crate) fn forget(
        &self,
        id: &str,
        files: &[PathBuf],
        remove: impl FnOnce() -> Result<(), Error>,
    ) -> Result<Vec<String>, Error> {
        let _guard = guard(&self.path)?;
        let records = load(&self.path)?;
        remove()?;
        let of_files = |name: &str| files.iter().any(|file| file.display().to_string() == name);
        let (gone, kept): (Vec<_>, Vec<_>) =
            records.into_iter().partition(|record| record.name == id || of_files(&record.name));
        if !gone.is_empty() {
            save(&self.path, kept)?;
        }
        Ok(gone.into_iter().map(|record| record.name).collect())
    }

    /// What the signature `text` of `artifact` is worth.
    ///
    /// # Errors
    /// When the signature is none, or is by a trusted key but for something else; where signatures
    /// are required, also when there is none by a trusted key.
    pub(crate) fn judge(
        &self,
        artifact: &Artifact,
        text: Option<&str>,
    ) -> Result<Judgement, Error> {
        let judgement = self.signers.judge(&artifact.path, &artifact.bytes, text)?;
        if self.signatures_required {
            Signers::demand(&artifact.path, &judgement)?;
        }
        Ok(judgement)
    }

    /// Refuses a native module that others could exchange.
    pub(crate) fn refuse_exposed(&self, artifact: &Artifact) -> Result<(), Error> {
        let mut trusted = privileged();
        trusted.extend(self.executable.as_deref().and_then(owner));
        match exposed(&artifact.path, &trusted)? {
            None => Ok(()),
            Some((path, reason)) => {
                Err(Error::Exposed { module: artifact.path.clone(), path, reason })
            }
        }
    }

    fn demand_signature(&self, artifact: &Artifact) -> Result<(), Error> {
        if self.signatures_required && !self.vouched_for(artifact)? {
            self.judge(artifact, read_beside(&artifact.path)?.as_deref())?;
        }
        Ok(())
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
