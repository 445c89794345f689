//! acme.sh's `dns_*.sh` scripts, between functions of our own that do what acme.sh promises them.
//!
//! Native only: a WebAssembly module cannot start programs.
#![cfg(not(target_arch = "wasm32"))]

use std::{
    fs::{self, DirBuilder},
    io,
    path::{self, Path, PathBuf},
};

use tempfile::TempDir;
use wildcert_plugin_sdk::{
    Context, Error, Provider, Removal, Result, TxtRecord, export_provider,
    program::{Program, Variables},
};

const SCRIPT: &str = "EXEC_ACMESH_SCRIPT";
const SAVED: &str = "EXEC_ACMESH_SAVED";

/// Finds a script's function and calls it.
const DRIVER: &str = include_str!("driver.sh");

struct AcmeSh {
    /// Absolute.
    script: PathBuf,
    /// `dns_NAME`, with which the names of its functions begin.
    name: String,
    variables: Variables,
    /// Where the user keeps what scripts save.
    saved: Option<PathBuf>,
}

/// A private folder with the driver, for one call.
struct Stage<'a> {
    provider: &'a AcmeSh,
    folder: TempDir,
    saved: PathBuf,
}

export_provider!(AcmeSh);

impl Provider for AcmeSh {
    fn new(cx: &Context<'_>) -> Result<Self> {
        let given = cx.config.require(SCRIPT)?;
        let name = Path::new(given).file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = name.strip_suffix(".sh").filter(|name| is_name(name)).ok_or_else(|| {
            Error::config(format!(
                "`{SCRIPT}`: the name of `{given}` is not of the form dns_NAME.sh"
            ))
        })?;
        let script = path::absolute(given)
            .map_err(|error| Error::config(format!("`{SCRIPT}`: `{given}`: {error}")))?;
        let variables = Variables::of(cx.config, "EXEC_ACMESH_ENV")?;
        let saved = cx.config.get(SAVED).map(PathBuf::from);
        Ok(Self { script, name: name.to_owned(), variables, saved })
    }

    /// No script has a call that changes nothing: it is loaded and must have both functions.
    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        let stage = Stage::new(self)?;
        stage.run(cx, &["check"], &format!("`{}`", self.script.display()))?;
        Ok(Vec::new())
    }

    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        match Stage::new(self) {
            Ok(stage) => records.iter().map(|r| stage.call(cx, "add", r).map(|()| None)).collect(),
            Err(error) => vec![Err(error); records.len()],
        }
    }

    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>> {
        match Stage::new(self) {
            Ok(stage) => removals.iter().map(|r| stage.call(cx, "rm", &r.record)).collect(),
            Err(error) => vec![Err(error); removals.len()],
        }
    }
}

impl<'a> Stage<'a> {
    fn new(provider: &'a AcmeSh) -> Result<Self> {
        let script = provider.script.display();
        if !provider.script.is_file() {
            return Err(Error::config(format!("`{SCRIPT}`: there is no file `{script}`")));
        }
        let folder = prepare().map_err(|error| {
            Error::transient(format!("failed to make a private folder for `{script}`: {error}"))
        })?;
        let saved = match &provider.saved {
            Some(saved) => private(saved)?,
            None => folder.path().join("saved"),
        };
        Ok(Self { provider, folder, saved })
    }

    fn call(&self, cx: &Context<'_>, action: &str, record: &TxtRecord) -> Result<()> {
        let owner = record.owner.trim_end_matches('.');
        let doing = format!("`{}_{action}` for `{}`", self.provider.name, record.owner);
        self.run(cx, &[action, owner, &record.value], &doing)
    }

    fn run(&self, cx: &Context<'_>, words: &[&str], doing: &str) -> Result<()> {
        Program::new(SCRIPT, "/bin/sh", Some(&self.provider.variables))
            .args([self.folder.path().join("driver.sh"), self.provider.script.clone()])
            .args(words)
            .env("WILDCERT_FOLDER", self.folder.path())
            .env("WILDCERT_SAVED", &self.saved)
            .run(cx, doing)
            .map(drop)
    }
}

/// A folder that only this user may enter, with the driver in it.
#[expect(clippy::disallowed_methods, reason = "native only, and a shell reads files")]
fn prepare() -> io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("wildcert-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let folder = builder.tempdir()?;
    fs::write(folder.path().join("driver.sh"), DRIVER)?;
    Ok(folder)
}

/// The user's folder, made where it is absent, which nobody else may read.
fn private(folder: &Path) -> Result<PathBuf> {
    let fault = |what: String| Error::config(format!("`{SAVED}`: `{}`: {what}", folder.display()));
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| fault(error.to_string()))?;
    #[cfg(unix)]
    {
        let mode = fs::metadata(folder).map_err(|error| fault(error.to_string()))?.permissions();
        let mode = std::os::unix::fs::PermissionsExt::mode(&mode) & 0o777;
        if mode & 0o077 != 0 {
            return Err(fault(format!("others may enter it (mode {mode:03o}, not 700)")));
        }
    }
    path::absolute(folder).map_err(|error| fault(error.to_string()))
}

/// Whether functions may begin with `name`.
fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.strip_prefix("dns_").is_some_and(|rest| !rest.is_empty() && rest.chars().all(allowed))
}

#[cfg(test)]
mod tests;
