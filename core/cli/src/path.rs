//! Where state and configuration are when nobody says it.

use std::path::PathBuf;

use crate::env::{self, Lookup};

/// The default of `--path`: `/var/lib/wildcert` for root, the user's data folder for others; none
/// when the system does not tell one.
pub(crate) fn default_state(env: Lookup<'_>) -> Option<PathBuf> {
    STATE.folder(is_root(), env)
}

/// The default of `--config`: `/etc/wildcert/wildcert.toml` for root, that in the user's configuration
/// folder for others; none when the system does not tell one. The file need not be there.
pub(crate) fn default_config(env: Lookup<'_>) -> Option<PathBuf> {
    CONFIG.folder(is_root(), env).map(|folder| folder.join("wildcert.toml"))
}

/// The user's configuration folder, which those of all programs lie in.
pub(crate) fn config_home(env: Lookup<'_>) -> Option<PathBuf> {
    CONFIG.of_user(env)
}

/// What the environment says of the state, and the variable that does.
pub(crate) fn of_variable(env: Lookup<'_>) -> Option<(&'static str, PathBuf)> {
    let names = [env::PATH, env::LEGO_PATH];
    names.into_iter().find_map(|name| Some((name, env(name)?.into())))
}

/// Where systems keep things of one kind.
struct Place {
    /// For root.
    root: &'static str,
    /// The variable of the XDG Base Directory Specification, and its default below the home folder.
    #[cfg(unix)]
    user: (&'static str, &'static str),
    /// The variable of Windows.
    #[cfg(not(unix))]
    user: &'static str,
}

impl Place {
    fn folder(&self, is_root: bool, env: Lookup<'_>) -> Option<PathBuf> {
        let folder = if is_root { Some(PathBuf::from(self.root)) } else { self.of_user(env) };
        folder.map(|folder| folder.join("wildcert"))
    }

    #[cfg(unix)]
    fn of_user(&self, env: Lookup<'_>) -> Option<PathBuf> {
        let (variable, below_home) = self.user;
        // The specification wants relative paths ignored.
        let named = env(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        named.or_else(|| env("HOME").map(|home| PathBuf::from(home).join(below_home)))
    }

    #[cfg(not(unix))]
    fn of_user(&self, env: Lookup<'_>) -> Option<PathBuf> {
        env(self.user).map(PathBuf::from)
    }
}

const STATE: Place = Place {
    root: "/var/lib",
    #[cfg(unix)]
    user: ("XDG_DATA_HOME", ".local/share"),
    #[cfg(not(unix))]
    user: "LOCALAPPDATA",
};
const CONFIG: Place = Place {
    root: "/etc",
    #[cfg(unix)]
    user: ("XDG_CONFIG_HOME", ".config"),
    #[cfg(not(unix))]
    user: "APPDATA",
};

/// Whether the process may do everything.
#[cfg(unix)]
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Whether the process may do everything.
#[cfg(not(unix))]
pub(crate) fn is_root() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_variable_goes_before_legos() {
        let both = |name: &str| ["WILDCERT_PATH", "LEGO_PATH"].contains(&name).then(|| name.into());
        assert_eq!(of_variable(&both), Some(("WILDCERT_PATH", "WILDCERT_PATH".into())));
        let lego = |name: &str| (name == "LEGO_PATH").then(|| "/l".into());
        assert_eq!(of_variable(&lego), Some(("LEGO_PATH", "/l".into())));
    }

    #[cfg(unix)]
    #[test]
    fn a_users_folders_follow_the_xdg_specification() {
        let table = [
            (vec![("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")], Some("/x/wildcert")),
            (vec![("XDG_CONFIG_HOME", "x"), ("HOME", "/h")], Some("/h/.config/wildcert")),
            (vec![("HOME", "/h")], Some("/h/.config/wildcert")),
            (vec![], None),
        ];
        for (variables, expected) in table {
            let env = |name: &str| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
            };
            let found = CONFIG.folder(false, &env);
            assert_eq!(found, expected.map(PathBuf::from), "{variables:?}");
        }
        let home = |name: &str| (name == "HOME").then(|| "/h".into());
        assert_eq!(STATE.folder(false, &home), Some("/h/.local/share/wildcert".into()));
        assert_eq!(STATE.folder(true, &home), Some("/var/lib/wildcert".into()));
        assert_eq!(CONFIG.folder(true, &home), Some("/etc/wildcert".into()));
    }
}
