//! Guests that mean harm or are broken, written by hand, against a host of their own.

mod answers;

use std::{fs, path::PathBuf, sync::Arc, time::Duration};
#[cfg(unix)]
use std::{fs::Permissions, os::unix::fs::PermissionsExt};

use wildcert_plugin_sdk::{ErrorKind, TxtRecord, manifest::Manifest};
use wit_component::ComponentEncoder;

use super::{cache::Cache, engine::Engine, places::PLACES};
use crate::{
    Artifact, CallLimits, DnsProvider, Error, Failure, Form, Origin, PluginHost, PluginOptions,
    ProviderError, Settings, Sha256Digest, samples,
};

const WIT: &str = include_str!("../../../../plugin-sdk/wit/0.1.0/provider.wit");

/// A guest: what it does in `check`, and what else its module holds.
fn guest(check: &str, more: &str) -> String {
    format!(
        r#"(module
            (import "wildcert:provider/http@0.1.0" "send" (func $send
                (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
            (import "wildcert:provider/system@0.1.0" "sleep" (func $sleep (param i32)))
            (import "wildcert:provider/system@0.1.0" "random" (func $random (param i32 i32)))
            (import "wildcert:provider/system@0.1.0" "log" (func $log (param i32 i32 i32 i32)))
            (memory (export "memory") 4)
            (data (i32.const 1024) "GEThttps://evil.test/warnpanicked at provider.rs")
            (global $next (mut i32) (i32.const 65536))
            (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
                (global.get $next)
                (global.set $next (i32.and
                    (i32.add (i32.add (global.get $next) (local.get 3)) (i32.const 15))
                    (i32.const -16))))
            {more}
            (func (export "wildcert:provider/provider@0.1.0#check")
                (param i32 i32) (result i32) (local i32) {check})
            (func (export "wildcert:provider/provider@0.1.0#present")
                (param i32 i32 i32 i32) (result i32) (i32.const 16))
            (func (export "wildcert:provider/provider@0.1.0#remove")
                (param i32 i32 i32 i32) (result i32) (i32.const 16)))"#
    )
}

/// Zeros from octet 16 on read as success with an empty list.
const FINE: &str = "(i32.const 16)";

fn artifact(wit: &str, guest: &str) -> Artifact {
    let module = samples::core_module(wit, guest);
    let mut encoder = ComponentEncoder::default().module(&module).unwrap().validate(true);
    let bytes = encoder.encode().unwrap();
    let manifest = "id = 'hostile'\nname = ''\nhomepage = ''\nabi = '0.1'\nmodel = 'record'\n\
                    [reach]\nhttp = ['https://api.example.com']";
    Artifact {
        path: PathBuf::from("/providers/hostile.wasm"),
        origin: Origin::Path,
        form: Form::Wasm,
        sha256: Sha256Digest::of(&bytes),
        manifest: Manifest::parse(manifest).unwrap().0,
        bytes: bytes.into(),
    }
}

struct Rig {
    host: PluginHost,
    folder: tempfile::TempDir,
}

impl Rig {
    fn new() -> Self {
        let limits = CallLimits {
            cpu: Duration::from_millis(100),
            wall: Duration::from_millis(1500),
            ..CallLimits::default()
        };
        Self::with(limits)
    }

    fn with(limits: CallLimits) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let cache_dir = folder.path().join("cache");
        let host = PluginHost::new(PluginOptions { cache_dir, limits, ..PluginOptions::default() });
        Self { host, folder }
    }

    async fn load(&self, artifact: &Artifact) -> Result<Arc<dyn DnsProvider>, Error> {
        let settings = Settings::resolve(&artifact.manifest, &[], &|_| None, &[]).unwrap();
        self.host.load(artifact, settings).await
    }

    /// Runs `check` of a guest; the host then still serves another one.
    async fn check(&self, check: &str, more: &str) -> Result<Vec<String>, ProviderError> {
        let provider = self.load(&artifact(WIT, &guest(check, more))).await.unwrap();
        let outcome = provider.check().await;
        let tame = self.load(&artifact(WIT, &guest(FINE, ""))).await.unwrap();
        assert_eq!(tame.check().await.unwrap(), Vec::<String>::new());
        outcome
    }

    async fn fails(&self, check: &str, more: &str) -> Failure {
        match self.check(check, more).await {
            Err(ProviderError::Failed { failure, path, provider }) => {
                assert_eq!(
                    (path.to_str(), provider.as_str()),
                    (Some("/providers/hostile.wasm"), "hostile")
                );
                failure
            }
            other => panic!("{other:?}"),
        }
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.folder.path().join("cache")).unwrap();
        files.map(|file| file.unwrap().path()).collect()
    }
}

fn record() -> TxtRecord {
    TxtRecord {
        zone: "example.test.".to_owned(),
        owner: "_acme-challenge.example.test.".to_owned(),
        value: "v".to_owned(),
        ttl: 60,
        options: Vec::new(),
    }
}

#[tokio::test]
async fn an_endless_loop_ends_with_its_budget_on_a_single_thread() {
    let rig = Rig::new();
    let others = tokio::spawn(tokio::time::sleep(Duration::from_millis(20)));
    let failure = rig.fails("(loop $again (br $again)) (unreachable)", "").await;
    assert_eq!(failure, Failure::Cpu(Duration::from_millis(100)));
    assert_eq!(failure.to_string(), "used up its CPU budget of 100 ms");
    assert!(others.is_finished(), "the loop let others run");
}

#[tokio::test]
async fn waiting_costs_no_cpu_but_has_an_end() {
    let nap = "(call $sleep (i32.const 15))".repeat(40);
    assert!(Rig::new().check(&format!("{nap} {FINE}"), "").await.is_ok(), "600 ms with 100 ms CPU");
    let begun = std::time::Instant::now();
    let failure = Rig::new().fails(&format!("(call $sleep (i32.const 60000)) {FINE}"), "").await;
    assert_eq!(failure, Failure::Time { limit: Duration::from_millis(1500) });
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_memory_bomb_is_refused_its_memory() {
    let bomb = "(loop $more (drop (memory.grow (i32.const 16))) (br $more)) (unreachable)";
    assert_eq!(Rig::new().fails(bomb, "").await, Failure::Memory(64 << 20));
    let table = "(drop (table.grow $t (ref.null func) (i32.const 1000000))) (unreachable)";
    assert_eq!(Rig::new().fails(table, "(table $t 1 funcref)").await, Failure::Table(100_000));
}

#[tokio::test]
async fn a_guest_sees_nothing_of_those_before_it() {
    let rig = Rig::new();
    // Looks at what it has from the start and at what it gets, and leaves something there.
    let spot = |at: &str| {
        format!("(if (i32.load {at}) (then (unreachable))) (i32.store {at} (i32.const -1))")
    };
    let begin = spot("(i32.const 60000)");
    let grown = spot("(i32.shl (i32.sub (memory.size) (i32.const 1)) (i32.const 16))");
    let table = "(if (i32.eqz (ref.is_null (table.get $t (i32.const 5)))) (then (unreachable)))
                 (table.set $t (i32.const 5) (ref.func $left))";
    let nosy = format!("{begin} (drop (memory.grow (i32.const 40))) {grown} {table} {FINE}");
    let more = "(table $t 9 funcref) (func $left) (elem declare func $left)";
    let other = guest(&nosy, &format!("{more} (func (export \"another\"))"));
    let first = rig.load(&artifact(WIT, &guest(&nosy, more))).await.unwrap();
    let second = rig.load(&artifact(WIT, &other)).await.unwrap();
    for provider in [&first, &first, &second, &first, &second, &second] {
        assert_eq!(provider.check().await.unwrap(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn more_guests_than_places_wait_for_their_turn() {
    let rig = Rig::new();
    let nap = guest(&format!("(call $sleep (i32.const 50)) {FINE}"), "");
    let provider = rig.load(&artifact(WIT, &nap)).await.unwrap();
    let calls = (0..3 * PLACES).map(|_| provider.check());
    for outcome in futures_util::future::join_all(calls).await {
        assert_eq!(outcome.unwrap(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_crash_tells_the_last_words() {
    let last = "(call $log (i32.const 1045) (i32.const 4) (i32.const 1049) (i32.const 23))";
    let failure = Rig::new().fails(&format!("{last} (unreachable)"), "").await;
    assert_eq!(
        failure.to_string(),
        "crashed: wasm `unreachable` instruction executed (it last logged: panicked at provider.rs)"
    );
    let greedy = "(call $random (i32.const 5000) (i32.const 64)) (i32.const 16)";
    let greedy = Rig::new().fails(greedy, "").await.to_string();
    assert_eq!(greedy, "crashed: it asked for 5000 random octets, 4096 are the most");
}

#[tokio::test]
async fn endless_recursion_ends_with_the_stack() {
    let deep = "(func $deep (param i32) (result i32)
        (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (local.get 0)))";
    assert_eq!(Rig::new().fails("(call $deep (i32.const 0))", deep).await, Failure::Stack);
}

#[tokio::test]
async fn an_undeclared_host_is_refused() {
    // The error of `send` is handed on as that of `check`.
    let call = "(call $send (i32.const 1024) (i32.const 3) (i32.const 1027) (i32.const 18)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
        (i32.const 256)) (i32.const 256)";
    let error = Rig::new().check(call, "").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "provider `hostile`: refused to call `https://evil.test`: the provider may reach \
         https://api.example.com only"
    );
}

#[tokio::test]
async fn a_wrong_number_of_results_is_a_broken_answer_for_every_record() {
    let rig = Rig::new();
    let provider = rig.load(&artifact(WIT, &guest(FINE, ""))).await.unwrap();
    let results = provider.present(vec![record(), record()]).await;
    assert_eq!(results.len(), 2);
    for result in results {
        let said = result.unwrap_err().to_string();
        assert!(said.ends_with("gave a broken answer: 0 results for 2 records"), "{said}");
    }
    assert!(provider.remove(Vec::new()).await.is_empty());
}

#[tokio::test]
async fn an_export_of_another_type_is_refused_and_not_kept() {
    let rig = Rig::new();
    let wit = WIT.replace(
        "result<list<string>, provider-error>;\n\n    /// Adds",
        "result<list<u8>, provider-error>;\n\n    /// Adds",
    );
    assert_ne!(wit, WIT);
    let error = rig.load(&artifact(&wit, &guest(FINE, ""))).await.err().unwrap();
    assert!(matches!(error, Error::WrongTypes { .. }), "{error}");
    assert!(
        error.to_string().starts_with("`/providers/hostile.wasm` does not keep the contract: ")
    );
    assert_eq!(rig.files(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_start_that_crashes_is_told_at_loading() {
    let more = "(func $start (unreachable)) (start $start)";
    let error = Rig::new().load(&artifact(WIT, &guest(FINE, more))).await.err().unwrap();
    assert!(matches!(error, Error::Start { failure: Failure::Trap { .. }, .. }), "{error}");
}

#[cfg(unix)]
#[tokio::test]
async fn compiled_modules_are_kept_and_harmed_ones_made_anew() {
    let rig = Rig::new();
    let artifact = artifact(WIT, &guest(FINE, ""));
    rig.load(&artifact).await.unwrap();
    let [file] = rig.files().try_into().unwrap();
    let cache = Cache::new(rig.folder.path().join("cache"));
    let engine = &Engine::get().unwrap().wasmtime;
    let hit = || cache.entry(engine, artifact.sha256).unwrap().load(engine).is_some();
    assert!(hit());

    let whole = fs::read(&file).unwrap();
    for harmed in [&whole[..whole.len() - 1], &whole[..whole.len() / 2], b"\x7fELF", b""] {
        // A new file, as the component that was just loaded is still mapped.
        fs::remove_file(&file).unwrap();
        fs::write(&file, harmed).unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        assert!(!hit());
        let cache_dir = rig.folder.path().join("cache");
        let host = PluginHost::new(PluginOptions { cache_dir, ..PluginOptions::default() });
        let settings = Settings::resolve(&artifact.manifest, &[], &|_| None, &[]).unwrap();
        let provider = host.load(&artifact, settings).await.unwrap();
        assert_eq!(provider.check().await.unwrap(), Vec::<String>::new());
        assert!(hit(), "made anew");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_others_can_write_is_not_used() {
    let rig = Rig::new();
    let artifact = artifact(WIT, &guest(FINE, ""));
    let folder = rig.folder.path().join("cache");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    assert!(rig.load(&artifact).await.unwrap().check().await.is_ok());
    assert_eq!(rig.files(), Vec::<PathBuf>::new());

    let own = Rig::new();
    own.load(&artifact).await.unwrap();
    let [file] = own.files().try_into().unwrap();
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&file), mode(file.parent().unwrap())), (0o600, 0o700));
    fs::set_permissions(&file, Permissions::from_mode(0o666)).unwrap();
    let cache = Cache::new(file.parent().unwrap().to_owned());
    let engine = &Engine::get().unwrap().wasmtime;
    assert!(cache.entry(engine, artifact.sha256).unwrap().load(engine).is_none());
}

#[tokio::test]
async fn the_same_module_with_the_same_settings_is_loaded_once() {
    let rig = Rig::new();
    let artifact = artifact(WIT, &guest(FINE, ""));
    let first = rig.load(&artifact).await.unwrap();
    assert!(Arc::ptr_eq(&first, &rig.load(&artifact).await.unwrap()));
}
