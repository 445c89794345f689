//! A vendor's API in memory: the trait, what it is asked and what it answers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{conformance::Trial, data::Data};
use crate::types::{Request, Response};

/// A vendor's API in memory, as strict as the vendor: an unknown path, a missing header, a wrong body
/// or a bad signature is an error, never a 200.
///
/// Write it from the vendor's documentation and from recorded answers, not from the provider: both
/// would share a misunderstanding. The zones and records are in [`Data`]; sessions and jobs are the
/// simulator's own fields. Each trial has a new one.
pub trait Simulator: Default + Send + 'static {
    /// The settings under which the provider works here.
    const SETTINGS: &'static [(&'static str, &'static str)];

    /// The settings to change so that the vendor refuses the credentials.
    const REFUSED: &'static [(&'static str, &'static str)];

    /// Trials that the vendor's API makes impossible, and why.
    const EXCEPTIONS: &'static [(Trial, &'static str)] = &[];

    /// Looks at credentials and signature of every request, before [`answer`](Self::answer).
    ///
    /// # Errors
    /// The vendor's answer to wrong credentials, or [`Answer::violation`] where they are missing or
    /// in a form that the vendor's documentation does not know.
    fn authorize(&mut self, call: &Call) -> Result<(), Answer>;

    /// Does what is asked.
    ///
    /// # Errors
    /// The vendor's refusals, and [`Answer::violation`] for what no vendor is ever asked.
    fn answer(&mut self, call: &Call, data: &mut Data) -> Result<Answer, Answer>;
}

/// What a simulator is asked.
#[derive(Clone, Debug)]
pub struct Call {
    /// `GET`, `POST` and so on.
    pub method: String,
    /// Scheme and authority, such as `https://api.dns.example`.
    pub origin: String,
    /// The path as it came, still percent-encoded; begins with `/`.
    pub path: String,
    /// The query as it came, without the `?`.
    pub raw_query: String,
    /// The parameters of the query, decoded.
    pub query: Vec<(String, String)>,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// As it came.
    pub body: Vec<u8>,
    /// Milliseconds since 1970.
    pub now: u64,
    segments: Vec<String>,
}

/// What a simulator answers.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// What the request did that no provider may do; it fails the trial.
    pub(super) violation: Option<String>,
}

impl Call {
    /// Reads a request with an absolute URL.
    pub(super) fn new(request: &Request, now: u64) -> Result<Self, Answer> {
        let url = request.url.split('#').next().unwrap_or_default();
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(Answer::violation(format!("not an absolute URL: {url}")));
        };
        let (authority, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = if path.is_empty() { "/" } else { path };
        let headers = request.headers.iter();
        Ok(Self {
            method: request.method.clone(),
            origin: format!("{scheme}://{authority}"),
            path: path.to_owned(),
            segments: path.split('/').skip(1).map(decode).collect(),
            raw_query: query.to_owned(),
            query: pairs(query),
            headers: headers.map(|(name, value)| (name.to_lowercase(), value.clone())).collect(),
            body: request.body.clone(),
            now,
        })
    }

    /// Method and decoded path segments, to match on:
    /// `match call.route()[..] { ["GET", "v1", "zones", zone] => … }`.
    pub fn route(&self) -> Vec<&str> {
        let segments = self.segments.iter().map(String::as_str);
        std::iter::once(self.method.as_str()).chain(segments).collect()
    }

    /// The first parameter of that name in the query.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let (_, value) = self.query.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// Allows these parameters in the query and no others.
    ///
    /// # Errors
    /// A violation that names the unknown one.
    pub fn allow_parameters(&self, known: &[&str]) -> Result<(), Answer> {
        match self.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => Err(self.wrong(format!("unknown parameter `{name}`"))),
        }
    }

    /// The page that `number` (counted from 1) and `size` cut out of `all`, and whether more follow.
    pub fn page<T>(all: &[T], number: usize, size: usize) -> (&[T], bool) {
        let begin = number.saturating_sub(1).saturating_mul(size).min(all.len());
        let end = begin.saturating_add(size).min(all.len());
        (&all[begin..end], end < all.len())
    }

    /// A header, where it is there.
    pub fn optional_header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(known, _)| known == name)?;
        Some(value)
    }

    /// A header that must be there; `name` in lower case.
    ///
    /// # Errors
    /// A violation when it is missing.
    pub fn header(&self, name: &str) -> Result<&str, Answer> {
        self.optional_header(name).ok_or_else(|| self.wrong(format!("no header `{name}`")))
    }

    /// A JSON body with its content type.
    ///
    /// # Errors
    /// A violation when it is none.
    pub fn json(&self) -> Result<Value, Answer> {
        self.content_type("application/json")?;
        serde_json::from_slice(&self.body)
            .map_err(|error| self.wrong(format!("unreadable JSON: {error}")))
    }

    /// The fields of a form body with its content type.
    ///
    /// # Errors
    /// A violation when it is none.
    pub fn form(&self) -> Result<BTreeMap<String, String>, Answer> {
        self.content_type("application/x-www-form-urlencoded")?;
        Ok(pairs(&self.text()?).into_iter().collect())
    }

    /// The body as text.
    ///
    /// # Errors
    /// A violation when it is not UTF-8.
    pub fn text(&self) -> Result<String, Answer> {
        String::from_utf8(self.body.clone()).map_err(|_| self.wrong("a body that is not UTF-8"))
    }

    /// Requires that the body is declared as `expected`, parameters aside.
    ///
    /// # Errors
    /// A violation when it is not.
    pub fn content_type(&self, expected: &str) -> Result<(), Answer> {
        let found = self.header("content-type")?;
        match found.split(';').next().unwrap_or_default().trim() {
            kind if kind.eq_ignore_ascii_case(expected) => Ok(()),
            _ => Err(self.wrong(format!("a body of type `{found}`, not `{expected}`"))),
        }
    }

    /// The answer to a request that the vendor does not know.
    pub fn unknown(&self) -> Answer {
        self.wrong("no such operation")
    }

    /// The answer to a request with this fault.
    pub fn wrong(&self, fault: impl AsRef<str>) -> Answer {
        let Self { method, origin, path, .. } = self;
        Answer::violation(format!("{method} {origin}{path}: {}", fault.as_ref()))
    }
}

impl Answer {
    /// An answer without a body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), violation: None }
    }

    /// A JSON answer.
    pub fn json(status: u16, body: Value) -> Self {
        Self::text(status, "application/json", body.to_string())
    }

    /// An answer of that type.
    pub fn text(status: u16, content_type: &str, body: impl Into<String>) -> Self {
        let body = body.into().into_bytes();
        Self { body, ..Self::empty(status).header("content-type", content_type) }
    }

    /// What no provider may do: the trial fails and tells of it, whatever the provider makes of the
    /// answer (status 400).
    pub fn violation(what: impl Into<String>) -> Self {
        let what = what.into();
        let answer = Self::text(400, "text/plain", format!("simulator: {what}"));
        Self { violation: Some(what), ..answer }
    }

    /// Adds a header; `name` in lower case.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        let Answer { status, headers, body, .. } = answer;
        Self { status, headers, body, options: Vec::new() }
    }
}

/// The pairs of a query or of a form, decoded.
fn pairs(text: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
    };
    text.split('&').filter(|pair| !pair.is_empty()).map(pair).collect()
}

/// Undoes percent-encoding; what is none stays as it is.
fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [octet, after @ ..] = rest {
        rest = after;
        let coded = (*octet == b'%').then(|| after.split_at_checked(2)).flatten();
        let coded = coded.and_then(|(digits, after)| {
            Some((u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?, after))
        });
        match coded {
            Some((octet, after)) => {
                out.push(octet);
                rest = after;
            }
            None => out.push(*octet),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
