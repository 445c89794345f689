//! What the user can do about an error.

use crate::authority::Authority;
use crate::near::nearest;
use crate::problem::printable;
use crate::{Error, Operation, Problem};

impl Error {
    /// What the user can do about it.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Error::Connect { .. } | Error::Timeout { .. } => {
                "check the URL; behind a proxy, set HTTPS_PROXY (and NO_PROXY for exceptions)"
            }
            Error::Tls { .. } => {
                "if the CA or a proxy on the way has a private root certificate, name it with \
                 --ca-bundle"
            }
            Error::Directory { .. } => "the CA's documentation names the URL of its directory",
            Error::Url { url, .. } => return Some(server_hint(url)),
            Error::Insecure { .. } => "a CA is named by the https URL of its directory",
            Error::TermsNotAgreed { .. } => "read them and agree with --accept-tos",
            Error::ExternalAccount { .. } => {
                "take key identifier and HMAC key for --kid and --hmac from the CA's web pages"
            }
            Error::Key { .. } => {
                "an account key is a PEM file: PKCS#8, `EC PRIVATE KEY` or `RSA PRIVATE KEY`"
            }
            Error::KeyInUse { .. } => "make another new key",
            Error::Unsupported { operation: Operation::KeyChange } => {
                "register another account with a new key, then deactivate this one"
            }
            Error::Unsupported { .. } => "the CA's web pages or its support may do it",
            Error::Unknown { name, known, .. } => return Some(known_hint(name, known)),
            Error::Certificate { .. } => "give the certificate itself, not its key or request",
            Error::Validation { .. } => {
                "the TXT records are looked up by the CA itself: compare what it says with the zone"
            }
            Error::StillPending { .. } => "the CA is slow or busy: try again in some minutes",
            Error::Problem { operation: Operation::NewAccount, problem, .. } => {
                return registration_hint(problem).or_else(|| problem_hint(problem));
            }
            _ => return self.problem().and_then(problem_hint),
        };
        Some(hint.to_owned())
    }
}

fn server_hint(given: &str) -> String {
    let what = "a CA is a short name or the https URL of its directory";
    let names = || Authority::all().iter().flat_map(Authority::names);
    match Authority::named(given) {
        Some(_) => "give the https URL of the directory that the CA has for you".to_owned(),
        None => match nearest(given, names()) {
            Some(near) => format!("did you mean `{near}`? {what}"),
            None => {
                let names: Vec<_> = Authority::all().iter().map(|one| one.name).collect();
                format!("{what}; short names are {}", names.join(", "))
            }
        },
    }
}

fn known_hint(name: &str, known: &[String]) -> String {
    if known.is_empty() {
        return "there is none: leave it out".to_owned();
    }
    let all = known.join(", ");
    match nearest(name, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`? There are {all}"),
        None => format!("there are {all}"),
    }
}

/// What is wrong when a CA refuses to register: such CAs say little.
fn registration_hint(problem: &Problem) -> Option<String> {
    let binding = "credentials for external account binding are mostly good for one registration \
                   and for some days only (JPRS: 14 days): if they were used or are old, ask the \
                   CA for new ones";
    let hint = match problem.short_type() {
        "unauthorized" => format!(
            "{binding}; the key of an account that was deactivated is refused too: make another"
        ),
        "malformed" => format!(
            "check the contacts (some CAs want one to six different ones); if an external account \
             was given: {binding}"
        ),
        "externalAccountRequired" => {
            format!("give the CA's credentials with --eab --kid … --hmac …; {binding}")
        }
        _ => return None,
    };
    Some(hint)
}

fn problem_hint(problem: &Problem) -> Option<String> {
    let hint = match problem.short_type() {
        "rateLimited" => {
            "the CA's rate limits are in its documentation; its staging server has wider ones for \
             trying out"
        }
        "externalAccountRequired" => {
            "this CA wants an account of its own bound to yours: --eab --kid … --hmac …"
        }
        "accountDoesNotExist" => "register the account key first",
        "alreadyReplaced" => "order again without naming the certificate that is replaced",
        "alreadyRevoked" => "there is nothing left to do",
        "badPublicKey" | "badSignatureAlgorithm" => {
            "the CA does not take this type of key: rsa2048 and ec256 are taken by most"
        }
        "badRevocationReason" => "CAs take only some reasons: give another one or none",
        "caa" => "a CAA record of the name or a parent forbids this CA to issue",
        "invalidProfile" => "the CA does not issue by this profile for you: give another or none",
        "userActionRequired" => {
            let page = printable(problem.instance.as_deref()?);
            return Some(format!("visit `{page}`"));
        }
        _ => return None,
    };
    Some(hint.to_owned())
}
