//! Where secrets come from.

use std::{
    ffi::OsString,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use serde_json::{Value as Json, json};
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};
use wildcert_acme::Secret;
use zeroize::Zeroize;

use super::{
    command::{self, CommandError},
    reader::{Place, Reader},
    value::{self, Value},
};

/// Where a secret, or another value, comes from; it is fetched when it is asked for.
#[derive(Clone)]
pub enum SecretSource {
    /// It stands in the configuration itself.
    Text(Secret),
    /// The content of a file, without the line ends after it.
    File(PathBuf),
    /// The value of an environment variable.
    Env(String),
    /// What a program prints, without the line ends after it: the program and its arguments.
    Command(Vec<String>),
    /// A systemd credential of that name: the file in `$CREDENTIALS_DIRECTORY`.
    ///
    /// See <https://systemd.io/CREDENTIALS/>.
    Credential(String),
}

/// Why a secret could not be fetched; its value never appears.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecretError {
    /// The program did not print it.
    #[error("failed to get the secret from `{program}`: {source}")]
    Command {
        /// The program, without its arguments: they may be secrets themselves.
        program: String,
        /// Why.
        source: CommandError,
    },
    /// The secret is empty.
    #[error("the secret from {from} is empty")]
    Empty {
        /// The source.
        from: String,
    },
    /// The file could not be read.
    #[error("failed to read the secret from `{}`: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There are no systemd credentials.
    #[error("there is no credential `{name}`: CREDENTIALS_DIRECTORY is not set")]
    NoCredentials {
        /// The credential.
        name: String,
    },
    /// The environment variable is not set.
    #[error("the environment variable `{name}` is not set")]
    NotSet {
        /// Its name.
        name: String,
    },
    /// The secret is not UTF-8.
    #[error("the secret from {from} is not UTF-8")]
    NotText {
        /// The source.
        from: String,
    },
}

impl SecretSource {
    /// Fetches the secret. A program is waited for, up to 30 seconds.
    ///
    /// # Errors
    /// When the source does not give it, or gives an empty one.
    pub fn resolve(&self) -> Result<Secret, SecretError> {
        self.resolve_in(&|name: &str| std::env::var_os(name))
    }

    pub(super) fn resolve_in(
        &self,
        env: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Secret, SecretError> {
        let octets = match self {
            Self::Text(secret) => return Ok(secret.clone()),
            Self::File(path) => of_file(path)?,
            Self::Env(name) => {
                let value = env(name).ok_or_else(|| SecretError::NotSet { name: name.clone() })?;
                value
                    .into_string()
                    .map_err(|_| SecretError::NotText { from: self.to_string() })?
                    .into()
            }
            Self::Command(words) => command::output(words).map_err(|source| {
                let program = words.first().cloned().unwrap_or_default();
                SecretError::Command { program, source }
            })?,
            Self::Credential(name) => match env("CREDENTIALS_DIRECTORY") {
                Some(folder) => of_file(&Path::new(&folder).join(name))?,
                None => return Err(SecretError::NoCredentials { name: name.clone() }),
            },
        };
        let mut text = String::from_utf8(octets).map_err(|error| {
            error.into_bytes().zeroize();
            SecretError::NotText { from: self.to_string() }
        })?;
        let length = text.trim_end_matches(['\r', '\n']).len();
        text.truncate(length);
        if text.is_empty() {
            return Err(SecretError::Empty { from: self.to_string() });
        }
        Ok(Secret::new(text))
    }
}

impl SecretError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Command { source, .. } => source.hint(),
            Self::NoCredentials { name } => {
                Some(format!("under systemd, give the service `LoadCredential={name}:FILE`"))
            }
            _ => None,
        }
    }
}

/// The source as it stands in a file; neither secrets nor a program's arguments.
impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |text: &str| toml::Value::from(text).to_string();
        match self {
            Self::Text(_) => f.write_str("****"),
            Self::File(path) => {
                write!(f, "{{ file = {} }}", quoted(&path.display().to_string()))
            }
            Self::Env(name) => write!(f, "{{ env = {} }}", quoted(name)),
            Self::Command(words) => {
                let program = words.first().map(String::as_str).unwrap_or_default();
                let more = if words.len() > 1 { ", …" } else { "" };
                write!(f, "{{ command = [{}{more}] }}", quoted(program))
            }
            Self::Credential(name) => write!(f, "{{ credential = {} }}", quoted(name)),
        }
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Value for SecretSource {
    fn schema() -> Json {
        json!({ "$ref": "#/definitions/secret" })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        let text = match value {
            DeValue::Table(table) => return source(reader, place, table),
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) => {
                value::toml_text(value)
            }
            other => return value::expected(reader, place, "text or where it comes from", other),
        };
        reader.plain_secrets.push(place.clone());
        Some(Self::Text(Secret::new(text)))
    }

    fn shown(&self, _: &DeValue<'_>) -> Option<String> {
        Some(self.to_string())
    }
}

/// JSON Schema of a secret.
pub(super) fn schema() -> Json {
    let source = |name: &str, help: &str, kind: Json| {
        let mut property = kind;
        property["description"] = help.into();
        json!({
            "additionalProperties": false,
            "properties": { name: property },
            "required": [name],
            "type": "object",
        })
    };
    let text = || json!({ "type": "string" });
    json!({
        "description": "The value itself, or where it comes from: a file, an environment variable, \
                        what a program prints, or a systemd credential.",
        "anyOf": [
            { "type": ["string", "number", "boolean"] },
            source("file", "A file that holds it; line ends after it do not count.", text()),
            source("env", "An environment variable.", text()),
            source(
                "command",
                "A program that prints it within 30 seconds: a list of the program and its \
                 arguments, or a text that is split at spaces. There is no shell.",
                Vec::<String>::schema(),
            ),
            source(
                "credential",
                "A systemd credential: the file of that name in $CREDENTIALS_DIRECTORY.",
                text(),
            ),
        ],
    })
}

fn source(reader: &mut Reader<'_>, place: &Place, table: &DeTable<'_>) -> Option<SecretSource> {
    for key in table.keys().filter(|key| !KINDS.contains(&key.get_ref().as_ref())) {
        reader.unknown(place, key, KINDS);
    }
    let mut given = KINDS.iter().filter_map(|kind| Some((*kind, table.get(*kind)?)));
    let (Some((kind, value)), None) = (given.next(), given.next()) else {
        reader.fault(place, format!("it does not name one of {}", KINDS.join(", ")));
        return None;
    };
    let place =
        Place { key: format!("{}.{kind}", place.key), line: reader.line(value.span().start) };
    if kind == "command" {
        return words(reader, &place, value).map(SecretSource::Command);
    }
    let text = value::text(reader, &place, value.get_ref())?;
    match kind {
        "file" => Some(SecretSource::File(reader.file(text))),
        "env" => Some(SecretSource::Env(text.to_owned())),
        _ if text.contains('/') || text.starts_with('.') => {
            reader.fault(&place, format!("`{text}` is not the name of a credential"));
            None
        }
        _ => Some(SecretSource::Credential(text.to_owned())),
    }
}

/// A program with its arguments: a list as it stands, a text split at spaces.
fn words(
    reader: &mut Reader<'_>,
    place: &Place,
    value: &Spanned<DeValue<'_>>,
) -> Option<Vec<String>> {
    let mut words = match value.get_ref() {
        DeValue::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        DeValue::Array(items) => {
            let word = |item: &Spanned<DeValue<'_>>| item.get_ref().as_str().map(str::to_owned);
            match items.iter().map(word).collect::<Option<Vec<_>>>() {
                Some(words) => words,
                None => {
                    reader.fault(place, "expected a list of texts");
                    return None;
                }
            }
        }
        other => return value::expected(reader, place, "text or a list of texts", other),
    };
    match words.first_mut() {
        Some(program) if !program.is_empty() => {
            if program.contains('/') {
                *program = reader.file(program).display().to_string();
            }
            Some(words)
        }
        _ => {
            reader.fault(place, "it names no program");
            None
        }
    }
}

fn of_file(path: &Path) -> Result<Vec<u8>, SecretError> {
    fs::read(path).map_err(|source| SecretError::File { path: path.to_owned(), source })
}

/// The keys of a table that says where a secret comes from.
const KINDS: [&str; 4] = ["file", "env", "command", "credential"];
