//! Results for programs.

use std::path::Path;

use serde::Serialize;
use time::format_description::well_known::Rfc3339;
use wildcert::{AccountInfo, CertificateInfo, Outcome, Status};

/// What came of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Run<'a> {
    certificates: Vec<Certificate<'a>>,
}

/// What is in the store.
#[derive(Debug, Serialize)]
pub(crate) struct List<'a> {
    certificates: Vec<Stored<'a>>,
}

/// Which accounts there are.
#[derive(Debug, Serialize)]
pub(crate) struct Accounts<'a> {
    accounts: Vec<Account<'a>>,
}

#[derive(Debug, Serialize)]
struct Certificate<'a> {
    name: &'a str,
    status: Status,
    domains: &'a [String],
    serial: Option<&'a str>,
    not_after: Option<String>,
    path: Option<&'a Path>,
    error: Option<ErrorInfo>,
}

/// An error for programs.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorInfo {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

#[derive(Debug, Serialize)]
struct Stored<'a> {
    #[serde(flatten)]
    info: &'a CertificateInfo,
    path: &'a Path,
    due: bool,
}

#[derive(Debug, Serialize)]
struct Account<'a> {
    #[serde(flatten)]
    info: &'a AccountInfo,
    path: &'a Path,
}

impl<'a> Run<'a> {
    /// What came of these certificates.
    pub(crate) fn new(outcomes: &'a [Outcome]) -> Self {
        Self { certificates: outcomes.iter().map(certificate).collect() }
    }
}

impl<'a> List<'a> {
    /// These certificates.
    pub(crate) fn new(certificates: &'a [CertificateInfo]) -> Self {
        let stored =
            |info: &'a CertificateInfo| Stored { info, path: &info.path, due: info.is_due() };
        Self { certificates: certificates.iter().map(stored).collect() }
    }
}

impl<'a> Accounts<'a> {
    /// These accounts.
    pub(crate) fn new(accounts: &'a [AccountInfo]) -> Self {
        let account = |info: &'a AccountInfo| Account { info, path: &info.path };
        Self { accounts: accounts.iter().map(account).collect() }
    }
}

/// The text of a result.
pub(crate) fn text(value: &impl Serialize) -> String {
    // Our own types have nothing that JSON could refuse.
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn certificate(outcome: &Outcome) -> Certificate<'_> {
    let stored = outcome.certificate.as_ref();
    Certificate {
        name: &outcome.name,
        status: outcome.status,
        domains: &outcome.domains,
        serial: stored.map(|info| info.serial.as_str()),
        not_after: stored.and_then(|info| info.not_after.format(&Rfc3339).ok()),
        path: stored.map(|info| info.path.as_path()),
        error: outcome.error.as_ref().map(|error| ErrorInfo {
            kind: error.kind(),
            message: error.to_string(),
            hint: error.hint(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;
    use wildcert::{Error, KeyType};

    use super::*;

    fn info() -> CertificateInfo {
        CertificateInfo {
            name: "example.test".into(),
            domains: vec!["example.test".into(), "*.example.test".into()],
            serial: "0a1b".into(),
            not_before: datetime!(2026-11-22 00:00 UTC),
            not_after: datetime!(2027-02-20 00:00 UTC),
            key_type: KeyType::Ec256,
            issuer: "CN=Test".into(),
            fingerprint_sha256: "ff".into(),
            server: "https://ca.test/dir".into(),
            provider: "rfc2136".into(),
            domain: "example.test".into(),
            certificate_url: "https://ca.test/cert/1".into(),
            path: "/s/certificates/example.test".into(),
        }
    }

    #[test]
    fn a_run_has_the_agreed_shape() {
        let issued = Outcome {
            name: "example.test".into(),
            domains: info().domains,
            status: Status::Issued,
            certificate: Some(info()),
            error: None,
        };
        let failed = Outcome {
            name: "b".into(),
            domains: vec!["b".into()],
            status: Status::Failed,
            certificate: None,
            error: Some(Error::Locked { name: "b".into() }),
        };
        let value = serde_json::to_value(Run::new(&[issued, failed])).unwrap();
        assert_eq!(
            value,
            json!({"certificates": [
                {
                    "name": "example.test",
                    "status": "issued",
                    "domains": ["example.test", "*.example.test"],
                    "serial": "0a1b",
                    "not_after": "2027-02-20T00:00:00Z",
                    "path": "/s/certificates/example.test",
                    "error": null,
                },
                {
                    "name": "b",
                    "status": "failed",
                    "domains": ["b"],
                    "serial": null,
                    "not_after": null,
                    "path": null,
                    "error": {
                        "kind": "store",
                        "message": "certificate `b` is being worked on by another wildcert",
                        "hint": "wait for it to end, then run again",
                    },
                },
            ]})
        );
    }

    #[test]
    fn a_list_tells_path_and_whether_it_is_due() {
        let mut old = info();
        old.not_before = datetime!(2020-01-01 00:00 UTC);
        old.not_after = datetime!(2020-03-31 00:00 UTC);
        let value = serde_json::to_value(List::new(&[old])).unwrap();
        let certificate = &value["certificates"][0];
        assert_eq!(certificate["path"], "/s/certificates/example.test");
        assert_eq!(certificate["due"], true);
        assert_eq!(certificate["not_after"], "2020-03-31T00:00:00Z");
        assert_eq!(certificate["key_type"], "ec256");
    }
}
