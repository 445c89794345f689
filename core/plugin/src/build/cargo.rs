//! Calling cargo.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;

use super::{
    crates::ProviderCrate,
    toolchain::{TARGET, Toolchain},
};
use crate::error::Error;

/// The profile of WebAssembly modules, given on the command line so that a provider's workspace
/// needs nothing. Small first: size is what instantiation and the reader of a module pay for.
const GUEST: [&str; 9] = [
    "profile.guest.inherits='release'",
    "profile.guest.opt-level='z'",
    "profile.guest.codegen-units=1",
    "profile.guest.debug=false",
    "profile.guest.incremental=false",
    "profile.guest.lto=true",
    "profile.guest.overflow-checks=false",
    "profile.guest.panic='abort'",
    "profile.guest.strip=true",
];

/// A native module turns a panic into an error, which needs unwinding.
const NATIVE: [&str; 1] = ["profile.release.panic='unwind'"];

/// What is compiled for.
#[derive(Clone, Copy)]
pub(super) enum Profile<'a> {
    /// WebAssembly, with that compiler.
    Guest(&'a Toolchain),
    /// This machine.
    Native,
}

/// Cargo in one workspace.
pub(super) struct Cargo<'a> {
    pub(super) root: &'a Path,
    pub(super) target: &'a Path,
}

impl Cargo<'_> {
    /// Compiles the crates in one go; gives the library of each, in order.
    pub(super) fn libraries(
        &self,
        profile: Profile<'_>,
        crates: &[&ProviderCrate],
    ) -> Result<Vec<PathBuf>, Error> {
        let mut command = Command::new(program());
        command.args(["build", "--lib", "--message-format=json-render-diagnostics"]);
        command.arg("--target-dir").arg(self.target).current_dir(self.root);
        let settings: &[&str] = match profile {
            Profile::Guest(toolchain) => {
                command.args(["--profile=guest", "--target", TARGET]);
                toolchain.configure(&mut command);
                &GUEST
            }
            Profile::Native => {
                command.arg("--release");
                &NATIVE
            }
        };
        command.args(settings.iter().flat_map(|setting| ["--config", setting]));
        command.args(crates.iter().flat_map(|provider| ["--package", &provider.package]));

        let messages = output(&mut command)?;
        let messages = String::from_utf8_lossy(&messages);
        let compiled: Vec<Message> =
            messages.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        let library = |provider: &&ProviderCrate| {
            let mut messages = compiled.iter().filter(|m| m.package_id == provider.package);
            messages.find_map(Message::library).ok_or_else(|| Error::Tool {
                command: line(&command),
                reason: format!("it made no library of `{}`", provider.dir.display()),
            })
        };
        crates.iter().map(library).collect()
    }
}

/// The cargo that called us, else the one in `PATH`.
pub(super) fn program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Runs the command and gives its stdout; its stderr goes to ours as it comes.
pub(super) fn output(command: &mut Command) -> Result<Vec<u8>, Error> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let program = command.get_program().to_string_lossy().into_owned();
    let output = output.map_err(|source| Error::Run { program, source })?;
    if !output.status.success() {
        return Err(Error::Tool { command: line(command), reason: output.status.to_string() });
    }
    Ok(output.stdout)
}

/// The command line, for messages.
pub(super) fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Cargo's message about a target that it compiled, or found compiled.
#[derive(Deserialize)]
struct Message {
    package_id: String,
    target: Target,
    filenames: Vec<PathBuf>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
}

impl Message {
    /// The file of the `cdylib` that the message is about.
    fn library(&self) -> Option<PathBuf> {
        let endings = ["wasm", "so", "dylib", "dll"];
        let ending = |path: &&PathBuf| {
            let ending = path.extension().and_then(|ending| ending.to_str());
            ending.is_some_and(|ending| endings.contains(&ending))
        };
        let cdylib = self.target.kind.iter().any(|kind| kind == "cdylib");
        self.filenames.iter().find(ending).filter(|_| cdylib).cloned()
    }
}
