use std::{fs, path::Path};

use tempfile::{TempDir, tempdir};

use super::{InstallError, Installer, Source};
use crate::{
    Error, Lock, PluginHost, PluginOptions, Shelf, Standing,
    digest::Sha256Digest,
    samples::{component, manifest},
    shelf::{standard_folders, user_folder},
};

/// A state folder with what installs into it.
struct Rooms {
    state: TempDir,
    shelf: Shelf,
    lock: Lock,
    host: PluginHost,
}

impl Rooms {
    fn new() -> Self {
        let state = tempdir().unwrap();
        let cache_dir = state.path().join("cache");
        Self {
            shelf: Shelf::new(standard_folders(&[], state.path())),
            lock: Lock::new(state.path()),
            host: PluginHost::new(PluginOptions { cache_dir, ..PluginOptions::default() }),
            state,
        }
    }

    fn installer(&self) -> Installer<'_> {
        let Self { state, shelf, lock, host } = self;
        Installer { folder: user_folder(state.path()), shelf, lock, host }
    }
}

fn file(path: &Path) -> Source {
    Source::Path { path: path.to_owned(), sha256: None }
}

#[tokio::test]
async fn a_wrongly_typed_export_is_refused_and_nothing_is_left() {
    let rooms = Rooms::new();
    let module = rooms.state.path().join("acme.wasm");
    // From without it is a provider: its export has the right name and none of the functions.
    fs::write(&module, component(&manifest("acme", "0.1"))).unwrap();
    let installer = rooms.installer();
    let candidates = installer.examine(&file(&module)).await.unwrap();
    let [candidate] = candidates.as_slice() else { panic!("{candidates:?}") };
    assert_eq!(candidate.standing, Standing::New);
    let error = installer.prepare(candidate).await.unwrap_err();
    assert!(matches!(error, Error::WrongTypes { .. }), "{error}");
    let left = fs::read_dir(user_folder(rooms.state.path())).map_or(0, Iterator::count);
    assert_eq!(left, 0);
    assert!(!rooms.state.path().join("providers.lock").exists());
}

#[test]
fn a_source_is_a_url_or_a_path() {
    let digest = Sha256Digest::of(b"x");
    let new = |text: &str| Source::new(text, Some(digest));
    for path in ["acme.wasm", "./acme.wasm", "https.wasm", "/a/b"] {
        assert!(matches!(new(path), Ok(Source::Path { .. })), "{path}");
    }
    assert!(matches!(new("https://example.com/acme.wasm"), Ok(Source::Url { .. })));
    for url in ["http://example.com/a", "ftp://example.com/a", "file:///a", "https://", "://"] {
        assert!(matches!(new(url), Err(InstallError::Url { .. })), "{url}");
    }
    let error = new("https://me:hidden@example.com/a?token=hidden#hidden").unwrap_err();
    assert!(!error.to_string().contains("hidden"), "{error}");
    let error = Source::new("https://example.com/a?token=hidden", None).unwrap_err();
    assert_eq!(error, InstallError::NoDigest { url: "https://example.com/a".into() });
}

#[test]
fn only_ids_are_removed() {
    let rooms = Rooms::new();
    fs::write(rooms.state.path().join("acme.wasm"), "not yours").unwrap();
    for id in ["../acme", "", "Acme", "a/b"] {
        let error = rooms.installer().remove(id).unwrap_err();
        assert!(matches!(error, Error::UnknownProvider { .. }), "{error}");
    }
    assert!(rooms.state.path().join("acme.wasm").exists());
}
