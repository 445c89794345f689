//! Which language somebody reads.

use clap::ValueEnum;

use crate::env::{self, Lookup};

/// A language of the messages.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub enum Lang {
    /// English
    #[default]
    En,
    /// Japanese
    Ja,
}

impl Lang {
    /// Every language.
    pub const ALL: [Self; 2] = [Self::En, Self::Ja];

    /// Its tag (BCP 47).
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Ja => "ja",
        }
    }

    /// The option's language, otherwise that of our variable, otherwise that of the configuration
    /// file, otherwise that of the first variable of the locale that is set. A locale is everybody's
    /// default, not a word about wildcert. The order of its variables is that of POSIX (Base
    /// Definitions §8.2).
    pub(crate) fn choose(option: Option<Self>, env: Lookup<'_>, file: Option<Self>) -> Self {
        let own = || Self::of_locale(env(env::LANGUAGE)?.to_str()?);
        let variables = [env::LC_ALL, env::LC_MESSAGES, env::LANG];
        let locale = || variables.iter().find_map(|name| env(name));
        let locale = || Self::of_locale(locale()?.to_str()?);
        option.or_else(own).or(file).or_else(locale).unwrap_or_default()
    }

    /// The language of `ja`, `ja_JP.UTF-8`, `ja_JP.eucJP`; the output is UTF-8 in any case.
    fn of_locale(locale: &str) -> Option<Self> {
        let language = locale.split(['_', '-', '.', '@']).next()?;
        Self::ALL.into_iter().find(|lang| lang.tag().eq_ignore_ascii_case(language))
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;

    fn chosen(option: Option<Lang>, variables: &[(&str, &str)]) -> Lang {
        let env = |name: &str| {
            let found = variables.iter().find(|(key, value)| *key == name && !value.is_empty());
            found.map(|(_, value)| OsString::from(value))
        };
        Lang::choose(option, &env, None)
    }

    #[test]
    fn the_file_goes_before_the_locale_and_behind_all_that_is_said_of_wildcert() {
        let env = |wanted: &'static str| {
            move |name: &str| [wanted, "LANG"].contains(&name).then(|| OsString::from("en_GB"))
        };
        assert_eq!(Lang::choose(None, &env("LC_ALL"), Some(Lang::Ja)), Lang::Ja);
        assert_eq!(Lang::choose(None, &env("WILDCERT_LANG"), Some(Lang::Ja)), Lang::En);
        assert_eq!(Lang::choose(Some(Lang::Ja), &env("WILDCERT_LANG"), None), Lang::Ja);
    }

    #[test]
    fn the_first_that_is_set_decides() {
        let table: &[(&[(&str, &str)], Lang)] = &[
            (&[], Lang::En),
            (&[("LANG", "ja_JP.UTF-8")], Lang::Ja),
            (&[("LANG", "ja")], Lang::Ja),
            (&[("LANG", "ja_JP.eucJP")], Lang::Ja),
            (&[("LANG", "JA-jp")], Lang::Ja),
            (&[("LANG", "C")], Lang::En),
            (&[("LANG", "de_DE.UTF-8")], Lang::En),
            (&[("LANG", "jam_JM")], Lang::En),
            (&[("LC_MESSAGES", "ja_JP"), ("LANG", "en_US")], Lang::Ja),
            (&[("LC_ALL", "POSIX"), ("LC_MESSAGES", "ja_JP"), ("LANG", "ja_JP")], Lang::En),
            (&[("LC_ALL", ""), ("LANG", "ja_JP")], Lang::Ja),
            (&[("WILDCERT_LANG", "ja"), ("LC_ALL", "C")], Lang::Ja),
            (&[("WILDCERT_LANG", "en"), ("LC_ALL", "ja_JP")], Lang::En),
        ];
        for (variables, expected) in table {
            assert_eq!(chosen(None, variables), *expected, "{variables:?}");
        }
        assert_eq!(chosen(Some(Lang::En), &[("WILDCERT_LANG", "ja")]), Lang::En);
    }
}
