//! What the build has made.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use wildcert::plugin::manifest::Manifest;

/// How a provider's module is built.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// A shared library.
    Native,
    /// A WebAssembly component.
    Wasm,
}

/// The folder that the release build writes to, wherever `CARGO_TARGET_DIR` puts it.
pub fn target() -> PathBuf {
    let test = env::current_exe().expect("a path of this program");
    let folder = test.ancestors().find(|folder| folder.file_name().is_some_and(|n| n == "release"));
    folder.map(Path::to_owned).expect("tests are built with --release")
}

/// A file below [`target`] that `make build` makes.
///
/// # Panics
/// With the line that makes it when it is absent.
pub fn built(file: impl AsRef<Path>) -> PathBuf {
    let path = target().join(file);
    assert!(path.is_file(), "`{}` is absent; run `make build`", path.display());
    path
}

/// The module of a provider of this repository.
///
/// # Panics
/// With the line that builds it when it is absent.
pub fn provider(id: &str, form: Form) -> PathBuf {
    let file = match form {
        Form::Native => {
            format!("{}{id}{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX)
        }
        Form::Wasm => format!("{id}.wasm"),
    };
    built(Path::new("providers").join(file))
}

/// The component with another provider.toml: the first one counts, so it goes before all else.
pub fn with_manifest(component: &[u8], manifest: &str) -> Vec<u8> {
    const HEADER: usize = 8;
    let content = [&[9], b".wildcert".as_slice(), manifest.as_bytes()].concat();
    let mut section = vec![0];
    let mut length = content.len();
    while length >= 0x80 {
        section.push(u8::try_from(length % 0x80).expect("seven bits") | 0x80);
        length /= 0x80;
    }
    section.push(u8::try_from(length).expect("seven bits"));
    section.extend(content);
    let (header, rest) = component.split_at(HEADER);
    [header, &section, rest].concat()
}

/// The ids of this repository's providers, sorted.
///
/// # Panics
/// When their folder cannot be read.
pub fn provider_ids() -> Vec<String> {
    let entries = providers().read_dir().expect("the folder of providers").flatten();
    let dirs = entries.filter(|entry| entry.path().join("provider.toml").is_file());
    let mut ids: Vec<String> =
        dirs.map(|dir| dir.file_name().to_string_lossy().into_owned()).collect();
    ids.sort();
    ids
}

/// What the provider.toml of a provider of this repository says.
///
/// # Panics
/// When it is no manifest.
pub fn manifest(id: &str) -> Manifest {
    let text = fs::read_to_string(providers().join(id).join("provider.toml"));
    let text = text.unwrap_or_else(|error| panic!("provider.toml of {id}: {error}"));
    Manifest::parse(&text).unwrap_or_else(|error| panic!("provider.toml of {id}: {error}")).0
}

/// The folder of this repository's providers.
pub fn providers() -> PathBuf {
    repository().join("providers")
}

/// The root of this repository.
pub fn repository() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().expect("this crate lies within the repository")
}

/// The lines of a provider's own code, neither blank nor comment; its tests do not count.
pub fn own_lines(id: &str) -> usize {
    let files = providers().join(id).join("src").read_dir().into_iter().flatten().flatten();
    let own = files
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "rs") && !path.ends_with("tests.rs"));
    let texts = own.filter_map(|path| fs::read_to_string(path).ok());
    texts.map(|text| code_lines(&text)).sum()
}

/// How many lines are neither blank nor comment.
pub fn code_lines(text: &str) -> usize {
    let lines = text.lines().map(str::trim_start);
    lines.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}
