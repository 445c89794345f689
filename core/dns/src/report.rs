//! What each server lacked when the wait for propagation ran out of time.

use std::fmt;

use crate::dns::Server;
use crate::name::OwnerName;

/// One authoritative server and what it lacks; its `Display` is one line.
#[derive(Clone, Debug)]
pub struct ServerReport {
    /// The server.
    pub server: Server,
    /// At how many owner names it has all values.
    pub complete: usize,
    /// The owner names where it has not.
    pub lacking: Vec<Lacking>,
}

/// An owner name at which a server does not have all values.
#[derive(Clone, Debug)]
pub struct Lacking {
    /// The owner name of the TXT records.
    pub owner: OwnerName,
    /// What the server said last: how many of the values, a response code, a time-out.
    pub answer: String,
    /// Whether that was an answer about the name, so that time may help.
    pub answered: bool,
    /// The values that it does not have.
    pub missing: Vec<String>,
}

impl fmt::Display for ServerReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.server)?;
        if self.lacking.is_empty() {
            return f.write_str("has all values");
        }
        for (index, lack) in self.lacking.iter().take(NAMES_PER_LINE).enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{lack}")?;
        }
        match self.lacking.len().saturating_sub(NAMES_PER_LINE) {
            0 => Ok(()),
            more => write!(f, "; and {more} more names"),
        }
    }
}

impl fmt::Display for Lacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}, lacks `{}`", self.owner, self.answer, self.missing.join("`, `"))
    }
}

/// The reports as indented lines, each begun with a line break, to follow a headline.
pub(crate) fn lines(servers: &[ServerReport]) -> String {
    servers.iter().map(|server| format!("\n  {server}")).collect()
}

/// A line stays readable with this many names; all of them are in `lacking`.
const NAMES_PER_LINE: usize = 3;
