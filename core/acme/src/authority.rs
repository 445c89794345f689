//! Public CAs by short name.

use serde::Serialize;
use url::Url;

use crate::authorities::AUTHORITIES;

/// A CA, or one of its services, that has a short name.
///
/// What a CA's own directory says at the time goes before what stands here.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Authority {
    /// The short name.
    pub name: &'static str,
    /// Other names for it, such as lego's and acme.sh's.
    pub aliases: &'static [&'static str],
    /// The name in full.
    pub title: &'static str,
    /// The URL of its directory; `None` if each customer is given one, or there is none any more:
    /// `notes` says so.
    pub directory: Option<&'static str>,
    /// Whether its certificates are for trying out only.
    pub staging: bool,
    /// How the credentials for external account binding are got, where they are wanted.
    pub external_account: Option<&'static str>,
    /// The types that certificate keys may have, as on the command line; empty if its pages name
    /// none.
    pub certificate_keys: &'static [&'static str],
    /// What else a user should know, as sentences without the last full stop.
    pub notes: &'static str,
    /// Where this was read.
    pub source: &'static str,
    /// When it was read, as `YYYY-MM-DD`.
    pub read: &'static str,
}

impl Authority {
    /// All CAs that have a short name.
    pub fn all() -> &'static [Authority] {
        AUTHORITIES
    }

    /// The CA with this short name or alias, in any case.
    pub fn named(name: &str) -> Option<&'static Authority> {
        let is = |known: &str| known.eq_ignore_ascii_case(name.trim());
        AUTHORITIES.iter().find(|authority| authority.names().any(is))
    }

    /// The CA whose directory has this URL.
    pub fn at(directory: &Url) -> Option<&'static Authority> {
        let plain = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        let is = |known: &str| Url::parse(known).is_ok_and(|url| plain(&url) == plain(directory));
        AUTHORITIES.iter().find(|authority| authority.directory.is_some_and(is))
    }

    /// The short name, then its aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        std::iter::once(self.name).chain(self.aliases.iter().copied())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::directory_url;

    #[test]
    fn every_name_is_one_ca_s_and_every_directory_is_found_again() {
        let mut names = HashSet::new();
        let mut directories = HashSet::new();
        for authority in Authority::all() {
            for name in authority.names() {
                assert!(names.insert(name), "{name} twice");
                assert_eq!(name, name.to_lowercase());
                assert_eq!(Authority::named(&name.to_uppercase()), Some(authority));
            }
            assert!(authority.source.starts_with("https://"), "{}", authority.name);
            assert_eq!(authority.read.len(), 10);
            let Some(directory) = authority.directory else {
                assert!(!authority.notes.is_empty(), "{}", authority.name);
                continue;
            };
            assert!(directories.insert(directory), "{directory} twice");
            let url = directory_url(authority.name).unwrap();
            assert_eq!(url.as_str(), directory);
            assert_eq!(Authority::at(&url), Some(authority));
        }
        let other = Url::parse("https://ca.example/dir").unwrap();
        assert_eq!(Authority::at(&other), None);
    }

    /// As these clients' documentation lists them.
    #[test]
    fn the_names_that_lego_and_acme_sh_have_are_known() {
        let lego = "actalis digicert freessl globalsign googletrust googletrust-staging \
                    letsencrypt letsencrypt-staging litessl peeringhub sslcomecc sslcomrsa sectigo \
                    sectigoev sectigoov zerossl";
        let acme_sh =
            "letsencrypt letsencrypt_test zerossl buypass buypass_test sslcom google googletest";
        for name in lego.split_whitespace().chain(acme_sh.split_whitespace()) {
            assert!(Authority::named(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_ca_without_a_directory_for_everybody_says_where_it_is() {
        let error = directory_url("secom").unwrap_err();
        assert!(error.to_string().contains("file"), "{error}");
        assert!(error.hint().unwrap().contains("https URL"), "{error}");
        let error = directory_url("buypass").unwrap_err();
        assert!(error.to_string().contains("2025"), "{error}");
    }

    #[test]
    fn names_that_are_nearly_known_are_offered() {
        let hint = directory_url("leteencrypt").unwrap_err().hint().unwrap();
        assert!(hint.starts_with("did you mean `letsencrypt`?"), "{hint}");
        let hint = directory_url("my-own-ca").unwrap_err().hint().unwrap();
        assert!(hint.contains("letsencrypt, letsencrypt-staging, zerossl"), "{hint}");
    }
}
