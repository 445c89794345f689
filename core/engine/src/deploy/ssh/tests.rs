//! The scripts for other machines, run here by a program in ssh's place.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    time::Instant,
};

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::*;
use crate::{
    deploy::files::Mode,
    stop::{Signal, StopHandle},
};

/// A machine whose ssh writes down what others see of it.
struct Machine {
    folder: TempDir,
    ssh: CommandLine,
    runtime: Runtime,
    handle: StopHandle,
    stop: Stop,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ssh = folder.path().join("ssh");
        // What it starts is on another machine: only its input tells that the connection ended.
        let script = "#!/bin/sh\necho \"$@\" >>\"$0.log\"\nfor last; do :; done\nexec 3<&0\n\
                      setsid sh -c \"$last\" <&3 3<&- &\nwait $!\n";
        fs::write(&ssh, script).unwrap();
        fs::set_permissions(&ssh, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir(folder.path().join("a place")).unwrap();
        let words = vec![ssh.display().to_string(), "-p".to_owned(), "2222".to_owned()];
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (handle, stop) = Stop::new();
        Self { folder, ssh: CommandLine::new(words).unwrap(), runtime, handle, stop }
    }

    fn host(&self) -> Host<'_> {
        Host { name: "root@a.test", ssh: Some(&self.ssh), limit: Duration::from_secs(20) }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join("a place").join(name)
    }

    /// Two files with all octets, one of them new, and an empty one.
    fn copies(&self, seed: u8) -> Vec<Copy> {
        let all: Vec<u8> = (0..=255).map(|octet: u8| octet.wrapping_add(seed)).collect();
        let copy = |name: &str, content: &[u8]| Copy {
            path: self.file(name).display().to_string(),
            content: Zeroizing::new(content.to_vec()),
            owner: None,
            mode: Mode(0o640),
        };
        vec![copy("it's.pem", &all), copy("$(new).pem", &all[9..]), copy("empty", &[])]
    }

    fn put(&self, copies: &[Copy]) -> Result<(), DeployError> {
        self.runtime.block_on(self.host().put(copies, &self.stop))
    }

    fn keep(&self, copies: &[Copy]) -> Result<(), DeployError> {
        self.runtime.block_on(self.host().keep(copies))
    }

    fn back(&self, copies: &[Copy]) -> Result<(), DeployError> {
        self.runtime.block_on(self.host().back(copies))
    }

    fn run(&self, script: &str) -> Result<(), DeployError> {
        let variables = [("NAME".to_owned(), "it's $HOME".to_owned())];
        let command = CommandLine::Shell(script.to_owned());
        self.runtime.block_on(self.host().command("run", &command, &variables, Some(&self.stop)))
    }

    /// The files and what is in them.
    fn state(&self) -> Vec<(String, Vec<u8>)> {
        let entries = fs::read_dir(self.folder.path().join("a place")).unwrap();
        let mut files: Vec<_> = entries
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), entry.path()))
            .map(|(name, path)| (name, fs::read(path).unwrap()))
            .collect();
        files.sort();
        files
    }
}

fn lives(file: &Path) -> bool {
    let id = fs::read_to_string(file).unwrap();
    let status = fs::read_to_string(Path::new("/proc").join(id.trim()).join("status"));
    status.is_ok_and(|status| !status.contains("\nState:\tZ"))
}

#[test]
fn files_change_together_and_come_back_as_they_were() {
    let machine = Machine::new();
    fs::write(machine.file("it's.pem"), "old").unwrap();
    let before = machine.state();
    let copies = machine.copies(0);
    machine.put(&copies).unwrap();
    for copy in &copies {
        assert_eq!(&fs::read(&copy.path).unwrap(), &*copy.content);
        assert_eq!(fs::metadata(&copy.path).unwrap().mode() & 0o7777, 0o640);
    }
    machine.back(&copies).unwrap();
    assert_eq!(machine.state(), before);

    machine.put(&copies).unwrap();
    machine.keep(&copies).unwrap();
    let names: Vec<String> = machine.state().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["$(new).pem", "empty", "it's.pem"]);

    // Others see options and host, and nothing of files and paths.
    let log = fs::read_to_string(machine.folder.path().join("ssh.log")).unwrap();
    let begin = "-p 2222 -o BatchMode=yes -o ConnectTimeout=20 -- root@a.test sh -c 'eval ";
    assert!(log.lines().all(|line| line.starts_with(begin) && line.len() < 130), "{log}");
}

#[test]
fn an_exchange_that_was_cut_off_is_mended_by_the_next() {
    let machine = Machine::new();
    fs::write(machine.file("it's.pem"), "old").unwrap();
    let before = machine.state();
    machine.put(&machine.copies(0)).unwrap();
    // Nobody said whether it stays.
    machine.put(&machine.copies(7)).unwrap();
    machine.back(&machine.copies(7)).unwrap();
    assert_eq!(machine.state(), before);

    // It stays, and whoever tidied up died in the middle.
    machine.put(&machine.copies(0)).unwrap();
    fs::remove_file(machine.file(".it's.pem.old")).unwrap();
    machine.put(&machine.copies(7)).unwrap();
    machine.back(&machine.copies(7)).unwrap();
    for copy in machine.copies(0) {
        assert_eq!(fs::read(&copy.path).unwrap(), *copy.content);
    }
    assert_eq!(machine.state().len(), 3);
}

#[test]
fn when_one_file_cannot_be_put_none_is() {
    let machine = Machine::new();
    fs::write(machine.file("it's.pem"), "old").unwrap();
    let before = machine.state();
    let mut copies = machine.copies(0);
    for (path, said) in [("/does/not/exist/x", "/does/not/exist"), ("/tmp", "/tmp is a folder")] {
        copies[2].path = path.to_owned();
        let error = machine.put(&copies).unwrap_err().to_string();
        assert!(error.starts_with("failed to write the files there: ended with"), "{error}");
        assert!(error.contains(said), "{error}");
        assert_eq!(machine.state(), before);
    }
    let mut copies = machine.copies(0);
    copies[1].owner = Some("nobody-of-that-name".parse().unwrap());
    let error = machine.put(&copies).unwrap_err().to_string();
    assert!(error.contains("nobody-of-that-name"), "{error}");
    assert_eq!(machine.state(), before);
}

#[test]
fn commands_have_their_variables_and_no_input() {
    let machine = Machine::new();
    let file = machine.file("said").display().to_string();
    machine.run(&format!("{{ echo \"$NAME\"; cat; }} > '{file}'")).unwrap();
    assert_eq!(fs::read_to_string(file).unwrap(), "it's $HOME\n");
    let error = machine.run("echo why >&2; exit 3").unwrap_err().to_string();
    assert_eq!(
        error,
        "the run command `sh -c 'echo why >&2; exit 3'` ended with exit status: 3: why"
    );
    let error = machine.run("echo refused >&2; exit 255").unwrap_err();
    assert!(matches!(error, DeployError::Host { .. }), "{error}");
    assert!(
        error.to_string().contains("ssh -p 2222 root@a.test` ended with exit status: 255: refused")
    );
}

#[test]
fn a_command_ends_with_the_connection() {
    let machine = Machine::new();
    let own = machine.file("own");
    // ssh ends when it is told to, and with it the connection.
    let script = format!("echo $$ >'{}'; sleep 60 & sleep 60", own.display());
    let host = Host { limit: Duration::from_millis(500), ..machine.host() };
    let begun = Instant::now();
    let command = CommandLine::Shell(script.clone());
    let error = machine.runtime.block_on(host.command("run", &command, &[], None)).unwrap_err();
    assert!(error.to_string().contains("did not end within"), "{error}");
    while lives(&own) {
        assert!(begun.elapsed() < Duration::from_secs(20), "it goes on");
        std::thread::sleep(Duration::from_millis(20));
    }
    machine.handle.ask(Signal::Terminate);
    let error = machine.run(&script).unwrap_err();
    assert!(matches!(crate::Error::from(error), crate::Error::Stopped(Signal::Terminate)));
}
