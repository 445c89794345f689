//! What a module can do wrong during a call.

use std::time::Duration;

/// What a module did in place of answering; each ends that one call only.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// It computed for too long.
    #[error("used up its CPU budget of {} ms", .0.as_millis())]
    Cpu(Duration),
    /// It asked for too much memory.
    #[error("asked for more than {} MiB of memory", .0 >> 20)]
    Memory(usize),
    /// It made a table of functions too large.
    #[error("asked for a table of more than {0} entries")]
    Table(usize),
    /// It did not come back in time.
    #[error("did not answer within {} s", limit.as_secs())]
    Time {
        /// The limit of the call.
        limit: Duration,
    },
    /// It recursed too deeply.
    #[error("used up its stack")]
    Stack,
    /// It stopped itself, or did what WebAssembly forbids.
    #[error("crashed: {reason}{}", last_words(.last_line))]
    Trap {
        /// What WebAssembly says of it.
        reason: String,
        /// The last line that it logged.
        last_line: Option<String>,
    },
    /// It answered with more than a call may carry.
    #[error("gave an answer of more than {} MiB", .0 >> 20)]
    TooLarge(usize),
    /// It answered with something else than was asked.
    #[error("gave a broken answer: {0}")]
    Broken(String),
    /// It is native and hangs in an earlier call, which cannot be ended.
    #[error("hangs in an earlier call and is not called again")]
    Hanging,
}

impl Failure {
    /// What the user can do.
    pub(crate) fn hint(&self, provider: &str) -> String {
        match self {
            Self::Time { .. } | Self::Hanging => format!(
                "`wildcert providers check {provider}` tells whether the vendor answers at all"
            ),
            _ => format!(
                "the module is at fault, not your settings: try another release of `{provider}` or \
                 report this to its author"
            ),
        }
    }
}

fn last_words(line: &Option<String>) -> String {
    line.as_ref().map(|line| format!(" (it last logged: {line})")).unwrap_or_default()
}
