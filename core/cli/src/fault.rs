//! What is wrong with the command line. It is found before anybody asks who reads it, so the words are
//! there in every language.

use std::{io, path::Path};

use fluent_bundle::FluentValue;
use wildcert::{EndpointError, Error as EngineError, WindowError, acme};

use crate::lang::{Lang, Text, describe, describe_acme, describe_endpoint, describe_window, hints};

/// One thing that is wrong with the command line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Fault {
    /// What is wrong, with the option's name.
    pub(crate) message: Said,
    /// What to write instead.
    pub(crate) hint: Option<Said>,
}

/// Words in every language.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Said {
    english: String,
    japanese: String,
}

impl Fault {
    /// The message `id` with its values, and what to do about it: the message's attribute `hint`.
    pub(crate) fn new(id: &str, values: &[(&str, FluentValue<'_>)]) -> Self {
        Self {
            message: Said::new(id, values),
            hint: Some(Said::new(&format!("{id}.hint"), values)),
        }
    }

    /// What the engine says is wrong with the value of `option`.
    pub(crate) fn of_error(option: &str, error: &EngineError) -> Self {
        let hint = Said::both(|text| hints(text, error).into_iter().next().unwrap_or_default());
        Self {
            message: Said::both(|text| format!("{option}: {}", describe(text, error))),
            hint: Some(hint).filter(|hint| !hint.english.is_empty()),
        }
    }

    /// What is wrong with the maintenance window that is the value of `option`.
    pub(crate) fn of_window(option: &str, error: &WindowError) -> Self {
        let [message, hint] =
            [0, 1].map(|part| Said::both(|text| describe_window(text, error)[part].clone()));
        Self { message: message.about(option), hint: Some(hint) }
    }

    /// What is wrong with the text of an endpoint.
    pub(crate) fn of_endpoint(error: &EndpointError) -> Self {
        Self {
            message: Said::both(|text| describe_endpoint(text, error)),
            hint: Some(Said::new("endpoint-hint", &[])),
        }
    }

    /// What the ACME client says is wrong with the value of `option`.
    pub(crate) fn of_acme(option: &str, error: &acme::Error) -> Self {
        let [message, hint] =
            [0, 1].map(|part| Said::both(|text| describe_acme(text, error)[part].clone()));
        Self {
            message: message.about(option),
            hint: Some(hint).filter(|hint| !hint.english.is_empty()),
        }
    }
}

impl Said {
    /// The message `id` with its values.
    pub(crate) fn new(id: &str, values: &[(&str, FluentValue<'_>)]) -> Self {
        Self::both(|text| text.say(id, values))
    }

    /// The same in each language, behind the name of an option.
    pub(crate) fn about(self, option: &str) -> Self {
        let Self { english, japanese } = self;
        let of = |reason| format!("{option}: {reason}");
        Self { english: of(english), japanese: of(japanese) }
    }

    /// The words for who reads `text`.
    pub(crate) fn to(&self, text: Text) -> &str {
        match text.lang() {
            Lang::En => &self.english,
            Lang::Ja => &self.japanese,
        }
    }

    fn both(say: impl Fn(Text) -> String) -> Self {
        Self { english: say(Text::new(Lang::En)), japanese: say(Text::new(Lang::Ja)) }
    }
}

/// Words that are the same in every language.
impl From<String> for Said {
    fn from(words: String) -> Self {
        Self { english: words.clone(), japanese: words }
    }
}

/// Why a file cannot be read.
pub(crate) fn unread(path: &Path, error: &io::Error) -> Said {
    let values = [("path", path.display().to_string().into()), ("error", error.to_string().into())];
    Said::new("fault-not-read", &values)
}
