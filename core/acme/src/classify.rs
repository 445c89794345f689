//! What kind of failure an error is: for callers that decide what comes next.

use std::time::{Duration, SystemTime};

use crate::retry::LONGEST_PAUSE;
use crate::{Error, Problem};

impl Error {
    /// What the CA said, where it said something about the request or the order as a whole.
    pub fn problem(&self) -> Option<&Problem> {
        self.problems().into_iter().next()
    }

    /// The types of all problems in the error without their ACME prefix: of the request or the
    /// order, of each identifier that failed, and of their subproblems. Each stands once.
    pub fn problem_types(&self) -> Vec<&str> {
        let mut types = Vec::new();
        for problem in self.problems() {
            let parts = problem.subproblems.iter().map(|part| part.short_type());
            for kind in std::iter::once(problem.short_type()).chain(parts) {
                if !kind.is_empty() && !types.contains(&kind) {
                    types.push(kind);
                }
            }
        }
        types
    }

    /// Whether the CA refused a request with a problem of this type, such as
    /// `accountDoesNotExist`, `alreadyRevoked` or `alreadyReplaced`.
    pub fn is_problem(&self, short_type: &str) -> bool {
        matches!(self, Error::Problem { problem, .. } if problem.short_type() == short_type)
    }

    /// The HTTP status with which the CA refused a request.
    pub fn status(&self) -> Option<u16> {
        match self {
            Error::Problem { problem, .. } => problem.status,
            Error::Status { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// Whether the CA refused the request for what it is, so that the same request would be
    /// refused again.
    pub fn is_refusal(&self) -> bool {
        let lasting = matches!(self.status(), Some(400..500)) && !self.is_rate_limited();
        lasting && !self.is_problem("badNonce") || matches!(self, Error::KeyInUse { .. })
    }

    /// Whether the CA has had too much: a `rateLimited` problem, HTTP status 429, or 503 with
    /// `Retry-After`.
    pub fn is_rate_limited(&self) -> bool {
        self.problem_types().contains(&"rateLimited")
            || self.status() == Some(429)
            || self.status() == Some(503) && self.retry_after().is_some()
    }

    /// How long the CA wants to be left alone, counted from when it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Error::Problem { retry_after, .. } | Error::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Until when the CA wants to be left alone, where it says so; `now` is when the error came.
    pub fn retry_at(&self, now: SystemTime) -> Option<SystemTime> {
        now.checked_add(self.retry_after()?)
    }

    /// Whether the CA wants to be left alone for more than the minute that this crate waits by
    /// itself: the request was not tried again.
    pub fn exceeds_patience(&self) -> bool {
        self.retry_after().is_some_and(|asked| asked > LONGEST_PAUSE)
    }

    /// Whether the same request may well succeed a little later.
    pub(crate) fn is_temporary(&self) -> bool {
        match self {
            Error::Connect { .. } | Error::Broken { .. } | Error::Timeout { .. } => true,
            _ => matches!(self.status(), Some(429 | 502 | 503 | 504)),
        }
    }

    /// Whether the request may have been carried out and only the answer is missing.
    pub(crate) fn is_lost(&self) -> bool {
        matches!(self, Error::Broken { .. } | Error::Timeout { .. })
            || matches!(self.status(), Some(502 | 504))
    }

    fn problems(&self) -> Vec<&Problem> {
        match self {
            Error::Problem { problem, .. } => vec![problem],
            Error::Order { problem, .. } => problem.as_deref().into_iter().collect(),
            Error::Validation { failed, .. } => {
                failed.iter().filter_map(|one| one.problem.as_ref()).collect()
            }
            _ => Vec::new(),
        }
    }
}
