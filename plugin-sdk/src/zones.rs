//! Finding the vendor's zone for a name, and names relative to a zone.
//!
//! [`RecordApi`](crate::RecordApi), [`RrsetApi`](crate::RrsetApi) and [`ZoneApi`](crate::ZoneApi) find
//! it in what their `zones` lists. A vendor that answers a question for one name overrides their
//! `zone` with a line of its own:
//!
//! ```
//! # use wildcert_plugin_sdk::{Context, Result, Zone, zones};
//! # struct Vendor;
//! # impl Vendor {
//! # fn zones(&self, cx: &Context<'_>) -> Result<Vec<Zone>> { Ok(Vec::new()) }
//! # fn ask(&self, cx: &Context<'_>, name: &str) -> Result<Option<Zone>> { Ok(None) }
//! // Looked up by name, one guess at a time:
//! fn zone(&self, cx: &Context<'_>, name: &str) -> Result<Zone> {
//!     zones::look_up(cx, name, |suffix| self.ask(cx, suffix), || self.zones(cx))
//! }
//! # }
//! # struct Plain;
//! # impl Plain {
//! // As wildcert found it in the DNS:
//! fn zone(&self, _: &Context<'_>, name: &str) -> Result<Zone> {
//!     Ok(Zone::named(name))
//! }
//! # }
//! ```

use std::time::Duration;

use crate::{
    error::{Error, Result},
    host::Context,
    punycode::a_labels,
};

/// For how long the host remembers what the vendor calls a zone by.
const KNOWN: Duration = Duration::from_secs(3600);

/// A zone of the vendor.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Zone {
    /// What the vendor's API calls it by.
    pub id: String,
    /// The zone's absolute name, in lower case with the trailing dot.
    pub name: String,
}

impl Zone {
    /// A zone with the vendor's identifier; case and trailing dot of `name` do not matter, and labels
    /// that are not ASCII become A-labels.
    pub fn new(id: impl Into<String>, name: &str) -> Self {
        Self { id: id.into(), name: absolute(name) }
    }

    /// A zone that the vendor calls by its name, which is then the `id`, without the trailing dot.
    pub fn named(name: &str) -> Self {
        let zone = Self::new("", name);
        Self { id: zone.domain().to_owned(), ..zone }
    }

    /// The name without the trailing dot.
    pub fn domain(&self) -> &str {
        self.name.trim_end_matches('.')
    }

    /// `owner` relative to this zone, without a trailing dot; empty at the apex.
    pub fn relative<'a>(&self, owner: &'a str) -> &'a str {
        relative(owner, &self.name)
    }

    /// [`relative`](Self::relative), or `apex` at the apex, which many vendors call `@`.
    pub fn relative_or<'a>(&self, owner: &'a str, apex: &'a str) -> &'a str {
        match self.relative(owner) {
            "" => apex,
            relative => relative,
        }
    }

    /// The absolute name of `relative`; empty and `@` stand for the apex.
    pub fn absolute(&self, relative: &str) -> String {
        match relative.trim_end_matches('.') {
            "" | "@" => self.name.clone(),
            name => format!("{}.{}", name.to_ascii_lowercase(), self.name),
        }
    }
}

/// `name` in A-labels, with its trailing dot.
fn absolute(name: &str) -> String {
    let mut name = a_labels(name.trim_end_matches('.'));
    name.push('.');
    name
}

/// The longest zone in the vendor's listing that `name` is at or below; remembered by the host.
///
/// # Errors
/// `zone-not-found`, naming the zones that `list` gave, and what `list` failed with.
pub fn in_listing(
    cx: &Context<'_>,
    name: &str,
    list: impl FnOnce() -> Result<Vec<Zone>>,
) -> Result<Zone> {
    if let Some(zone) = remembered(cx, name) {
        return Ok(zone);
    }
    let zones = list()?;
    match longest_match(name, &zones, |zone| &zone.name) {
        Some(zone) => Ok(remember(cx, name, zone.clone())),
        None => Err(not_found(name, &zones)),
    }
}

/// The first zone that `ask` knows of `name` and the names above it, longest first; remembered by
/// the host.
///
/// `ask` gets names of at least two labels without the trailing dot. `list` is asked only when
/// nothing was found.
///
/// # Errors
/// `zone-not-found`, naming the zones that `list` gave, and what `ask` and `list` failed with.
pub fn look_up(
    cx: &Context<'_>,
    name: &str,
    mut ask: impl FnMut(&str) -> Result<Option<Zone>>,
    list: impl FnOnce() -> Result<Vec<Zone>>,
) -> Result<Zone> {
    if let Some(zone) = remembered(cx, name) {
        return Ok(zone);
    }
    for suffix in suffixes(name) {
        if let Some(zone) = ask(suffix)? {
            return Ok(remember(cx, name, zone));
        }
    }
    Err(not_found(name, &list()?))
}

/// `owner` relative to `zone`, without a trailing dot; empty at the apex.
///
/// An owner outside of `zone` comes back whole, without its trailing dot.
pub fn relative<'a>(owner: &'a str, zone: &str) -> &'a str {
    let owner = owner.trim_end_matches('.');
    let zone = zone.trim_end_matches('.');
    match owner.strip_suffix(zone) {
        Some("") => "",
        Some(head) => head.strip_suffix('.').unwrap_or(owner),
        None => owner,
    }
}

/// The longest of `zones` that `name` is at or below; case and trailing dots do not matter.
pub fn longest_match<'a, Z>(
    name: &str,
    zones: &'a [Z],
    zone_name: impl Fn(&Z) -> &str,
) -> Option<&'a Z> {
    zones
        .iter()
        .filter(|zone| is_in(name, zone_name(zone)))
        .max_by_key(|zone| zone_name(zone).trim_end_matches('.').len())
}

/// `name` and every name above it with at least two labels, longest first, without trailing dots.
///
/// For vendors whose zones are looked up by name, one guess at a time.
pub fn suffixes(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(name.trim_end_matches('.'));
    std::iter::from_fn(move || {
        let current = rest?;
        rest = current.split_once('.').map(|(_, tail)| tail);
        Some(current)
    })
    .filter(|suffix| suffix.contains('.'))
}

/// The names of `zones`.
pub(crate) fn names(zones: &[Zone]) -> Vec<String> {
    zones.iter().map(|zone| zone.name.clone()).collect()
}

fn not_found(name: &str, zones: &[Zone]) -> Error {
    Error::zone_not_found(name, &names(zones))
}

fn remembered(cx: &Context<'_>, name: &str) -> Option<Zone> {
    let known = cx.host.cache_get(&format!("zone {name}"))?;
    let (name, id) = known.split_once(' ')?;
    Some(Zone::new(id, name))
}

fn remember(cx: &Context<'_>, name: &str, zone: Zone) -> Zone {
    cx.host.cache_put(&format!("zone {name}"), &format!("{} {}", zone.name, zone.id), KNOWN);
    zone
}

fn is_in(name: &str, zone: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let zone = zone.trim_end_matches('.').to_ascii_lowercase();
    match name.strip_suffix(zone.as_str()) {
        Some(head) => head.is_empty() || head.ends_with('.'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;
    use crate::{ErrorKind, testing::FakeHost};

    #[test]
    fn relative_names() {
        assert_eq!(relative("_acme-challenge.a.example.com.", "example.com."), "_acme-challenge.a");
        assert_eq!(relative("example.com.", "example.com."), "");
        assert_eq!(relative("notexample.com.", "example.com."), "notexample.com");
        assert_eq!(Zone::named("bücher.example.").id, "xn--bcher-kva.example");
        let zone = Zone::named("Example.COM");
        assert_eq!((zone.id.as_str(), zone.name.as_str()), ("example.com", "example.com."));
        assert_eq!(zone.relative("a.example.com."), "a");
        assert_eq!(zone.relative_or("a.example.com.", "@"), "a");
        assert_eq!(zone.relative_or("example.com.", "@"), "@");
        assert_eq!(zone.absolute("A"), "a.example.com.");
        assert_eq!((zone.absolute("@"), zone.absolute("")), (zone.name.clone(), zone.name.clone()));
    }

    #[test]
    fn the_longest_zone_wins_and_a_shared_ending_is_no_zone() {
        let zones = ["example.com", "Sub.example.com.", "ple.com"];
        let found = longest_match("_acme-challenge.sub.example.com.", &zones, |zone| *zone);
        assert_eq!(found, Some(&"Sub.example.com."));
        assert_eq!(longest_match("sample.com.", &zones[2..], |zone| *zone), None);
    }

    #[test]
    fn suffixes_stop_above_the_top_level() {
        assert_eq!(
            suffixes("a.b.example.com.").collect::<Vec<_>>(),
            ["a.b.example.com", "b.example.com", "example.com"]
        );
    }

    #[test]
    fn a_listing_is_asked_for_once() {
        let zones = || Ok(vec![Zone::new("p 1", "example.com"), Zone::new("c", "sub.example.com")]);
        FakeHost::default().call(&[], |cx| {
            let missing = in_listing(cx, "example.net.", zones).unwrap_err();
            assert_eq!(missing.kind, ErrorKind::ZoneNotFound);
            assert!(missing.message.ends_with("example.com., sub.example.com."), "{missing}");
            assert_eq!(in_listing(cx, "example.com.", zones).unwrap().id, "p 1");
            let again = in_listing(cx, "example.com.", || Err(Error::permanent("asked again")));
            assert_eq!(again, Ok(Zone::new("p 1", "example.com.")));
            assert_eq!(in_listing(cx, "a.sub.example.com.", zones).unwrap().id, "c");
        });
    }

    #[test]
    fn guesses_go_from_the_longest_name_up() {
        let asked = RefCell::new(Vec::new());
        let ask = |name: &str| {
            asked.borrow_mut().push(name.to_owned());
            Ok((name == "example.com").then(|| Zone::new("7", name)))
        };
        let list = || Ok(vec![Zone::named("other.test")]);
        FakeHost::default().call(&[], |cx| {
            assert_eq!(look_up(cx, "sub.example.com.", ask, list).unwrap().id, "7");
            assert_eq!(look_up(cx, "sub.example.com.", ask, list).unwrap().id, "7");
            assert_eq!(asked.take(), ["sub.example.com", "example.com"]);
            let missing = look_up(cx, "example.net.", ask, list).unwrap_err();
            assert!(missing.message.ends_with("reach other.test."), "{missing}");
        });
    }
}
