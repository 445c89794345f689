//! What a probe found, and why it saw nothing.

use wildcert::{EndpointError, EndpointFault, Finding, ProbeError, ProbeStep};

use super::{Lang, Text, dns::address_fault, shown};

/// Why a probe saw nothing, and what to do about it; the second is empty where there is nothing to do.
pub(crate) fn describe_probe(text: Text, error: &ProbeError) -> [String; 2] {
    let foreign = text.lang() != Lang::En;
    let said = foreign.then(|| message(text, error)).flatten();
    let advice = foreign.then(|| hint(text, error)).flatten().or_else(|| error.hint());
    [said.unwrap_or_else(|| error.to_string()), advice.unwrap_or_default()]
}

/// What is not as it should be, and what to do about it.
pub(crate) fn describe_finding(text: Text, finding: &Finding) -> [String; 2] {
    let foreign = text.lang() != Lang::En;
    let said = foreign.then(|| found(text, finding)).flatten();
    let advice = foreign.then(|| remedy(text, finding)).flatten();
    [
        said.unwrap_or_else(|| finding.to_string()),
        advice.or_else(|| finding.hint().map(str::to_owned)).unwrap_or_default(),
    ]
}

/// Why a probe saw nothing, in a word or two.
pub(crate) fn probe_word(text: Text, error: &ProbeError) -> String {
    let id = match error {
        ProbeError::Unresolved { .. } => "probe-unresolved",
        ProbeError::Nobody { .. } | ProbeError::Silent { waiting: ProbeStep::Connection, .. } => {
            "probe-nobody"
        }
        ProbeError::Silent { .. } => "probe-silent",
        ProbeError::Broken { .. } => "probe-broken",
        ProbeError::NotStarted { .. } | ProbeError::NoTls { .. } => "probe-no-tls",
        ProbeError::Refused { .. } => "probe-refused",
        _ => "probe-unreadable",
    };
    text.say(id, &[])
}

/// What is not as it should be, in a word or two.
pub(crate) fn finding_word(text: Text, finding: &Finding) -> String {
    let id = match finding {
        Finding::Older { .. } => "probe-older",
        Finding::Expired { .. } => "probe-expired",
        Finding::Early { .. } => "probe-early",
        Finding::Name { .. } => "probe-name",
        Finding::Revoked { .. } => "probe-revoked",
        Finding::Key => "probe-key",
        Finding::Missing { .. } => "probe-missing",
        Finding::Extra { .. } => "probe-extra",
        Finding::Order => "probe-order",
        _ => "probe-other",
    };
    text.say(id, &[])
}

/// What is wrong with the text of an endpoint.
pub(crate) fn describe_endpoint(text: Text, error: &EndpointError) -> String {
    let fault = match &error.fault {
        EndpointFault::Address(fault) => address_fault(text, fault),
        EndpointFault::Name(name) => text.own("endpoint-name", &[("name", shown(name))]),
        EndpointFault::Protocol(given) => text.own("endpoint-protocol", &[("given", shown(given))]),
        // No variant ends here: a test reads them from their source.
        _ => None,
    };
    let fault = fault.unwrap_or_else(|| error.fault.to_string());
    let values = [("given", shown(&error.given)), ("fault", fault.into())];
    text.own("endpoint-error", &values).unwrap_or_else(|| error.to_string())
}

pub(super) fn message(text: Text, error: &ProbeError) -> Option<String> {
    let own = |id, values: &[_]| text.own(id, values);
    match error {
        ProbeError::Unresolved { host, source } => {
            own("probe-error-unresolved", &[("host", shown(host)), ("source", shown(source))])
        }
        ProbeError::Nobody { source } => own("probe-error-nobody", &[("source", shown(source))]),
        ProbeError::Silent { waiting, limit } => own(
            "probe-error-silent",
            &[("waiting", step(text, *waiting).into()), ("limit", shown(limit.as_secs_f32()))],
        ),
        ProbeError::Broken { waiting, source } => own(
            "probe-error-broken",
            &[("waiting", step(text, *waiting).into()), ("source", shown(source))],
        ),
        ProbeError::NotStarted { protocol, said } => {
            own("probe-error-not-started", &[("protocol", shown(protocol)), ("said", shown(said))])
        }
        ProbeError::NoTls { said } if said.is_empty() => own("probe-error-no-tls", &[]),
        ProbeError::NoTls { said } => own("probe-error-no-tls-said", &[("said", shown(said))]),
        ProbeError::Refused { reason, .. } => {
            own("probe-error-refused", &[("reason", shown(reason))])
        }
        ProbeError::Unreadable { reason } => {
            own("probe-error-unreadable", &[("reason", shown(reason))])
        }
        // No variant ends here: a test reads them from their source.
        _ => None,
    }
}

fn step(text: Text, step: ProbeStep) -> String {
    let id = match step {
        ProbeStep::Connection => "probe-step-connection",
        ProbeStep::Greeting => "probe-step-greeting",
        ProbeStep::StartTls => "probe-step-start-tls",
        ProbeStep::Handshake => "probe-step-handshake",
    };
    text.own(id, &[]).unwrap_or_else(|| step.to_string())
}

fn hint(text: Text, error: &ProbeError) -> Option<String> {
    let own = |id| text.own(id, &[]);
    match error {
        ProbeError::Silent { waiting: ProbeStep::Connection, .. } => own("probe-hint-dropped"),
        ProbeError::Silent { waiting: ProbeStep::Greeting, .. } => own("probe-hint-at-once"),
        ProbeError::NoTls { .. } => match error.protocol() {
            Some(protocol) => text.own("probe-hint-later", &[("protocol", protocol.into())]),
            None => own("probe-hint-port"),
        },
        ProbeError::Refused { outdated: true, .. } => own("probe-hint-outdated"),
        ProbeError::Nobody { .. } => own("probe-hint-nobody"),
        _ => None,
    }
}

pub(super) fn found(text: Text, finding: &Finding) -> Option<String> {
    let own = |id, values: &[_]| text.own(id, values);
    match finding {
        Finding::Older { name, serial, newest } => {
            let id = if newest.is_some() { "finding-older" } else { "finding-removed" };
            let newest = newest.as_deref().unwrap_or_default();
            own(id, &[("name", shown(name)), ("serial", shown(serial)), ("newest", shown(newest))])
        }
        Finding::Other { certificate, wanted } => {
            let id = if wanted.is_some() { "finding-other" } else { "finding-foreign" };
            let values = [
                ("serial", shown(&certificate.serial)),
                ("names", listed(text, &certificate.domains).into()),
                ("issuer", shown(&certificate.issuer)),
                ("wanted", shown(wanted.as_deref().unwrap_or_default())),
            ];
            own(id, &values)
        }
        Finding::Expired { since } => own("finding-expired", &[("date", shown(since.date()))]),
        Finding::Early { from } => own("finding-early", &[("date", shown(from.date()))]),
        Finding::Name { asked, names } => {
            own("finding-name", &[("asked", shown(asked)), ("names", listed(text, names).into())])
        }
        Finding::Revoked { on } => own("finding-revoked", &[("date", shown(on.date()))]),
        Finding::Key => own("finding-key", &[]),
        Finding::Missing { subjects } => {
            own("finding-missing", &[("subjects", subjects.join(", ").into())])
        }
        Finding::Extra { subjects } => {
            own("finding-extra", &[("subjects", subjects.join(", ").into())])
        }
        Finding::Order => own("finding-order", &[]),
        // No variant ends here: a test reads them from their source.
        _ => None,
    }
}

fn listed(text: Text, names: &[String]) -> String {
    match names {
        [] => text.own("finding-no-name", &[]).unwrap_or_default(),
        names => names.join(", "),
    }
}

fn remedy(text: Text, finding: &Finding) -> Option<String> {
    let own = |id| text.own(id, &[]);
    match finding {
        Finding::Older { .. } => own("finding-hint-older"),
        Finding::Other { wanted: Some(_), .. } => own("finding-hint-other"),
        Finding::Other { wanted: None, .. } | Finding::Name { .. } => own("finding-hint-name"),
        Finding::Missing { .. } | Finding::Extra { .. } | Finding::Order => {
            own("finding-hint-chain")
        }
        Finding::Key => own("finding-hint-key"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::{io, time::Duration};

    use time::macros::datetime;
    use wildcert::{LeafFacts, dns::AddressFault};

    use super::{super::tests::complete, *};
    use crate::lang::tests::is_japanese;

    const JA: Text = Text::new(Lang::Ja);
    const ERROR: &str = include_str!("../../../../engine/src/probe/error.rs");
    const VERDICT: &str = include_str!("../../../../engine/src/probe/verdict.rs");
    const ENDPOINT: &str = include_str!("../../../../engine/src/probe/endpoint.rs");

    fn errors() -> Vec<ProbeError> {
        let source = || io::Error::other("?");
        let text = || "?".to_owned();
        let silent = |waiting| ProbeError::Silent { waiting, limit: Duration::from_secs(1) };
        let steps =
            [ProbeStep::Connection, ProbeStep::Greeting, ProbeStep::StartTls, ProbeStep::Handshake];
        let mut errors = vec![
            ProbeError::Unresolved { host: text(), source: source() },
            ProbeError::Nobody { source: source() },
            ProbeError::Broken { waiting: ProbeStep::Greeting, source: source() },
            ProbeError::NotStarted { protocol: "SMTP", said: text() },
            ProbeError::NoTls { said: String::new() },
            ProbeError::NoTls { said: "* OK".to_owned() },
            ProbeError::Refused { reason: text(), outdated: true },
            ProbeError::Unreadable { reason: text() },
        ];
        errors.extend(steps.map(silent));
        errors
    }

    fn findings() -> Vec<Finding> {
        let text = || "?".to_owned();
        let time = datetime!(2026-11-22 00:00 UTC);
        let certificate = || LeafFacts {
            serial: text(),
            domains: Vec::new(),
            subject: text(),
            issuer: text(),
            not_before: time,
            not_after: time,
            fingerprint_sha256: text(),
        };
        vec![
            Finding::Older { name: text(), serial: text(), newest: Some(text()) },
            Finding::Older { name: text(), serial: text(), newest: None },
            Finding::Other { certificate: certificate(), wanted: Some(text()) },
            Finding::Other { certificate: certificate(), wanted: None },
            Finding::Expired { since: time },
            Finding::Early { from: time },
            Finding::Name { asked: text(), names: vec![text()] },
            Finding::Revoked { on: time },
            Finding::Key,
            Finding::Missing { subjects: vec![text()] },
            Finding::Extra { subjects: vec![text()] },
            Finding::Order,
        ]
    }

    #[test]
    fn everything_is_said_in_japanese() {
        complete((ERROR, "ProbeError"), &errors(), |error| message(JA, error), &[]);
        complete((VERDICT, "Finding"), &findings(), |finding| found(JA, finding), &[]);
        let faults = [
            EndpointFault::Address(AddressFault::NoHost),
            EndpointFault::Name("?".to_owned()),
            EndpointFault::Protocol("?".to_owned()),
        ];
        let said = |fault: &EndpointFault| {
            let error = EndpointError { given: "?".to_owned(), fault: fault.clone() };
            let said = describe_endpoint(JA, &error);
            // The fault itself, not only the words around it.
            said.split_once(": ").map(|(_, fault)| fault.to_owned())
        };
        complete((ENDPOINT, "EndpointFault"), &faults, said, &[]);
    }

    #[test]
    fn what_to_do_is_said_in_japanese_and_each_kind_has_its_words() {
        for error in errors() {
            let [_, hint] = describe_probe(JA, &error);
            assert!(hint.is_empty() || is_japanese(&hint), "{error:?}: {hint}");
            let word = JA.say(&format!("probe-{}", error.kind()), &[]);
            assert_eq!(probe_word(JA, &error), word, "{error:?}");
        }
        for finding in findings() {
            let [_, hint] = describe_finding(JA, &finding);
            assert!(hint.is_empty() || is_japanese(&hint), "{finding:?}: {hint}");
            let kind = serde_json::to_value(&finding).unwrap()["kind"].clone();
            let word = JA.say(&format!("probe-{}", kind.as_str().unwrap()), &[]);
            assert_eq!(finding_word(JA, &finding), word, "{finding:?}");
        }
    }
}
