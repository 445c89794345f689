//! From a source to an installed module, and back.

use std::path::PathBuf;

use tempfile::NamedTempFile;
use wildcert_plugin_sdk::manifest::is_id;

use super::{
    error::InstallError,
    folder::{Removed, modules_of, place, stage, take_away},
    source::{Found, Source},
};
use crate::{
    artifact::{Artifact, Form, Origin},
    error::Error,
    host::PluginHost,
    lock::{Lock, Standing},
    shelf::{Shelf, file_name},
    signature::Judgement,
};

/// Installs modules into one folder.
#[derive(Debug)]
pub struct Installer<'a> {
    /// The folder of installed modules.
    pub folder: PathBuf,
    /// All folders of modules; `folder` is one of them.
    pub shelf: &'a Shelf,
    /// What may run.
    pub lock: &'a Lock,
    /// Where modules are compiled.
    pub host: &'a PluginHost,
}

/// A module that could be installed. Nothing of it has run, and nothing is written.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Candidate {
    /// Where it comes from: a path, or a URL without its query.
    pub from: String,
    /// What it is.
    pub artifact: Artifact,
    /// The file that it becomes.
    pub to: PathBuf,
    /// How it stands to what is installed and approved.
    pub standing: Standing,
    /// What its signature is worth.
    pub signature: Judgement,
    /// A module of the same id that is found today and will not be any more.
    pub hides: Option<PathBuf>,
    /// A module of the same id that is found before this one.
    pub hidden_by: Option<PathBuf>,
    signature_text: Option<String>,
}

/// A module that is compiled, keeps the contract and lies in the folder, under a name that nobody
/// looks for. When it is dropped, it is gone.
#[derive(Debug)]
pub struct Prepared {
    candidate: Candidate,
    module: NamedTempFile,
    signature: Option<NamedTempFile>,
}

impl Installer<'_> {
    /// Reads what would be installed.
    ///
    /// # Errors
    /// When the source cannot be read, is not what its digest says, is no module, or its signature
    /// does not count.
    pub async fn examine(&self, source: &Source) -> Result<Vec<Candidate>, Error> {
        let found = source.read(self.host.clients(), self.lock.requires_signatures()).await?;
        found.into_iter().map(|found| self.candidate(found)).collect()
    }

    /// Compiles a module and makes an instance of it, so that its first run finds it compiled.
    ///
    /// A native module runs code of its own here, with all rights of this process: only approved
    /// ones may come so far.
    ///
    /// # Errors
    /// When it cannot be compiled or does not keep the contract, or the folder cannot be written.
    pub async fn prepare(&self, candidate: &Candidate) -> Result<Prepared, Error> {
        let artifact = &candidate.artifact;
        if artifact.form == Form::Wasm {
            self.host.prepare(artifact).await?;
        }
        let module = stage(&self.folder, &artifact.bytes)?;
        if artifact.form == Form::Native {
            let staged = Artifact { path: module.path().to_owned(), ..artifact.clone() };
            self.lock.refuse_exposed(&staged)?;
            self.host.prepare(&staged).await.map_err(|error| renamed(error, &staged, artifact))?;
        }
        let signature = candidate.signature_text.as_deref();
        let signature = signature.map(|text| stage(&self.folder, text.as_bytes())).transpose()?;
        Ok(Prepared { candidate: candidate.clone(), module, signature })
    }

    /// Puts a module where it is found by its id, and approves it as it is.
    ///
    /// # Errors
    /// When the folder or providers.lock cannot be written.
    pub fn install(&self, prepared: Prepared) -> Result<(), Error> {
        let Prepared { candidate: Candidate { artifact, to, .. }, module, signature } = prepared;
        let id = artifact.manifest.id.clone();
        let placed = Artifact { path: to.clone(), origin: Origin::Folder, ..artifact };
        self.lock.approve_with(&placed, || place(&self.folder, &id, module, signature, &to))
    }

    /// Takes an installed module and its approval away.
    ///
    /// # Errors
    /// When no such module is installed, or it is in another folder.
    pub fn remove(&self, id: &str) -> Result<Removed, Error> {
        // What is no id could be the path of anything.
        if !is_id(id) {
            return Err(self.shelf.unknown(id));
        }
        let modules = modules_of(&self.folder, id);
        let mut files = Vec::new();
        let approvals = self.lock.forget(id, &modules, || {
            for module in &modules {
                files.extend(take_away(module)?);
            }
            // The approval of a module in another folder is no business of ours.
            if files.is_empty() { self.elsewhere(id) } else { Ok(()) }
        })?;
        if files.is_empty() && approvals.is_empty() {
            return Err(self.shelf.unknown(id));
        }
        Ok(Removed { files, approvals })
    }

    fn candidate(&self, found: Found) -> Result<Candidate, Error> {
        let Found { from, artifact, signature: text } = found;
        let signature = self.lock.judge(&artifact, text.as_deref())?;
        let id = &artifact.manifest.id;
        let to = self.folder.join(file_name(id, artifact.form));
        let placed = Artifact { path: to.clone(), origin: Origin::Folder, ..artifact.clone() };
        let standing = self.lock.standing(&placed)?;
        let (before, after) = self.shelf.around(&self.folder, id);
        let hides = after.filter(|_| before.is_none());
        let (hidden_by, signature_text) = (before, text);
        Ok(Candidate { from, artifact, to, standing, signature, hides, hidden_by, signature_text })
    }

    /// Tells when `id` is found in a folder that is not ours.
    fn elsewhere(&self, id: &str) -> Result<(), Error> {
        let id = id.to_owned();
        match self.shelf.place(&id) {
            Some((path, true)) => Err(InstallError::OfRelease { id, path }.into()),
            Some((path, false)) => Err(InstallError::NotInstalled { id, path }.into()),
            None => Ok(()),
        }
    }
}

/// The error under the name that the user knows.
fn renamed(error: Error, staged: &Artifact, known: &Artifact) -> Error {
    match error {
        Error::Library { reason, .. } => {
            let (staged, path) = (staged.path.display().to_string(), known.path.clone());
            let reason = reason.replace(&staged, &path.display().to_string());
            Error::Library { path, reason }
        }
        error => error,
    }
}
