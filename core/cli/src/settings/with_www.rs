//! `www.` in front of names.

use wildcert::dns::Identifier;

/// Adds `www.` to each name that is no wildcard and has none.
pub(super) fn with_www(identifiers: &mut Vec<Identifier>) {
    let bare = identifiers.iter().filter(|name| !name.is_wildcard());
    let bare = bare.filter(|name| !name.ascii().starts_with("www."));
    let www: Vec<Identifier> =
        bare.filter_map(|name| format!("www.{}", name.ascii()).parse().ok()).collect();
    for name in www {
        if !identifiers.iter().any(|known| known.ascii() == name.ascii()) {
            identifiers.push(name);
        }
    }
}
