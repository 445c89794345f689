//! The errors of the program itself.

use wildcert::config;

use super::{Lang, Text, describe, doing::noun, engine, shown};
use crate::error::Error;

/// What was tried, on what, and what came back.
pub(crate) fn program(text: Text, error: &Error) -> String {
    let translated = (text.lang() != Lang::En).then(|| message(text, error)).flatten();
    translated.unwrap_or_else(|| error.to_string())
}

fn message(text: Text, error: &Error) -> Option<String> {
    let own = |id, values: &[_]| text.own(id, values);
    match error {
        Error::Configuration(config::Error::Invalid(faults)) => own(
            "program-configuration",
            &[("count", faults.len().into()), ("faults", list(faults).into())],
        ),
        Error::Configuration(source) => {
            own("program-configuration-unread", &[("source", shown(source))])
        }
        Error::Demo(faults) => own("program-demo", &[("faults", list(faults).into())]),
        Error::DemoProvider(source) => {
            own("program-demo-provider", &[("source", describe(text, source).into())])
        }
        Error::Edited(files) => {
            let files: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
            own("program-edited", &[("files", files.join(", ").into())])
        }
        Error::Engine(source) => engine::message(text, source),
        Error::File { doing, path, source } => own(
            "error-file",
            &[
                ("doing", noun(text, doing)),
                ("path", shown(path.display())),
                ("source", shown(source)),
            ],
        ),
        Error::Input(faults) => match faults.as_slice() {
            [only] => Some(only.message.to(text).to_owned()),
            several => {
                let messages: Vec<&str> =
                    several.iter().map(|fault| fault.message.to(text)).collect();
                let values = [("count", several.len().into()), ("faults", list(&messages).into())];
                own("program-input", &values)
            }
        },
        Error::NotApproved { ids, .. } => {
            let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            own("program-not-approved", &[("ids", ids.join(", ").into())])
        }
        Error::Output(source) => own("program-output", &[("source", shown(source))]),
        Error::Program { command, said } => {
            own("program-failed", &[("command", shown(command)), ("said", shown(said))])
        }
        // A tool for developers of wildcert and of providers.
        Error::Sandbox(_) => None,
        Error::System { doing, source } => {
            own("program-system", &[("doing", noun(text, doing)), ("source", shown(source))])
        }
    }
}

fn list<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("\n- {item}")).collect()
}
