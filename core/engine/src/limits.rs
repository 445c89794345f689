//! The ledger of rate limits: what a CA asked to wait for, kept across runs.
//!
//! `limits.json` in the account's folder. No CA says in a way that programs can read what a limit is
//! about. Too many orders are taken to be too many for the names in them, and for those above and
//! below: of an order for others only the CA knows, and it tells at the cost of one request. Whatever
//! else a CA has too much of concerns all names.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use wildcert_acme::{self as acme, Operation};

use crate::{ca::CaAccount, engine::Engine, error::Error, files};

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

impl Limit {
    /// What `error`, which an order for `names` met at `now`, says of later ones; none when it is no
    /// limit, or nobody said until when.
    fn told(error: &Error, names: &[String], now: OffsetDateTime) -> Option<Self> {
        let Error::Acme { source, .. } = error else { return None };
        if !source.is_rate_limited() {
            return None;
        }
        let pause = source.retry_after()?.try_into().unwrap_or(LONGEST).min(LONGEST);
        let said = source.problem().map_or_else(|| source.to_string(), ToString::to_string);
        let ordered = matches!(
            source,
            acme::Error::Problem { operation: Operation::NewOrder, .. }
                | acme::Error::Status { operation: Operation::NewOrder, .. }
        );
        // With 503 it is the whole CA that is busy.
        let concerns_names = ordered && source.status() != Some(503);
        let names = if concerns_names { names.to_vec() } else { Vec::new() };
        Some(Self { until: now + pause, said, names })
    }

    /// When it ends, in RFC 3339, in whole seconds.
    pub(crate) fn end(&self) -> String {
        let whole = self.until.replace_nanosecond(0).unwrap_or(self.until);
        whole.format(&Rfc3339).unwrap_or_default()
    }

    /// The error of whoever may ask nobody but `ca`.
    pub(crate) fn error(self, ca: &CaAccount) -> Error {
        Error::Limited { server: ca.server.clone(), until: self.end(), said: self.said }
    }
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

    /// Notes the limit that `error`, which an order for `names` met just now, tells of.
    pub(crate) fn hear(&self, error: &Error, names: &[String]) -> Result<Option<Limit>, Error> {
        let now = OffsetDateTime::now_utc();
        let told = Limit::told(error, names, now);
        if let Some(limit) = &told {
            self.note(limit.clone(), now)?;
        }
        Ok(told)
    }

    /// Notes a limit; those that are over are forgotten.
    fn note(&self, limit: Limit, now: OffsetDateTime) -> Result<(), Error> {
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
/// No CA means longer; who asks for it is asked once more then.
const LONGEST: Duration = Duration::days(31);

#[cfg(test)]
mod tests {
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

    fn told(operation: Operation, status: u16, seconds: u64) -> Option<Limit> {
        let source = acme::Error::Status {
            operation,
            url: "https://ca.test/x".to_owned(),
            status,
            retry_after: Some(std::time::Duration::from_secs(seconds)),
        };
        let error = Error::Acme { doing: "order".to_owned(), source };
        Limit::told(&error, &["a.test".to_owned()], OffsetDateTime::UNIX_EPOCH)
    }

    #[test]
    fn too_many_orders_concern_their_names_and_all_else_every_order() {
        let order = told(Operation::NewOrder, 429, 3600).unwrap();
        assert_eq!((order.end().as_str(), order.names.len()), ("1970-01-01T01:00:00Z", 1));
        for (operation, status) in [
            (Operation::NewOrder, 503),
            (Operation::NewAccount, 429),
            (Operation::Directory, 503),
            (Operation::Finalize, 429),
        ] {
            let limit = told(operation, status, 3600).unwrap();
            assert!(limit.names.is_empty(), "{operation} {status}");
        }
        assert!(told(Operation::NewOrder, 500, 3600).is_none());
        let endless = told(Operation::NewOrder, 429, u64::MAX).unwrap();
        assert_eq!(endless.end(), "1970-02-01T00:00:00Z");
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
