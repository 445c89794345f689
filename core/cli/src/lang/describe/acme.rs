//! The errors of the ACME client.

use std::time::Duration;

use wildcert::acme::{Error, FailedIdentifier};

use super::{Text, lines, shown};

pub(super) fn message(text: Text, error: &Error) -> Option<String> {
    let own = |id, values: &[_]| text.own(id, values);
    match error {
        Error::Answer { operation, url, reason } => own(
            "acme-error-answer",
            &[("operation", shown(operation)), ("url", shown(url)), ("reason", shown(reason))],
        ),
        Error::Broken { operation, url, reason } => own(
            "acme-error-broken",
            &[("operation", shown(operation)), ("url", shown(url)), ("reason", shown(reason))],
        ),
        Error::Certificate { reason } => {
            own("acme-error-certificate", &[("reason", shown(reason))])
        }
        Error::Client { reason } => own("acme-error-client", &[("reason", shown(reason))]),
        Error::Connect { url, reason } => {
            own("acme-error-connect", &[("url", shown(url)), ("reason", shown(reason))])
        }
        Error::Directory { url, reason } => {
            own("acme-error-directory", &[("url", shown(url)), ("reason", shown(reason))])
        }
        Error::Encode(source) => own("acme-error-encode", &[("source", shown(source))]),
        Error::ExternalAccount { kid, reason } => {
            own("acme-error-external-account", &[("kid", shown(kid)), ("reason", shown(reason))])
        }
        Error::Insecure { url } => own("acme-error-insecure", &[("url", shown(url))]),
        Error::Key { reason } => own("acme-error-key", &[("reason", shown(reason))]),
        Error::KeyInUse { account } => own("acme-error-key-in-use", &[("account", shown(account))]),
        Error::Order { order, status, problem } => {
            let values = [("order", shown(order)), ("status", shown(status))];
            let told = own("acme-error-order", &values)?;
            Some(problem.as_ref().map_or(told.clone(), |problem| format!("{told}: {problem}")))
        }
        Error::Problem { operation, url, problem, retry_after } => {
            let values = [("operation", shown(operation)), ("url", shown(url))];
            let told = own("acme-error-problem", &values)?;
            Some(format!("{told}: {problem}{}", later(text, *retry_after)))
        }
        Error::Status { operation, url, status, retry_after } => {
            let values =
                [("operation", shown(operation)), ("url", shown(url)), ("status", shown(status))];
            Some(own("acme-error-status", &values)? + &later(text, *retry_after))
        }
        Error::StillPending { order, status, limit, pending } => {
            let values = [
                ("order", shown(order)),
                ("status", shown(status)),
                ("limit", span(text, *limit).into()),
            ];
            let told = own("acme-error-still-pending", &values)?;
            Some(told + &lines(pending, |name| format!("`{name}`")))
        }
        Error::TermsNotAgreed { terms } => {
            own("acme-error-terms-not-agreed", &[("terms", shown(terms))])
        }
        Error::Timeout { operation, url, limit } => own(
            "acme-error-timeout",
            &[
                ("operation", shown(operation)),
                ("url", shown(url)),
                ("limit", span(text, *limit).into()),
            ],
        ),
        Error::Tls { url, reason } => {
            own("acme-error-tls", &[("url", shown(url)), ("reason", shown(reason))])
        }
        Error::Unknown { name, what, .. } => {
            own("acme-error-unknown", &[("name", shown(name)), ("what", shown(what))])
        }
        Error::Unsupported { operation } => {
            own("acme-error-unsupported", &[("operation", shown(operation))])
        }
        Error::Url { url, reason } => {
            own("acme-error-url", &[("url", shown(url)), ("reason", shown(reason))])
        }
        Error::Validation { failed, .. } => {
            let told = own("acme-error-validation", &[("count", failed.len().into())])?;
            Some(told + &lines(failed, |one| failure(text, one)))
        }
        // No variant ends here: a test reads them from their source.
        _ => None,
    }
}

pub(super) fn hint(text: Text, error: &Error) -> Option<String> {
    let own = |id| text.own(id, &[]);
    match error {
        Error::Certificate { .. } => own("acme-hint-certificate"),
        Error::Connect { .. } | Error::Timeout { .. } => own("acme-hint-connect"),
        Error::Directory { .. } => own("acme-hint-directory"),
        Error::ExternalAccount { .. } => own("acme-hint-external-account"),
        Error::Insecure { .. } => own("acme-hint-insecure"),
        Error::Key { .. } => own("acme-hint-key"),
        Error::KeyInUse { .. } => own("acme-hint-key-in-use"),
        Error::StillPending { .. } => own("acme-hint-still-pending"),
        Error::TermsNotAgreed { .. } => own("acme-hint-terms-not-agreed"),
        Error::Tls { .. } => own("acme-hint-tls"),
        Error::Unknown { known, .. } => {
            text.own("acme-hint-unknown", &[("known", known.join(", ").into())])
        }
        Error::Unsupported { .. } => own("acme-hint-unsupported"),
        Error::Url { .. } => own("acme-hint-url"),
        Error::Validation { .. } => own("acme-hint-validation"),
        _ => None,
    }
}

fn failure(text: Text, failed: &FailedIdentifier) -> String {
    let values = [("name", shown(&failed.name)), ("status", shown(&failed.status))];
    match &failed.problem {
        Some(problem) => format!("`{}`: {problem}", failed.name),
        None => text.say("acme-error-failed", &values),
    }
}

fn later(text: Text, wait: Option<Duration>) -> String {
    let said = wait.map(|wait| text.say("acme-error-later", &[("wait", span(text, wait).into())]));
    said.unwrap_or_default()
}

/// A time span in its two largest units.
fn span(text: Text, span: Duration) -> String {
    let seconds = span.as_secs();
    let (id, large, small) = match seconds {
        0..60 => ("span-seconds", seconds, 0),
        60..3600 => ("span-minutes", seconds / 60, seconds % 60),
        3600..86_400 => ("span-hours", seconds / 3600, seconds / 60 % 60),
        _ => ("span-days", seconds / 86_400, seconds / 3600 % 24),
    };
    text.say(id, &[("large", large.into()), ("small", small.into())])
}
