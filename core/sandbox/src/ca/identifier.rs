//! Identifiers of orders and authorizations: DNS names, wildcards among them.

use serde_json::{Value, json};

use super::problem::Problem;
use super::problem_type::ProblemType;

/// A DNS name in lower case, and whether the certificate is to hold `*.` before it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(super) struct Identifier {
    /// The name without `*.`.
    pub(super) base: String,
    pub(super) wildcard: bool,
}

impl Identifier {
    /// Reads an identifier of a newOrder request (RFC 8555 §7.1.3).
    pub(super) fn parse(kind: &str, value: &str) -> Result<Self, Problem> {
        let value = value.to_ascii_lowercase();
        let (base, wildcard) = match value.strip_prefix("*.") {
            Some(base) => (base, true),
            None => (value.as_str(), false),
        };
        let identifier = Self { base: base.to_owned(), wildcard };
        if kind != "dns" {
            let detail = format!("identifiers of type `{kind}` are not supported");
            let problem = Problem::new(ProblemType::UnsupportedIdentifier, detail);
            return Err(problem.about(identifier));
        }
        match fault(base) {
            None => Ok(identifier),
            Some(fault) => {
                let detail = format!("`{value}` is no name to certify: {fault}");
                let problem = Problem::new(ProblemType::RejectedIdentifier, detail);
                Err(problem.about(identifier))
            }
        }
    }

    /// Takes any name as it is.
    pub(super) fn unchecked(name: &str) -> Self {
        let base = name.strip_prefix("*.").unwrap_or(name);
        Self { base: base.to_owned(), wildcard: base != name }
    }

    /// The name as certificates hold it.
    pub(super) fn name(&self) -> String {
        if self.wildcard { format!("*.{}", self.base) } else { self.base.clone() }
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "type": "dns", "value": self.name() })
    }
}

/// What keeps a name from being a host name of at least two labels (RFC 5890 §2.3.1).
fn fault(name: &str) -> Option<&'static str> {
    let labels: Vec<&str> = name.split('.').collect();
    let label_fault = |label: &&str| {
        if label.is_empty() {
            Some("a label is empty")
        } else if label.len() > 63 {
            Some("a label is longer than 63 octets")
        } else if label.starts_with('-') || label.ends_with('-') {
            Some("a label begins or ends with a hyphen")
        } else if *label == "*" {
            Some("`*` stands anywhere but as the first label")
        } else if !label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            Some("a label has characters other than letters, digits and hyphens")
        } else {
            None
        }
    };
    if name.len() > 253 {
        return Some("it is longer than 253 octets");
    }
    if let Some(fault) = labels.iter().find_map(label_fault) {
        return Some(fault);
    }
    match labels.as_slice() {
        [] | [_] => Some("it has one label only"),
        [.., last] if last.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some("it is an address or ends in a number")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_wildcards_are_read_in_lower_case() {
        let identifier = Identifier::parse("dns", "*.Example.test").unwrap();
        assert_eq!((identifier.base.as_str(), identifier.wildcard), ("example.test", true));
        assert_eq!(identifier.name(), "*.example.test");
        assert!(!Identifier::parse("dns", "xn--bcher-kva.test").unwrap().wildcard);
    }

    #[test]
    fn what_is_no_host_name_is_rejected() {
        let long = format!("{}.test", "a".repeat(64));
        for name in [
            "",
            "*",
            "*.",
            "test",
            "*.test",
            "example.test.",
            "a..test",
            "-a.test",
            "a-.test",
            "*.*.test",
            "a.*.test",
            "a_b.test",
            "bücher.test",
            "127.0.0.1",
            "a b.test",
            &long,
        ] {
            let problem = Identifier::parse("dns", name).unwrap_err();
            assert_eq!(problem.kind, ProblemType::RejectedIdentifier, "{name}");
        }
        let problem = Identifier::parse("ip", "127.0.0.1").unwrap_err();
        assert_eq!(problem.kind, ProblemType::UnsupportedIdentifier);
    }
}
