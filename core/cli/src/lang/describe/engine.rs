//! The errors of the engine and of providers.

use wildcert::{Error, Signal, plugin::ProviderError};

use super::{Text, acme, deploy, dns, doing::noun, lines, shown};
use crate::explain;

pub(super) fn message(text: Text, error: &Error) -> Option<String> {
    let own = |id, values: &[_]| text.own(id, values);
    match error {
        Error::AccountClosed { account, status, path } => own(
            "error-account-closed",
            &[
                ("account", shown(account)),
                ("status", shown(status)),
                ("path", shown(path.display())),
            ],
        ),
        Error::AccountExists { path } => {
            own("error-account-exists", &[("path", shown(path.display()))])
        }
        Error::Acme { doing, source } => {
            let source = acme::message(text, source).unwrap_or_else(|| source.to_string());
            own("error-acme", &[("doing", noun(text, doing)), ("source", source.into())])
        }
        Error::Certificate { name, reason } => {
            own("error-certificate", &[("name", shown(name)), ("reason", shown(reason))])
        }
        Error::Check(source) => own("error-check", &[("source", provider(text, source).into())]),
        Error::Crypto { doing, reason } => {
            own("error-crypto", &[("doing", noun(text, doing)), ("reason", shown(reason))])
        }
        Error::Damaged { path, reason } => {
            own("error-damaged", &[("path", shown(path.display())), ("reason", shown(reason))])
        }
        Error::Deploy { source, back } => deploy::message(text, source, back),
        Error::Dns(source) => dns::message(text, source),
        Error::ExternalAccountRequired { server } => {
            own("error-external-account-required", &[("server", shown(server))])
        }
        Error::File { doing, path, source } => own(
            "error-file",
            &[
                ("doing", noun(text, doing)),
                ("path", shown(path.display())),
                ("source", shown(source)),
            ],
        ),
        Error::Input(faults) => own("error-input", &[("faults", faults.0.join("\n").into())]),
        Error::KeyNotTaken { server, key, taken } => own(
            "error-key-not-taken",
            &[("server", shown(server)), ("key", shown(key)), ("taken", taken.join(", ").into())],
        ),
        Error::LeftBehind { count, reason } => {
            own("error-left-behind", &[("count", (*count).into()), ("reason", shown(reason))])
        }
        Error::Limited { server, until, said } => own(
            "error-limited",
            &[("server", shown(server)), ("until", shown(until)), ("said", shown(said))],
        ),
        Error::Locked { name } => own("error-locked", &[("name", shown(name))]),
        Error::NoAccount { known } => own("error-no-account", &[("count", known.len().into())]),
        Error::NoDns01 { identifier, offered } => {
            own("error-no-dns-01", &[("name", shown(identifier)), ("offered", shown(offered))])
        }
        Error::NoProvider { owner, zones } => {
            let told = own("error-no-provider", &[("owner", shown(owner))])?;
            Some(told + &lines(zones, |(name, zones)| format!("`{name}`: {}", zones.join(", "))))
        }
        Error::Provider { instance, doing, zone, source } => {
            let source = provider(text, source);
            // Told once: the provider's words mostly name it.
            let instance = Some(instance).filter(|name| !source.contains(name.as_str()));
            let source = match instance.filter(|name| !name.is_empty()) {
                Some(name) => format!("`{name}`: {source}"),
                None => source,
            };
            let values =
                [("doing", noun(text, doing)), ("zone", shown(zone)), ("source", source.into())];
            own("error-provider", &values)
        }
        // The rest, like all that is told of modules, is in English.
        Error::Instance { instance, source } => {
            own("error-instance", &[("instance", shown(instance)), ("source", shown(source))])
        }
        Error::Secret { key, file, line, source } => own(
            "error-secret",
            &[
                ("place", format!("{}:{line}", file.display()).into()),
                ("key", shown(key)),
                ("source", shown(source)),
            ],
        ),
        Error::SeveralAccounts { accounts } => {
            own("error-several-accounts", &[("accounts", accounts.join(", ").into())])
        }
        Error::Stopped(signal) => {
            let signal = match signal {
                Signal::Interrupt => "SIGINT",
                Signal::Terminate => "SIGTERM",
            };
            own("error-stopped", &[("signal", signal.into())])
        }
        Error::TermsNotAgreed { terms, .. } => {
            own("error-terms-not-agreed", &[("terms", shown(terms))])
        }
        Error::Trials { reason } => own("error-trials", &[("reason", shown(reason))]),
        Error::Unasked { identifier } => own("error-unasked", &[("name", shown(identifier))]),
        // What a module's file can lack is told in English; its kind is explained.
        Error::Plugin(_) => None,
        // No variant ends here: a test reads them from their source.
        _ => None,
    }
}

pub(super) fn hint(text: Text, error: &Error) -> Option<String> {
    let own = |id| text.own(id, &[]);
    match error {
        Error::AccountClosed { .. } => own("hint-account-closed"),
        Error::AccountExists { .. } => own("hint-account-exists"),
        Error::Acme { source, .. } => acme::hint(text, source).or_else(|| explained(text, source)),
        Error::Check(source) | Error::Provider { source, .. } => provider_hint(text, source),
        Error::Deploy { source, .. } => deploy::hint(text, source),
        Error::Dns(source) => dns::hint(text, source),
        Error::ExternalAccountRequired { .. } => own("hint-external-account-required"),
        Error::KeyNotTaken { taken, .. } => {
            text.own("hint-key-not-taken", &[("key", shown(taken.first()?))])
        }
        Error::LeftBehind { .. } => own("hint-left-behind"),
        Error::Limited { .. } => own("hint-limited"),
        Error::Locked { .. } => own("hint-locked"),
        Error::NoAccount { known } if known.is_empty() => own("hint-no-account"),
        Error::NoAccount { known } => {
            text.own("hint-known-accounts", &[("known", known.join(", ").into())])
        }
        Error::NoProvider { .. } => own("hint-no-provider"),
        Error::SeveralAccounts { .. } => own("hint-several-accounts"),
        Error::TermsNotAgreed { .. } => own("hint-terms-not-agreed"),
        _ => None,
    }
}

/// The remedy of the first type that the CA named.
fn explained(text: Text, error: &wildcert::acme::Error) -> Option<String> {
    let known = explain::of_type(error.problem_types().first()?, error.status())?;
    Some(known.hint(text.lang()))
}

fn provider(text: Text, error: &ProviderError) -> String {
    let translated = match error {
        ProviderError::Answered { provider, answer, .. } => {
            let values = [("provider", shown(provider)), ("answer", shown(answer))];
            text.own("error-provider-answered", &values)
        }
        ProviderError::Failed { provider, path, failure } => {
            let values = [
                ("provider", shown(provider)),
                ("path", shown(path.display())),
                ("failure", shown(failure)),
            ];
            text.own("error-provider-failed", &values)
        }
        _ => None,
    };
    translated.unwrap_or_else(|| error.to_string())
}

fn provider_hint(text: Text, error: &ProviderError) -> Option<String> {
    let ProviderError::Answered { provider, credentials, .. } = error else { return None };
    let provider = ("provider", shown(provider));
    match error.kind().as_str() {
        "auth" if credentials.is_empty() => text.own("hint-provider-rights", &[provider]),
        "auth" => {
            let credentials = ("credentials", credentials.join(", ").into());
            text.own("hint-provider-credentials", &[provider, credentials])
        }
        "config" => text.own("hint-provider-settings", &[provider]),
        "rate-limited" => text.own("hint-provider-wait", &[]),
        "zone-not-found" => text.own("hint-provider-zones", &[provider]),
        _ => None,
    }
}
