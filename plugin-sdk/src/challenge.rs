//! The ACME challenge that a record answers, for protocols older than this contract.

use crate::{
    error::{Error, ErrorKind, Result},
    host::Config,
    types::TxtRecord,
};

/// The option of a record that holds the identifier, `example.com`, without `*.`.
pub const DOMAIN: &str = "acme-domain";
/// The option of a record that holds the challenge's token.
pub const TOKEN: &str = "acme-token";
/// The option of a record that holds the key authorization (RFC 8555 §8.1).
pub const KEY_AUTHORIZATION: &str = "acme-key-authorization";

/// The challenge that a record answers.
///
/// A record's value is all that a provider needs; lego's `RAW` protocols hand on these instead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Challenge<'a> {
    /// The identifier, without `*.`.
    pub domain: &'a str,
    /// The challenge's token.
    pub token: &'a str,
    /// The key authorization, whose digest is the record's value.
    pub key_authorization: &'a str,
}

impl TxtRecord {
    /// The option of that name.
    pub fn option(&self, name: &str) -> Option<&str> {
        let (_, value) = self.options.iter().find(|(key, _)| key == name)?;
        Some(value)
    }

    /// The domain that is proved, `example.com`: without `*.` and the trailing dot.
    ///
    /// Where `_acme-challenge.example.com` is a CNAME, it is still `example.com`, though the owner is
    /// another name. From a caller that does not tell, it is the owner without `_acme-challenge`.
    ///
    /// # Errors
    /// `unsupported` when the caller does not tell, and the owner is no `_acme-challenge` name.
    pub fn domain(&self) -> Result<&str> {
        let below = || self.owner.trim_end_matches('.').strip_prefix("_acme-challenge.");
        self.option(DOMAIN).or_else(below).ok_or_else(|| {
            let message = format!("`{}` does not tell for which domain it is", self.owner);
            Error::new(ErrorKind::Unsupported, message)
        })
    }

    /// The challenge that this record answers.
    ///
    /// # Errors
    /// `unsupported` when the caller did not send it along.
    pub fn challenge(&self) -> Result<Challenge<'_>> {
        let option = |name: &str| {
            self.option(name).ok_or_else(|| {
                let message = format!(
                    "RAW mode needs `{name}` of `{}`, which did not come with the record",
                    self.owner
                );
                Error::new(ErrorKind::Unsupported, message)
            })
        };
        Ok(Challenge {
            domain: option(DOMAIN)?,
            token: option(TOKEN)?,
            key_authorization: option(KEY_AUTHORIZATION)?,
        })
    }
}

/// Whether the setting `name` asks for lego's `RAW` mode.
///
/// # Errors
/// `config` for any other word.
pub fn raw_mode(config: &Config, name: &str) -> Result<bool> {
    match config.get(name) {
        None => Ok(false),
        Some(word) if word.eq_ignore_ascii_case("raw") => Ok(true),
        Some(word) => Err(Error::config(format!("`{name}` is `{word}`; `RAW` or nothing works"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_option_is_named() {
        let mut record = crate::testing::record("_acme-challenge.example.com.", "value");
        record.options =
            [(DOMAIN, "example.com"), (TOKEN, "t")].map(|(k, v)| (k.into(), v.into())).to_vec();
        let error = record.challenge().unwrap_err();
        assert_eq!(error.kind, ErrorKind::Unsupported);
        assert!(error.message.contains(KEY_AUTHORIZATION), "{error}");
        record.options.push((KEY_AUTHORIZATION.into(), "t.k".into()));
        assert_eq!(record.challenge().unwrap().domain, "example.com");
    }

    #[test]
    fn the_domain_is_the_callers_or_that_of_the_owner() {
        let mut record = crate::testing::record("_acme-challenge.www.example.com.", "value");
        assert_eq!(record.domain(), Ok("www.example.com"));
        record.owner = "dyn.example.org.".to_owned();
        assert_eq!(record.domain().unwrap_err().kind, ErrorKind::Unsupported);
        record.options.push((DOMAIN.into(), "shop.example.net".into()));
        assert_eq!(record.domain(), Ok("shop.example.net"));
    }

    #[test]
    fn only_raw_is_a_mode() {
        let mode = |word: &str| raw_mode(&Config::new(vec![("M".into(), word.into())]), "M");
        assert!(!mode("").unwrap());
        assert!(mode("RAW").unwrap());
        assert_eq!(mode("row").unwrap_err().kind, ErrorKind::Config);
    }
}
