//! What ends a command, and what to do about it.

use std::{io, path::PathBuf};

use wildcert::config;

use crate::{
    exit,
    fault::Fault,
    lang::{Lang, Text, hints, program},
};

/// Why a command did not do its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// The command line is wrong: every fault at once.
    #[error("{}", faults_text(.0))]
    Input(Vec<Fault>),
    /// The configuration file cannot be used.
    #[error("{}", configuration_text(.0))]
    Configuration(#[from] config::Error),
    /// The engine could not.
    #[error(transparent)]
    Engine(#[from] wildcert::Error),
    /// Nobody agreed that modules are installed.
    #[error("{} not approved, and not installed", approved_text(.ids))]
    NotApproved {
        /// The providers.
        ids: Vec<String>,
        /// Whether somebody was asked.
        asked: bool,
    },
    /// The sandbox could not.
    #[error(transparent)]
    Sandbox(#[from] wildcert_sandbox::Error),
    /// The demo has no provider to show.
    #[error("the demo hands its records to the provider `rfc2136`: {0}")]
    DemoProvider(wildcert::Error),
    /// The demo ran, but not all is as it should be.
    #[error("the demo found what should not be:{}", lines(.0))]
    Demo(Vec<String>),
    /// A file or folder could not be used.
    #[error("failed to {doing} `{}`: {source}", path.display())]
    File {
        /// What was tried.
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system answered.
        source: io::Error,
    },
    /// Files that somebody edited since they were made here.
    #[error("{} edited since `wildcert schedule install`, and left alone", edited_text(.0))]
    Edited(Vec<String>),
    /// A program of the system did not do what it was asked to.
    #[error("`{command}` failed: {said}")]
    Program {
        /// Its name and arguments.
        command: String,
        /// What it said, or how it ended.
        said: String,
    },
    /// The process could not get what it needs of the system.
    #[error("failed to {doing}: {source}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// What the system answered.
        source: io::Error,
    },
    /// The result could not be written to stdout.
    #[error("failed to write the result to stdout: {0}")]
    Output(io::Error),
}

impl Error {
    /// What was tried, on what, and what came back, in the language of `text`.
    pub(crate) fn message(&self, text: Text) -> String {
        program(text, self)
    }

    /// What to do about it, one line each.
    pub(crate) fn hints(&self, text: Text) -> Vec<String> {
        match self {
            Self::Input(faults) => {
                let mut hints: Vec<String> = Vec::new();
                for hint in faults.iter().filter_map(|fault| fault.hint.as_ref()) {
                    let hint = hint.to(text).to_owned();
                    if !hints.contains(&hint) {
                        hints.push(hint);
                    }
                }
                hints
            }
            Self::Configuration(config::Error::Invalid(faults)) => {
                let mut hints: Vec<String> = faults.iter().filter_map(|f| f.hint.clone()).collect();
                hints.dedup();
                hints
            }
            Self::Engine(error) => hints(text, error),
            Self::Edited(_) => vec![text.say("program-hint-edited", &[])],
            Self::Program { command, .. } if command.starts_with("crontab ") => {
                vec![text.say("program-hint-crontab", &[])]
            }
            Self::NotApproved { asked: false, .. } => vec![text.say("program-hint-approve", &[])],
            Self::DemoProvider(_) => vec![text.say("program-hint-demo", &[])],
            _ => Vec::new(),
        }
    }

    /// The code that the process ends with.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Configuration(_) => exit::CONFIGURATION,
            Self::Input(_) => exit::USAGE,
            Self::Engine(error) => exit::of_error(error),
            _ => exit::FAILED,
        }
    }
}

fn faults_text(faults: &[Fault]) -> String {
    match faults {
        [only] => only.message.to(Text::new(Lang::En)).to_owned(),
        several => {
            let messages: Vec<&str> =
                several.iter().map(|fault| fault.message.to(Text::new(Lang::En))).collect();
            format!("{} things are wrong with the command line:{}", several.len(), lines(&messages))
        }
    }
}

fn configuration_text(error: &config::Error) -> String {
    match error {
        config::Error::Invalid(faults) if faults.len() > 1 => {
            format!("{} things are wrong with the configuration:{}", faults.len(), lines(faults))
        }
        other => other.to_string(),
    }
}

fn edited_text(files: &[String]) -> String {
    let quoted: Vec<String> = files.iter().map(|file| format!("`{file}`")).collect();
    format!("{} {}", quoted.join(", "), if files.len() == 1 { "was" } else { "were" })
}

fn approved_text(ids: &[String]) -> String {
    let quoted: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
    format!("{} {}", quoted.join(", "), if ids.len() == 1 { "is" } else { "are" })
}

fn lines<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("\n- {item}")).collect()
}
