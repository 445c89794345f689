//! Owner names and zones: suffixes, and names relative to a zone.

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
    use super::*;

    #[test]
    fn relative_names() {
        assert_eq!(relative("_acme-challenge.a.example.com.", "example.com."), "_acme-challenge.a");
        assert_eq!(relative("example.com.", "example.com."), "");
        assert_eq!(relative("notexample.com.", "example.com."), "notexample.com");
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
}
