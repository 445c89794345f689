//! Problem documents (RFC 7807) with the error types of RFC 8555 §6.7.

use serde_json::{Value, json};

use super::identifier::Identifier;

/// The error types the server uses.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ProblemType {
    AccountDoesNotExist,
    AlreadyRevoked,
    BadCsr,
    BadNonce,
    BadPublicKey,
    BadRevocationReason,
    BadSignatureAlgorithm,
    Connection,
    Dns,
    ExternalAccountRequired,
    InvalidContact,
    Malformed,
    OrderNotReady,
    RejectedIdentifier,
    ServerInternal,
    Unauthorized,
    UnsupportedContact,
    UnsupportedIdentifier,
}

impl ProblemType {
    /// The type's name, without `urn:ietf:params:acme:error:`.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AccountDoesNotExist => "accountDoesNotExist",
            Self::AlreadyRevoked => "alreadyRevoked",
            Self::BadCsr => "badCSR",
            Self::BadNonce => "badNonce",
            Self::BadPublicKey => "badPublicKey",
            Self::BadRevocationReason => "badRevocationReason",
            Self::BadSignatureAlgorithm => "badSignatureAlgorithm",
            Self::Connection => "connection",
            Self::Dns => "dns",
            Self::ExternalAccountRequired => "externalAccountRequired",
            Self::InvalidContact => "invalidContact",
            Self::Malformed => "malformed",
            Self::OrderNotReady => "orderNotReady",
            Self::RejectedIdentifier => "rejectedIdentifier",
            Self::ServerInternal => "serverInternal",
            Self::Unauthorized => "unauthorized",
            Self::UnsupportedContact => "unsupportedContact",
            Self::UnsupportedIdentifier => "unsupportedIdentifier",
        }
    }

    fn status(self) -> u16 {
        match self {
            Self::ExternalAccountRequired | Self::OrderNotReady | Self::Unauthorized => 403,
            Self::ServerInternal => 500,
            _ => 400,
        }
    }
}

/// A problem document.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) kind: ProblemType,
    pub(super) status: u16,
    detail: String,
    identifier: Option<Identifier>,
    subproblems: Vec<Problem>,
    /// The URL of the resource that stands in the way, for the `Location` header.
    pub(super) location: Option<String>,
}

impl Problem {
    /// A problem with the status usual for its type.
    pub(super) fn new(kind: ProblemType, detail: impl Into<String>) -> Self {
        Self {
            kind,
            status: kind.status(),
            detail: detail.into(),
            identifier: None,
            subproblems: Vec::new(),
            location: None,
        }
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
            _ => ProblemType::Malformed,
        };
        let detail = "some of the identifiers requested were rejected";
        Self { subproblems: problems, ..Self::new(kind, detail) }
    }

    pub(super) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(super) fn about(self, identifier: Identifier) -> Self {
        Self { identifier: Some(identifier), ..self }
    }

    pub(super) fn at(self, location: String) -> Self {
        Self { location: Some(location), ..self }
    }

    pub(super) fn to_json(&self) -> Value {
        let mut document = self.subproblem_json();
        document["status"] = self.status.into();
        if self.kind == ProblemType::BadSignatureAlgorithm {
            document["algorithms"] = json!(super::jwk::ALGORITHMS);
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
