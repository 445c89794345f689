//! What each provider's module costs: size, compiling, loading; and what the host adds to requests.

use std::{fs, path::Path, process::Command, time::Instant};

use tokio::runtime::{Builder, Runtime};
use wildcert::plugin::{Artifact, PluginHost, PluginOptions, Settings};
use wildcert_plugin_sdk::testing::{Server, Setup, Simulation, Simulator};
use wildcert_tests::{Form, own_lines, provider, provider_ids};

use crate::measure::median;

#[path = "../../../providers/digitalocean/src/tests/simulator.rs"]
mod digitalocean;

/// Calls in all.
const CALLS: u32 = 1000;

/// Calls and requests take turns in so many rounds, of which the middle one counts: what else the
/// machine does falls on both.
const ROUNDS: u32 = 20;

/// Prints a row for each provider, the medians, and the cost of many calls.
pub(crate) fn report() {
    let runtime = Runtime::new().expect("a runtime");
    println!(
        "  {:<14} {:>5} {:>9} {:>12} {:>12}",
        "provider", "lines", "KB", "compiled ms", "cached ms"
    );
    let mut rows: Vec<[f64; 4]> = Vec::new();
    for id in provider_ids() {
        let path = provider(&id, Form::Native);
        if Artifact::read(&path).expect("a module").manifest.native_only {
            continue;
        }
        let path = provider(&id, Form::Wasm);
        let artifact = Artifact::read(&path).expect("a module");
        let size = fs::metadata(&path).expect("a module").len() as f64 / 1000.0;
        let prepare = |cache: &Path| {
            let options = PluginOptions { cache_dir: cache.to_owned(), ..PluginOptions::default() };
            let host = PluginHost::new(options);
            let start = Instant::now();
            runtime.block_on(host.prepare(&artifact)).expect("it compiles");
            start.elapsed().as_secs_f64() * 1000.0
        };
        let compiled =
            median((0..5).map(|_| prepare(tempfile::tempdir().expect("a folder").path())));
        let cache = tempfile::tempdir().expect("a folder");
        prepare(cache.path());
        let cached = median((0..20).map(|_| prepare(cache.path())));
        println!("  {id:<14} {:>5} {size:>9.1} {compiled:>12.1} {cached:>12.3}", own_lines(&id));
        rows.push([own_lines(&id) as f64, size, compiled, cached]);
    }
    let column = |index: usize| median(rows.iter().map(|row| row[index]));
    let [lines, size, compiled, cached] = [0, 1, 2, 3].map(column);
    println!("  {:<14} {lines:>5} {size:>9.1} {compiled:>12.1} {cached:>12.3}", "median");
    let largest = rows.iter().map(|row| row[1]).fold(0.0, f64::max);
    println!("  the largest has {largest:.1} KB");
    report_calls();
    on_one_processor();
}

/// The part about calls alone.
pub(crate) fn report_calls() {
    // As the program has it.
    let one_thread = Builder::new_current_thread().enable_all().build().expect("a runtime");
    many_calls(&one_thread);
}

/// The same where no thread can wake up another processor: that takes longer than what is measured,
/// and how often it happens is up to the system.
fn on_one_processor() {
    println!("  on one processor:");
    let this = std::env::current_exe().expect("a program");
    let ended = Command::new("taskset").args(["-c", "0"]).arg(this).arg("calls").status();
    assert!(ended.expect("taskset").success());
}

/// A thousand calls of `check` before a simulator, beside the same requests without a provider.
fn many_calls(runtime: &Runtime) {
    let server = Server::<digitalocean::Vendor>::start().expect("a port");
    let mut setup = Setup::default();
    setup.data.add_zone("example.com.");
    *server.simulation() = Simulation::new(setup);
    let simulator = Some(server.address);
    let cache_dir = tempfile::tempdir().expect("a folder");
    let options = PluginOptions {
        cache_dir: cache_dir.path().to_owned(),
        simulator,
        ..PluginOptions::default()
    };
    let artifact = Artifact::read(&provider("digitalocean", Form::Wasm)).expect("a module");
    let settings: Vec<(String, String)> = digitalocean::Vendor::SETTINGS
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    let token = settings[0].1.clone();
    let settings =
        Settings::resolve(&artifact.manifest, &settings, &|_| None, &[]).expect("settings");
    let host = PluginHost::new(options);
    let provider = runtime.block_on(host.load(&artifact, settings)).expect("it loads");
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let client = reqwest::Client::new();
    let url = format!("http://{}/v2/domains?per_page=200&page=1", server.address);
    let plain = async || {
        let request = client.get(&url).bearer_auth(&token);
        let request = request.header("x-simulated-origin", "https://api.digitalocean.com");
        let answer = request.send().await.expect("an answer");
        assert!(answer.status().is_success());
        answer.bytes().await.expect("a body");
    };
    let by_provider = async || {
        let zones = provider.check().await.expect("an answer");
        assert_eq!(zones, ["example.com."]);
    };
    runtime.block_on(async { (by_provider().await, plain().await) });
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        without.push(runtime.block_on(timed(&plain)));
        with.push(runtime.block_on(timed(&by_provider)));
    }
    let [without, with] = [without, with].map(|rounds| median(rounds.into_iter()));
    for (what, seconds) in [
        ("1,000 requests without a provider", without),
        ("1,000 calls of a provider, one request each", with),
        ("  what they add", with - without),
    ] {
        println!("  {what:<45} {:>7.1} ms", seconds * f64::from(ROUNDS) * 1000.0);
    }
}

/// The seconds of one round, one call after the other.
async fn timed(call: impl AsyncFn()) -> f64 {
    let start = Instant::now();
    for _ in 0..CALLS / ROUNDS {
        call().await;
    }
    start.elapsed().as_secs_f64()
}
