//! Servers in Python, each with its packages in an environment of its own.

use std::{fs, path::PathBuf, process::Command, sync::Mutex};

use crate::{modules::target, program};

/// The Python of the environment `name` with these packages; the first call on a machine installs
/// them.
///
/// # Panics
/// When they cannot be installed.
pub(crate) fn python(name: &str, packages: &[&str]) -> PathBuf {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _alone = ONE_AT_A_TIME.lock();
    let folder = target().join(name);
    let python = folder.join("bin/python");
    let seal = folder.join("installed.txt");
    let wanted = packages.join("\n");
    if fs::read_to_string(&seal).is_ok_and(|installed| installed == wanted) {
        return python;
    }
    succeed(program::command("python3").args(["-m", "venv", "--clear"]).arg(&folder));
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    succeed(Command::new(&python).args(pip).args(packages));
    fs::write(&seal, wanted).expect("a file in the folder of the environment");
    python
}

/// What the program prints.
pub(crate) fn succeed(command: &mut Command) -> String {
    let output = command.output().expect("it runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} failed: {errors}", command.get_program().display());
    String::from_utf8(output.stdout).expect("UTF-8")
}
