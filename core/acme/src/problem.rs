//! Problem documents: how a CA says what is wrong (RFC 8555 §6.7, RFC 7807).

use std::fmt;

use serde::{Deserialize, Deserializer};

use crate::Identifier;

/// What a CA says about a request or a validation that failed.
///
/// `Display` shows type, detail and one line per subproblem.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Problem {
    /// The type, usually `urn:ietf:params:acme:error:…`; see [`Problem::short_type`].
    #[serde(rename = "type")]
    pub kind: String,
    /// A short summary of the type.
    pub title: Option<String>,
    /// What happened in this case, for people.
    pub detail: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// Where to read more; with `userActionRequired`, the page to visit.
    pub instance: Option<String>,
    /// One per identifier, where several are at fault (§6.7.1).
    #[serde(deserialize_with = "readable")]
    pub subproblems: Vec<Subproblem>,
}

/// The part of a problem that concerns one identifier (RFC 8555 §6.7.1).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Subproblem {
    /// The identifier at fault.
    pub identifier: Option<Identifier>,
    /// The type, as in [`Problem`].
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened, for people.
    pub detail: Option<String>,
}

impl Problem {
    /// The type without its ACME prefix: `rateLimited`; any other type as it is.
    pub fn short_type(&self) -> &str {
        short(&self.kind)
    }

    /// The document in `body`, if that is one.
    pub(crate) fn parse(body: &[u8]) -> Option<Problem> {
        let problem: Problem = serde_json::from_slice(body).ok()?;
        (!problem.kind.is_empty() || problem.detail.is_some()).then_some(problem)
    }
}

impl Subproblem {
    /// The type without its ACME prefix, as [`Problem::short_type`].
    pub fn short_type(&self) -> &str {
        short(&self.kind)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let detail = self.detail.as_deref().or(self.title.as_deref());
        write_fault(f, &self.kind, detail)?;
        for part in &self.subproblems {
            let name = part.identifier.as_ref().map_or("?", |identifier| &identifier.value);
            write!(f, "\n  `{}`: ", printable(name))?;
            write_fault(f, &part.kind, part.detail.as_deref())?;
        }
        Ok(())
    }
}

/// Text from the network, fit for a terminal: no control characters, one line, not endless.
pub(crate) fn printable(text: &str) -> String {
    const LONGEST: usize = 2000;
    let shown = text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(LONGEST);
    shown.collect()
}

fn write_fault(f: &mut fmt::Formatter<'_>, kind: &str, detail: Option<&str>) -> fmt::Result {
    let kind = if kind.is_empty() { "about:blank" } else { short(kind) };
    match detail.map(printable) {
        Some(detail) => write!(f, "{}: {}", printable(kind), detail.trim_end_matches('.')),
        None => f.write_str(&printable(kind)),
    }
}

/// The subproblems that can be read: a `null` or a strange one must not hide the rest.
fn readable<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Subproblem>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let parts = value.as_array().into_iter().flatten();
    Ok(parts.filter_map(|part| Subproblem::deserialize(part).ok()).collect())
}

fn short(kind: &str) -> &str {
    kind.strip_prefix("urn:ietf:params:acme:error:").unwrap_or(kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subproblems_are_shown_per_name_and_control_characters_are_not() {
        let problem = Problem::parse(
            br#"{"type":"urn:ietf:params:acme:error:rejectedIdentifier","status":403,"new":{},
                "detail":"two\u001b[31m names are refused.","subproblems":[
                {"type":"urn:ietf:params:acme:error:caa","detail":"CAA forbids it",
                 "identifier":{"type":"dns","value":"a.example"}},
                {"type":"https://ca.example/odd"}]}"#,
        )
        .unwrap();
        assert_eq!(problem.short_type(), "rejectedIdentifier");
        assert_eq!(
            problem.to_string(),
            "rejectedIdentifier: two [31m names are refused\n  \
             `a.example`: caa: CAA forbids it\n  `?`: https://ca.example/odd"
        );
    }

    #[test]
    fn strange_subproblems_hide_nothing() {
        for parts in ["null", "7", "[null, {\"type\": 1}]"] {
            let body = format!(r#"{{"type":"urn:x","detail":"no","subproblems":{parts}}}"#);
            assert_eq!(Problem::parse(body.as_bytes()).unwrap().to_string(), "urn:x: no");
        }
    }

    #[test]
    fn other_json_is_no_problem_document() {
        assert!(Problem::parse(b"{}").is_none());
        assert!(Problem::parse(b"<html>").is_none());
    }
}
