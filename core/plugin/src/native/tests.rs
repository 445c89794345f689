//! Native modules without a library: the table of a provider that is compiled into the test.

use std::{path::PathBuf, sync::Arc, thread, time::Duration};

use wildcert_plugin_sdk::{
    Context, ErrorKind, Level, Provider, Removal, Result, TxtRecord,
    abi::{
        native::table,
        table::{Given, HostTable, Lent, ProviderTable},
    },
    manifest::Manifest,
};

use super::module::NativeModule;
use crate::{
    CallLimits, DnsProvider, Failure, ProviderError, Settings,
    loaded::Loaded,
    services::{Clients, Services},
};

const MANIFEST: &str = "id = 'native'\nname = ''\nhomepage = ''\nabi = '0.1'\nmodel = 'record'\n\
    [[config]]\nname = 'MODE'\nhelp = ''\n[[config]]\nname = 'TOKEN'\nsecret = true\nhelp = ''\n";

static TABLE: ProviderTable = table::<Scripted>(MANIFEST);

/// Answers with something else than was asked, each in its own way.
static NOTHING: ProviderTable = ProviderTable { check: nothing, ..table::<Scripted>(MANIFEST) };
static WRONG: ProviderTable = ProviderTable { check: wrong, ..table::<Scripted>(MANIFEST) };
static HUGE: ProviderTable = ProviderTable { check: huge, ..table::<Scripted>(MANIFEST) };

extern "C" fn nothing(_: *const HostTable, _: Lent) -> Given {
    Given { ptr: std::ptr::null_mut(), len: 7, capacity: 7 }
}

extern "C" fn wrong(_: *const HostTable, _: Lent) -> Given {
    Given::new(br#"{"Ok":"correct-horse"}"#.to_vec())
}

extern "C" fn huge(_: *const HostTable, _: Lent) -> Given {
    Given::new(vec![b' '; (16 << 20) + 1])
}

/// Does in `check` what the setting `MODE` says; hangs while it presents `hang`.
struct Scripted;

impl Provider for Scripted {
    fn new(_: &Context<'_>) -> Result<Self> {
        Ok(Self)
    }

    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>> {
        match cx.config.require("MODE")? {
            "panic" => panic!("no way with {}", cx.config.require("TOKEN")?),
            "hang" => {
                thread::sleep(Duration::from_secs(2));
                Ok(Vec::new())
            }
            "services" => {
                cx.host.log(Level::Info, "at work");
                cx.host.sleep(Duration::from_millis(1));
                cx.host.cache_put("k", "v", Duration::from_secs(60));
                let cached = cx.host.cache_get("k").unwrap_or_default();
                let random = cx.host.random(8).len() + cx.host.random(5000).len();
                let refused = cx.request("GET", "https://evil.test/").send().unwrap_err();
                let unknown = cx.host.exchange("192.0.2.1", &[0; 12]).unwrap_err();
                let kinds = format!("{} {}", refused.kind, unknown.kind);
                Ok(vec![cached, random.to_string(), kinds, (cx.host.now() > 0).to_string()])
            }
            other => Ok(vec![other.to_owned()]),
        }
    }

    fn present(&self, _: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>> {
        if records.iter().any(|record| record.value == "hang") {
            thread::sleep(Duration::from_secs(2));
        }
        records.iter().map(|record| Ok(Some(record.value.clone()))).collect()
    }

    fn remove(&self, _: &Context<'_>, _: &[Removal]) -> Vec<Result<()>> {
        Vec::new()
    }
}

fn load(mode: &str) -> Arc<Loaded> {
    with(mode, &TABLE)
}

fn with(mode: &str, table: &'static ProviderTable) -> Arc<Loaded> {
    of(Manifest::parse(MANIFEST).unwrap().0, mode, table)
}

fn of(manifest: Manifest, mode: &str, table: &'static ProviderTable) -> Arc<Loaded> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let given = [("MODE", mode), ("TOKEN", "correct-horse")];
    let given = given.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = Settings::resolve(&manifest, &given, &|_| None, &[]).unwrap();
    let services = Services::new(&manifest, &settings, Arc::new(Clients::new(Vec::new(), None)));
    // Two seconds more for each record.
    let limits = CallLimits { wall: Duration::from_secs(1), ..CallLimits::default() };
    let module = Arc::new(NativeModule::of(table));
    let path = PathBuf::from("/providers/libnative.so");
    Arc::new(Loaded::new(manifest, path, module, settings, Arc::new(services), limits))
}

fn record(value: &str) -> TxtRecord {
    TxtRecord {
        zone: "example.test.".to_owned(),
        owner: "_acme-challenge.example.test.".to_owned(),
        value: value.to_owned(),
        ttl: 60,
        options: Vec::new(),
    }
}

#[tokio::test]
async fn services_answer_as_they_do_for_webassembly() {
    let answer = load("services").check().await.unwrap();
    assert_eq!(answer, ["v", "8", "config config", "true"]);
}

#[test]
fn who_starts_programs_has_the_time_that_they_take() {
    let (manifest, _) = Manifest::parse(MANIFEST).unwrap();
    let programs = Manifest { native_only: true, ..manifest.clone() };
    let time = |manifest| of(manifest, "plain", &TABLE).time(2).as_secs();
    assert_eq!([time(manifest), time(programs)], [1 + 2 * 2, 1 + 2 * 310]);
}

#[tokio::test]
async fn results_come_back_in_order_and_are_counted() {
    let provider = load("plain");
    let results = provider.present(vec![record("a"), record("b")]).await;
    let handles: Vec<Option<String>> = results.into_iter().map(|result| result.unwrap()).collect();
    assert_eq!(handles, [Some("a".to_owned()), Some("b".to_owned())]);
    let removal = Removal { record: record("a"), handle: None };
    let [result] = provider.remove(vec![removal]).await.try_into().unwrap();
    assert!(result.unwrap_err().to_string().ends_with("0 results for 1 records"));
}

#[tokio::test]
async fn a_panic_is_an_error_without_the_secret() {
    let error = load("panic").check().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Permanent);
    assert_eq!(error.to_string(), "provider `native`: the provider panicked: no way with ****");
}

#[tokio::test]
async fn what_is_no_answer_is_told_without_the_secret_in_it() {
    for (table, expected) in [
        (&NOTHING, "gave a broken answer: nothing at all"),
        (&WRONG, "gave a broken answer: invalid type: string \"****\", expected a sequence"),
        (&HUGE, "gave an answer of more than 16 MiB"),
    ] {
        let said = with("plain", table).check().await.unwrap_err().to_string();
        assert!(said.contains(expected) && !said.contains("correct-horse"), "{said}");
    }
}

#[tokio::test]
async fn a_call_that_was_given_up_still_holds_its_zone() {
    let provider = load("plain");
    let presenting = tokio::spawn({
        let provider = Arc::clone(&provider);
        async move { provider.present(vec![record("hang")]).await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    presenting.abort();
    let begun = std::time::Instant::now();
    let [result] = provider.present(vec![record("next")]).await.try_into().unwrap();
    assert!(result.is_ok());
    assert!(begun.elapsed() > Duration::from_secs(1), "it waited for the call before it");
}

#[tokio::test]
async fn a_module_that_hangs_is_not_called_again() {
    let provider = load("hang");
    for expected in [Failure::Time { limit: Duration::from_secs(1) }, Failure::Hanging] {
        let ProviderError::Failed { failure, .. } = provider.check().await.unwrap_err() else {
            panic!("an answer of the module");
        };
        assert_eq!(failure, expected);
    }
    assert!(provider.present(vec![record("a")]).await.iter().all(Result::is_err));
}
