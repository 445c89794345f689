//! Building requests and reading answers.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    host::Context,
    types::{Request, Response},
};

/// A request under construction; start with [`Context::request`].
pub struct RequestBuilder<'a> {
    cx: Context<'a>,
    request: Request,
}

impl<'a> Context<'a> {
    /// A request with `method` to the absolute `url`.
    pub fn request(&self, method: &str, url: impl Into<String>) -> RequestBuilder<'a> {
        let request = Request {
            method: method.to_owned(),
            url: url.into(),
            headers: vec![("accept".to_owned(), "application/json".to_owned())],
            body: Vec::new(),
            options: Vec::new(),
        };
        RequestBuilder { cx: *self, request }
    }
}

impl RequestBuilder<'_> {
    /// Sets a header; an earlier one of that name goes.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.request.headers.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.request.headers.push((name.to_owned(), value.into()));
        self
    }

    /// `Authorization: Bearer …`.
    #[must_use]
    pub fn bearer(self, token: &str) -> Self {
        self.header("authorization", format!("Bearer {token}"))
    }

    /// `Authorization: Basic …` (RFC 7617).
    #[must_use]
    pub fn basic(self, user: &str, password: &str) -> Self {
        let pair = crate::encoding::base64(format!("{user}:{password}").as_bytes());
        self.header("authorization", format!("Basic {pair}"))
    }

    /// Adds a parameter to the URL's query, percent-encoded.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        let url = &mut self.request.url;
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&crate::encoding::form(&[(name, value)]));
        self
    }

    /// A JSON body.
    #[must_use]
    pub fn json(mut self, body: &impl Serialize) -> Self {
        // Serialising the plain structs of a provider cannot fail; an empty body would be refused
        // by the vendor with a message of its own.
        self.request.body = serde_json::to_vec(body).unwrap_or_default();
        self.header("content-type", "application/json")
    }

    /// A form body (`application/x-www-form-urlencoded`).
    #[must_use]
    pub fn form(mut self, fields: &[(&str, &str)]) -> Self {
        self.request.body = crate::encoding::form(fields).into_bytes();
        self.header("content-type", "application/x-www-form-urlencoded")
    }

    /// Sends it; any status is an answer.
    ///
    /// # Errors
    /// When no answer came.
    pub fn send(self) -> Result<Response> {
        self.cx.host.send(self.request)
    }
}

impl Response {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// `permanent` with the place where the body stops being what was expected (`transient` for a
    /// body of a 5xx answer).
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| Error {
            status: Some(self.status),
            ..match self.status {
                500..=599 => Error::transient(format!("unreadable JSON in the answer: {error}")),
                _ => Error::permanent(format!("unreadable JSON in the answer: {error}")),
            }
        })
    }

    /// This answer when its status is 2xx, else the error that the status stands for.
    ///
    /// `message` finds the vendor's own words in the body; where it finds none, the start of the
    /// body serves.
    ///
    /// # Errors
    /// [`Error::from_status`], with `retry-after` taken over.
    pub fn success(self, message: impl FnOnce(&Response) -> Option<String>) -> Result<Self> {
        if self.is_success() {
            return Ok(self);
        }
        let words = message(&self).unwrap_or_else(|| self.excerpt());
        let mut error = Error::from_status(self.status, words);
        let seconds = self.header("retry-after").and_then(|value| value.trim().parse::<u64>().ok());
        error.retry_after_ms = seconds.map(|seconds| seconds.saturating_mul(1000));
        Err(error)
    }

    /// The first line of the body, cut to a readable length.
    fn excerpt(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        match text.trim().lines().next() {
            Some(line) if !line.is_empty() => line.chars().take(200).collect(),
            _ => "the answer has no body".to_owned(),
        }
    }
}
