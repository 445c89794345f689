//! Secrets that are fetched when they are needed, and not before.

use std::{fmt, path::PathBuf};

use wildcert_acme::Secret;

use crate::{
    config::{Config, SecretSource},
    error::Error,
};

/// A secret, or where to get it.
#[derive(Clone)]
pub enum LateSecret {
    /// It is known.
    Known(Secret),
    /// A configuration file says where it comes from.
    Configured {
        /// The source.
        source: SecretSource,
        /// The key that says it, with those of its tables.
        key: String,
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
    },
}

impl LateSecret {
    /// What stands in `config` under a key, of which `parts` are the names.
    pub fn configured(config: &Config, parts: &[&str], source: &SecretSource) -> Self {
        let (key, line) = config.place(parts);
        Self::Configured { source: source.clone(), key, file: config.file.clone(), line }
    }

    /// Fetches it.
    ///
    /// # Errors
    /// [`Error::Secret`] with its place in the file when the source does not give it.
    pub fn resolve(&self) -> Result<Secret, Error> {
        match self {
            Self::Known(secret) => Ok(secret.clone()),
            Self::Configured { source, key, file, line } => source.resolve().map_err(|source| {
                Error::Secret { key: key.clone(), file: file.clone(), line: *line, source }
            }),
        }
    }

    /// Whether a program has to run to tell it.
    pub(crate) fn is_command(&self) -> bool {
        matches!(self, Self::Configured { source: SecretSource::Command(_), .. })
    }
}

impl From<Secret> for LateSecret {
    fn from(secret: Secret) -> Self {
        Self::Known(secret)
    }
}

/// Where it comes from; never the secret.
impl fmt::Debug for LateSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(_) => f.write_str("****"),
            Self::Configured { source, key, .. } => write!(f, "{key} = {source}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_secret_that_cannot_be_had_is_told_with_key_and_line() {
        let text = "[providers.one.settings]\ntoken = \"t\"\nkey = { file = \"absent\" }\n";
        let config = Config::parse(text, Path::new("/etc/w.toml")).unwrap();
        let settings = &config.settings.providers["one"].settings;
        let late = |name: &str| {
            let parts = ["providers", "one", "settings", name];
            LateSecret::configured(&config, &parts, &settings[name])
        };
        assert_eq!(late("token").resolve().unwrap().expose(), "t");
        assert_eq!(format!("{:?}", late("token")), "providers.one.settings.token = ****");
        let told = late("key").resolve().unwrap_err().to_string();
        let expected = "/etc/w.toml:3: providers.one.settings.key: failed to read the secret from \
                        `/etc/absent`: ";
        assert!(told.starts_with(expected), "{told}");
    }
}
