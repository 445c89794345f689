//! Where the state is when nobody says it.

use std::path::PathBuf;

use crate::env::{self, Lookup};

/// The default of `--path`: `/var/lib/wildcert` for root, the user's data folder for others; none
/// when the system does not tell one.
pub(crate) fn default_state(env: Lookup<'_>) -> Option<PathBuf> {
    given(env).or_else(|| if is_root() { Some(ROOT.into()) } else { of_user(env) })
}

fn given(env: Lookup<'_>) -> Option<PathBuf> {
    env(env::PATH).or_else(|| env(env::LEGO_PATH)).map(PathBuf::from)
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
        assert_eq!(default_state(&both), Some("WILDCERT_PATH".into()));
        let lego = |name: &str| (name == "LEGO_PATH").then(|| "/l".into());
        assert_eq!(default_state(&lego), Some("/l".into()));
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
