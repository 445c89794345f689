//! Where modules come from.

use std::path::{Path, PathBuf};

use tempfile::TempDir;
use url::Url;

use super::{
    error::InstallError,
    fetch::{check, fetch, shown},
};
use crate::{
    artifact::{Artifact, Form, SIZE_LIMIT, content},
    build::{BuildOptions, build},
    digest::Sha256Digest,
    error::Error,
    services::Clients,
    shelf::modules,
    signature::{SIZE_LIMIT as SIGNATURE_LIMIT, SignatureError, read_beside},
};

/// Where modules come from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Source {
    /// A file, a folder of modules, or a provider's crate.
    Path {
        /// The file or folder.
        path: PathBuf,
        /// What the file must be.
        sha256: Option<Sha256Digest>,
    },
    /// A file on a web server.
    Url {
        /// Where it is: https, without a password.
        url: Url,
        /// What it must be.
        sha256: Sha256Digest,
    },
}

/// A module that was read, with the signature that came with it.
pub(super) struct Found {
    /// The path, or the URL for messages.
    pub(super) from: String,
    pub(super) artifact: Artifact,
    pub(super) signature: Option<String>,
}

impl Source {
    /// What `text` means: a URL when it looks like one, else a path.
    ///
    /// # Errors
    /// When the URL is not https, holds a password, or comes without a digest.
    pub fn new(text: &str, sha256: Option<Sha256Digest>) -> Result<Self, InstallError> {
        if !text.contains("://") {
            return Ok(Self::Path { path: text.into(), sha256 });
        }
        let url = Url::parse(text).map_err(|error| InstallError::Url {
            url: text.split(['?', '#']).next().unwrap_or_default().to_owned(),
            reason: error.to_string(),
        })?;
        let shown = shown(&url);
        check(&url).map_err(|reason| InstallError::Url {
            url: shown.clone(),
            reason: reason.to_owned(),
        })?;
        let sha256 = sha256.ok_or(InstallError::NoDigest { url: shown })?;
        Ok(Self::Url { url, sha256 })
    }

    /// Reads the modules; of a provider's crate they are built first. Nothing in them is run.
    pub(super) async fn read(&self, clients: &Clients, signed: bool) -> Result<Vec<Found>, Error> {
        match self {
            Self::Url { url, sha256 } => Ok(vec![remote(clients, url, *sha256, signed).await?]),
            Self::Path { path, sha256 } if path.is_dir() => {
                if sha256.is_some() {
                    return Err(InstallError::DigestOfFolder { path: path.clone() }.into());
                }
                if ["Cargo.toml", "provider.toml"].iter().any(|file| path.join(file).exists()) {
                    return built(path, signed);
                }
                folder(path)
            }
            Self::Path { path, sha256 } => Ok(vec![file(path, *sha256)?]),
        }
    }
}

async fn remote(
    clients: &Clients,
    url: &Url,
    sha256: Sha256Digest,
    signed: bool,
) -> Result<Found, Error> {
    let from = shown(url);
    let bytes = fetch(clients, url, SIZE_LIMIT).await?;
    compare(&from, &bytes, Some(sha256))?;
    let signature = match signed {
        false => None,
        true => {
            let mut beside = url.clone();
            beside.set_path(&format!("{}.minisig", url.path()));
            match fetch(clients, &beside, SIGNATURE_LIMIT).await {
                Ok(text) => Some(String::from_utf8_lossy(&text).into_owned()),
                Err(InstallError::Status { status: 404 | 410, .. }) => None,
                Err(error) => return Err(error.into()),
            }
        }
    };
    let artifact = Artifact::parse(PathBuf::from(&from), bytes)?;
    Ok(Found { from, artifact, signature })
}

fn file(path: &Path, sha256: Option<Sha256Digest>) -> Result<Found, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let real = path.canonicalize().map_err(failed)?;
    let bytes = content(&real)?;
    let from = path.display().to_string();
    compare(&from, &bytes, sha256)?;
    let artifact = Artifact::parse(real, bytes)?;
    let signature = read_beside(&artifact.path)?;
    Ok(Found { from, artifact, signature })
}

/// Every module of the folder; where one exists in both forms, WebAssembly, because it is confined.
fn folder(path: &Path) -> Result<Vec<Found>, Error> {
    let mut found: Vec<Found> = Vec::new();
    let mut faults = Vec::new();
    for (_, form, module) in modules(path)? {
        match file(&module, None) {
            Err(error) => faults.push(error.to_string()),
            Ok(module) => {
                let id = &module.artifact.manifest.id;
                let same = found.iter().find(|known| known.artifact.manifest.id == *id);
                match same.map(|same| (same.artifact.form, &same.artifact.path)) {
                    None => found.push(module),
                    Some((Form::Wasm, _)) if form == Form::Native => {}
                    Some((_, first)) => faults.push(
                        Error::SameId {
                            id: id.clone(),
                            first: first.clone(),
                            second: module.artifact.path,
                        }
                        .to_string(),
                    ),
                }
            }
        }
    }
    let path = path.to_owned();
    match (faults.is_empty(), found.is_empty()) {
        (false, _) => Err(InstallError::Unusable { path, faults }.into()),
        (true, true) => Err(InstallError::Empty { path }.into()),
        (true, false) => Ok(found),
    }
}

/// The module of a provider's crate: WebAssembly, unless it works natively only.
fn built(path: &Path, signed: bool) -> Result<Vec<Found>, Error> {
    if signed {
        return Err(SignatureError::BuiltHere { folder: path.to_owned() }.into());
    }
    let failed = |source| Error::Write { path: std::env::temp_dir(), source };
    let out = TempDir::with_prefix("wildcert-build-").map_err(failed)?;
    let mut options =
        BuildOptions { out: out.path().to_owned(), wasm: true, native: false, target_dir: None };
    let dirs = [path.to_owned()];
    let mut report = build(&dirs, &options)?;
    if report.built.is_empty() {
        (options.wasm, options.native) = (false, true);
        report = build(&dirs, &options)?;
    }
    let found = report.built.iter().map(|built| {
        let from = path.display().to_string();
        Ok(Found { from, ..file(&built.path, None)? })
    });
    found.collect()
}

/// Before anything looks into the file.
fn compare(from: &str, bytes: &[u8], wanted: Option<Sha256Digest>) -> Result<(), InstallError> {
    let is = Sha256Digest::of(bytes);
    match wanted {
        Some(wanted) if wanted != is => {
            Err(InstallError::Digest { from: from.to_owned(), wanted, is })
        }
        _ => Ok(()),
    }
}
