//! What the user asks a certificate for.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, NameFault};
use crate::name::{MAX_NAME, OwnerName, Underscore, absolute};

/// A DNS identifier (RFC 8555 §9.7.7), perhaps a wildcard one: `example.com`, `*.example.com`.
///
/// [`FromStr`] takes U-labels and A-labels, upper and lower case, with or without trailing dot,
/// and refuses whatever a dns-01 challenge cannot prove.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Identifier {
    /// Lower-case A-labels, no trailing dot, with `*.` when it is a wildcard.
    ascii: String,
}

impl Identifier {
    /// The identifier as ACME and certificates write it: A-labels, no trailing dot, with `*.`.
    pub fn ascii(&self) -> &str {
        &self.ascii
    }

    /// The name without `*.`: what an ACME authorization is for.
    pub fn base(&self) -> OwnerName {
        OwnerName::from_checked(format!("{}.", self.base_ascii()))
    }

    /// Where the challenge's TXT records belong (RFC 8555 §8.4): `_acme-challenge.` and the base.
    pub fn challenge_owner(&self) -> OwnerName {
        OwnerName::from_checked(format!("{CHALLENGE}{}.", self.base_ascii()))
    }

    /// Whether the leftmost label is `*`.
    pub fn is_wildcard(&self) -> bool {
        self.ascii.starts_with(WILDCARD)
    }

    /// The identifier for people: U-labels, no trailing dot, with `*.`.
    pub fn unicode(&self) -> String {
        let (base, valid) = idna::domain_to_unicode(self.base_ascii());
        match (valid, self.is_wildcard()) {
            (Ok(()), true) => format!("{WILDCARD}{base}"),
            (Ok(()), false) => base,
            (Err(_), _) => self.ascii.clone(),
        }
    }

    fn base_ascii(&self) -> &str {
        self.ascii.strip_prefix(WILDCARD).unwrap_or(&self.ascii)
    }
}

impl FromStr for Identifier {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        parse(text).map(|ascii| Self { ascii }).map_err(|fault| Error::name(text, fault))
    }
}

impl fmt::Display for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.ascii)
    }
}

impl TryFrom<String> for Identifier {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Identifier> for String {
    fn from(identifier: Identifier) -> Self {
        identifier.ascii
    }
}

const CHALLENGE: &str = "_acme-challenge.";
const WILDCARD: &str = "*.";
/// IDNA reads all of these as the dot between labels.
const DOTS: [char; 4] = ['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'];

fn parse(text: &str) -> Result<String, NameFault> {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    if bare.trim_end_matches('.').parse::<IpAddr>().is_ok() {
        return Err(NameFault::IpAddress);
    }
    let wildcard = text.strip_prefix('*').and_then(|rest| rest.strip_prefix(DOTS));
    let base = wildcard.unwrap_or(text);
    if base.contains('*') {
        return Err(NameFault::Wildcard);
    }
    let base = absolute(base, Underscore::Refused)?;
    let base = base.trim_end_matches('.');
    if !base.contains('.') {
        return Err(NameFault::SingleLabel);
    }
    let limit = MAX_NAME - CHALLENGE.len();
    if base.len() > limit {
        return Err(NameFault::LongForChallenge { length: base.len(), limit });
    }
    Ok(if wildcard.is_some() { format!("{WILDCARD}{base}") } else { base.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_round_trip() {
        let table = [
            ("example.com", "example.com", "example.com", "_acme-challenge.example.com."),
            ("Example.Com.", "example.com", "example.com", "_acme-challenge.example.com."),
            ("*.example.com", "*.example.com", "*.example.com", "_acme-challenge.example.com."),
            ("例え.jp", "xn--r8jz45g.jp", "例え.jp", "_acme-challenge.xn--r8jz45g.jp."),
            ("*。例え。jp", "*.xn--r8jz45g.jp", "*.例え.jp", "_acme-challenge.xn--r8jz45g.jp."),
            ("XN--R8JZ45G.jp", "xn--r8jz45g.jp", "例え.jp", "_acme-challenge.xn--r8jz45g.jp."),
            ("straße.de", "xn--strae-oqa.de", "straße.de", "_acme-challenge.xn--strae-oqa.de."),
            (
                "日本語.テスト.jp",
                "xn--wgv71a119e.xn--zckzah.jp",
                "日本語.テスト.jp",
                "_acme-challenge.xn--wgv71a119e.xn--zckzah.jp.",
            ),
        ];
        for (input, ascii, unicode, owner) in table {
            let identifier: Identifier = input.parse().unwrap();
            assert_eq!(identifier.ascii(), ascii, "{input}");
            assert_eq!(identifier.unicode(), unicode, "{input}");
            assert_eq!(identifier.challenge_owner().as_str(), owner, "{input}");
            assert_eq!(identifier.is_wildcard(), ascii.starts_with('*'), "{input}");
            let base = ascii.trim_start_matches("*.");
            assert_eq!(identifier.base().as_str(), format!("{base}."), "{input}");
            assert_eq!(identifier.unicode().parse::<Identifier>().unwrap(), identifier);
            assert_eq!(ascii.parse::<Identifier>().unwrap(), identifier);
        }
    }

    #[test]
    fn what_cannot_be_proved_is_refused_with_the_reason() {
        let table = [
            ("", "the name is empty"),
            ("192.0.2.1", "it is an IP address, and dns-01 proves domain names only"),
            ("2001:db8::1", "it is an IP address, and dns-01 proves domain names only"),
            ("[::1]", "it is an IP address, and dns-01 proves domain names only"),
            ("a.*.example.com", "`*` may only be the whole leftmost label, as in `*.example.com`"),
            ("*a.example.com", "`*` may only be the whole leftmost label, as in `*.example.com`"),
            ("*.*.example.com", "`*` may only be the whole leftmost label, as in `*.example.com`"),
            ("*", "`*` may only be the whole leftmost label, as in `*.example.com`"),
            ("*.", "the name is empty"),
            ("localhost", "it has a single label, and no public suffix issues for that"),
            ("*.com", "it has a single label, and no public suffix issues for that"),
            ("https://example.com", "it contains `:`"),
            ("a_b.example.com", "it contains `_`"),
            ("example..com", "it has an empty label (two dots in a row, or a dot in front)"),
            ("exa mple.com", "it contains ` `"),
            (
                "a\u{200b}\u{2260}\u{fffd}.example",
                "its label `a\u{200b}\u{2260}\u{fffd}` is not valid in IDNA (UTS #46)",
            ),
        ];
        for (input, expected) in table {
            let Error::Name { name, fault } = input.parse::<Identifier>().unwrap_err() else {
                panic!("{input}: not a name error");
            };
            assert_eq!(name, input);
            assert_eq!(fault.to_string(), expected, "{input}");
        }
    }

    #[test]
    fn room_is_left_for_the_challenge_label() {
        let fits = format!("{}.{}.com", ["a".repeat(63).as_str(); 3].join("."), "b".repeat(41));
        assert_eq!(fits.len(), 237);
        let identifier: Identifier = fits.parse().unwrap();
        assert_eq!(identifier.challenge_owner().as_str().len(), 254);
        let error = format!("b{}", fits.replacen("a.", ".", 1).replacen('b', "bb", 1));
        let error = error.parse::<Identifier>().unwrap_err().to_string();
        assert!(
            error.contains("the limit is 237, since `_acme-challenge.` goes in front"),
            "{error}"
        );
    }
}
