//! The one error of a provider: what to do about it, and what the vendor said.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::encoding::joined;

/// How many zones a message names.
const ZONES_SHOWN: usize = 20;

/// The result of everything a provider does.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a provider's operation failed.
///
/// `kind` decides what wildcert does next and which hint the user sees; `message` keeps the vendor's
/// own words. Secrets never go into `message`; the host takes out those that it knows.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Error {
    /// What to do about it.
    pub kind: ErrorKind,
    /// What was tried and what came back, as a fragment in lower case without a final period.
    pub message: String,
    /// The HTTP status of the vendor's answer.
    pub status: Option<u16>,
    /// Milliseconds for which the vendor asked to be left alone.
    pub retry_after_ms: Option<u64>,
    /// Whether to read again and repeat; nobody outside of the SDK sees it.
    #[serde(skip)]
    pub(crate) conflict: bool,
}

/// What an [`Error`] means for the caller.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(from = "String", into = "String")]
#[non_exhaustive]
pub enum ErrorKind {
    /// The vendor refused the credentials, or they lack a right.
    Auth,
    /// A setting is missing or malformed.
    Config,
    /// The vendor understood and will not: trying again changes nothing.
    Permanent,
    /// Too many requests.
    RateLimited,
    /// Trying again later may work.
    Transient,
    /// The vendor or this provider cannot do what was asked.
    Unsupported,
    /// The credentials reach no zone that holds the owner name.
    ZoneNotFound,
}

impl Error {
    /// An error of `kind`; `message` is a lower-case fragment without a final period.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), status: None, retry_after_ms: None, conflict: false }
    }

    /// The vendor refused the credentials.
    pub fn auth(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Auth, message)
    }

    /// A setting is missing or malformed.
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Config, message)
    }

    /// Trying again changes nothing.
    pub fn permanent(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Permanent, message)
    }

    /// Trying again later may work.
    pub fn transient(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Transient, message)
    }

    /// Somebody else changed what was to be written after it was read.
    ///
    /// From a `write` of [`RrsetApi`](crate::RrsetApi) or [`ZoneApi`](crate::ZoneApi) it makes the SDK
    /// read, merge and write once more, three times at the most; after that it is `transient`.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::transient(message).into_conflict()
    }

    /// The same error, taken as a [`conflict`](Self::conflict): for a vendor whose refusal says that
    /// what was read is no longer so.
    #[must_use]
    pub fn into_conflict(self) -> Self {
        Self { kind: ErrorKind::Transient, conflict: true, ..self }
    }

    /// No zone for `name`; `seen` are the zones that the credentials do reach.
    pub fn zone_not_found(name: &str, seen: &[String]) -> Self {
        let shown = joined(seen.iter().take(ZONES_SHOWN).map(String::as_str), ", ");
        let seen = match seen.len() {
            0 => "no zone at all".to_owned(),
            1..=ZONES_SHOWN => shown,
            many => format!("{shown} and {} more", many - ZONES_SHOWN),
        };
        let message = format!("no zone for `{name}`: the credentials reach {seen}");
        Self::new(ErrorKind::ZoneNotFound, message)
    }

    /// The error that an HTTP status stands for; `message` holds the vendor's own words.
    ///
    /// 401 and 403 are `auth`, 429 is `rate-limited`, 408, 425 and 5xx are `transient`, 412 is a
    /// [`conflict`](Self::conflict), the rest is `permanent`.
    pub fn from_status(status: u16, message: impl Into<String>) -> Self {
        let kind = match status {
            401 | 403 => ErrorKind::Auth,
            429 => ErrorKind::RateLimited,
            408 | 412 | 425 | 500..=599 => ErrorKind::Transient,
            _ => ErrorKind::Permanent,
        };
        Self { status: Some(status), conflict: status == 412, ..Self::new(kind, message) }
    }

    /// The same error with another kind, where the vendor's words say more than its status.
    #[must_use]
    pub fn with_kind(self, kind: ErrorKind) -> Self {
        Self { kind, ..self }
    }

    /// The same error with what was being done in front of its message.
    #[must_use]
    pub fn context(mut self, doing: impl fmt::Display) -> Self {
        self.message = format!("{doing}: {}", self.message);
        self
    }
}

/// What was asked for, or none where the vendor answered that there is nothing of that name (status
/// 404).
///
/// # Errors
/// Every other error of `outcome`.
pub fn if_found<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Err(error) if error.status == Some(404) => Ok(None),
        outcome => outcome.map(Some),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.message)?;
        match self.status {
            Some(status) => write!(f, " (status {status})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Error {}

impl ErrorKind {
    /// Whether `present` gives it only when nothing was added for the record, as the contract says.
    pub fn rules_out_a_change(self) -> bool {
        matches!(self, Self::Auth | Self::Config | Self::Unsupported | Self::ZoneNotFound)
    }

    /// The kind's word in the contract.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Config => "config",
            Self::Permanent => "permanent",
            Self::RateLimited => "rate-limited",
            Self::Transient => "transient",
            Self::Unsupported => "unsupported",
            Self::ZoneNotFound => "zone-not-found",
        }
    }

    /// The kind of a word of the contract; a word that is not known counts as `permanent`.
    pub fn from_word(word: &str) -> Self {
        match word {
            "auth" => Self::Auth,
            "config" => Self::Config,
            "rate-limited" => Self::RateLimited,
            "transient" => Self::Transient,
            "unsupported" => Self::Unsupported,
            "zone-not-found" => Self::ZoneNotFound,
            _ => Self::Permanent,
        }
    }
}

impl From<String> for ErrorKind {
    fn from(word: String) -> Self {
        Self::from_word(&word)
    }
}

impl From<ErrorKind> for String {
    fn from(kind: ErrorKind) -> Self {
        kind.as_str().to_owned()
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_its_kind() {
        for (status, kind) in [
            (301, ErrorKind::Permanent),
            (400, ErrorKind::Permanent),
            (401, ErrorKind::Auth),
            (403, ErrorKind::Auth),
            (404, ErrorKind::Permanent),
            (408, ErrorKind::Transient),
            (412, ErrorKind::Transient),
            (425, ErrorKind::Transient),
            (429, ErrorKind::RateLimited),
            (500, ErrorKind::Transient),
            (599, ErrorKind::Transient),
        ] {
            assert_eq!(Error::from_status(status, "").kind, kind, "{status}");
        }
    }

    #[test]
    fn only_404_says_that_there_is_nothing() {
        assert_eq!(if_found(Ok(1)), Ok(Some(1)));
        assert_eq!(if_found::<u8>(Err(Error::from_status(404, ""))), Ok(None));
        let gone = Error::from_status(410, "");
        assert_eq!(if_found::<u8>(Err(gone.clone())), Err(gone));
    }

    #[test]
    fn a_conflict_stays_inside() {
        assert!(Error::from_status(412, "").conflict);
        assert!(!Error::from_status(409, "").conflict);
        let error = Error::permanent("changed").into_conflict().context("failed to write");
        assert!(error.conflict);
        let text = serde_json::to_string(&error).unwrap();
        assert!(!text.contains("conflict"), "{text}");
        assert_eq!(serde_json::from_str::<Error>(&text).unwrap().kind, ErrorKind::Transient);
    }

    #[test]
    fn a_long_list_of_zones_is_cut() {
        let seen: Vec<String> = (0..23).map(|number| format!("{number}.test.")).collect();
        let error = Error::zone_not_found("example.com.", &seen);
        assert!(error.message.ends_with("19.test. and 3 more"), "{error}");
    }

    #[test]
    fn kinds_survive_the_contract() {
        use ErrorKind::{
            Auth, Config, Permanent, RateLimited, Transient, Unsupported, ZoneNotFound,
        };
        for kind in [Auth, Config, Permanent, RateLimited, Transient, Unsupported, ZoneNotFound] {
            assert_eq!(ErrorKind::from_word(kind.as_str()), kind);
        }
        assert_eq!(ErrorKind::from_word("from-the-future"), Permanent);
        let error = Error::from_status(401, "no").context("failed to list");
        let text = serde_json::to_string(&error).unwrap();
        assert_eq!(serde_json::from_str::<Error>(&text).unwrap(), error);
        assert_eq!(error.to_string(), "failed to list: no (status 401)");
    }
}
