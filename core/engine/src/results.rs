//! What came of the attempts at each certificate, kept across runs: `results/<certificate>.json`.
//!
//! A run that finds nothing to do writes nothing, unless the attempts before it had failed.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{
    engine::Engine,
    error::Error,
    event::Event,
    files,
    request::{Outcome, Status},
};

/// What came of the attempts at a certificate.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(default)]
pub struct Results {
    /// The last attempt, whatever came of it.
    pub last: Option<Attempt>,
    /// The last attempt that got a certificate.
    pub success: Option<Attempt>,
    /// Since when no attempt has got one; none when the last one did.
    #[serde(with = "time::serde::rfc3339::option")]
    pub failing_since: Option<OffsetDateTime>,
    /// How many attempts have failed since then.
    pub failures: u32,
    /// How often the provider instances were called for it, by their names, in all runs.
    pub calls: BTreeMap<String, Calls>,
}

/// An attempt at getting a certificate.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Attempt {
    /// When it ended.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// How long it took, in seconds.
    pub seconds: f64,
    /// What came of it.
    pub status: Status,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// Why an attempt failed; no secret is in it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Failure {
    /// The word for programs, as [`Error::kind`] gives it.
    pub kind: String,
    /// What was tried, on what, and what came back, in English.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// How often a provider was called.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default)]
pub struct Calls {
    /// To add records.
    pub present: u64,
    /// To remove records.
    pub remove: u64,
}

impl Results {
    fn add(&mut self, attempt: Attempt) {
        match attempt.status {
            Status::Failed => {
                self.failing_since.get_or_insert(attempt.time);
                self.failures = self.failures.saturating_add(1);
            }
            _ => {
                self.settle();
                self.success = Some(attempt.clone());
            }
        }
        self.last = Some(attempt);
    }

    /// Whatever failed, the certificate is as it should be.
    fn settle(&mut self) {
        self.failing_since = None;
        self.failures = 0;
    }
}

impl Calls {
    fn add(&mut self, more: Self) {
        self.present = self.present.saturating_add(more.present);
        self.remove = self.remove.saturating_add(more.remove);
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self { kind: error.kind().to_owned(), message: error.to_string(), hint: error.hint() }
    }
}

impl Engine {
    /// What came of the attempts at the certificate of that name; none when there was none.
    ///
    /// # Errors
    /// When the file cannot be read, or is none of ours.
    pub fn results(&self, name: &str) -> Result<Option<Results>, Error> {
        if !is_name(name) {
            return Ok(None);
        }
        let path = self.results_of(name);
        let Some(text) = files::read_if_there(&path)? else { return Ok(None) };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| Error::Damaged { path, reason: format!("{error}; it may be deleted") })
    }

    /// Keeps what came of a request; [`run`](Self::run) does so itself, so that this is for those that
    /// could not even be tried. A file that cannot be written is told as an event.
    ///
    /// `took` is how long it took.
    pub fn keep_result(&self, outcome: &Outcome, took: Duration) {
        let failing = match (&outcome.error, outcome.status) {
            // Nobody knows yet what comes of it.
            (Some(Error::Locked { .. } | Error::Stopped(_)), _) => return,
            // It is due, and waits for its time.
            (None, Status::Unchanged) if outcome.due.is_some() => return,
            (None, Status::Unchanged) => None,
            (error, _) => Some(error.as_ref().map(Failure::from)),
        };
        let name = &outcome.name;
        match failing {
            None => self.settle(name),
            Some(error) => self.change(name, |results| {
                results.add(Attempt {
                    time: now(),
                    seconds: took.as_secs_f64(),
                    status: outcome.status,
                    error,
                });
            }),
        }
    }

    /// Notes that the stored certificate is as it should be, whatever failed before.
    pub(crate) fn settle(&self, name: &str) {
        if self.results(name).is_ok_and(|kept| kept.is_some_and(|kept| kept.failures > 0)) {
            self.change(name, Results::settle);
        }
    }

    /// Counts the calls of a provider instance for a certificate.
    pub(crate) fn count_calls(&self, name: &str, instance: &str, calls: Calls) {
        if calls != Calls::default() {
            self.change(name, |results| {
                results.calls.entry(instance.to_owned()).or_default().add(calls);
            });
        }
    }

    /// Forgets what came of the attempts at a certificate; tells whether there were any.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn forget_results(&self, name: &str) -> Result<bool, Error> {
        if !is_name(name) {
            return Ok(false);
        }
        let path = self.results_of(name);
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(files::file_error("remove", &path, source)),
        }
    }

    /// The names of the certificates that something was tried for, sorted.
    pub(crate) fn attempted(&self) -> Result<Vec<String>, Error> {
        let names = files::names(&folder(&self.options().path))?;
        let names = names.iter().filter_map(|name| name.strip_suffix(ENDING));
        let mut names: Vec<String> =
            names.filter(|name| is_name(name)).map(str::to_owned).collect();
        // Their endings had put them in another order.
        names.sort_unstable();
        Ok(names)
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Results)) {
        if let Err(error) = self.try_change(name, change) {
            (self.observer())(Event::Warning(error.to_string()));
        }
    }

    fn try_change(&self, name: &str, change: impl FnOnce(&mut Results)) -> Result<(), Error> {
        if !is_name(name) {
            return Ok(());
        }
        let folder = folder(&self.options().path);
        files::private_folder(&folder)?;
        let _lock = files::lock_now(&folder.join(".lock"))?;
        let mut results = match self.results(name) {
            Ok(kept) => kept.unwrap_or_default(),
            Err(error) => {
                (self.observer())(Event::Warning(format!("{error}; it begins anew")));
                Results::default()
            }
        };
        change(&mut results);
        let json = serde_json::to_vec_pretty(&results).unwrap_or_default();
        files::replace_soon(&self.results_of(name), &json)
    }

    fn results_of(&self, name: &str) -> PathBuf {
        folder(&self.options().path).join(format!("{name}{ENDING}"))
    }
}

fn folder(state: &Path) -> PathBuf {
    state.join("results")
}

/// Whether a text can be the name of a certificate, and leads nowhere else.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.') && !text.contains(['/', '\\'])
}

fn now() -> OffsetDateTime {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0).unwrap_or(now)
}

const ENDING: &str = ".json";

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::{engine::Options, stop::Signal};

    fn engine(state: &Path) -> (Engine, Arc<Mutex<Vec<Event>>>) {
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&events);
        let options = Options { path: state.to_owned(), ..Options::default() };
        let observer = Arc::new(move |event| heard.lock().unwrap().push(event));
        (Engine::open(options, observer).unwrap(), events)
    }

    fn failed(error: Error) -> Outcome {
        Outcome::failed("a.test".to_owned(), Vec::new(), error)
    }

    fn refused() -> Outcome {
        failed(Error::Unasked { identifier: "b.test".to_owned() })
    }

    #[test]
    fn failures_add_up_until_a_success_ends_them() {
        let state = tempfile::tempdir().unwrap();
        let (engine, _) = engine(state.path());
        assert!(engine.results("a.test").unwrap().is_none());
        engine.keep_result(&refused(), Duration::from_millis(1500));
        let first = engine.results("a.test").unwrap().unwrap();
        engine.keep_result(&refused(), Duration::ZERO);
        let second = engine.results("a.test").unwrap().unwrap();
        assert_eq!((second.failures, second.failing_since), (2, first.failing_since));
        assert_eq!(first.last.as_ref().map(|last| last.seconds), Some(1.5));
        let told = second.last.and_then(|last| last.error).unwrap();
        assert_eq!((told.kind.as_str(), second.success.is_none()), ("acme", true));
        assert!(told.message.contains("b.test"));

        let issued = Outcome { status: Status::Issued, error: None, ..refused() };
        engine.keep_result(&issued, Duration::ZERO);
        let third = engine.results("a.test").unwrap().unwrap();
        assert_eq!((third.failures, third.failing_since), (0, None));
        assert!(third.success.is_some() && third.last.unwrap().error.is_none());
    }

    #[test]
    fn what_is_as_it_should_be_writes_nothing_but_the_end_of_failures() {
        let state = tempfile::tempdir().unwrap();
        let (engine, _) = engine(state.path());
        let unchanged = || Outcome { status: Status::Unchanged, error: None, ..refused() };
        engine.keep_result(&unchanged(), Duration::ZERO);
        for error in [Error::Locked { name: "a".into() }, Error::Stopped(Signal::Interrupt)] {
            engine.keep_result(&failed(error), Duration::ZERO);
        }
        assert!(!state.path().join("results").exists());
        engine.keep_result(&refused(), Duration::ZERO);
        engine.keep_result(&unchanged(), Duration::ZERO);
        let kept = engine.results("a.test").unwrap().unwrap();
        assert_eq!((kept.failures, kept.failing_since, kept.last.is_some()), (0, None, true));
    }

    #[test]
    fn a_broken_file_is_told_and_begun_anew() {
        let state = tempfile::tempdir().unwrap();
        let (engine, events) = engine(state.path());
        engine.count_calls("a.test", "one", Calls { present: 1, remove: 0 });
        engine.count_calls("a.test", "one", Calls { present: 1, remove: 2 });
        let counted = engine.results("a.test").unwrap().unwrap();
        assert_eq!(counted.calls["one"], Calls { present: 2, remove: 2 });
        std::fs::write(engine.results_of("a.test"), "{").unwrap();
        assert!(matches!(engine.results("a.test"), Err(Error::Damaged { .. })));
        engine.keep_result(&refused(), Duration::ZERO);
        assert_eq!(engine.results("a.test").unwrap().unwrap().failures, 1);
        let events = events.lock().unwrap();
        assert!(matches!(events.as_slice(), [Event::Warning(text)] if text.contains("damaged")));
    }

    #[test]
    fn names_that_lead_elsewhere_have_no_results() {
        let state = tempfile::tempdir().unwrap();
        let (engine, _) = engine(&state.path().join("state"));
        for name in ["", "../x", ".lock", "a/b"] {
            let outcome = Outcome { name: name.to_owned(), ..refused() };
            engine.keep_result(&outcome, Duration::ZERO);
            assert!(engine.results(name).unwrap().is_none());
        }
        assert!(!state.path().join("state").exists());
    }
}
