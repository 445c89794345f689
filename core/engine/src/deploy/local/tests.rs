//! Exchanges that go well, that are taken back, and that die at each of their steps.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use zeroize::Zeroizing;

use super::*;
use crate::{deploy::files::Mode, files::death};

const NAMES: [&str; 3] = ["fullchain.pem", "chain.pem", "key.pem"];

/// The files of a certificate called `content`; there is no `chain.pem` before.
fn copies(folder: &Path, content: &str) -> Vec<Copy> {
    let copy = |name: &str| Copy {
        path: folder.join(name).display().to_string(),
        content: Zeroizing::new(content.as_bytes().to_vec()),
        owner: None,
        mode: Mode(0o640),
    };
    NAMES.map(copy).into()
}

fn before(folder: &Path) {
    for name in ["fullchain.pem", "key.pem"] {
        fs::write(folder.join(name), "old").unwrap();
    }
}

/// What lies in the places, and how many other files are there.
fn state(folder: &Path) -> ([Option<String>; 3], usize) {
    let files = NAMES.map(|name| fs::read_to_string(folder.join(name)).ok());
    let all = fs::read_dir(folder).unwrap().count();
    let there = files.iter().flatten().count();
    (files, all - there)
}

fn old() -> [Option<String>; 3] {
    [Some("old".to_owned()), None, Some("old".to_owned())]
}

fn all(content: &str) -> [Option<String>; 3] {
    [(); 3].map(|()| Some(content.to_owned()))
}

#[test]
fn files_change_together_and_come_back_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    before(folder);
    let key = folder.join("key.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o604)).unwrap();
    let was = fs::metadata(&key).unwrap();

    put(&copies(folder, "new")).unwrap();
    assert_eq!(state(folder), (all("new"), 3));
    assert_eq!(fs::metadata(&key).unwrap().mode() & 0o7777, 0o640);
    back(&copies(folder, "new")).unwrap();
    assert_eq!(state(folder), (old(), 0));
    let is = fs::metadata(&key).unwrap();
    assert_eq!((is.ino(), is.mode()), (was.ino(), was.mode()));

    put(&copies(folder, "new")).unwrap();
    keep(&copies(folder, "new")).unwrap();
    assert_eq!(state(folder), (all("new"), 0));
}

#[test]
fn owners_are_set_before_anybody_reads_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (user, group) = (nix::unistd::getuid(), nix::unistd::getgid());
    let mut copies = copies(folder.path(), "new");
    // Only root may give files away.
    let (user, group) = if user.is_root() { (4321, 8765) } else { (user.as_raw(), group.as_raw()) };
    for copy in &mut copies {
        copy.owner = Some(format!("{user}:{group}").parse().unwrap());
    }
    put(&copies).unwrap();
    for name in NAMES {
        let file = fs::metadata(folder.path().join(name)).unwrap();
        assert_eq!((file.uid(), file.gid()), (user, group));
    }
    copies[1].owner = Some("nobody-of-that-name".parse().unwrap());
    let error = put(&copies).unwrap_err().to_string();
    assert_eq!(error, "there is no user `nobody-of-that-name`");
}

#[test]
fn when_one_file_cannot_be_put_none_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    before(folder);
    let mut copies = copies(folder, "new");
    copies[2].path = folder.join("absent/key.pem").display().to_string();
    let error = put(&copies).unwrap_err();
    assert!(error.to_string().contains("absent/key.pem") && error.hint().is_some(), "{error}");
    assert_eq!(state(folder), (old(), 0));
    // A folder is in the place.
    copies[2].path = folder.display().to_string();
    assert!(put(&copies).is_err());
    assert_eq!(state(folder), (old(), 0));
}

#[test]
fn a_link_comes_back_as_a_link() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("elsewhere"), "old").unwrap();
    let place = folder.join("fullchain.pem");
    std::os::unix::fs::symlink("elsewhere", &place).unwrap();
    put(&copies(folder, "new")).unwrap();
    assert!(!place.is_symlink());
    back(&copies(folder, "new")).unwrap();
    assert_eq!(fs::read_link(&place).unwrap(), Path::new("elsewhere"));
    assert_eq!(fs::read_to_string(folder.join("elsewhere")).unwrap(), "old");
}

/// Runs `work` so that it dies after each number of its steps; `mended` looks at what is left.
fn at_each_step(
    prepare: impl Fn(&Path),
    work: impl Fn(&Path) -> Result<(), DeployError>,
    mended: impl Fn(&Path, u32, bool),
) {
    for steps in 0.. {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        prepare(folder);
        let ended = death::after(steps, || work(folder)).is_ok();
        mended(folder, steps, ended);
        if ended {
            assert!(steps > 5, "{steps}");
            return;
        }
    }
}

#[test]
fn after_a_death_the_old_files_are_still_known() {
    let exchange = |folder: &Path| {
        put(&copies(folder, "new"))?;
        keep(&copies(folder, "new"))
    };
    // The next exchange is taken back.
    at_each_step(before, exchange, |folder, steps, ended| {
        put(&copies(folder, "newer")).unwrap();
        back(&copies(folder, "newer")).unwrap();
        let (files, others) = state(folder);
        let kept = files == all("new");
        assert!(kept || files == old(), "{steps}: {files:?}");
        assert!(kept || !ended, "{steps}");
        assert_eq!(others, 0, "{steps}");
    });
    // The next exchange goes well.
    at_each_step(before, exchange, |folder, steps, _| {
        put(&copies(folder, "newer")).unwrap();
        keep(&copies(folder, "newer")).unwrap();
        assert_eq!(state(folder), (all("newer"), 0), "{steps}");
    });
}

#[test]
fn who_dies_while_the_old_files_come_back_has_them_come_back_later() {
    let prepare = |folder: &Path| {
        before(folder);
        put(&copies(folder, "new")).unwrap();
    };
    at_each_step(
        prepare,
        |folder| back(&copies(folder, "new")),
        |folder, steps, _| {
            put(&copies(folder, "newer")).unwrap();
            back(&copies(folder, "newer")).unwrap();
            assert_eq!(state(folder), (old(), 0), "{steps}");
        },
    );
}
