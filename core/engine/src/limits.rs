//! The ledger of rate limits: what a CA asked to wait for, kept across runs.
//!
//! `limits.json` in the account's folder. A CA that named no names limits the account; one that
//! refused an order limits the names in it, and those above and below them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{engine::Engine, error::Error, files};

/// Something that a CA will not do before a certain time.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Limit {
    /// When it may be asked again.
    #[serde(with = "time::serde::rfc3339")]
    pub until: OffsetDateTime,
    /// What the CA said.
    pub said: String,
    /// The names that it concerns, as A-labels; all when there are none.
    #[serde(default)]
    pub names: Vec<String>,
}

impl Engine {
    /// What CAs asked us to wait for, and which: the folder of the account below `accounts` says it.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn limits(&self) -> Result<Vec<(String, Limit)>, Error> {
        let accounts = self.options().path.join("accounts");
        let now = OffsetDateTime::now_utc();
        let mut all = Vec::new();
        for ca in files::folders(&accounts)? {
            for account in files::folders(&ca)? {
                let name = account.strip_prefix(&accounts).unwrap_or(&account);
                let limits = Limits::of(&account).current(now)?;
                all.extend(limits.into_iter().map(|limit| (name.display().to_string(), limit)));
            }
        }
        Ok(all)
    }
}

/// The ledger of one account.
#[derive(Clone, Debug)]
pub(crate) struct Limits(PathBuf);

impl Limits {
    /// The ledger of the account in `folder`, which need not exist yet.
    pub(crate) fn of(folder: &Path) -> Self {
        Self(folder.join(FILE))
    }

    /// The limits that hold at `now`.
    pub(crate) fn current(&self, now: OffsetDateTime) -> Result<Vec<Limit>, Error> {
        let Some(text) = files::read_if_there(&self.0)? else { return Ok(Vec::new()) };
        let mut limits: Vec<Limit> = serde_json::from_str(&text).map_err(|error| {
            let reason = format!("{error}; it may be deleted");
            Error::Damaged { path: self.0.clone(), reason }
        })?;
        limits.retain(|limit| limit.until > now);
        Ok(limits)
    }

    /// The limit that an order for `names` would meet, the longest of several.
    pub(crate) fn on(&self, names: &[String], now: OffsetDateTime) -> Result<Option<Limit>, Error> {
        let concerns = |limit: &Limit| {
            limit.names.is_empty()
                || limit.names.iter().any(|one| names.iter().any(|other| related(one, other)))
        };
        let met = self.current(now)?.into_iter().filter(concerns);
        Ok(met.max_by_key(|limit| limit.until))
    }

    /// Notes a limit; those that are over are forgotten.
    pub(crate) fn note(&self, limit: Limit, now: OffsetDateTime) -> Result<(), Error> {
        let folder = self.0.parent().unwrap_or(Path::new("."));
        files::private_folder(folder)?;
        let _lock = files::lock_now(&folder.join(".limits.lock"))?;
        let mut limits = self.current(now)?;
        limits.retain(|known| known.names != limit.names);
        limits.push(limit);
        files::replace(&self.0, &serde_json::to_vec_pretty(&limits).unwrap_or_default())
    }
}

/// Whether two names are the same, or one lies below the other.
fn related(one: &str, other: &str) -> bool {
    let base = |name: &str| name.trim_start_matches("*.").to_owned();
    let (one, other) = (base(one), base(other));
    let below = |name: &str, above: &str| {
        name.strip_suffix(above).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    below(&one, &other) || below(&other, &one)
}

const FILE: &str = "limits.json";

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;

    fn limit(seconds: i64, names: &[&str]) -> Limit {
        Limit {
            until: OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds),
            said: "too many".to_owned(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn on(limits: &Limits, name: &str, seconds: i64) -> Option<i64> {
        let now = OffsetDateTime::UNIX_EPOCH + Duration::seconds(seconds);
        let found = limits.on(&[name.to_owned()], now).unwrap();
        found.map(|limit| limit.until.unix_timestamp())
    }

    #[test]
    fn a_limit_holds_for_its_names_until_its_time() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits::of(&folder.path().join("ca/me"));
        let start = OffsetDateTime::UNIX_EPOCH;
        assert_eq!(on(&limits, "a.test", 0), None);
        limits.note(limit(100, &["a.test", "*.a.test"]), start).unwrap();
        for (name, expected) in [
            ("a.test", Some(100)),
            ("*.a.test", Some(100)),
            ("x.a.test", Some(100)),
            ("xa.test", None),
            ("b.test", None),
        ] {
            assert_eq!(on(&limits, name, 99), expected, "{name}");
        }
        assert_eq!(on(&limits, "a.test", 100), None);
        // A second refusal of the same names takes the first one's place.
        limits.note(limit(300, &["a.test", "*.a.test"]), start).unwrap();
        assert_eq!(limits.current(start).unwrap().len(), 1);
        assert_eq!(on(&limits, "a.test", 100), Some(300));
    }

    #[test]
    fn a_limit_without_names_concerns_every_order() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Limits::of(folder.path());
        limits.note(limit(100, &[]), OffsetDateTime::UNIX_EPOCH).unwrap();
        assert_eq!(on(&limits, "a.test", 0), Some(100));
        // What is over is not kept.
        let later = OffsetDateTime::UNIX_EPOCH + Duration::seconds(200);
        limits.note(limit(300, &["b.test"]), later).unwrap();
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert!(!text.contains("1970-01-01T00:01:40Z"), "{text}");
    }
}
