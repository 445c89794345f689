//! What a module costs: loading it, calling it.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tokio::runtime::Runtime;
use wildcert::plugin::{Artifact, DnsProvider, PluginHost, PluginOptions, Settings, TxtRecord};
use wildcert_tests::built;

use crate::measure::median;

/// Prints the cost of a module that does nothing, as WebAssembly and natively.
pub(crate) fn report() {
    let runtime = Runtime::new().expect("a runtime");
    let cache = tempfile::tempdir().expect("a folder");
    let wasm = built("guests/hostile.wasm");
    let native = built("guests/libhostile.so");
    let load = |module: &Path| runtime.block_on(load(module, cache.path()));

    let (compiled, _) = load(&wasm);
    line("WebAssembly, compiled and loaded", compiled);
    line("WebAssembly, loaded from the cache", times(50, || load(&wasm).0));
    line("native, loaded", times(50, || load(&native).0));

    let call = |module: &PathBuf| {
        let (_, provider) = load(module);
        times(2000, || {
            let start = Instant::now();
            let answers = runtime.block_on(provider.present(records()));
            let took = start.elapsed();
            assert!(answers.iter().all(Result::is_ok), "{answers:?}");
            took
        })
    };
    // The module does nothing, so all of it is what a call adds to the vendor's own time.
    line("a call through WebAssembly", call(&wasm));
    line("a call of a native module", call(&native));
}

/// Loads the module in a host of its own, as a new process would.
async fn load(module: &Path, cache: &Path) -> (Duration, std::sync::Arc<dyn DnsProvider>) {
    let options = PluginOptions { cache_dir: cache.to_owned(), ..PluginOptions::default() };
    let artifact = Artifact::read(module).expect("a module");
    let mode = [("HOSTILE_MODE".to_owned(), "idle".to_owned())];
    let settings = Settings::resolve(&artifact.manifest, &mode, &|_| None, &[]).expect("settings");
    let start = Instant::now();
    let provider = PluginHost::new(options).load(&artifact, settings).await.expect("it loads");
    (start.elapsed(), provider)
}

fn records() -> Vec<TxtRecord> {
    let record = |value: &str| TxtRecord {
        zone: "example.test.".to_owned(),
        owner: "_acme-challenge.example.test.".to_owned(),
        value: value.to_owned(),
        ttl: 60,
        options: Vec::new(),
    };
    vec![record("one"), record("two")]
}

fn times(count: usize, mut once: impl FnMut() -> Duration) -> Duration {
    Duration::from_secs_f64(median((0..count).map(|_| once().as_secs_f64())))
}

fn line(what: &str, took: Duration) {
    println!("  {what:<40} {:>9.3} ms", took.as_secs_f64() * 1000.0);
}
