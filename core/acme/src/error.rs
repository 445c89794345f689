//! What can go wrong between this client and a CA.

use std::fmt;
use std::time::Duration;

use url::Url;

use crate::problem::printable;
use crate::{Operation, Problem, Status};

/// Why something could not be done.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection to the server could be made.
    #[error("could not connect to `{url}`: {reason}")]
    Connect {
        /// The URL asked for.
        url: String,
        /// What the system or the proxy said.
        reason: String,
    },
    /// The server's certificate or its TLS was refused.
    #[error("could not make a TLS connection to `{url}`: {reason}")]
    Tls {
        /// The URL asked for.
        url: String,
        /// What was wrong with it.
        reason: String,
    },
    /// The connection broke before the answer was complete.
    #[error("the connection to `{url}` broke during {operation}: {reason}")]
    Broken {
        /// What the request was for.
        operation: Operation,
        /// The URL asked for.
        url: String,
        /// What the connection reported.
        reason: String,
    },
    /// No complete answer came in time.
    #[error("`{url}` gave no answer to {operation} within {}", Span(*limit))]
    Timeout {
        /// What the request was for.
        operation: Operation,
        /// The URL asked for.
        url: String,
        /// The time it had.
        limit: Duration,
    },
    /// The CA refused a request and said why.
    #[error("the CA refused {operation} at `{url}`: {problem}{}", Later(*retry_after))]
    Problem {
        /// What the request was for.
        operation: Operation,
        /// The URL asked for.
        url: String,
        /// What the CA said.
        problem: Box<Problem>,
        /// When the CA wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The CA refused a request without a problem document.
    #[error("`{url}` answered {operation} with HTTP status {status}{}", Later(*retry_after))]
    Status {
        /// What the request was for.
        operation: Operation,
        /// The URL asked for.
        url: String,
        /// The HTTP status.
        status: u16,
        /// When the CA wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The CA's answer is not what RFC 8555 promises.
    #[error("the answer of `{url}` to {operation} cannot be used: {reason}")]
    Answer {
        /// What the request was for.
        operation: Operation,
        /// The URL asked for.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The URL exists, but there is no ACME directory.
    #[error("`{url}` is not an ACME directory: {reason}")]
    Directory {
        /// The URL asked for.
        url: String,
        /// What it answered.
        reason: String,
    },
    /// A text given as directory URL is none.
    #[error("`{url}` does not name a CA: {reason}")]
    Url {
        /// The text.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A request would have left this machine unencrypted.
    #[error("`{url}` is not https, and plain http is for loopback addresses only")]
    Insecure {
        /// The URL.
        url: String,
    },
    /// The CA has terms of service that were not agreed to.
    #[error("the CA registers only accounts that agree to its terms of service, `{terms}`")]
    TermsNotAgreed {
        /// Where the terms are.
        terms: String,
    },
    /// The external account binding cannot be used.
    #[error("the external account `{kid}` cannot be bound: {reason}")]
    ExternalAccount {
        /// The key identifier.
        kid: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An account key cannot be used.
    #[error("the account key cannot be used: {reason}")]
    Key {
        /// What is wrong with it.
        reason: String,
    },
    /// The CA could not validate some identifiers.
    #[error("the CA could not validate {}", Failures(failed))]
    Validation {
        /// The order's URL.
        order: String,
        /// Each identifier that failed.
        failed: Vec<FailedIdentifier>,
    },
    /// An order failed as a whole.
    #[error("the order `{order}` is {status}{}", Said(problem.as_deref()))]
    Order {
        /// The order's URL.
        order: String,
        /// What it became.
        status: Status,
        /// What the CA said.
        problem: Option<Box<Problem>>,
    },
    /// An order did not get on in the time it had.
    #[error("the order `{order}` is still {status} after {}{}", Span(*limit), Waiting(pending))]
    StillPending {
        /// The order's URL.
        order: String,
        /// Its status when last seen.
        status: Status,
        /// The time it had.
        limit: Duration,
        /// The identifiers that are not validated yet.
        pending: Vec<String>,
    },
    /// The key that an account's key was to be changed to belongs to another account.
    #[error("the new key is that of the account `{account}` already")]
    KeyInUse {
        /// The URL of that account.
        account: Url,
    },
    /// The CA does not offer what was asked for.
    #[error("the CA offers no {operation}: its directory has no URL for it")]
    Unsupported {
        /// What was asked for.
        operation: Operation,
    },
    /// A word that is none of those that there are.
    #[error("`{name}` is no {what}")]
    Unknown {
        /// What it should be, in words.
        what: &'static str,
        /// The word.
        name: String,
        /// The words that there are.
        known: Vec<String>,
    },
    /// A certificate cannot be read.
    #[error("the certificate cannot be used: {reason}")]
    Certificate {
        /// What is wrong with it.
        reason: String,
    },
    /// The HTTP client could not be set up.
    #[error("the HTTP client could not be set up: {reason}")]
    Client {
        /// What was wrong: mostly the system's root certificates.
        reason: String,
    },
    /// A request could not be put into JSON.
    #[error("a request could not be written as JSON: {0}")]
    Encode(#[source] serde_json::Error),
}

/// An identifier that a CA could not validate.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FailedIdentifier {
    /// The name, with `*.` where the wildcard was asked for.
    pub name: String,
    /// What its authorization became.
    pub status: Status,
    /// What the CA says about it.
    pub problem: Option<Problem>,
}

impl fmt::Display for FailedIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.problem {
            Some(problem) => write!(f, "`{}`: {problem}", printable(&self.name)),
            None => write!(f, "`{}`: it is {}", printable(&self.name), self.status),
        }
    }
}

struct Failures<'a>(&'a [FailedIdentifier]);

impl fmt::Display for Failures<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [only] = self.0 {
            return only.fmt(f);
        }
        write!(f, "{} identifiers", self.0.len())?;
        self.0.iter().try_for_each(|failed| write!(f, "\n  {failed}"))
    }
}

struct Said<'a>(Option<&'a Problem>);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |problem| write!(f, ": {problem}"))
    }
}

struct Waiting<'a>(&'a [String]);

impl fmt::Display for Waiting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.0.iter().enumerate() {
            let lead = if index == 0 { "; not validated yet:" } else { "," };
            write!(f, "{lead} `{}`", printable(name))?;
        }
        Ok(())
    }
}

struct Later(Option<Duration>);

impl fmt::Display for Later {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |wait| write!(f, "; it may be asked again in {}", Span(wait)))
    }
}

/// A time span for people, in its two largest units.
struct Span(Duration);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        match seconds {
            0 => write!(f, "{} ms", self.0.as_millis()),
            1..60 => write!(f, "{seconds} s"),
            60..3600 => write!(f, "{} min {} s", seconds / 60, seconds % 60),
            3600..86_400 => write!(f, "{} h {} min", seconds / 3600, seconds / 60 % 60),
            _ => write!(f, "{} d {} h", seconds / 86_400, seconds / 3600 % 24),
        }
    }
}
