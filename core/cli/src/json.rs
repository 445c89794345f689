//! Results for programs.

use std::path::Path;

use serde::Serialize;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use wildcert::{
    CertificateInfo, Due, Error, KeyType, Outcome, Status, Window, config::Config, deploy::Deployed,
};

use crate::{
    lang::{Text, hints},
    report::Report,
    settings::waiting,
};

/// What came of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Run<'a> {
    certificates: Vec<Certificate<'a>>,
    /// Why hooks in the end failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    post_hooks: Vec<ErrorInfo>,
}

/// What is in the store.
#[derive(Debug, Serialize)]
pub(crate) struct List<'a> {
    certificates: Vec<Stored<'a>>,
    /// What was replaced and is still valid.
    replaced: Vec<Replaced<'a>>,
}

#[derive(Debug, Serialize)]
struct Certificate<'a> {
    name: &'a str,
    /// The line of the file that asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    status: Status,
    /// Why a stored certificate did not do.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Due>,
    /// Until when it waits for a maintenance window, and for which.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_until: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<&'a str>,
    domains: &'a [String],
    serial: Option<&'a str>,
    not_before: Option<String>,
    not_after: Option<String>,
    subject: Option<&'a str>,
    issuer: Option<&'a str>,
    key_type: Option<KeyType>,
    key_bits: Option<u32>,
    fingerprint_sha1: Option<&'a str>,
    fingerprint_sha256: Option<&'a str>,
    path: Option<&'a Path>,
    error: Option<ErrorInfo>,
    /// What came of its targets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    deployed: Vec<Target<'a>>,
}

/// What came of a target.
#[derive(Debug, Serialize)]
pub(crate) struct Target<'a> {
    target: &'a str,
    host: Option<&'a str>,
    ok: bool,
    error: Option<ErrorInfo>,
}

impl<'a> Target<'a> {
    /// What programs are told of it.
    pub(crate) fn new(text: Text, deployed: &'a Deployed) -> Self {
        let Deployed { target, host, error } = deployed;
        let error = error.as_ref().map(|error| ErrorInfo::new(text, error));
        Self { target, host: host.as_deref(), ok: error.is_none(), error }
    }
}

/// An error for programs.
#[derive(Debug, Serialize)]
pub(crate) struct ErrorInfo {
    pub(crate) kind: &'static str,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
    /// What is known of its type, or of each of several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) explanation: Vec<Explanation>,
}

/// How an error comes about, and what to do about it.
#[derive(Debug, Serialize)]
pub(crate) struct Explanation {
    /// The ACME type without its prefix; none for wildcert's own kinds.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    acme_type: Option<String>,
    cause: String,
    remedy: String,
}

impl ErrorInfo {
    /// What programs are told of an error; texts are in the language of the user.
    pub(crate) fn new(text: Text, error: &Error) -> Self {
        let Report { message, kind, explained, .. } = Report::new(text, error);
        let explanation = explained.into_iter().map(|one| Explanation {
            acme_type: one.acme_type,
            cause: one.cause,
            remedy: one.remedy,
        });
        let hint = hints(text, error).into_iter().next();
        Self { kind, message, hint, explanation: explanation.collect() }
    }
}

/// A certificate of the store.
#[derive(Debug, Serialize)]
pub(crate) struct Stored<'a> {
    #[serde(flatten)]
    info: &'a CertificateInfo,
    path: &'a Path,
    due: bool,
    /// Until when it waits for a maintenance window, though it is due.
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_until: Option<String>,
    /// When the CA wants it renewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<Window>,
}

/// A certificate that was replaced and is still valid.
#[derive(Debug, Serialize)]
struct Replaced<'a> {
    name: &'a str,
    serial: &'a str,
    not_after: String,
    replaced: Option<String>,
    path: &'a Path,
}

impl<'a> Run<'a> {
    /// What came of these certificates.
    ///
    /// `lines` are those of the file that asked for them, where one did.
    pub(crate) fn new(
        text: Text,
        outcomes: &'a [Outcome],
        lines: &[Option<usize>],
        post_hooks: &[Error],
    ) -> Self {
        let lines = lines.iter().copied().chain(std::iter::repeat(None));
        let certificates = outcomes.iter().zip(lines);
        let certificates = certificates.map(|(outcome, line)| certificate(text, outcome, line));
        let post_hooks = post_hooks.iter().map(|error| ErrorInfo::new(text, error));
        Self { certificates: certificates.collect(), post_hooks: post_hooks.collect() }
    }
}

impl<'a> List<'a> {
    /// These certificates, and those that were replaced and are still valid.
    pub(crate) fn new(
        config: &Config,
        certificates: &'a [CertificateInfo],
        replaced: &'a [CertificateInfo],
    ) -> Self {
        let old = |info: &'a CertificateInfo| Replaced {
            name: &info.name,
            serial: &info.serial,
            not_after: rfc3339(info.not_after),
            replaced: info.replaced_by.as_ref().map(|by| rfc3339(by.time)),
            path: &info.path,
        };
        Self {
            certificates: certificates.iter().map(|info| Stored::new(config, info, None)).collect(),
            replaced: replaced.iter().map(old).collect(),
        }
    }
}

impl<'a> Stored<'a> {
    /// This certificate, and when the CA wants it renewed; `config` may say at what times it may be.
    pub(crate) fn new(config: &Config, info: &'a CertificateInfo, window: Option<Window>) -> Self {
        let waits_until = waiting(config, info).map(|waiting| rfc3339(waiting.until));
        Stored { info, path: &info.path, due: info.is_due(), waits_until, window }
    }
}

/// The text of a result.
pub(crate) fn text(value: &impl Serialize) -> String {
    // Our own types have nothing that JSON could refuse.
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn rfc3339(time: OffsetDateTime) -> String {
    time.format(&Rfc3339).unwrap_or_default()
}

fn certificate(text: Text, outcome: &Outcome, line: Option<usize>) -> Certificate<'_> {
    let stored = outcome.certificate.as_ref();
    Certificate {
        name: &outcome.name,
        line,
        status: outcome.status,
        due: outcome.due,
        waits_until: outcome.waiting.as_ref().map(|waiting| rfc3339(waiting.until)),
        waits_for: outcome.waiting.as_ref().map(|waiting| waiting.window.as_str()),
        domains: &outcome.domains,
        serial: stored.map(|info| info.serial.as_str()),
        not_before: stored.map(|info| rfc3339(info.not_before)),
        not_after: stored.map(|info| rfc3339(info.not_after)),
        subject: stored.map(|info| info.subject.as_str()),
        issuer: stored.map(|info| info.issuer.as_str()),
        key_type: stored.and_then(|info| info.key_type),
        key_bits: stored.map(|info| info.key_bits),
        fingerprint_sha1: stored.map(|info| info.fingerprint_sha1.as_str()),
        fingerprint_sha256: stored.map(|info| info.fingerprint_sha256.as_str()),
        path: stored.map(|info| info.path.as_path()),
        error: outcome.error.as_ref().map(|error| ErrorInfo::new(text, error)),
        deployed: outcome.deployed.iter().map(|one| Target::new(text, one)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use time::macros::datetime;
    use wildcert::{Error, Waiting};

    use super::*;
    use crate::{lang::Lang, settings::nothing};

    fn info() -> CertificateInfo {
        serde_json::from_value(json!({
            "name": "example.test",
            "domains": ["example.test", "*.example.test"],
            "serial": "0a1b",
            "not_before": "2026-11-22T00:00:00Z",
            "not_after": "2027-02-20T00:00:00Z",
            "key_type": "ec256",
            "key_bits": 256,
            "subject": "CN=example.test",
            "issuer": "CN=Test",
            "fingerprint_sha1": "ee",
            "fingerprint_sha256": "ff",
            "server": "https://ca.test/dir",
            "provider": "rfc2136",
            "domain": "example.test",
            "certUrl": "https://ca.test/cert/1",
        }))
        .map(|info| CertificateInfo { path: "/s/certificates/example.test".into(), ..info })
        .unwrap()
    }

    #[test]
    fn a_run_has_the_agreed_shape() {
        let issued = Outcome {
            name: "example.test".into(),
            domains: info().domains,
            status: Status::Issued,
            due: None,
            waiting: None,
            certificate: Some(info()),
            error: None,
            deployed: Vec::new(),
        };
        let failed = Outcome {
            name: "b".into(),
            domains: vec!["b".into()],
            status: Status::Failed,
            due: Some(Due::Ending),
            waiting: Some(Waiting {
                until: datetime!(2027-01-03 02:00 UTC),
                window: "Sun 02:00-05:00 UTC".into(),
            }),
            certificate: None,
            error: Some(Error::Locked { name: "b".into() }),
            deployed: vec![Deployed { target: "web".into(), host: None, error: None }],
        };
        let mut value = serde_json::to_value(Run::new(
            Text::new(Lang::En),
            &[issued, failed],
            &[None, Some(7)],
            &[],
        ))
        .unwrap();
        let error = value["certificates"][1]["error"].as_object_mut().unwrap();
        let explanation = error.remove("explanation").unwrap();
        assert!(explanation[0]["cause"].is_string() && explanation[0]["remedy"].is_string());
        assert_eq!(
            value,
            json!({"certificates": [
                {
                    "name": "example.test",
                    "status": "issued",
                    "domains": ["example.test", "*.example.test"],
                    "serial": "0a1b",
                    "not_before": "2026-11-22T00:00:00Z",
                    "not_after": "2027-02-20T00:00:00Z",
                    "subject": "CN=example.test",
                    "issuer": "CN=Test",
                    "key_type": "ec256",
                    "key_bits": 256,
                    "fingerprint_sha1": "ee",
                    "fingerprint_sha256": "ff",
                    "path": "/s/certificates/example.test",
                    "error": null,
                },
                {
                    "name": "b",
                    "line": 7,
                    "status": "failed",
                    "due": "ending",
                    "waits_until": "2027-01-03T02:00:00Z",
                    "waits_for": "Sun 02:00-05:00 UTC",
                    "domains": ["b"],
                    "serial": null,
                    "not_before": null,
                    "not_after": null,
                    "subject": null,
                    "issuer": null,
                    "key_type": null,
                    "key_bits": null,
                    "fingerprint_sha1": null,
                    "fingerprint_sha256": null,
                    "path": null,
                    "error": {
                        "kind": "store",
                        "message": "certificate `b` is being worked on by another wildcert",
                        "hint": "wait for it to end, then run again",
                    },
                    "deployed": [{ "target": "web", "host": null, "ok": true, "error": null }],
                },
            ]})
        );
    }

    #[test]
    fn a_list_tells_path_and_whether_it_is_due() {
        let mut old = info();
        old.not_before = datetime!(2020-01-01 00:00 UTC);
        old.not_after = datetime!(2020-03-31 00:00 UTC);
        let value = serde_json::to_value(List::new(&nothing(), &[old], &[])).unwrap();
        let certificate = &value["certificates"][0];
        assert_eq!(certificate["path"], "/s/certificates/example.test");
        assert_eq!(certificate["due"], true);
        assert_eq!(certificate["not_after"], "2020-03-31T00:00:00Z");
        assert_eq!(certificate["key_type"], "ec256");
    }
}
