//! The crates in the given folders, by workspace.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use serde::Deserialize;
use wildcert_plugin_sdk::manifest::Manifest;

use super::{cargo, folders::Folder};
use crate::error::Error;

/// The crate of a provider.
#[derive(Debug)]
pub(super) struct ProviderCrate {
    pub(super) dir: PathBuf,
    /// Cargo's name for exactly this package.
    pub(super) package: String,
    pub(super) manifest: Manifest,
}

/// Crates that are compiled together.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) root: PathBuf,
    pub(super) target: PathBuf,
    pub(super) crates: Vec<ProviderCrate>,
}

/// Sorts the crates in `folders` by workspace.
pub(super) fn workspaces(folders: Vec<Folder>) -> Result<Vec<Workspace>, Error> {
    let mut known: Vec<(Metadata, Workspace)> = Vec::new();
    for Folder { dir, manifest, .. } in folders {
        let here = known.iter().position(|(metadata, _)| metadata.package_in(&dir).is_some());
        let here = match here {
            Some(here) => here,
            None => {
                let metadata = Metadata::of(&dir)?;
                let workspace = Workspace {
                    root: metadata.workspace_root.clone(),
                    target: metadata.target_directory.clone(),
                    crates: Vec::new(),
                };
                known.push((metadata, workspace));
                known.len() - 1
            }
        };
        let Some((metadata, workspace)) = known.get_mut(here) else { continue };
        let package = metadata.package_in(&dir);
        let package = package
            .ok_or_else(|| Error::NotAProvider { path: dir.clone(), lacking: "Cargo.toml" })?;
        if !package.targets.iter().any(|target| target.kind.iter().any(|kind| kind == "cdylib")) {
            return Err(Error::NotAProvider { path: dir, lacking: "cdylib target" });
        }
        let package = package.id.clone();
        workspace.crates.push(ProviderCrate { dir, package, manifest });
    }
    Ok(known.into_iter().map(|(_, workspace)| workspace).collect())
}

/// What `cargo metadata` says.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Package {
    id: String,
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Debug, Deserialize)]
struct Target {
    kind: Vec<String>,
}

impl Metadata {
    fn of(dir: &Path) -> Result<Self, Error> {
        let mut command = Command::new(cargo::program());
        command.args(["metadata", "--no-deps", "--format-version=1"]).current_dir(dir);
        let output = cargo::output(&mut command)?;
        serde_json::from_slice(&output).map_err(|error| Error::Tool {
            command: cargo::line(&command),
            reason: format!("unreadable answer: {error}"),
        })
    }

    fn package_in(&self, dir: &Path) -> Option<&Package> {
        self.packages.iter().find(|package| package.manifest_path.parent() == Some(dir))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::{TempDir, tempdir};

    use super::{super::folders::folders, *};
    use crate::samples;

    /// A workspace of crates, each with its provider.toml and kind of library.
    fn folder(crates: &[(&str, &str, &str)]) -> TempDir {
        let root = tempdir().unwrap();
        let members: Vec<&str> = crates.iter().map(|(name, ..)| *name).collect();
        let workspace = format!("[workspace]\nresolver = \"3\"\nmembers = {members:?}\n");
        fs::write(root.path().join("Cargo.toml"), workspace).unwrap();
        for (name, manifest, kind) in crates {
            let dir = root.path().join(name);
            fs::create_dir_all(dir.join("src")).unwrap();
            let package = format!(
                "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
                 [lib]\ncrate-type = [\"{kind}\"]\n"
            );
            fs::write(dir.join("Cargo.toml"), package).unwrap();
            fs::write(dir.join("src/lib.rs"), "").unwrap();
            fs::write(dir.join("provider.toml"), manifest).unwrap();
        }
        root
    }

    fn refusal(root: &TempDir, names: &[&str]) -> Error {
        let dirs: Vec<PathBuf> = names.iter().map(|name| root.path().join(name)).collect();
        folders(&dirs).and_then(workspaces).unwrap_err()
    }

    #[test]
    fn crates_of_one_workspace_are_built_together() {
        let (one, two) = (samples::manifest("one", "0.1"), samples::manifest("two", "0.1"));
        let root = folder(&[("a", &one, "cdylib"), ("b", &two, "cdylib")]);
        let other = folder(&[("c", &samples::manifest("three", "0.1"), "cdylib")]);
        let [a, b] = ["a", "b"].map(|name| root.path().join(name));
        let found = folders(&[a.clone(), other.path().join("c"), b, a]).unwrap();
        let found = workspaces(found).unwrap();
        let ids: Vec<Vec<&str>> = found
            .iter()
            .map(|workspace| workspace.crates.iter().map(|krate| krate.manifest.id.as_str()))
            .map(Iterator::collect)
            .collect();
        assert_eq!(ids, [vec!["one", "two"], vec!["three"]]);
        assert_eq!(found[0].root, root.path().canonicalize().unwrap());
        let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        assert_eq!(found[0].target, target.unwrap_or_else(|| found[0].root.join("target")));
    }

    #[test]
    fn what_is_no_provider_is_named_before_anything_is_compiled() {
        let good = samples::manifest("good", "0.1");
        let typo = good.clone() + "[limits]\nconcurency = 2\n";
        let newer = samples::manifest("newer", "0.2");
        let root = folder(&[
            ("good", &good, "cdylib"),
            ("twin", &good, "cdylib"),
            ("typo", &typo, "cdylib"),
            ("newer", &newer, "cdylib"),
            ("plain", &samples::manifest("plain", "0.1"), "rlib"),
        ]);
        let error = refusal(&root, &["good", "twin"]).to_string();
        assert!(error.ends_with("both make the provider `good`"), "{error}");
        let error = refusal(&root, &["typo"]).to_string();
        assert!(error.ends_with("has unknown keys: `limits.concurency`"), "{error}");
        assert!(matches!(refusal(&root, &["newer"]), Error::Abi { .. }));
        let error = refusal(&root, &["plain"]);
        assert!(error.to_string().ends_with("it has no cdylib target"), "{error}");
        assert!(error.hint().unwrap().contains("crate-type"));
        let error = refusal(&root, &["."]).to_string();
        assert!(error.ends_with("it has no provider.toml"), "{error}");
        fs::remove_file(root.path().join("good/Cargo.toml")).unwrap();
        let error = refusal(&root, &["good"]).to_string();
        assert!(error.ends_with("it has no Cargo.toml and no provider.wasm"), "{error}");
        assert!(matches!(refusal(&root, &["absent"]), Error::Read { .. }));
    }
}
