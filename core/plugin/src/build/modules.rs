//! From a provider's folder to its modules.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use tempfile::NamedTempFile;

use super::{
    cargo::{Cargo, Profile},
    component,
    crates::{ProviderCrate, Workspace, workspaces},
    folders::{Folder, folders},
    ready,
    toolchain::Toolchain,
};
use crate::{
    artifact::{Artifact, Form},
    error::Error,
    shelf::file_name,
};

/// What to build, and where to put it.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// The folder that gets the modules; made when it is absent.
    pub out: PathBuf,
    /// Build WebAssembly components.
    pub wasm: bool,
    /// Build native libraries.
    pub native: bool,
    /// Cargo's folder for what it compiles, in place of the workspace's own.
    pub target_dir: Option<PathBuf>,
}

/// A module that was built.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Built {
    /// The provider's id.
    pub id: String,
    /// How it is loaded.
    pub form: Form,
    /// Its file.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
}

/// What a build made.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Report {
    /// The modules, WebAssembly first.
    pub built: Vec<Built>,
    /// The ids of providers that WebAssembly was wanted of, but that work only natively.
    pub native_only: Vec<String>,
}

/// Builds the providers in `dirs`: crates, or a `provider.wasm` that another language's toolchain
/// has made, each with its provider.toml. Cargo's messages go to stderr.
///
/// Crates of one workspace are compiled together. A module replaces an older one in one step, and
/// only after it was read back as [`Artifact::read`] reads it.
///
/// # Errors
/// When a folder is no provider's, no compiler for WebAssembly is there, the compilation fails, the
/// result is no module that this wildcert would run, or only a native module is wanted of a
/// `provider.wasm`.
pub fn build(dirs: &[PathBuf], options: &BuildOptions) -> Result<Report, Error> {
    let (crates, ready): (Vec<Folder>, Vec<Folder>) =
        folders(dirs)?.into_iter().partition(Folder::is_crate);
    if let Some(folder) = ready.first().filter(|_| !options.wasm) {
        return Err(Error::NotAProvider { path: folder.dir.clone(), lacking: "Cargo.toml" });
    }
    let workspaces = workspaces(crates)?;
    let mut report = Report::default();
    for folder in &ready {
        let component = ready::component(folder)?;
        report.built.push(place(&folder.manifest.id, Form::Wasm, &component, &options.out)?);
    }
    if options.wasm {
        for workspace in &workspaces {
            let (native_only, crates): (Vec<_>, Vec<_>) =
                workspace.crates.iter().partition(|provider| provider.manifest.native_only);
            report.native_only.extend(native_only.iter().map(|krate| krate.manifest.id.clone()));
            build_wasm(workspace, &crates, options, &mut report.built)?;
        }
    }
    if options.native {
        for workspace in &workspaces {
            build_native(workspace, options, &mut report.built)?;
        }
    }
    Ok(report)
}

fn build_wasm(
    workspace: &Workspace,
    crates: &[&ProviderCrate],
    options: &BuildOptions,
    built: &mut Vec<Built>,
) -> Result<(), Error> {
    if crates.is_empty() {
        return Ok(());
    }
    let toolchain = Toolchain::find(&workspace.root)?;
    // Beside the native build, so that neither throws away what the other compiled.
    let target = options.target_dir.as_deref().unwrap_or(&workspace.target).join("guest");
    let cargo = Cargo { root: &workspace.root, target: &target };
    let libraries = cargo.libraries(Profile::Guest(&toolchain), crates)?;
    for (provider, library) in crates.iter().zip(libraries) {
        let id = &provider.manifest.id;
        let module = fs::read(&library).map_err(|source| Error::Read { path: library, source })?;
        let component = component::encode(id, &module)?;
        built.push(place(id, Form::Wasm, &component, &options.out)?);
    }
    Ok(())
}

fn build_native(
    workspace: &Workspace,
    options: &BuildOptions,
    built: &mut Vec<Built>,
) -> Result<(), Error> {
    let target = options.target_dir.as_deref().unwrap_or(&workspace.target);
    let cargo = Cargo { root: &workspace.root, target };
    let crates: Vec<&ProviderCrate> = workspace.crates.iter().collect();
    let libraries = cargo.libraries(Profile::Native, &crates)?;
    for (provider, library) in crates.iter().zip(libraries) {
        let bytes = fs::read(&library).map_err(|source| Error::Read { path: library, source })?;
        built.push(place(&provider.manifest.id, Form::Native, &bytes, &options.out)?);
    }
    Ok(())
}

/// Writes a module into the folder, once it has proved to be one.
fn place(id: &str, form: Form, bytes: &[u8], out: &Path) -> Result<Built, Error> {
    let path = out.join(file_name(id, form));
    let failed = |source| Error::Write { path: path.clone(), source };
    let write = || {
        fs::create_dir_all(out)?;
        let mut file = NamedTempFile::new_in(out)?;
        file.write_all(bytes)?;
        readable_by_all(file.as_file())?;
        io::Result::Ok(file)
    };
    let file = write().map_err(failed)?;
    Artifact::read(file.path())?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(Built { id: id.to_owned(), form, path, size: bytes.len() as u64 })
}

/// Temporary files are for their owner alone; modules are for whoever runs wildcert, and nobody
/// but the owner writes them, whatever the umask.
#[cfg(unix)]
fn readable_by_all(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable_by_all(_: &fs::File) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use super::*;
    use crate::samples;

    #[test]
    fn only_what_can_be_read_back_replaces_a_module() {
        let out = tempdir().unwrap();
        let out = out.path().join("new");
        let good = samples::component(&samples::manifest("acme", "0.1"));
        let built = place("acme", Form::Wasm, &good, &out).unwrap();
        assert_eq!((built.path, built.size), (out.join("acme.wasm"), good.len() as u64));
        let error = place("acme", Form::Wasm, b"\0asm\x01\0\0\0", &out).unwrap_err();
        assert!(matches!(error, Error::CoreModule { .. }), "{error}");
        assert_eq!(fs::read(out.join("acme.wasm")).unwrap(), good);
        assert_eq!(out.read_dir().unwrap().count(), 1, "nothing half made is left");
    }

    #[cfg(unix)]
    #[test]
    fn modules_are_for_everybody_to_read_and_for_nobody_else_to_write() {
        use std::os::unix::fs::PermissionsExt;

        let out = tempdir().unwrap();
        let good = samples::component(&samples::manifest("acme", "0.1"));
        let built = place("acme", Form::Wasm, &good, out.path()).unwrap();
        let mode = built.path.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o644);
    }
}
