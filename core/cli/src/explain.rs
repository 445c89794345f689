//! What each error type means: how it comes about, and what to do.
//!
//! The types of ACME are those of its registry at IANA and of the CAs' manuals; the kinds are our
//! own words in JSON. The texts are in `locales/*/explain.ftl`.

use wildcert::{acme::Operation, plugin};

use crate::lang::{Lang, Text};

/// An error type of ACME, or one of our own error kinds.
#[derive(Debug)]
pub struct Explanation {
    /// The type without its prefix, or the kind.
    pub name: &'static str,
    /// The message that begins each text.
    id: &'static str,
    /// The HTTP status that goes with it, where that is known.
    pub status: Option<u16>,
    /// Where it is defined; empty for our own kinds.
    pub document: &'static str,
    /// What it may stand for.
    conditions: &'static [Condition],
}

/// One of several conditions that a type stands for.
#[derive(Debug)]
struct Condition {
    id: &'static str,
    /// What the CA is asked for when this happens; empty for anything.
    operations: &'static [Operation],
}

impl Explanation {
    /// Whether it is a type of ACME.
    pub fn is_acme(&self) -> bool {
        !self.document.is_empty()
    }

    /// What it says, in a few words.
    pub fn title(&self, lang: Lang) -> String {
        Text::new(lang).say(self.id, &[])
    }

    /// How it comes about.
    pub fn cause(&self, lang: Lang) -> String {
        Text::new(lang).say(&format!("{}.cause", self.id), &[])
    }

    /// What to do about it; where it may stand for several conditions, a line for each follows.
    pub fn hint(&self, lang: Lang) -> String {
        self.hint_about(lang, None)
    }

    /// The same, with those conditions only that `operation` can meet.
    pub(crate) fn hint_about(&self, lang: Lang, operation: Option<Operation>) -> String {
        let text = Text::new(lang);
        let mut hint = text.say(&format!("{}.hint", self.id), &[]);
        let meets = |condition: &&Condition| {
            let operations = condition.operations;
            operations.is_empty() || operation.is_none_or(|one| operations.contains(&one))
        };
        for condition in self.conditions.iter().filter(meets) {
            let values = [
                ("condition", text.say(condition.id, &[]).into()),
                ("remedy", text.say(&format!("{}.hint", condition.id), &[]).into()),
            ];
            hint.push_str("\n- ");
            hint.push_str(&text.say("explain-condition", &values));
        }
        hint
    }
}

/// What is known of a type or kind: with or without its prefix, in whatever case; several where it
/// means different things with different statuses, or to the CA and to us.
pub fn find(name: &str) -> Vec<&'static Explanation> {
    let name = short(name);
    ALL.iter().filter(|known| known.name.eq_ignore_ascii_case(name)).collect()
}

/// What is known of an ACME type, given the HTTP status that came with it.
pub(crate) fn of_type(name: &str, status: Option<u16>) -> Option<&'static Explanation> {
    let known: Vec<_> = find(name).into_iter().filter(|known| known.is_acme()).collect();
    let same = known.iter().find(|known| known.status == status);
    same.or(known.first()).copied()
}

/// What is known of one of our kinds.
pub(crate) fn of_kind(kind: &str) -> Option<&'static Explanation> {
    ALL.iter().find(|known| !known.is_acme() && known.name == kind)
}

/// Types and kinds that `name` is a typing error of.
pub(crate) fn near(name: &str) -> Vec<String> {
    plugin::near(short(name), ALL.iter().map(|known| known.name))
}

fn short(name: &str) -> &str {
    match name.get(..PREFIX.len()) {
        Some(start) if start.eq_ignore_ascii_case(PREFIX) => {
            name.get(PREFIX.len()..).unwrap_or(name)
        }
        _ => name,
    }
}

const PREFIX: &str = "urn:ietf:params:acme:error:";

const fn acme(
    name: &'static str,
    id: &'static str,
    status: u16,
    document: &'static str,
) -> Explanation {
    let status = if status == 0 { None } else { Some(status) };
    Explanation { name, id, status, document, conditions: &[] }
}

const fn kind(name: &'static str, id: &'static str) -> Explanation {
    Explanation { name, id, status: None, document: "", conditions: &[] }
}

const fn when(id: &'static str, operations: &'static [Operation]) -> Condition {
    Condition { id, operations }
}

/// Every type and kind; with 0 the documents name no status.
#[rustfmt::skip]
pub const ALL: &[Explanation] = &[
    acme("accountDoesNotExist", "acme-accountDoesNotExist", 400, "RFC 8555 §7.3.1, JPRS"),
    acme("alreadyReplaced", "acme-alreadyReplaced", 409, "RFC 9773 §5"),
    acme("alreadyRevoked", "acme-alreadyRevoked", 400, "RFC 8555 §7.6, JPRS"),
    acme("autoRenewalCanceled", "acme-autoRenewalCanceled", 403, "RFC 8739 §3.1.2"),
    acme("autoRenewalCancellationInvalid", "acme-autoRenewalCancellationInvalid", 400, "RFC 8739 §3.1.2"),
    acme("autoRenewalExpired", "acme-autoRenewalExpired", 403, "RFC 8739 §3.3"),
    acme("autoRenewalRevocationNotSupported", "acme-autoRenewalRevocationNotSupported", 403, "RFC 8739 §3.1.2"),
    acme("badAttestationStatement", "acme-badAttestationStatement", 0, "draft-ietf-acme-device-attest"),
    acme("badCSR", "acme-badCSR", 400, "RFC 8555 §7.4, JPRS"),
    acme("badNonce", "acme-badNonce", 400, "RFC 8555 §6.5, JPRS"),
    acme("badPublicKey", "acme-badPublicKey", 400, "RFC 8555 §6.2, JPRS"),
    acme("badRevocationReason", "acme-badRevocationReason", 400, "RFC 8555 §7.6, JPRS"),
    acme("badSignatureAlgorithm", "acme-badSignatureAlgorithm", 400, "RFC 8555 §6.2, JPRS"),
    acme("caa", "acme-caa", 403, "RFC 8555 §6.7, RFC 8657, RFC 8659, JPRS"),
    acme("compound", "acme-compound", 0, "RFC 8555 §6.7.1"),
    acme("connection", "acme-connection", 400, "RFC 8555 §6.7, JPRS"),
    acme("dns", "acme-dns", 0, "RFC 8555 §6.7"),
    acme("externalAccountRequired", "acme-externalAccountRequired", 400, "RFC 8555 §7.3.4, JPRS"),
    acme("incorrectResponse", "acme-incorrectResponse", 0, "RFC 8555 §6.7"),
    acme("invalidContact", "acme-invalidContact", 400, "RFC 8555 §7.3, JPRS"),
    acme("invalidProfile", "acme-invalidProfile", 0, "draft-ietf-acme-profiles"),
    Explanation {
        name: "malformed",
        id: "acme-malformed",
        status: Some(400),
        document: "RFC 8555 §6.7, JPRS",
        conditions: &[
            when("malformed-item", &[]),
            when("malformed-eab", &[Operation::NewAccount]),
            when("malformed-contacts", &[Operation::NewAccount, Operation::Account]),
            when("malformed-terms", &[Operation::NewAccount]),
            when("malformed-name", &[Operation::NewOrder]),
            when("malformed-order-expired", &[Operation::Order, Operation::Finalize, Operation::Certificate]),
            when("malformed-order-state", &[Operation::Order, Operation::Finalize, Operation::Certificate]),
            when("malformed-authorization-expired", &[Operation::Authorization, Operation::Challenge]),
            when("malformed-authorization-state", &[Operation::Authorization, Operation::Challenge]),
            when("malformed-no-certificate", &[Operation::RevokeCert]),
        ],
    },
    acme("malformed", "acme-malformed-405", 405, "RFC 8555 §6.3, JPRS"),
    acme("malformed", "acme-malformed-415", 415, "RFC 8555 §6.2, JPRS"),
    acme("onionCAARequired", "acme-onionCAARequired", 0, "RFC 9799"),
    acme("orderNotReady", "acme-orderNotReady", 403, "RFC 8555 §7.4, JPRS"),
    acme("rateLimited", "acme-rateLimited", 429, "RFC 8555 §6.6"),
    acme("rejectedIdentifier", "acme-rejectedIdentifier", 400, "RFC 8555 §6.7, JPRS"),
    acme("serverInternal", "acme-serverInternal", 500, "RFC 8555 §6.7, JPRS"),
    acme("tls", "acme-tls", 0, "RFC 8555 §6.7"),
    Explanation {
        name: "unauthorized",
        id: "acme-unauthorized",
        status: Some(401),
        document: "RFC 8555 §7.3.6, JPRS",
        conditions: &[when("malformed-eab", &[Operation::NewAccount])],
    },
    acme("unknownDelegation", "acme-unknownDelegation", 403, "RFC 9115"),
    acme("unsupportedContact", "acme-unsupportedContact", 400, "RFC 8555 §7.3, JPRS"),
    acme("unsupportedIdentifier", "acme-unsupportedIdentifier", 400, "RFC 8555 §6.7, RFC 8738, JPRS"),
    acme("userActionRequired", "acme-userActionRequired", 403, "RFC 8555 §7.3.3"),
    kind("account", "kind-account"),
    kind("acme", "kind-acme"),
    kind("auth", "kind-auth"),
    kind("certificate", "kind-certificate"),
    kind("config", "kind-config"),
    kind("deploy", "kind-deploy"),
    kind("dns", "kind-dns"),
    kind("left-behind", "kind-left-behind"),
    kind("limited", "kind-limited"),
    kind("permanent", "kind-permanent"),
    kind("plugin", "kind-plugin"),
    kind("rate-limited", "kind-rate-limited"),
    kind("stopped", "kind-stopped"),
    kind("store", "kind-store"),
    kind("transient", "kind-transient"),
    kind("trials", "kind-trials"),
    kind("unsupported", "kind-unsupported"),
    kind("usage", "kind-usage"),
    kind("zone-not-found", "kind-zone-not-found"),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Where types are defined, and which: the registry at IANA, drafts, and the table of errors in
    /// JPRS' guide to its ACME service (2022), which has a status for each.
    const DEFINED: &[(&str, &[(&str, u16)])] = &[
        (
            "RFC 8555 §6.7",
            &[
                ("accountDoesNotExist", 0),
                ("alreadyRevoked", 0),
                ("badCSR", 0),
                ("badNonce", 0),
                ("badPublicKey", 0),
                ("badRevocationReason", 0),
                ("badSignatureAlgorithm", 0),
                ("caa", 0),
                ("compound", 0),
                ("connection", 0),
                ("dns", 0),
                ("externalAccountRequired", 0),
                ("incorrectResponse", 0),
                ("invalidContact", 0),
                ("malformed", 0),
                ("orderNotReady", 0),
                ("rateLimited", 0),
                ("rejectedIdentifier", 0),
                ("serverInternal", 0),
                ("tls", 0),
                ("unauthorized", 0),
                ("unsupportedContact", 0),
                ("unsupportedIdentifier", 0),
                ("userActionRequired", 0),
            ],
        ),
        (
            "RFC 8739 §6.2",
            &[
                ("autoRenewalCanceled", 403),
                ("autoRenewalExpired", 403),
                ("autoRenewalCancellationInvalid", 400),
                ("autoRenewalRevocationNotSupported", 403),
            ],
        ),
        ("RFC 9115 §5.3", &[("unknownDelegation", 403)]),
        ("RFC 9773 §5", &[("alreadyReplaced", 409)]),
        ("RFC 9799", &[("onionCAARequired", 0)]),
        ("draft-ietf-acme-profiles", &[("invalidProfile", 0)]),
        ("draft-ietf-acme-device-attest", &[("badAttestationStatement", 0)]),
        (
            "JPRS",
            &[
                ("accountDoesNotExist", 400),
                ("alreadyRevoked", 400),
                ("badCSR", 400),
                ("badNonce", 400),
                ("badPublicKey", 400),
                ("badRevocationReason", 400),
                ("badSignatureAlgorithm", 400),
                ("caa", 403),
                ("connection", 400),
                ("externalAccountRequired", 400),
                ("invalidContact", 400),
                ("unsupportedContact", 400),
                ("malformed", 400),
                ("malformed", 405),
                ("malformed", 415),
                ("orderNotReady", 403),
                ("rejectedIdentifier", 400),
                ("serverInternal", 500),
                ("unauthorized", 401),
                ("unsupportedIdentifier", 400),
            ],
        ),
    ];

    #[test]
    fn every_defined_type_is_explained() {
        for (document, types) in DEFINED {
            for (name, status) in *types {
                let known = find(name).into_iter().find(|known| {
                    known.is_acme() && (*status == 0 || known.status == Some(*status))
                });
                let known = known.unwrap_or_else(|| panic!("{document}: {name} {status}"));
                assert_eq!(*document == "JPRS", known.document.ends_with("JPRS") && *status > 0);
            }
        }
        let defined = DEFINED.iter().flat_map(|(_, types)| types.iter().map(|(name, _)| *name));
        let defined: Vec<&str> = defined.collect();
        let made_up = ALL.iter().find(|known| known.is_acme() && !defined.contains(&known.name));
        assert!(made_up.is_none(), "{made_up:?}");
    }

    #[test]
    fn every_kind_of_our_own_is_explained_and_no_other() {
        let engine = include_str!("../../engine/src/error.rs");
        let sdk = include_str!("../../../plugin-sdk/src/error.rs");
        let mut kinds = words(engine, "pub fn kind(");
        kinds.extend(words(sdk, "fn as_str("));
        kinds.sort_unstable();
        kinds.dedup();
        assert!(kinds.len() > 15, "{kinds:?}");
        let explained: Vec<&str> =
            ALL.iter().filter(|known| !known.is_acme()).map(|known| known.name).collect();
        assert_eq!(explained, kinds);
    }

    /// What the arms of a function give.
    fn words<'a>(source: &'a str, function: &str) -> Vec<&'a str> {
        let body = source.split(function).nth(1).and_then(|rest| rest.split("\n    }\n").next());
        let arms = body.unwrap_or_default().split("=> \"").skip(1);
        arms.filter_map(|arm| arm.split('"').next()).collect()
    }

    #[test]
    fn a_type_is_found_however_it_is_written() {
        for name in ["badCSR", "badcsr", "URN:ietf:params:acme:error:BADCSR"] {
            let found: Vec<&str> = find(name).iter().map(|known| known.name).collect();
            assert_eq!(found, ["badCSR"], "{name}");
        }
        assert_eq!(find("dns").len(), 2, "the CA's and ours");
        assert_eq!(find("malformed").len(), 3, "for three statuses");
        assert!(find("nonsense").is_empty() && find("").is_empty());
        assert_eq!(near("badCRS"), ["badCSR"]);
        assert_eq!(near("urn:ietf:params:acme:error:malformd"), ["malformed"]);
        assert!(near("nonsense").is_empty());
    }

    #[test]
    fn the_status_tells_types_apart() {
        let cause = |status| of_type("malformed", status).unwrap().cause(Lang::En);
        assert!(cause(Some(405)).contains("HTTP method"));
        assert!(cause(Some(415)).contains("content type"));
        assert_eq!(cause(Some(403)), cause(Some(400)));
        assert_eq!(cause(None), cause(Some(400)));
        assert!(of_type("https://ca.example/odd", None).is_none());
        assert!(of_type("usage", None).is_none(), "that is no type of a CA");
    }

    #[test]
    fn conditions_are_told_that_the_request_can_meet() {
        let malformed = of_type("malformed", Some(400)).unwrap();
        let lines = |operation| malformed.hint_about(Lang::En, operation).lines().count() - 1;
        assert_eq!(lines(None), 10);
        assert_eq!(lines(Some(Operation::NewAccount)), 4);
        assert_eq!(lines(Some(Operation::NewOrder)), 2);
        assert_eq!(lines(Some(Operation::Finalize)), 3);
        assert_eq!(lines(Some(Operation::RevokeCert)), 2);
        let told = malformed.hint_about(Lang::En, Some(Operation::NewAccount));
        assert!(told.contains("14 days") && !told.contains("revoked"), "{told}");
    }
}
