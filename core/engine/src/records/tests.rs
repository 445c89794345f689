//! What becomes of records when a provider fails.

use std::sync::atomic::{AtomicU32, Ordering};

use wildcert_plugin::manifest::Manifest;

use super::*;
use crate::{instance::Recipe, journal::Header};

/// A vendor that fails as its test says and remembers every call.
struct Fake {
    manifest: Manifest,
    calls: Mutex<Vec<(&'static str, Vec<String>)>>,
    /// What the next calls answer in place of success.
    failures: Mutex<Vec<ErrorKind>>,
    refuse_removal: AtomicU32,
}

impl Fake {
    fn new(concurrency: u32, failures: &[ErrorKind]) -> Arc<Self> {
        let text = format!(
            "id = \"fake\"\nname = \"Fake\"\nhomepage = \"\"\nabi = \"0.1\"\nmodel = \"record\"\n\
             [limits]\nconcurrency = {concurrency}\n"
        );
        let (manifest, _) = Manifest::parse(&text).unwrap();
        Arc::new(Self {
            manifest,
            calls: Mutex::default(),
            failures: Mutex::new(failures.to_vec()),
            refuse_removal: AtomicU32::new(0),
        })
    }

    fn note(&self, what: &'static str, values: Vec<String>) {
        self.calls.lock().unwrap().push((what, values));
    }

    fn calls(&self) -> Vec<(&'static str, Vec<String>)> {
        self.calls.lock().unwrap().clone()
    }

    fn failure(kind: ErrorKind) -> ProviderError {
        let mut answer = wildcert_plugin::Answer::new(kind, "as the test says");
        answer.retry_after_ms = Some(1);
        ProviderError::Answered { provider: "fake".to_owned(), answer, credentials: vec![] }
    }
}

#[async_trait::async_trait]
impl DnsProvider for Fake {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    async fn check(&self) -> Result<Vec<String>, ProviderError> {
        Ok(Vec::new())
    }

    async fn present(&self, records: Vec<TxtRecord>) -> Vec<Result<Option<String>, ProviderError>> {
        self.note("present", records.iter().map(|record| record.value.clone()).collect());
        let failure = self.failures.lock().unwrap().pop();
        let answer = |record: &TxtRecord| match failure {
            Some(kind) => Err(Self::failure(kind)),
            None => Ok(Some(format!("handle of {}", record.value))),
        };
        records.iter().map(answer).collect()
    }

    async fn remove(&self, removals: Vec<Removal>) -> Vec<Result<(), ProviderError>> {
        let value = |removal: &Removal| {
            format!("{} by {:?}", removal.record.value, removal.handle.as_deref())
        };
        self.note("remove", removals.iter().map(value).collect());
        let refused = self.refuse_removal.load(Ordering::SeqCst) > 0;
        let answer = || if refused { Err(Self::failure(ErrorKind::Permanent)) } else { Ok(()) };
        removals.iter().map(|_| answer()).collect()
    }
}

fn record(owner: &str, value: &str) -> TxtRecord {
    TxtRecord {
        zone: "example.test.".to_owned(),
        owner: format!("{owner}.example.test."),
        value: value.to_owned(),
        ttl: 60,
        options: Vec::new(),
    }
}

fn records(state: &std::path::Path, fake: &Arc<Fake>, list: &[TxtRecord]) -> Records {
    let header = Header {
        certificate: "example.test".to_owned(),
        recipe: Recipe { provider: "fake".to_owned(), ..Recipe::default() },
    };
    let journal = Journal::create(state, &header, list).unwrap();
    let outstanding =
        list.iter().map(|record| Outstanding { record: record.clone(), handle: None });
    Records::new("fake".to_owned(), fake.clone(), journal, outstanding.collect(), Arc::new(|_| {}))
}

#[tokio::test]
async fn one_call_per_zone_and_removal_by_handle() {
    let state = tempfile::tempdir().unwrap();
    let fake = Fake::new(1, &[]);
    let list = [record("a", "1"), record("b", "2"), record("a", "3")];
    let records = records(state.path(), &fake, &list);
    records.present().await.unwrap();
    records.remove().await.unwrap();
    let expected = [
        ("present", vec!["1".to_owned(), "3".to_owned(), "2".to_owned()]),
        ("remove", ["1", "3", "2"].map(|v| format!("{v} by Some(\"handle of {v}\")")).to_vec()),
    ];
    assert_eq!(fake.calls(), expected);
    assert!(Journal::orphans(state.path()).unwrap().is_empty());
    drop(records);
    assert_eq!(std::fs::read_dir(state.path().join("journal")).unwrap().count(), 0);
}

#[tokio::test]
async fn concurrency_splits_by_owner_name_and_never_one_owner_name() {
    let state = tempfile::tempdir().unwrap();
    let fake = Fake::new(2, &[]);
    let list = [record("a", "1"), record("b", "2"), record("a", "3"), record("c", "4")];
    records(state.path(), &fake, &list).present().await.unwrap();
    let mut calls: Vec<Vec<String>> = fake.calls().into_iter().map(|(_, v)| v).collect();
    calls.sort();
    assert_eq!(calls, [vec!["1".to_owned(), "3".into(), "2".into()], vec!["4".to_owned()]]);
}

#[tokio::test]
async fn what_may_mend_is_tried_again_and_the_rest_is_not() {
    let state = tempfile::tempdir().unwrap();
    let fake = Fake::new(1, &[ErrorKind::RateLimited, ErrorKind::Transient]);
    let list = [record("a", "1")];
    records(state.path(), &fake, &list).present().await.unwrap();
    assert_eq!(fake.calls().len(), 3);

    let fake = Fake::new(1, &[ErrorKind::Permanent]);
    let records = records(state.path(), &fake, &list);
    let error = records.present().await.unwrap_err();
    assert_eq!((error.kind(), fake.calls().len()), ("permanent", 1));
    // Nobody knows whether the vendor applied it: it is removed.
    records.remove().await.unwrap();
    assert_eq!(fake.calls().last().unwrap().0, "remove");
}

#[tokio::test]
async fn refused_credentials_added_nothing_and_leave_no_journal() {
    let state = tempfile::tempdir().unwrap();
    let fake = Fake::new(1, &[ErrorKind::Auth]);
    let records = records(state.path(), &fake, &[record("a", "1")]);
    assert_eq!(records.present().await.unwrap_err().kind(), "auth");
    records.remove().await.unwrap();
    assert_eq!(fake.calls().len(), 1);
    drop(records);
    assert!(Journal::orphans(state.path()).unwrap().is_empty());
}

#[tokio::test]
async fn what_resists_removal_stays_in_the_journal() {
    let state = tempfile::tempdir().unwrap();
    let fake = Fake::new(1, &[]);
    fake.refuse_removal.store(1, Ordering::SeqCst);
    let records = records(state.path(), &fake, &[record("a", "1")]);
    records.present().await.unwrap();
    let error = records.remove().await.unwrap_err();
    assert!(matches!(error, Error::LeftBehind { count: 1, .. }), "{error}");
    drop(records);
    let orphans = Journal::orphans(state.path()).unwrap();
    let orphan = orphans[0].as_ref().unwrap();
    assert_eq!(orphan.outstanding[0].handle.as_deref(), Some("handle of 1"));
}

#[tokio::test]
async fn a_refusal_does_not_undo_the_doubt_that_an_earlier_try_left() {
    let state = tempfile::tempdir().unwrap();
    let fake = Fake::new(1, &[ErrorKind::Auth, ErrorKind::Transient]);
    let records = records(state.path(), &fake, &[record("a", "1")]);
    assert_eq!(records.present().await.unwrap_err().kind(), "auth");
    records.remove().await.unwrap();
    let calls: Vec<&str> = fake.calls().into_iter().map(|(what, _)| what).collect();
    assert_eq!(calls, ["present", "present", "remove"]);
}
