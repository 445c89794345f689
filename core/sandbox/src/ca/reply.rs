//! Answers of the server before they become HTTP.

use axum::http::HeaderName;
use axum::http::header::{ALLOW, LINK, LOCATION, RETRY_AFTER};
use serde_json::Value;

use super::nonces::random_token;
use super::problem::Problem;

/// Status, headers and body of an answer.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) content_type: Option<&'static str>,
    pub(super) headers: Vec<(HeaderName, String)>,
    pub(super) body: Vec<u8>,
}

impl Reply {
    pub(super) fn empty(status: u16) -> Self {
        Self { status, content_type: None, headers: Vec::new(), body: Vec::new() }
    }

    /// An object of the protocol.
    pub(super) fn json(status: u16, mut body: Value) -> Result<Self, Problem> {
        add_unknown_member(&mut body)?;
        Ok(Self::body(status, "application/json", body.to_string()))
    }

    pub(super) fn body(status: u16, content_type: &'static str, body: String) -> Self {
        let body = body.into_bytes();
        Self { content_type: Some(content_type), body, ..Self::empty(status) }
    }

    pub(super) fn location(self, url: String) -> Self {
        self.header(LOCATION, url)
    }

    pub(super) fn link(self, relation: &str, url: &str) -> Self {
        self.header(LINK, format!("<{url}>;rel=\"{relation}\""))
    }

    pub(super) fn retry_after(self, seconds: Option<u64>) -> Self {
        match seconds {
            Some(seconds) => self.header(RETRY_AFTER, seconds.to_string()),
            None => self,
        }
    }

    pub(super) fn allow(self, methods: &str) -> Self {
        self.header(ALLOW, methods.to_owned())
    }

    fn header(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }
}

/// Adds a member that no client can know, as some CAs have more than RFC 8555 names.
pub(super) fn add_unknown_member(object: &mut Value) -> Result<(), Problem> {
    object[random_token()?] = "a client passes over members which it does not know".into();
    Ok(())
}
