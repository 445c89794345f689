//! The environment that a user grants a program.

use std::{env, ffi::OsString, fmt, process::Command};

use crate::{
    error::{Error, Result},
    host::Config,
};

/// What a program cannot do without; nothing else of wildcert's environment is handed on unasked.
const ALWAYS: [&str; 4] = ["PATH", "HOME", "LANG", "TMPDIR"];

/// A value shorter than this is a word of every day: to hide it would make logs unreadable.
const TELLING: usize = 4;

/// What stands in a value's place.
const MASK: &str = "****";

/// The environment variables that a setting grants a program.
///
/// The setting holds words, split as a shell splits them: `NAME=VALUE` sets a variable, a bare `NAME`
/// hands on the one of wildcert's own environment. Lines of `export NAME=VALUE` and comments, as
/// shell scripts have them, work too.
#[derive(Clone, Default, Eq, PartialEq)]
pub struct Variables(Vec<(String, OsString)>);

impl Variables {
    /// The variables that the setting `name` grants; none when it is not set.
    ///
    /// # Errors
    /// `config`, with everything that is wrong at once: an open quote, a word that is no variable, a
    /// variable to hand on that wildcert's environment lacks. No value is told.
    pub fn of(config: &Config, name: &str) -> Result<Self> {
        let Some(text) = config.get(name) else { return Ok(Self::default()) };
        let words = shlex::split(text);
        let words = words.ok_or_else(|| Error::config(format!("`{name}` has an open quote")))?;
        let (mut variables, mut faults) = (Vec::new(), Vec::new());
        for word in words.iter().filter(|word| *word != "export") {
            match word.split_once('=') {
                Some((known, value)) if is_name(known) => {
                    variables.push((known.to_owned(), value.into()));
                }
                None if is_name(word) => match env::var_os(word) {
                    Some(value) => variables.push((word.clone(), value)),
                    None => faults.push(format!(
                        "`{word}` is to be handed on, and wildcert's environment lacks it"
                    )),
                },
                // The word may be a secret that lost its name.
                _ => faults.push("a word is neither `NAME=VALUE` nor a variable's name".to_owned()),
            }
        }
        if faults.is_empty() {
            return Ok(Self(variables));
        }
        faults.dedup();
        Err(Error::config(format!("`{name}`: {}", faults.join("; "))))
    }

    /// `text` without the values, as far as they are long enough to tell.
    pub fn mask(&self, text: &str) -> String {
        let mut masked = text.to_owned();
        for value in self.telling() {
            masked = masked.replace(value, MASK);
        }
        masked
    }

    /// Whether `text` holds one of the values, as far as they are long enough to tell.
    pub fn stand_in(&self, text: &str) -> bool {
        self.telling().any(|value| text.contains(value))
    }

    /// Gives `command` these variables, and `PATH`, `HOME`, `LANG` and `TMPDIR` of wildcert's own
    /// environment, and no others.
    pub(super) fn confine(&self, command: &mut Command) {
        command.env_clear();
        command.envs(ALWAYS.iter().filter_map(|name| Some((name, env::var_os(name)?))));
        command.envs(self.0.iter().map(|(name, value)| (name, value)));
    }

    fn telling(&self) -> impl Iterator<Item = &str> {
        let values = self.0.iter().filter_map(|(_, value)| value.to_str());
        values.filter(|value| value.trim().len() >= TELLING)
    }
}

/// Names only: any value may be worth hiding.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.iter().map(|(name, _)| name)).finish()
    }
}

/// Whether a shell takes `word` for a variable's name.
fn is_name(word: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    word.chars().all(allowed) && word.chars().next().is_some_and(|c| !c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn variables(text: &str) -> Result<Variables> {
        Variables::of(&Config::new(vec![("X_ENV".into(), text.into())]), "X_ENV")
    }

    #[test]
    fn words_are_split_as_a_shell_splits_them() {
        let text = "TOKEN=abc='d' 'NAME=two words'\n# a comment\nexport KEY=\"x y\" EMPTY=";
        let expected = [("TOKEN", "abc=d"), ("NAME", "two words"), ("KEY", "x y"), ("EMPTY", "")];
        let expected = expected.map(|(name, value)| (name.to_owned(), OsString::from(value)));
        assert_eq!(variables(text).unwrap().0, expected);
        assert_eq!(variables("").unwrap(), Variables::default());
    }

    #[test]
    fn a_bare_name_hands_on_what_wildcert_has() {
        // Cargo sets it for tests.
        let handed = variables("CARGO_PKG_NAME").unwrap();
        assert_eq!(handed.0, [("CARGO_PKG_NAME".to_owned(), env!("CARGO_PKG_NAME").into())]);
    }

    #[test]
    fn all_faults_are_told_at_once_and_no_value() {
        let error = variables("s3cret= 1x= NOT_SET_ANYWHERE se-cret 9=hidden").unwrap_err();
        assert_eq!(error.kind, ErrorKind::Config);
        let message = "`X_ENV`: a word is neither `NAME=VALUE` nor a variable's name; \
                       `NOT_SET_ANYWHERE` is to be handed on, and wildcert's environment lacks it; \
                       a word is neither `NAME=VALUE` nor a variable's name";
        assert_eq!(error.message, message);
        assert_eq!(variables("A='b").unwrap_err().message, "`X_ENV` has an open quote");
    }

    #[test]
    fn values_are_masked_where_they_tell() {
        let variables = variables("TOKEN=abcdef DEBUG=2 SPACE='    '").unwrap();
        assert_eq!(variables.mask("2 times abcdef, abcde    "), "2 times ****, abcde    ");
        assert!(variables.stand_in("xabcdefx") && !variables.stand_in("2 abcde"));
        assert!(!format!("{variables:?}").contains("abcdef"));
    }
}
