//! Where a setting's value is looked for.

use std::{ffi::OsString, fs, path::PathBuf};

use wildcert_plugin_sdk::manifest::Setting;
use zeroize::{Zeroize, Zeroizing};

use super::fault::Fault;

/// The command line over the environment over the configuration file.
pub(super) struct Layers<'a> {
    pub(super) overrides: &'a [(String, String)],
    pub(super) env: &'a dyn Fn(&str) -> Option<OsString>,
    /// Under the manifest's names.
    pub(super) configured: &'a [(String, String)],
}

impl Layers<'_> {
    /// The value that the user gives to `setting`; an empty one counts as none.
    ///
    /// Each of its names is tried as it stands and then with `_FILE`, which names a file that
    /// holds the value. Whatever stands on the command line goes before the whole environment, and
    /// that before the whole configuration file.
    pub(super) fn value(&self, setting: &Setting) -> Result<Option<Zeroizing<String>>, Fault> {
        // The last of several wins, as everywhere on command lines.
        let last = |list: &[(String, String)], name: &str| {
            let given = list.iter().rev().find(|(key, _)| key == name);
            given.map(|(_, value)| OsString::from(value))
        };
        let overrides = |name: &str| last(self.overrides, name);
        let env = |name: &str| (self.env)(name).filter(|value| !value.is_empty());
        let configured = |name: &str| last(self.configured, name);
        let value = match in_layer(setting, &overrides)? {
            Some(given) => Some(given),
            None => match in_layer(setting, &env)? {
                Some(given) => Some(given),
                None => in_layer(setting, &configured)?,
            },
        };
        Ok(value.filter(|value| !value.is_empty()))
    }
}

fn in_layer(
    setting: &Setting,
    layer: &dyn Fn(&str) -> Option<OsString>,
) -> Result<Option<Zeroizing<String>>, Fault> {
    for name in std::iter::once(&setting.name).chain(&setting.aliases) {
        if let Some(value) = layer(name) {
            let text = value.into_string().map_err(|_| Fault::NotText { name: name.clone() })?;
            return Ok(Some(Zeroizing::new(text)));
        }
        let name = format!("{name}_FILE");
        if let Some(path) = layer(&name) {
            return from_file(name, path.into()).map(Some);
        }
    }
    Ok(None)
}

/// The content of a file, without the line ends that editors put after it.
fn from_file(name: String, path: PathBuf) -> Result<Zeroizing<String>, Fault> {
    let octets = match fs::read(&path) {
        Ok(octets) => octets,
        Err(source) => return Err(Fault::File { name, path, source }),
    };
    match String::from_utf8(octets) {
        Ok(mut text) => {
            let length = text.trim_end_matches(['\r', '\n']).len();
            text.truncate(length);
            Ok(Zeroizing::new(text))
        }
        Err(error) => {
            error.into_bytes().zeroize();
            Err(Fault::NotText { name })
        }
    }
}
