//! Absolute domain names: owner names and zone names.

use std::fmt;
use std::str::FromStr;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};

use crate::error::{Error, NameFault};

/// The longest name, written without its trailing dot (RFC 1035 §2.3.4: 255 octets on the wire).
pub(crate) const MAX_NAME: usize = 253;
const MAX_LABEL: usize = 63;

/// The name of a record: absolute, lower case, A-labels, with the trailing dot.
///
/// [`FromStr`] takes a name with or without trailing dot, in A-labels or U-labels (RFC 5890), and
/// always reads it as absolute. Labels hold letters, digits, `-` and `_`; the root is no owner
/// name. The order is that of the text, not the canonical order of RFC 4034.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct OwnerName(String);

impl OwnerName {
    /// The name as text, with its trailing dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name is the zone's apex or lies below it, cuts to child zones not considered.
    pub fn is_in(&self, zone: &ZoneName) -> bool {
        self.relative_to(zone).is_some()
    }

    /// The name relative to the zone, without a dot at its end; the apex is the empty string.
    ///
    /// `None` when the name is not in the zone.
    pub fn relative_to(&self, zone: &ZoneName) -> Option<&str> {
        if zone.is_root() {
            return self.0.strip_suffix('.');
        }
        match self.0.strip_suffix(zone.as_str())? {
            "" => Some(""),
            rest => rest.strip_suffix('.'),
        }
    }

    /// The name one label up; `None` when that is the root.
    pub(crate) fn parent(&self) -> Option<Self> {
        let (_, parent) = self.0.split_once('.')?;
        (!parent.is_empty()).then(|| Self(parent.to_owned()))
    }

    /// The name with one more label at its left; `None` when that would be too long.
    ///
    /// The label is ours, never input: lower-case letters, digits, `-` and `_`.
    pub(crate) fn child(&self, label: &str) -> Option<Self> {
        (label.len() + self.0.len() <= MAX_NAME).then(|| Self(format!("{label}.{}", self.0)))
    }

    /// Takes a name that is already absolute, checked and in lower case.
    pub(crate) fn from_checked(absolute: String) -> Self {
        Self(absolute)
    }
}

/// The name of a zone's apex: absolute, lower case, A-labels, with the trailing dot.
///
/// [`FromStr`] takes what [`OwnerName`] takes, and `.` for the root.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ZoneName(String);

impl ZoneName {
    /// The name as text, with its trailing dot.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root zone.
    pub fn is_root(&self) -> bool {
        self.0 == "."
    }

    /// How many labels the name has; the root has none.
    pub(crate) fn label_count(&self) -> usize {
        self.0.split('.').filter(|label| !label.is_empty()).count()
    }
}

impl FromStr for OwnerName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        absolute(text, Underscore::Allowed).map(Self).map_err(|fault| Error::name(text, fault))
    }
}

impl FromStr for ZoneName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        if text == "." {
            return Ok(Self(text.to_owned()));
        }
        text.parse::<OwnerName>().map(Self::from)
    }
}

impl From<OwnerName> for ZoneName {
    /// The zone whose apex is at this name.
    fn from(apex: OwnerName) -> Self {
        Self(apex.0)
    }
}

impl From<ZoneName> for OwnerName {
    /// The owner name of the zone's apex records.
    fn from(zone: ZoneName) -> Self {
        Self(zone.0)
    }
}

impl fmt::Display for OwnerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ZoneName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for OwnerName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl TryFrom<String> for ZoneName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<OwnerName> for String {
    fn from(name: OwnerName) -> Self {
        name.0
    }
}

impl From<ZoneName> for String {
    fn from(name: ZoneName) -> Self {
        name.0
    }
}

/// Whether labels may hold `_`: owner names of records do, names in certificates do not.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Underscore {
    Allowed,
    Refused,
}

/// The name in lower-case A-labels with a trailing dot, or the first thing wrong with it.
pub(crate) fn absolute(text: &str, underscore: Underscore) -> Result<String, NameFault> {
    if text.is_empty() || text == "." {
        return Err(NameFault::Empty);
    }
    // What ASCII letters are wrong is said before IDNA, which would only say that something is.
    if let Some(wrong) = text.chars().find(|&c| c.is_ascii() && !is_allowed(c, underscore)) {
        return Err(NameFault::Character(wrong));
    }
    let ascii = Uts46::new()
        .to_ascii(text.as_bytes(), AsciiDenyList::EMPTY, Hyphens::CheckFirstLast, DnsLength::Ignore)
        .map_err(|_| idna_fault(text))?;
    // Mapping may bring forth characters that the check above has not seen, as U+FF0F does `/`.
    if let Some(wrong) = ascii.chars().find(|&c| !is_allowed(c, underscore)) {
        return Err(NameFault::Character(wrong));
    }
    let relative = ascii.strip_suffix('.').unwrap_or(&ascii);
    for label in relative.split('.') {
        match label.len() {
            0 => return Err(NameFault::EmptyLabel),
            1..=MAX_LABEL => {}
            length => return Err(NameFault::LongLabel { label: label.to_owned(), length }),
        }
    }
    if relative.len() > MAX_NAME {
        return Err(NameFault::Long { length: relative.len(), limit: MAX_NAME });
    }
    Ok(format!("{relative}."))
}

fn is_allowed(c: char, underscore: Underscore) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(c, '-' | '.')
        || (c == '_' && underscore == Underscore::Allowed)
}

/// Finds the label for which IDNA refused the name; the library says only that it did.
fn idna_fault(text: &str) -> NameFault {
    let label = text
        .split(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}'])
        .find(|label| {
            let checked = Uts46::new().to_ascii(
                label.as_bytes(),
                AsciiDenyList::EMPTY,
                Hyphens::CheckFirstLast,
                DnsLength::Ignore,
            );
            checked.is_err()
        })
        .unwrap_or(text);
    if label.starts_with('-') || label.ends_with('-') {
        NameFault::Hyphen(label.to_owned())
    } else {
        NameFault::Idna(label.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(text: &str) -> OwnerName {
        text.parse().unwrap()
    }

    #[test]
    fn names_become_absolute_lower_case_a_labels() {
        let table = [
            ("example.com", "example.com."),
            ("Example.COM.", "example.com."),
            ("_acme-challenge.Example.com", "_acme-challenge.example.com."),
            ("_acme-challenge.例え.jp", "_acme-challenge.xn--r8jz45g.jp."),
            ("例え。ＪＰ", "xn--r8jz45g.jp."),
            ("bücher.example", "xn--bcher-kva.example."),
            ("r3---sn-x.example", "r3---sn-x.example."),
            ("localhost", "localhost."),
        ];
        for (input, expected) in table {
            let name = owner(input);
            assert_eq!(name.as_str(), expected, "{input}");
            assert_eq!(owner(name.as_str()), name, "{input} parsed twice");
            assert_eq!(ZoneName::from(name.clone()).as_str(), expected);
            let relative = expected.trim_end_matches('.');
            assert_eq!(owner(&relative.to_uppercase()), name, "{input} in upper case");
        }
        assert_eq!(".".parse::<ZoneName>().unwrap().as_str(), ".");
    }

    #[test]
    fn faults_name_what_is_wrong() {
        let long = "a".repeat(64);
        let too_long = ["a".repeat(63).as_str(); 4].join(".");
        let table = [
            ("", "the name is empty"),
            (".", "the name is empty"),
            ("a..b", "it has an empty label (two dots in a row, or a dot in front)"),
            (".a", "it has an empty label (two dots in a row, or a dot in front)"),
            ("a b.example", "it contains ` `"),
            ("a/b.example", "it contains `/`"),
            ("a\\032b.example", "it contains `\\`"),
            ("a／b.example", "it contains `/`"),
            ("-a.example", "its label `-a` begins or ends with a hyphen"),
            ("a-.example", "its label `a-` begins or ends with a hyphen"),
            (
                "xn--zzzzzzzzz99.example",
                "its label `xn--zzzzzzzzz99` is not valid in IDNA (UTS #46)",
            ),
            (too_long.as_str(), "it has 255 characters, the limit is 253"),
        ];
        for (input, expected) in table {
            let Error::Name { fault, .. } = input.parse::<OwnerName>().unwrap_err() else {
                panic!("{input}: not a name error");
            };
            assert_eq!(fault.to_string(), expected, "{input}");
        }
        let error = format!("{long}.example").parse::<OwnerName>().unwrap_err();
        assert!(error.to_string().contains("has 64 characters, the limit is 63"), "{error}");
    }

    #[test]
    fn relative_names() {
        let zone: ZoneName = "example.com".parse().unwrap();
        let root: ZoneName = ".".parse().unwrap();
        assert_eq!(owner("example.com").relative_to(&zone), Some(""));
        assert_eq!(owner("a.b.example.com").relative_to(&zone), Some("a.b"));
        assert_eq!(owner("badexample.com").relative_to(&zone), None);
        assert_eq!(owner("com").relative_to(&zone), None);
        assert_eq!(owner("a.com").relative_to(&root), Some("a.com"));
        assert!(owner("a.example.com").is_in(&zone));
        assert!(!owner("example.org").is_in(&zone));
    }

    #[test]
    fn children_are_never_too_long() {
        let name = owner(&["a".repeat(60).as_str(); 4].join("."));
        assert_eq!(name.as_str().len(), 244);
        assert_eq!(name.child("123456789").unwrap().as_str().len(), 254);
        assert_eq!(name.child("1234567890"), None);
        assert_eq!(owner("a.b").parent(), Some(owner("b")));
        assert_eq!(owner("b").parent(), None);
    }
}
