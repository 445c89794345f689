//! What is released: the same bytes twice, and a package that installs, works and goes away again in a
//! fresh Debian 12.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;
use wildcert_tests::{command, provider_ids, repository, target};

/// Packages what `make build` has made.
fn package(out: &Path) {
    let mut command = Command::new(repository().join(".ci/package"));
    let output = command.arg(out).env("CARGO_TARGET_DIR", target().parent().unwrap()).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", said(&output));
}

fn said(output: &Output) -> String {
    let [stdout, stderr] =
        [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{}\nstdout: {stdout}\nstderr: {stderr}", output.status)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A Debian 12 with nothing but what every Debian has, and systemd.
struct Debian {
    root: PathBuf,
    _folder: TempDir,
}

impl Debian {
    fn fresh() -> Self {
        assert!(
            is_root(),
            "this proof makes a Debian of its own with debootstrap, which needs root: \
             run `make test` as root, as CI does"
        );
        let archive = target().join("debian-12.tar");
        if !archive.is_file() {
            bootstrap(&archive);
        }
        let folder = TempDir::with_prefix("wildcert-debian-").unwrap();
        let root = folder.path().join("root");
        fs::create_dir(&root).unwrap();
        let mut tar = Command::new("tar");
        run(tar
            .args(["--extract", "--numeric-owner", "--file"])
            .arg(&archive)
            .arg("-C")
            .arg(&root));
        Self { root, _folder: folder }
    }

    /// Runs a shell's line in it; what it mounts is gone with it.
    fn try_run(&self, line: &str) -> Output {
        let script = "mount -t proc proc \"$1/proc\" && mount --rbind /dev \"$1/dev\" && \
                      exec chroot \"$1\" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
                      HOME=/root DEBIAN_FRONTEND=noninteractive sh -c \"$2\"";
        let mut unshare = command("unshare");
        unshare.args(["--mount", "--propagation", "private", "sh", "-c", script, "sh"]);
        unshare.arg(&self.root).arg(line).output().unwrap()
    }

    fn run(&self, line: &str) -> String {
        let output = self.try_run(line);
        assert!(output.status.success(), "{line}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Every file and folder that is there, besides what programs keep of their own runs.
    fn files(&self) -> Vec<String> {
        let all = self.run("find / -xdev -not -path '/proc/*' -not -path '/dev/*' | sort");
        let passing =
            ["/run/", "/tmp/", "/var/cache/", "/var/lib/dpkg/", "/var/lib/systemd/", "/var/log/"];
        let stays = |path: &&str| !passing.iter().any(|folder| path.starts_with(folder));
        all.lines().filter(stays).map(str::to_owned).collect()
    }
}

fn is_root() -> bool {
    run(Command::new("id").arg("-u")).trim() == "0"
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", said(&output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Makes the Debian that each proof begins with; packages come from the mirror, once.
fn bootstrap(archive: &Path) {
    let folder = TempDir::with_prefix("wildcert-debootstrap-").unwrap();
    let root = folder.path().join("root");
    let mut debootstrap = command("debootstrap");
    debootstrap.args(["--variant=minbase", "--include=systemd", "bookworm"]).arg(&root);
    run(debootstrap.arg("http://deb.debian.org/debian"));
    let partial = archive.with_extension("partial");
    let mut tar = Command::new("tar");
    tar.args(["--create", "--numeric-owner", "--exclude=./var/cache/apt/*"]);
    tar.args(["--exclude=./var/lib/apt/lists/*", "--exclude=./proc/*", "--exclude=./sys/*"]);
    run(tar.arg("--file").arg(&partial).arg("-C").arg(&root).arg("."));
    fs::rename(partial, archive).unwrap();
}

#[test]
fn the_package_installs_works_and_goes_away_and_is_made_the_same_twice() {
    let (first, second) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    package(first.path());
    package(second.path());
    let made = names(first.path());
    assert_eq!(made.len(), 3, "{made:?}");
    assert_eq!(made, names(second.path()));
    for name in &made {
        let [one, other] =
            [&first, &second].map(|folder| fs::read(folder.path().join(name)).unwrap());
        assert!(one == other, "{name} differs");
    }
    run(Command::new("sha256sum").args(["--check", "SHA256SUMS"]).current_dir(first.path()));
    in_debian(&first.path().join(made.iter().find(|name| name.ends_with(".deb")).unwrap()));
    unpacked(&first.path().join(made.iter().find(|name| name.ends_with(".tar.gz")).unwrap()));
}

/// The package in a fresh Debian.
fn in_debian(package: &Path) {
    let debian = Debian::fresh();
    let before = debian.files();
    fs::copy(package, debian.root.join("tmp/wildcert.deb")).unwrap();
    // What it depends on is there: dpkg would refuse otherwise.
    debian.run("dpkg --install /tmp/wildcert.deb");

    let list: serde_json::Value =
        serde_json::from_str(&debian.run("wildcert providers list --json")).unwrap();
    let mut listed: Vec<String> = list["providers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["id"].as_str().unwrap().to_owned())
        .collect();
    listed.sort();
    let mut ids = provider_ids();
    ids.sort();
    assert_eq!(listed, ids);
    let demo = debian.run("wildcert demo 2>&1");
    assert!(demo.contains("certificate and key match"), "{demo}");

    for file in [
        "/usr/share/man/man1/wildcert.1.gz",
        "/usr/share/man/man1/wildcert-run.1.gz",
        "/usr/share/bash-completion/completions/wildcert",
        "/usr/share/zsh/vendor-completions/_wildcert",
        "/usr/share/fish/vendor_completions.d/wildcert.fish",
        "/usr/share/doc/wildcert/copyright",
        "/usr/share/doc/wildcert/guide/installing.md",
    ] {
        assert!(debian.root.join(&file[1..]).is_file(), "{file}");
    }
    assert!(debian.run("zcat /usr/share/man/man1/wildcert.1.gz").contains(".TH wildcert 1"));
    debian.run("bash -n /usr/share/bash-completion/completions/wildcert");
    assert_eq!(debian.run("stat -c %a /etc/wildcert/wildcert.toml").trim(), "600");
    debian.run("wildcert config check");

    // The timer is off until somebody enables it, and leaves nothing behind.
    debian.run("systemd-analyze verify /usr/lib/systemd/system/wildcert.timer");
    let enabled = "systemctl is-enabled wildcert.timer";
    assert_eq!(String::from_utf8_lossy(&debian.try_run(enabled).stdout).trim(), "disabled");
    debian.run("systemctl enable wildcert.timer");
    debian.run("mkdir -m 700 -p /var/lib/wildcert && echo key >/var/lib/wildcert/key");

    debian.run("dpkg --remove wildcert");
    assert!(debian.root.join("etc/wildcert/wildcert.toml").is_file(), "settings stay");
    let told = debian.run("dpkg --purge wildcert 2>&1");
    assert!(told.contains("/var/lib/wildcert is kept"), "{told}");
    let mut after = debian.files();
    after.retain(|path| !before.contains(path));
    assert_eq!(after, ["/var/lib/wildcert", "/var/lib/wildcert/key"], "keys are never deleted");
}

/// The archive, wherever it is unpacked.
fn unpacked(archive: &Path) {
    let folder = TempDir::new().unwrap();
    let mut tar = Command::new("tar");
    run(tar.args(["-xzf"]).arg(archive).args(["--strip-components=1", "-C"]).arg(folder.path()));
    let mut wildcert = Command::new(folder.path().join("bin/wildcert"));
    let demo = wildcert.arg("demo").env_clear().env("HOME", folder.path()).output().unwrap();
    assert!(demo.status.success(), "{}", said(&demo));
    assert!(folder.path().join("share/doc/wildcert/LICENSE-MIT").is_file());
}
