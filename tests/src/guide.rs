//! The pages of docs/guide, so that tests do what they say.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use crate::{Rig, built, repository};

/// A fenced block of a page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Block {
    /// What follows the opening fence: a language and a word, such as `js provider.js`.
    pub info: String,
    /// The lines between the fences.
    pub text: String,
}

/// The fenced blocks below the heading `## heading` of docs/guide/`page`, to the next such heading.
///
/// # Panics
/// When there is no such page or heading.
pub fn blocks(page: &str, heading: &str) -> Vec<Block> {
    let path = repository().join("docs/guide").join(page);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
    let mut lines = text.lines().skip_while(|line| *line != format!("## {heading}"));
    assert!(lines.next().is_some(), "no heading `## {heading}` in `{}`", path.display());
    let mut blocks = Vec::new();
    while let Some(line) = lines.next().filter(|line| !line.starts_with("## ")) {
        let Some(info) = line.strip_prefix("```") else { continue };
        let text = lines.by_ref().take_while(|line| *line != "```");
        let text = text.map(|line| format!("{line}\n")).collect();
        blocks.push(Block { info: info.to_owned(), text });
    }
    blocks
}

/// The commands in the table below the heading `## heading` of docs/guide/`page`, row by row: another
/// client's, and ours.
///
/// # Panics
/// When there is no such page or heading.
pub fn commands(page: &str, heading: &str) -> Vec<[String; 2]> {
    let path = repository().join("docs/guide").join(page);
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("`{}`: {e}", path.display()));
    let mut lines = text.lines().skip_while(|line| *line != format!("## {heading}"));
    assert!(lines.next().is_some(), "no heading `## {heading}` in `{}`", path.display());
    let rows = lines.take_while(|line| !line.starts_with("## "));
    let row = |line: &str| {
        let cells = line.strip_prefix("| `")?.strip_suffix("` |")?.split_once("` | `")?;
        Some([cells.0.to_owned(), cells.1.to_owned()])
    };
    rows.filter_map(row).collect()
}

/// A shell that ends at the first command that fails; `programs` goes before the rest of `PATH`.
///
/// # Panics
/// When `programs` cannot be in `PATH`.
pub fn shell(commands: &str, folder: &Path, programs: &Path) -> Command {
    let rest = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(programs.to_owned()).chain(std::env::split_paths(&rest));
    let mut shell = Command::new("sh");
    shell.args(["-e", "-c", commands]).current_dir(folder);
    shell.env("PATH", std::env::join_paths(folders).expect("folders for PATH"));
    shell
}

/// Runs it to its end; gives what it said.
///
/// # Panics
/// When it fails.
pub fn succeed(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{command:?} failed:\n{said}");
    said
}

/// Puts a `wildcert` into `folder`, made for it, that obtains certificates from `rig`'s CA.
///
/// # Panics
/// When it cannot.
pub fn shim(folder: &Path, rig: &Rig) {
    let wildcert = built("wildcert");
    let text = format!(
        "#!/bin/sh\nset -e\ncommand=$1; shift\ncase $command in\n\
         run) exec {wildcert} run --server {server} --ca-bundle {bundle} {nameservers} \"$@\" ;;\n\
         *) exec {wildcert} \"$command\" \"$@\" ;;\nesac\n",
        wildcert = wildcert.display(),
        server = rig.pebble.directory(),
        bundle = rig.pebble.ca_bundle().display(),
        nameservers = rig.nameservers().join(" "),
    );
    fs::create_dir(folder).expect("a new folder");
    let program = folder.join("wildcert");
    fs::write(&program, text).expect("the program");
    fs::set_permissions(program, fs::Permissions::from_mode(0o755)).expect("its mode");
}
