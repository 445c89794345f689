//! A provider's module as a file: what it is, checked without running it.

use std::{
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::Arc,
};

use object::FileKind;
use wildcert_plugin_sdk::{
    abi,
    manifest::{Manifest, ManifestError},
};

use crate::{digest::Sha256Digest, error::Error, inspect};

/// The largest module that is read: providers written in Python come close to 20 MB.
pub(crate) const SIZE_LIMIT: u64 = 64 << 20;

/// How a module is loaded.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// A WebAssembly component, confined.
    Wasm,
    /// A library of this platform, with all rights of this process.
    Native,
}

/// How a module was found, which decides whether its file's place vouches for it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Origin {
    /// The user named its path.
    Path,
    /// By its id, in a folder for providers.
    Folder,
    /// By its id, in the folder that came with this program.
    Release,
}

/// A module whose manifest, contract and platform have been checked.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The file, absolute and without symbolic links.
    pub path: PathBuf,
    /// How it was found.
    pub origin: Origin,
    /// How it is loaded.
    pub form: Form,
    /// The digest of the whole file.
    pub sha256: Sha256Digest,
    /// What it says of itself.
    pub manifest: Manifest,
    /// The whole file, as it was when it was read.
    pub bytes: Arc<[u8]>,
}

impl Artifact {
    /// Reads the module at `path`; nothing in it is run.
    ///
    /// # Errors
    /// When the file cannot be read, is damaged, is no provider, or is made for another platform
    /// or version of the contract.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Read { path: path.to_owned(), source };
        let real = path.canonicalize().map_err(failed)?;
        let bytes = content(&real)?;
        Self::parse(real, bytes)
    }

    /// Reads the module whose file `path` holds `bytes`.
    pub(crate) fn parse(path: PathBuf, bytes: Vec<u8>) -> Result<Self, Error> {
        let form = Form::of(&bytes).ok_or_else(|| Error::UnknownFormat { path: path.clone() })?;
        let manifest = match form {
            Form::Wasm => inspect::component(&path, &bytes)?,
            Form::Native => inspect::library(&path, &bytes)?,
        };
        let sha256 = Sha256Digest::of(&bytes);
        Ok(Self { path, origin: Origin::Path, form, sha256, manifest, bytes: bytes.into() })
    }
}

impl Form {
    /// The word for people and files: `wasm` or `native`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wasm => "wasm",
            Self::Native => "native",
        }
    }

    /// What the first octets of a file say.
    fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\0asm") {
            return Some(Self::Wasm);
        }
        let native = bytes.starts_with(b"\x7fELF")
            || matches!(
                FileKind::parse(bytes),
                Ok(FileKind::MachO32 | FileKind::MachO64 | FileKind::Pe32 | FileKind::Pe64)
            );
        native.then_some(Self::Native)
    }
}

impl std::fmt::Display for Form {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Reads the manifest that the module at `path` holds, and checks that it is for this contract.
pub(crate) fn manifest(path: &Path, text: &[u8]) -> Result<Manifest, Error> {
    let text =
        str::from_utf8(text).map_err(|_| Error::ManifestEncoding { path: path.to_owned() })?;
    let outcome = Manifest::parse(text);
    // A manifest for another contract may look different altogether; its `abi` still tells.
    let theirs = match &outcome {
        Ok((manifest, _)) => Some(manifest.abi.clone()),
        Err(_) => toml::from_str::<Contract>(text).ok().map(|contract| contract.abi),
    };
    match (outcome, theirs) {
        (_, Some(theirs)) if theirs != abi::VERSION => {
            Err(Error::Abi { path: path.to_owned(), theirs, ours: abi::VERSION })
        }
        (Ok((manifest, _)), _) => Ok(manifest),
        (Err(source), _) => Err(invalid(path, source)),
    }
}

/// The error for a manifest that cannot be used.
pub(crate) fn invalid(path: &Path, source: ManifestError) -> Error {
    Error::Manifest { path: path.to_owned(), source: Box::new(source) }
}

/// The one key of provider.toml that every contract has.
#[derive(serde::Deserialize)]
struct Contract {
    abi: String,
}

/// The whole file, if it is one and not too large.
pub(crate) fn content(path: &Path) -> Result<Vec<u8>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let metadata = path.metadata().map_err(failed)?;
    // Opening a pipe would wait for its other end.
    if !metadata.is_file() {
        return Err(failed(io::Error::new(io::ErrorKind::InvalidInput, "not a file")));
    }
    let file = File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    // One octet more than allowed tells a file that is too large, whatever its size claims.
    file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > SIZE_LIMIT {
        let size = metadata.len();
        return Err(Error::TooLarge { path: path.to_owned(), size, limit: SIZE_LIMIT });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    fn read(bytes: &[u8]) -> Result<Artifact, Error> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        Artifact::read(file.path())
    }

    /// The words and the hint of the error that `bytes` cause.
    fn refusal(bytes: &[u8]) -> (String, String) {
        let error = read(bytes).unwrap_err();
        (error.to_string(), error.hint().unwrap_or_default())
    }

    #[test]
    fn a_component_is_read_without_running_it() {
        let bytes = samples::component(&samples::manifest("acme", "0.1"));
        let artifact = read(&bytes).unwrap();
        assert_eq!(artifact.form, Form::Wasm);
        assert_eq!(artifact.manifest.id, "acme");
        assert_eq!(artifact.sha256, Sha256Digest::of(&bytes));
        assert_eq!(&*artifact.bytes, &*bytes);
    }

    #[test]
    fn a_manifest_within_the_core_module_is_found() {
        let manifest = samples::manifest("acme", "0.1");
        // A text of Rust is one of WAT too, for these characters.
        let module = format!("(core module (@custom \".wildcert\" {manifest:?}))");
        let bytes = samples::component_around(&module);
        assert_eq!(read(&bytes).unwrap().manifest.id, "acme");
    }

    #[test]
    fn an_absent_file() {
        let error = Artifact::read(Path::new("/nonexistent/x.wasm")).unwrap_err();
        assert!(error.to_string().starts_with("cannot read `/nonexistent/x.wasm`: "), "{error}");
    }

    #[test]
    fn a_folder_is_no_module() {
        let folder = tempfile::tempdir().unwrap();
        let error = Artifact::read(folder.path()).unwrap_err();
        assert!(error.to_string().ends_with("not a file"), "{error}");
    }

    #[test]
    fn random_bytes_and_nothing_at_all() {
        for bytes in [&b""[..], b"\x93\x11\xfe\x00random bytes, more than sixteen"] {
            let (words, _) = refusal(bytes);
            assert!(words.contains("neither a WebAssembly component nor a native library"));
        }
    }

    #[test]
    fn a_truncated_library() {
        let whole = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        let whole = &whole[..whole.len().min(SIZE_LIMIT as usize)];
        for length in [whole.len() / 2, 100, 7] {
            let (words, hint) = refusal(&whole[..length]);
            assert!(words.contains("is a damaged native library: "), "{length}: {words}");
            assert!(hint.contains("cut short"), "{hint}");
        }
    }

    #[test]
    fn truncated_webassembly_never_panics() {
        let whole = samples::component(&samples::manifest("acme", "0.1"));
        for length in 8..whole.len() {
            // Cut between two sections it is whole, and lacks an export or the manifest.
            let (words, _) = refusal(&whole[..length]);
            let expected = ["damaged WebAssembly", "does not export", "holds no provider.toml"];
            assert!(expected.iter().any(|part| words.contains(part)), "{length}: {words}");
        }
    }

    #[test]
    fn a_core_module() {
        let (words, hint) = refusal(b"\0asm\x01\0\0\0");
        assert!(words.contains("core module, not a component"), "{words}");
        assert!(hint.contains("wildcert providers build"), "{hint}");
    }

    #[test]
    fn no_manifest() {
        let (words, _) = refusal(&samples::component_from("(component)"));
        assert!(words.contains("holds no provider.toml"), "{words}");
    }

    #[test]
    fn every_fault_of_the_manifest() {
        let text = samples::manifest("Not an id", "0.1") + "[limits]\nconcurrency = 0\n";
        let (words, _) = refusal(&samples::component(&text));
        assert!(words.contains("`Not an id`") && words.contains("concurrency is 0"), "{words}");
        let (words, _) = refusal(&samples::component("id = "));
        assert!(words.contains("provider.toml of"), "{words}");
    }

    #[test]
    fn another_contract_is_named_even_when_its_manifest_is_unreadable() {
        for text in [samples::manifest("acme", "0.2"), "abi = \"0.2\"\nid = 7".to_owned()] {
            let (words, hint) = refusal(&samples::component(&text));
            assert!(words.contains("is made for contract 0.2, this wildcert speaks 0.1"));
            assert!(hint.contains("use a newer wildcert"), "{hint}");
        }
        let (_, hint) = refusal(&samples::component(&samples::manifest("acme", "0.0")));
        assert!(hint.contains("newer release of the provider"), "{hint}");
    }

    #[test]
    fn wasi_is_not_offered() {
        let wat = r#"(component
            (import "wasi:cli/environment@0.2.6" (instance))
            (import "wildcert:provider/system@0.1.3" (instance))
            (instance $i)
            (export "wildcert:provider/provider@0.1.0" (instance $i)))"#;
        let bytes = samples::component_from(wat);
        let bytes = samples::custom_section(bytes, &samples::manifest("acme", "0.1"));
        let (words, hint) = refusal(&bytes);
        assert!(words.ends_with("to providers: `wasi:cli/environment@0.2.6`"), "{words}");
        assert!(hint.contains("no WASI"), "{hint}");
    }

    #[test]
    fn wrong_exports() {
        let bytes = samples::component_from("(component)");
        let bytes = samples::custom_section(bytes, &samples::manifest("acme", "0.1"));
        let (words, _) = refusal(&bytes);
        assert!(words.contains("does not export `wildcert:provider/provider@0.1.0`"), "{words}");
    }

    #[test]
    fn a_file_over_the_limit() {
        let file = tempfile::NamedTempFile::new().unwrap();
        file.as_file().set_len(SIZE_LIMIT + 1).unwrap();
        let error = Artifact::read(file.path()).unwrap_err();
        assert!(matches!(error, Error::TooLarge { size: 67_108_865, .. }), "{error}");
    }
}
