//! The contacts of an account (RFC 8555 §7.3).

use std::collections::HashSet;

use super::problem::Problem;
use super::problem_type::ProblemType;
use crate::Contacts;

/// Checks all contacts of an account: `mailto:` URLs with one address and no header fields.
pub(super) fn check_contacts(contacts: &[String], rule: Contacts) -> Result<(), Problem> {
    if rule == Contacts::OneToSix {
        if !(1..=MAX_CONTACTS).contains(&contacts.len()) {
            let detail = format!("an account has 1 to {MAX_CONTACTS} contacts");
            return Err(Problem::malformed(detail));
        }
        let mut seen = HashSet::new();
        if let Some(twice) = contacts.iter().find(|url| !seen.insert(url.to_ascii_lowercase())) {
            return Err(Problem::malformed(format!("the contact `{twice}` is repeated")));
        }
    }
    contacts.iter().try_for_each(|url| check(url))
}

fn check(url: &str) -> Result<(), Problem> {
    let Some(address) = url.strip_prefix("mailto:") else {
        let detail = format!("the contact `{url}` is no mailto URL");
        return Err(Problem::new(ProblemType::UnsupportedContact, detail));
    };
    let parts: Vec<&str> = address.split('@').collect();
    let one_address = matches!(parts.as_slice(), [user, domain] if !user.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.'));
    if !one_address || address.contains([',', '?', ' ']) || !address.is_ascii() {
        let detail = format!("the contact `{url}` is not one mail address");
        return Err(Problem::new(ProblemType::InvalidContact, detail));
    }
    Ok(())
}

const MAX_CONTACTS: usize = 6;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts() {
        let kind = |contact: &str| check(contact).map_err(|problem| problem.kind.name());
        assert_eq!(kind("mailto:a@example.test"), Ok(()));
        assert_eq!(kind("tel:+1"), Err("unsupportedContact"));
        for contact in ["mailto:", "mailto:a", "mailto:a@b.c,d@e.f", "mailto:a@b.c?subject=x"] {
            assert_eq!(kind(contact), Err("invalidContact"), "{contact}");
        }
    }
}
