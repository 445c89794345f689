//! providers.lock as a file: TOML that people can read.

use std::{fs, io, path::Path};

use serde::{Deserialize, Serialize};
use wildcert_plugin_sdk::manifest::Reach;

use crate::{
    artifact::{Artifact, Form, Origin},
    digest::Sha256Digest,
    error::Error,
    private,
};

/// The layout that this version reads and writes.
const LAYOUT: u32 = 1;

/// What stands above the records.
const HEADING: &str = "\
# The modules that may run as providers, as they were when they were first used or approved.
# wildcert stops when one of them changes; `wildcert providers approve NAME` accepts the change.

";

/// A module that may run.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub(super) struct Record {
    /// The provider's id when it was found by it, else the file's path.
    pub(super) name: String,
    pub(super) id: String,
    pub(super) file: String,
    pub(super) form: Form,
    pub(super) abi: String,
    pub(super) sha256: Sha256Digest,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) http: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) dns: Vec<String>,
}

/// The whole file.
#[derive(Deserialize, Serialize)]
struct Document {
    version: u32,
    #[serde(default)]
    module: Vec<Record>,
}

/// The part of the file that every layout has.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl Record {
    pub(super) fn of(artifact: &Artifact) -> Self {
        let Artifact { path, origin, form, sha256, manifest, .. } = artifact;
        let file = path.display().to_string();
        let name = match origin {
            Origin::Path => file.clone(),
            Origin::Folder | Origin::Release => manifest.id.clone(),
        };
        let Reach { http, dns } = manifest.reach.clone();
        let (id, abi) = (manifest.id.clone(), manifest.abi.clone());
        Self { name, id, file, form: *form, abi, sha256: *sha256, http, dns }
    }

    /// True when this record lets `other` run: the same content, and no reach beyond the approved.
    pub(super) fn covers(&self, other: &Self) -> bool {
        self.sha256 == other.sha256
            && other.http.iter().all(|host| self.http.contains(host))
            && other.dns.iter().all(|server| self.dns.contains(server))
    }

    /// What differs in `other`, one line each.
    pub(super) fn changes(&self, other: &Self) -> Vec<String> {
        let fields = [
            ("file", self.file.clone(), other.file.clone()),
            ("form", self.form.to_string(), other.form.to_string()),
            ("contract", self.abi.clone(), other.abi.clone()),
            ("sha256", self.sha256.to_string(), other.sha256.to_string()),
        ];
        let mut changes: Vec<String> = fields
            .into_iter()
            .filter(|(_, was, is)| was != is)
            .map(|(field, was, is)| format!("{field}: was {was}, is {is}"))
            .collect();
        let reaches = [("http", &self.http, &other.http), ("dns", &self.dns, &other.dns)];
        for (service, was, is) in reaches {
            let added = is.iter().filter(|reach| !was.contains(reach));
            changes.extend(added.map(|reach| format!("{service}: + {reach}")));
            let gone = was.iter().filter(|reach| !is.contains(reach));
            changes.extend(gone.map(|reach| format!("{service}: - {reach}")));
        }
        changes
    }
}

/// Reads the records; none where the file is absent.
pub(super) fn load(path: &Path) -> Result<Vec<Record>, Error> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(Error::Read { path: path.to_owned(), source }),
    };
    let syntax = |source| Error::LockSyntax { path: path.to_owned(), source: Box::new(source) };
    let Version { version } = toml::from_str(&text).map_err(syntax)?;
    if version != LAYOUT {
        return Err(Error::LockVersion { path: path.to_owned(), version });
    }
    let document: Document = toml::from_str(&text).map_err(syntax)?;
    Ok(document.module)
}

/// Replaces the file in one step.
pub(super) fn save(path: &Path, mut records: Vec<Record>) -> Result<(), Error> {
    records.sort_by(|a, b| a.name.cmp(&b.name));
    let document = Document { version: LAYOUT, module: records };
    let text = toml::to_string(&document)
        .map_err(|error| Error::Write { path: path.to_owned(), source: io::Error::other(error) })?;
    private::replace(path, format!("{HEADING}{text}").as_bytes())
}
