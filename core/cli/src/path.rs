//! Where the state is when nobody says it.

use std::path::PathBuf;

use crate::env::{self, Lookup};

/// The default of `--path`: `/var/lib/wildcert` for root, the user's data folder for others; none
/// when the system does not tell one.
pub(crate) fn default_state(env: Lookup<'_>) -> Option<PathBuf> {
    if is_root() { Some(ROOT.into()) } else { of_user(env) }
}

/// What the environment says of it, and the variable that does.
pub(crate) fn of_variable(env: Lookup<'_>) -> Option<(&'static str, PathBuf)> {
    let names = [env::PATH, env::LEGO_PATH];
    names.into_iter().find_map(|name| Some((name, env(name)?.into())))
}

#[cfg(unix)]
fn of_user(env: Lookup<'_>) -> Option<PathBuf> {
    // The specification wants relative paths ignored.
    let data = env("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let data = data.or_else(|| env("HOME").map(|home| PathBuf::from(home).join(".local/share")));
    data.map(|data| data.join(NAME))
}

#[cfg(not(unix))]
fn of_user(env: Lookup<'_>) -> Option<PathBuf> {
    env("LOCALAPPDATA").map(|data| PathBuf::from(data).join(NAME))
}

#[cfg(unix)]
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

#[cfg(not(unix))]
fn is_root() -> bool {
    false
}

const NAME: &str = "wildcert";
const ROOT: &str = "/var/lib/wildcert";

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
    fn a_users_data_folder_follows_the_xdg_specification() {
        let table = [
            (vec![("XDG_DATA_HOME", "/x"), ("HOME", "/h")], Some("/x/wildcert")),
            (vec![("XDG_DATA_HOME", "x"), ("HOME", "/h")], Some("/h/.local/share/wildcert")),
            (vec![("HOME", "/h")], Some("/h/.local/share/wildcert")),
            (vec![], None),
        ];
        for (variables, expected) in table {
            let env = |name: &str| {
                variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into())
            };
            assert_eq!(of_user(&env), expected.map(PathBuf::from), "{variables:?}");
        }
    }
}
