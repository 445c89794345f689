//! Errors in other languages than their own, which is English.
//!
//! The frame of a message is translated: what was tried, on what. The words of CAs, of DNS services
//! and of the system stay as they came. What has no translation is said in English.

mod acme;
mod deploy;
mod dns;
mod doing;
mod engine;
mod probe;
mod program;
#[cfg(test)]
mod tests;
mod window;

use fluent_bundle::FluentValue;
use wildcert::Error;

use super::{Lang, Text};

pub(crate) use probe::{
    describe_endpoint, describe_finding, describe_probe, finding_word, probe_word,
};
pub(crate) use program::program;
pub(crate) use window::describe_window;

/// What was tried, on what, and what came back.
pub(crate) fn describe(text: Text, error: &Error) -> String {
    let translated = (text.lang() != Lang::En).then(|| engine::message(text, error)).flatten();
    translated.unwrap_or_else(|| error.to_string())
}

/// What to do about it in this very case.
pub(crate) fn hints(text: Text, error: &Error) -> Vec<String> {
    let translated = (text.lang() != Lang::En).then(|| engine::hint(text, error)).flatten();
    translated.or_else(|| error.hint()).into_iter().collect()
}

/// The same two of the ACME client's errors; the second is empty where there is nothing to do.
pub(crate) fn describe_acme(text: Text, error: &wildcert::acme::Error) -> [String; 2] {
    let foreign = text.lang() != Lang::En;
    let message = foreign.then(|| acme::message(text, error)).flatten();
    let hint = foreign.then(|| acme::hint(text, error)).flatten().or_else(|| error.hint());
    [message.unwrap_or_else(|| error.to_string()), hint.unwrap_or_default()]
}

/// A text as a value.
fn shown<'a>(value: impl std::fmt::Display) -> FluentValue<'a> {
    value.to_string().into()
}

/// Lines below a headline.
fn lines<T>(items: &[T], line: impl Fn(&T) -> String) -> String {
    items.iter().map(|item| format!("\n  {}", line(item))).collect()
}
