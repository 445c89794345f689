//! What can be wrong with a provider's settings.

use std::{fmt, io, path::PathBuf};

/// One thing that is wrong with a provider's settings; values never appear in it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// A setting without which nothing works is not given.
    Missing {
        /// Its name.
        name: String,
        /// Its other names.
        aliases: Vec<String>,
        /// What it is.
        help: String,
    },
    /// No set of credentials is complete.
    NoCredentials {
        /// The sets of which one must be complete.
        sets: Vec<Vec<String>>,
        /// What the set nearest to completeness lacks.
        lacking: Vec<String>,
    },
    /// A setting on the command line that the provider does not have.
    Unknown {
        /// What was written.
        name: String,
        /// Settings with a similar name, the nearest first.
        near: Vec<String>,
    },
    /// The file that holds a value cannot be read.
    File {
        /// The setting that names the file.
        name: String,
        /// The file.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// A value is not UTF-8.
    NotText {
        /// The setting.
        name: String,
    },
    /// A value is not the number that it must be.
    NotANumber {
        /// The setting.
        name: String,
        /// What is expected.
        expected: &'static str,
    },
    /// The TTL is not one that the provider takes.
    TtlRange {
        /// The setting.
        name: String,
        /// Its value.
        ttl: u32,
        /// The least that the provider takes.
        minimum: u32,
        /// The most that the provider takes.
        maximum: u32,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { name, aliases, help } => {
                write!(f, "`{name}` is missing")?;
                if !aliases.is_empty() {
                    write!(f, " (or {})", names(aliases, " or "))?;
                }
                write!(f, ": {help}")
            }
            Self::NoCredentials { sets, lacking } => {
                let sets: Vec<String> = sets.iter().map(|set| names(set, " + ")).collect();
                write!(
                    f,
                    "credentials are incomplete: {}; nearest lacks {}",
                    sets.join(", or "),
                    names(lacking, ", ")
                )
            }
            Self::Unknown { name, near } if near.is_empty() => {
                write!(f, "`{name}` is no setting of this provider")
            }
            Self::Unknown { name, near } => {
                let near = names(near, " or ");
                write!(f, "`{name}` is no setting of this provider; did you mean {near}?")
            }
            Self::File { name, path, source } => {
                write!(f, "`{name}` names `{}`, which cannot be read: {source}", path.display())
            }
            Self::NotText { name } => write!(f, "the value of `{name}` is not UTF-8"),
            Self::NotANumber { name, expected } => write!(f, "`{name}` is not {expected}"),
            Self::TtlRange { name, ttl, minimum, maximum } => {
                write!(f, "`{name}` is {ttl}; the provider takes {minimum} to {maximum}")
            }
        }
    }
}

fn names(names: &[String], separator: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(separator)
}
