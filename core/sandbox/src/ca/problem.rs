//! Problem documents (RFC 7807).

use serde_json::{Value, json};

use super::identifier::Identifier;
use super::problem_type::ProblemType;

/// A problem document, and the headers that come with it.
#[derive(Clone, Debug)]
pub struct Problem {
    pub(super) kind: ProblemType,
    pub(super) status: u16,
    detail: String,
    identifier: Option<Box<Identifier>>,
    subproblems: Vec<Problem>,
    /// The page a person should visit (RFC 8555 §7.3.3).
    instance: Option<Box<str>>,
    /// The URL of the resource that stands in the way, for the `Location` header.
    pub(super) location: Option<String>,
    pub(super) retry_after: Option<u64>,
}

impl Problem {
    /// A problem with the status usual for its type.
    pub fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self {
            kind,
            status: kind.status(),
            detail: detail.into(),
            identifier: None,
            subproblems: Vec::new(),
            instance: None,
            location: None,
            retry_after: None,
        }
    }

    /// The same with another HTTP status.
    #[must_use]
    pub fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// The same with a Retry-After header, in seconds.
    #[must_use]
    pub fn with_retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The same with one more subproblem (RFC 8555 §6.7.1), about the DNS name `name`.
    #[must_use]
    pub fn with_subproblem(mut self, name: &str, kind: ProblemType, detail: &str) -> Self {
        self.subproblems.push(Self::new(kind, detail).about(Identifier::unchecked(name)));
        self
    }

    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::Malformed, detail)
    }

    pub(super) fn unauthorized(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::Unauthorized, detail)
    }

    pub(super) fn not_found() -> Self {
        Self::malformed("there is no such resource").with_status(404)
    }

    /// Random bytes or a signature could not be had.
    pub(super) fn internal(detail: impl Into<String>) -> Self {
        Self::new(ProblemType::ServerInternal, detail)
    }

    /// One problem out of one or more about single identifiers (RFC 8555 §6.7.1).
    pub(super) fn compound(mut problems: Vec<Problem>) -> Self {
        if problems.len() == 1
            && let Some(only) = problems.pop()
        {
            return only;
        }
        let kind = match problems.as_slice() {
            [first, rest @ ..] if rest.iter().all(|problem| problem.kind == first.kind) => {
                first.kind
            }
            _ => ProblemType::Compound,
        };
        let detail = "some of the identifiers requested were rejected";
        Self { subproblems: problems, ..Self::new(kind, detail) }
    }

    pub(super) fn about(self, identifier: Identifier) -> Self {
        Self { identifier: Some(Box::new(identifier)), ..self }
    }

    pub(super) fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    pub(super) fn visiting(self, page: String) -> Self {
        Self { instance: Some(page.into()), ..self }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut document = self.subproblem_json();
        document["status"] = self.status.into();
        if self.kind == ProblemType::BadSignatureAlgorithm {
            document["algorithms"] = json!(super::jwk::ALGORITHMS);
        }
        if let Some(instance) = &self.instance {
            document["instance"] = json!(instance);
        }
        if !self.subproblems.is_empty() {
            document["subproblems"] = self.subproblems.iter().map(Self::subproblem_json).collect();
        }
        document
    }

    /// What a subproblem has: no status, and no subproblems of its own (RFC 8555 §6.7.1).
    fn subproblem_json(&self) -> Value {
        let mut document = json!({
            "type": format!("urn:ietf:params:acme:error:{}", self.kind.name()),
            "detail": self.detail,
        });
        if let Some(identifier) = &self.identifier {
            document["identifier"] = identifier.to_json();
        }
        document
    }
}
