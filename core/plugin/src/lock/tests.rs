use std::{fs, path::Path};

use tempfile::{TempDir, tempdir};

use super::Lock;
use crate::{
    artifact::{Artifact, Form, Origin},
    error::Error,
    samples::{component, manifest, placed},
};

/// A component of the provider `acme` that may reach these origins.
fn reaching(origins: &str) -> Vec<u8> {
    component(&format!("{}[reach]\nhttp = [{origins}]\n", manifest("acme", "0.1")))
}

/// A state folder, a folder for modules, and the lock.
fn rooms() -> (TempDir, TempDir, Lock) {
    let (state, modules) = (tempdir().unwrap(), tempdir().unwrap());
    let lock = Lock::new(&state.path().join("made on first use"));
    (state, modules, lock)
}

/// The module as if it was found by its id.
fn by_id(path: &Path, bytes: &[u8]) -> Artifact {
    Artifact { origin: Origin::Folder, ..placed(path, bytes) }
}

#[test]
fn recorded_once_then_pinned_then_approved() {
    let (state, modules, lock) = rooms();
    let path = modules.path().join("acme.wasm");
    let first = by_id(&path, &reaching(r#""https://api.example.com""#));
    let note = lock.admit(&first).unwrap().unwrap();
    assert_eq!(
        note.to_string(),
        format!(
            "provider `acme` is used for the first time (sha256 {}); it may reach \
             https://api.example.com",
            first.sha256
        )
    );
    assert_eq!(lock.admit(&first).unwrap(), None);

    let second = by_id(&path, &reaching(r#""https://api.example.com", "https://evil.example""#));
    let error = lock.admit(&second).unwrap_err();
    let expected = format!(
        "provider `acme` is not what was approved:\n  sha256: was {}, is {}\n  http: + \
         https://evil.example",
        first.sha256, second.sha256
    );
    assert_eq!(error.to_string(), expected);
    assert!(error.hint().unwrap().ends_with("`wildcert providers approve acme`"));
    assert!(lock.admit(&second).is_err(), "asking again approves nothing");

    lock.approve(&second).unwrap();
    assert_eq!(lock.admit(&second).unwrap(), None);
    let error = lock.admit(&first).unwrap_err().to_string();
    assert!(error.ends_with("http: - https://evil.example"), "the old one is new now: {error}");

    let text = fs::read_to_string(state.path().join("made on first use/providers.lock")).unwrap();
    assert_eq!(text.matches("[[module]]").count(), 1, "{text}");
    assert!(text.starts_with("# The modules that may run"), "{text}");
}

#[cfg(unix)]
#[test]
fn only_the_owner_reads_it() {
    use std::os::unix::fs::PermissionsExt;

    let (state, modules, lock) = rooms();
    lock.admit(&by_id(&modules.path().join("acme.wasm"), &reaching(""))).unwrap();
    let folder = state.path().join("made on first use");
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("providers.lock")), 0o600);
    assert_eq!(mode(&folder.join("providers.lock.guard")), 0o600);
}

#[test]
fn the_same_content_may_move_and_is_known_by_path_too() {
    let (_state, modules, lock) = rooms();
    let path = modules.path().join("acme.wasm");
    let found = by_id(&path, &reaching(""));
    assert!(lock.admit(&found).unwrap().is_some());
    let moved = modules.path().join("moved.wasm");
    fs::rename(&path, &moved).unwrap();
    let moved = Artifact::read(&moved).unwrap();
    assert_eq!(lock.admit(&Artifact { origin: Origin::Folder, ..moved.clone() }).unwrap(), None);
    assert_eq!(lock.admit(&moved).unwrap(), None, "named by path, but known content");
}

#[test]
fn another_file_named_by_path_stands_for_itself() {
    let (_state, modules, lock) = rooms();
    lock.admit(&by_id(&modules.path().join("acme.wasm"), &reaching(""))).unwrap();
    let path = modules.path().join("development.wasm");
    let named = placed(&path, &reaching(r#""https://new.example""#));
    let note = lock.admit(&named).unwrap().unwrap();
    assert_eq!(note.name, path.canonicalize().unwrap().display().to_string());
    let changed = placed(&path, &reaching(r#""https://newer.example""#));
    assert!(matches!(lock.admit(&changed), Err(Error::Changed { name, .. }) if name == note.name));
}

#[test]
fn a_reach_that_was_taken_away_by_hand_stays_away() {
    let (state, modules, lock) = rooms();
    let path = modules.path().join("acme.wasm");
    let module = by_id(&path, &reaching(r#""https://a.example", "https://b.example""#));
    lock.admit(&module).unwrap();
    let file = state.path().join("made on first use/providers.lock");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace(r#", "https://b.example""#, "")).unwrap();
    let error = lock.admit(&module).unwrap_err().to_string();
    assert!(error.ends_with("approved:\n  http: + https://b.example"), "{error}");
}

#[cfg(unix)]
#[test]
fn the_releases_modules_need_no_record_while_nobody_else_can_write_them() {
    use std::os::unix::fs::PermissionsExt;

    let (state, modules, lock) = rooms();
    let path = modules.path().join("acme.wasm");
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    let mut module = placed(&path, &reaching(""));
    module.origin = Origin::Release;
    set(&path, 0o644);
    assert_eq!(lock.admit(&module).unwrap(), None);
    assert!(!state.path().join("made on first use").exists());

    set(&path, 0o664);
    assert!(lock.admit(&module).unwrap().is_some(), "the group may write the file");
    let mut upgraded = placed(&path, &reaching(r#""https://new.example""#));
    upgraded.origin = Origin::Release;
    assert!(matches!(lock.admit(&upgraded), Err(Error::Changed { .. })));
    set(&path, 0o644);
    assert_eq!(lock.admit(&upgraded).unwrap(), None, "an upgrade stops nothing");
}

#[cfg(unix)]
#[test]
fn native_modules_that_others_could_write_are_refused() {
    use std::os::unix::fs::PermissionsExt;

    let (_state, modules, lock) = rooms();
    let path = modules.path().join("libacme.so");
    let set = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    // The form decides here, not the content.
    let module = Artifact { form: Form::Native, ..placed(&path, &reaching("")) };
    let real = path.canonicalize().unwrap();
    for (file, folder, refused) in [
        (0o664, 0o700, Some((real.as_path(), "0664"))),
        (0o646, 0o700, Some((real.as_path(), "0646"))),
        (0o644, 0o770, real.parent().map(|folder| (folder, "0770"))),
        (0o644, 0o1777, real.parent().map(|folder| (folder, "1777"))),
        (0o755, 0o755, None),
    ] {
        set(&path, file);
        set(modules.path(), folder);
        match (lock.admit(&module), refused) {
            (Ok(_), None) => {}
            (Err(error @ Error::Exposed { .. }), Some((exposed, mode))) => {
                let expected = format!(
                    "native module `{}` is refused: `{}` is writable by others (mode {mode})",
                    real.display(),
                    exposed.display()
                );
                assert_eq!(error.to_string(), expected);
                let command = format!("`chmod go-w {}`", exposed.display());
                assert!(error.hint().unwrap().contains(&command));
            }
            (other, _) => panic!("{file:o} in {folder:o}: {other:?}"),
        }
    }
}

#[test]
fn a_damaged_or_newer_file_is_named() {
    let (state, modules, _) = rooms();
    let lock = Lock::new(state.path());
    let module = by_id(&modules.path().join("acme.wasm"), &reaching(""));
    let file = state.path().join("providers.lock");
    fs::write(&file, "version = 1\n[[module]]\nname = \"acme\"\nsha256 = \"short\"\n").unwrap();
    let error = lock.admit(&module).unwrap_err();
    assert!(matches!(error, Error::LockSyntax { .. }), "{error}");
    assert!(error.to_string().contains("providers.lock") && error.to_string().contains("line 4"));
    assert!(error.hint().unwrap().starts_with("repair `"));
    fs::write(&file, "version = 2\nunheard-of = true\n").unwrap();
    let error = lock.admit(&module).unwrap_err();
    assert!(error.to_string().ends_with("has layout 2, which this wildcert does not know"));
}

#[test]
fn concurrent_first_uses_are_all_kept() {
    let (state, modules, lock) = rooms();
    std::thread::scope(|scope| {
        for number in 0..8 {
            let (lock, modules) = (&lock, modules.path());
            scope.spawn(move || {
                let path = modules.join(format!("p{number}.wasm"));
                let bytes = component(&manifest(&format!("p{number}"), "0.1"));
                lock.admit(&by_id(&path, &bytes)).unwrap().unwrap();
            });
        }
    });
    let text = fs::read_to_string(state.path().join("made on first use/providers.lock")).unwrap();
    assert_eq!(text.matches("[[module]]").count(), 8, "{text}");
}
