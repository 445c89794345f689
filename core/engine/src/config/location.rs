//! Where the configuration is when nobody says it.

use std::{ffi::OsString, path::PathBuf};

/// The file that is read when no other one is named: `/etc/wildcert/wildcert.toml` for root, that
/// in the user's configuration folder for others; none when the system does not tell one.
///
/// `env` reads an environment variable; empty ones count as not set. The file need not be there.
pub fn default_path(env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = if is_root() { Some(ROOT.into()) } else { of_user(env) };
    folder.map(|folder: PathBuf| folder.join(NAME).join(FILE))
}

#[cfg(unix)]
fn of_user(env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let folder = |name: &str| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    // The specification wants relative paths ignored.
    let config = folder("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    config.or_else(|| folder("HOME").map(|home| home.join(".config")))
}

#[cfg(not(unix))]
fn of_user(env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    env("APPDATA").filter(|value| !value.is_empty()).map(PathBuf::from)
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

const ROOT: &str = "/etc";
const NAME: &str = "wildcert";
const FILE: &str = "wildcert.toml";

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_users_configuration_follows_the_xdg_specification() {
        let table = [
            (vec![("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")], Some("/x")),
            (vec![("XDG_CONFIG_HOME", "x"), ("HOME", "/h")], Some("/h/.config")),
            (vec![("XDG_CONFIG_HOME", ""), ("HOME", "/h")], Some("/h/.config")),
            (vec![], None),
        ];
        for (variables, expected) in table {
            let env = |name: &str| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
            };
            assert_eq!(of_user(&env), expected.map(PathBuf::from), "{variables:?}");
            let file = default_path(&env);
            if is_root() {
                assert_eq!(file, Some("/etc/wildcert/wildcert.toml".into()));
            } else {
                assert_eq!(file, expected.map(|x| PathBuf::from(x).join("wildcert/wildcert.toml")));
            }
        }
    }
}
