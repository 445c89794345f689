//! Signatures by minisign itself.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::program;

/// A key pair.
#[derive(Debug)]
pub struct Minisign {
    folder: TempDir,
}

impl Minisign {
    /// Makes one, without a password.
    pub fn generate() -> Self {
        let folder = TempDir::with_prefix("wildcert-minisign-").expect("a temporary folder");
        let pair = Self { folder };
        pair.run(&["-G", "-W"], &[("-p", &pair.public()), ("-s", &pair.secret())]);
        pair
    }

    /// The file with the public key.
    pub fn public(&self) -> PathBuf {
        self.folder.path().join("minisign.pub")
    }

    /// The public key in base64.
    pub fn key(&self) -> String {
        let text = std::fs::read_to_string(self.public()).expect("a key");
        text.lines().nth(1).expect("a second line").to_owned()
    }

    /// The key's id, as minisign shows it in the first line of the file.
    pub fn id(&self) -> String {
        let text = std::fs::read_to_string(self.public()).expect("a key");
        let id = text.lines().next().and_then(|line| line.rsplit(' ').next()).expect("a comment");
        format!("{id:0>16}")
    }

    /// Signs `file`, as `minisign -S` does with these options; gives the signature's file.
    pub fn sign(&self, file: &Path, options: &[&str]) -> PathBuf {
        let options = [&["-S"], options].concat();
        self.run(&options, &[("-s", &self.secret()), ("-m", file)]);
        let mut name = file.file_name().expect("a name").to_owned();
        name.push(".minisig");
        file.with_file_name(name)
    }

    fn secret(&self) -> PathBuf {
        self.folder.path().join("minisign.key")
    }

    fn run(&self, options: &[&str], files: &[(&str, &Path)]) {
        let mut command = program::command("minisign");
        command.args(options);
        for (option, file) in files {
            command.arg(option).arg(file);
        }
        let output = command.output().expect("it runs");
        assert!(
            output.status.success(),
            "minisign {options:?} failed: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
