//! What is scheduled: the settings that hold now.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use wildcert::Windows;

use super::{layers::Origin, options::Settings};
use crate::{
    path,
    schedule::{Schedule, Scope},
};

impl Settings<'_> {
    /// The schedule of `renew` for this state folder, configuration and log file, each of which stands in
    /// it when it is not where `renew` finds it by itself.
    pub(crate) fn schedule(&self, scope: Scope, program: PathBuf) -> Schedule {
        let absolute = |path: &Path| std::path::absolute(path).unwrap_or(path.to_owned());
        let mut arguments = Vec::new();
        let mut argument = |name: &str, path: &Path| {
            arguments.extend([name.to_owned(), absolute(path).display().to_string()]);
        };
        let state = &self.options.path;
        if path::default_state(self.env).as_ref() != Some(state) {
            argument("--path", state);
        }
        let config = &self.file.file;
        let usual = path::default_config(self.env);
        if !config.as_os_str().is_empty() && usual.as_ref() != Some(config) {
            argument("--config", config);
        }
        let mut writable = BTreeSet::new();
        if let Some(row) = self.in_force.iter().find(|row| row.key == "log-file") {
            let log = absolute(Path::new(&row.value));
            if !matches!(row.origin, Origin::File { .. }) {
                argument("--log-file", &log);
            }
            writable.extend(log.parent().map(Path::to_owned));
        }
        Schedule {
            scope,
            program,
            arguments,
            environment: usual.unwrap_or_default().with_file_name("environment"),
            state: state.clone(),
            writable,
            commands: false,
            windows: Windows::default(),
        }
    }
}
