//! Which layer says a value: an option, the environment, the file, or nobody.

use std::path::PathBuf;

use wildcert::config::Config;

/// A value that is in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct InForce {
    /// Its key in the configuration file.
    pub(crate) key: String,
    /// As people may see it.
    pub(crate) value: String,
    pub(crate) origin: Origin,
}

/// Where a value comes from.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// An option of the command line.
    Option(&'static str),
    /// An environment variable.
    Variable(String),
    /// The configuration file.
    File {
        path: PathBuf,
        line: usize,
    },
    Default,
}

/// What each layer says of one value.
#[derive(Clone, Debug)]
pub(super) struct Layers<T> {
    pub(super) option: Option<(&'static str, T)>,
    pub(super) variable: Option<(&'static str, T)>,
    pub(super) file: Option<T>,
}

impl<T> Layers<T> {
    /// The value of the first that has one, and where that is; `key` is the file's.
    pub(super) fn first(self, file: &Config, key: &str) -> Option<(T, Origin)> {
        match (self.option, self.variable, self.file) {
            (Some((name, value)), _, _) => Some((value, Origin::Option(name))),
            (None, Some((name, value)), _) => Some((value, Origin::Variable(name.to_owned()))),
            (None, None, Some(value)) => Some((value, Origin::of_file(file, key))),
            (None, None, None) => None,
        }
    }
}

impl Origin {
    /// The line of a key.
    pub(crate) fn of_file(file: &Config, key: &str) -> Self {
        Self::File { path: file.file.clone(), line: file.line(key).unwrap_or(1) }
    }
}

/// A list that says something.
pub(super) fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}
