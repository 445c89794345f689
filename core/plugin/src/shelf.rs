//! The folders in which providers are found by id.

use std::{
    cmp::Ordering,
    collections::BTreeMap,
    env::{self, consts},
    ffi::OsStr,
    io,
    path::{MAIN_SEPARATOR, Path, PathBuf},
};

use crate::{
    artifact::{Artifact, Form, Origin},
    error::Error,
    near::near,
};

/// The environment variable that names folders of providers, as `PATH` names folders of programs.
const PATH_VARIABLE: &str = "WILDCERT_PROVIDER_PATH";

/// The name of a folder of providers.
const FOLDER: &str = "providers";

/// A folder of providers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Folder {
    /// Where it is; it need not exist.
    pub path: PathBuf,
    /// Why it is searched, for people: the option, the variable, `beside wildcert`.
    pub reason: &'static str,
    /// True when it came with this program.
    pub release: bool,
}

/// The folders of providers, in the order in which they are searched.
#[derive(Clone, Debug)]
pub struct Shelf {
    folders: Vec<Folder>,
}

/// A module in a folder of providers.
#[derive(Debug)]
#[non_exhaustive]
pub struct Listed {
    /// The id that its file's name stands for.
    pub id: String,
    /// Its file.
    pub path: PathBuf,
    /// How it is loaded, by the file's name.
    pub form: Form,
    /// The folder that holds it.
    pub folder: Folder,
    /// True when another module is found first under this id.
    pub shadowed: bool,
    /// What it is, or why it cannot be used.
    pub artifact: Result<Artifact, Error>,
}

/// The folders that are searched: `--provider-dir`, `WILDCERT_PROVIDER_PATH`, `providers` in the
/// state folder, and the two places where a release keeps them relative to the executable.
pub fn standard_folders(provider_dirs: &[PathBuf], state: &Path) -> Vec<Folder> {
    let variable = env::var_os(PATH_VARIABLE);
    let executable = env::current_exe().and_then(|path| path.canonicalize()).ok();
    folders(provider_dirs, variable.as_deref(), state, executable.as_deref())
}

/// The folder that `wildcert providers install` writes.
pub fn user_folder(state: &Path) -> PathBuf {
    state.join(FOLDER)
}

impl Shelf {
    /// A shelf of these folders.
    pub fn new(folders: Vec<Folder>) -> Self {
        Self { folders }
    }

    /// The folders, in order.
    pub fn folders(&self) -> &[Folder] {
        &self.folders
    }

    /// The module that `name` means: a file when it looks like a path (`./x`, `x.wasm`), else the
    /// first module with this id. In each folder WebAssembly comes first, because it is confined.
    ///
    /// # Errors
    /// When there is none, it is no provider, or its manifest says another id than its file's name.
    pub fn find(&self, name: &str) -> Result<Artifact, Error> {
        if is_path(name) {
            return Artifact::read(Path::new(name));
        }
        match self.places(name).next() {
            Some((path, folder)) => read_as(&path, name, folder),
            None => Err(self.unknown(name)),
        }
    }

    /// Every module in the folders, by id and then in the order in which they would be found.
    ///
    /// # Errors
    /// When a folder exists, but cannot be read; an unreadable module is told in its place.
    pub fn list(&self) -> Result<Vec<Listed>, Error> {
        let mut found: BTreeMap<String, Vec<Listed>> = BTreeMap::new();
        for folder in &self.folders {
            for (id, form, path) in modules(&folder.path)? {
                let same = found.entry(id.clone()).or_default();
                let shadowed = !same.is_empty();
                let artifact = read_as(&path, &id, folder);
                let folder = folder.clone();
                same.push(Listed { id, path, form, folder, shadowed, artifact });
            }
        }
        Ok(found.into_values().flatten().collect())
    }

    /// The file in which `id` is found, and whether it came with this program.
    pub(crate) fn place(&self, id: &str) -> Option<(PathBuf, bool)> {
        self.places(id).next().map(|(path, folder)| (path, folder.release))
    }

    /// The first file of `id` in the folders before `folder`, and that in those behind it.
    pub(crate) fn around(&self, folder: &Path, id: &str) -> (Option<PathBuf>, Option<PathBuf>) {
        let at = |path: &Path| self.folders.iter().position(|known| known.path == path);
        let ours = at(folder);
        let first = |wanted: Ordering| {
            let mut places = self.places(id);
            places.find(|(_, found)| at(&found.path).cmp(&ours) == wanted).map(|(path, _)| path)
        };
        (first(Ordering::Less), first(Ordering::Greater))
    }

    /// Every file in which `id` is, as they are found.
    fn places(&self, id: &str) -> impl Iterator<Item = (PathBuf, &Folder)> {
        let forms = [Form::Wasm, Form::Native].map(|form| file_name(id, form));
        let files = self
            .folders
            .iter()
            .flat_map(move |folder| forms.clone().map(|file| (folder.path.join(file), folder)));
        files.filter(|(path, _)| path.exists())
    }

    /// The error for what is no provider's id here.
    pub(crate) fn unknown(&self, name: &str) -> Error {
        let ids: Vec<String> = self
            .folders
            .iter()
            .filter_map(|folder| modules(&folder.path).ok())
            .flatten()
            .map(|(id, ..)| id)
            .collect();
        Error::UnknownProvider {
            id: name.to_owned(),
            folders: self.folders.iter().map(|f| (f.path.clone(), f.path.is_dir())).collect(),
            near: near(name, ids.iter().map(String::as_str)),
        }
    }
}

/// The file in which the provider `id` is looked for.
pub(crate) fn file_name(id: &str, form: Form) -> String {
    match form {
        Form::Wasm => format!("{id}.wasm"),
        Form::Native => format!("{}{id}{}", consts::DLL_PREFIX, consts::DLL_SUFFIX),
    }
}

fn folders(
    provider_dirs: &[PathBuf],
    variable: Option<&OsStr>,
    state: &Path,
    executable: Option<&Path>,
) -> Vec<Folder> {
    let mut folders: Vec<Folder> = Vec::new();
    let mut add = |path: PathBuf, reason, release| {
        // An empty part of the variable would be the current folder, where anything may lie.
        let known = folders.iter().any(|folder| folder.path == path);
        if !known && !path.as_os_str().is_empty() {
            folders.push(Folder { path, reason, release });
        }
    };
    for path in provider_dirs {
        add(path.clone(), "--provider-dir", false);
    }
    for path in variable.into_iter().flat_map(env::split_paths) {
        add(path, PATH_VARIABLE, false);
    }
    add(user_folder(state), "the state folder", false);
    if let Some(beside) = executable.and_then(Path::parent) {
        add(beside.join(FOLDER), "beside wildcert", true);
        if let Some(prefix) = beside.parent() {
            add(prefix.join("lib/wildcert").join(FOLDER), "wildcert's installation", true);
        }
    }
    folders
}

/// True for what can only be a file: ids have neither separators nor dots.
fn is_path(name: &str) -> bool {
    let separators = ['/', MAIN_SEPARATOR];
    let endings = [".wasm", ".so", ".dylib", ".dll"];
    name.contains(separators) || endings.iter().any(|ending| name.ends_with(ending))
}

fn read_as(path: &Path, id: &str, folder: &Folder) -> Result<Artifact, Error> {
    let mut artifact = Artifact::read(path)?;
    if artifact.manifest.id != id {
        return Err(Error::Misnamed {
            path: path.to_owned(),
            file_id: id.to_owned(),
            manifest_id: artifact.manifest.id,
        });
    }
    // A link to elsewhere is vouched for by whoever can write there.
    let inside = artifact.path.parent() == folder.path.canonicalize().ok().as_deref();
    artifact.origin = if folder.release && inside { Origin::Release } else { Origin::Folder };
    Ok(artifact)
}

/// The files in `folder` that are named like modules, WebAssembly first; none where it is absent.
pub(crate) fn modules(folder: &Path) -> Result<Vec<(String, Form, PathBuf)>, Error> {
    let failed = |source| Error::Read { path: folder.to_owned(), source };
    let entries = match folder.read_dir() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut modules = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let Some(name) = path.file_name().and_then(OsStr::to_str) else { continue };
        let native = name
            .strip_prefix(consts::DLL_PREFIX)
            .and_then(|name| name.strip_suffix(consts::DLL_SUFFIX));
        if let Some(id) = name.strip_suffix(".wasm") {
            modules.push((id.to_owned(), Form::Wasm, path));
        } else if let Some(id) = native {
            modules.push((id.to_owned(), Form::Native, path));
        }
    }
    modules.sort_by_key(|(id, form, _)| (id.clone(), *form == Form::Native));
    Ok(modules)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::{TempDir, tempdir};

    use super::*;
    use crate::samples;

    fn folder_with(files: &[(&str, &[u8])]) -> TempDir {
        let folder = tempdir().unwrap();
        for (name, bytes) in files {
            fs::write(folder.path().join(name), bytes).unwrap();
        }
        folder
    }

    fn shelf(folders: &[(&Path, bool)]) -> Shelf {
        let folder = |(path, release): &(&Path, bool)| Folder {
            path: path.to_path_buf(),
            reason: "test",
            release: *release,
        };
        Shelf::new(folders.iter().map(folder).collect())
    }

    fn component(id: &str) -> Vec<u8> {
        samples::component(&samples::manifest(id, "0.1"))
    }

    #[test]
    fn folders_come_in_order_without_repetition() {
        let variable = env::join_paths(["/a", "", "/b"]).unwrap();
        let state = Path::new("/state");
        let executable = Path::new("/opt/wildcert/bin/wildcert");
        let found = folders(&["/b".into()], Some(&variable), state, Some(executable));
        let found: Vec<(&str, bool)> =
            found.iter().map(|folder| (folder.path.to_str().unwrap(), folder.release)).collect();
        let expected = [
            ("/b", false),
            ("/a", false),
            ("/state/providers", false),
            ("/opt/wildcert/bin/providers", true),
            ("/opt/wildcert/lib/wildcert/providers", true),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_first_folder_wins_and_webassembly_within_it() {
        let native = file_name("acme", Form::Native);
        let first = folder_with(&[("acme.wasm", &component("acme")), (&native, b"not read")]);
        let second = folder_with(&[("acme.wasm", &component("other"))]);
        let shelf = shelf(&[(first.path(), false), (second.path(), true)]);
        let found = shelf.find("acme").unwrap();
        assert_eq!(found.path, first.path().canonicalize().unwrap().join("acme.wasm"));
        assert_eq!(found.origin, Origin::Folder);

        let listed = shelf.list().unwrap();
        let listed = listed.iter().map(|l| (l.form, l.shadowed, l.artifact.is_ok()));
        let expected =
            [(Form::Wasm, false, true), (Form::Native, true, false), (Form::Wasm, true, false)];
        assert_eq!(listed.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_native_module_in_an_earlier_folder_wins() {
        let first = folder_with(&[(&file_name("acme", Form::Native), b"\x7fELF")]);
        let second = folder_with(&[("acme.wasm", &component("acme"))]);
        let shelf = shelf(&[(first.path(), false), (second.path(), false)]);
        assert!(matches!(shelf.find("acme"), Err(Error::BrokenLibrary { .. })));
    }

    #[test]
    fn the_releases_folder_is_known_as_such_but_links_out_of_it_are_not() {
        let outside = folder_with(&[("linked.wasm", &component("linked"))]);
        let release = folder_with(&[("acme.wasm", &component("acme"))]);
        let shelf = shelf(&[(release.path(), true)]);
        assert_eq!(shelf.find("acme").unwrap().origin, Origin::Release);
        #[cfg(unix)]
        {
            let target = outside.path().join("linked.wasm");
            std::os::unix::fs::symlink(target, release.path().join("linked.wasm")).unwrap();
            assert_eq!(shelf.find("linked").unwrap().origin, Origin::Folder);
        }
    }

    #[test]
    fn a_path_is_taken_as_it_is() {
        let folder = folder_with(&[("renamed.wasm", &component("acme"))]);
        let path = folder.path().join("renamed.wasm");
        let found = shelf(&[]).find(path.to_str().unwrap()).unwrap();
        assert_eq!((found.manifest.id.as_str(), found.origin), ("acme", Origin::Path));
        for absent in ["./acme", "acme.wasm", "acme.so"] {
            let error = shelf(&[(folder.path(), false)]).find(absent).unwrap_err();
            assert!(matches!(error, Error::Read { .. }), "{error}");
        }
    }

    #[test]
    fn found_by_id_the_manifest_must_say_the_same() {
        let folder = folder_with(&[("renamed.wasm", &component("acme"))]);
        let error = shelf(&[(folder.path(), false)]).find("renamed").unwrap_err();
        assert!(
            error.to_string().ends_with(
                "holds the provider `acme`, not `renamed` as its \
                                             name says"
            ),
            "{error}"
        );
    }

    #[test]
    fn an_unknown_id_names_folders_and_near_names() {
        let folder = folder_with(&[("cloudflare.wasm", b""), ("route53.wasm", b"")]);
        let absent = folder.path().join("absent");
        let shelf = shelf(&[(folder.path(), false), (&absent, false)]);
        let error = shelf.find("cloudlfare").unwrap_err();
        let expected = format!(
            "no provider `cloudlfare` in `{}`, `{}` (does not exist)",
            folder.path().display(),
            absent.display()
        );
        assert_eq!(error.to_string(), expected);
        assert_eq!(error.hint().unwrap(), "did you mean `cloudflare`?");
        let error = shelf.find("hetzner").unwrap_err();
        assert!(error.hint().unwrap().contains("wildcert providers list"));
    }
}
