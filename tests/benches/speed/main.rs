//! How fast wildcert is, beside other clients on the same CA and DNS in the same run.
//!
//! Every client gets a certificate from Pebble, which does not sleep between validations, for
//! names in a zone that BIND serves on loopback; each run begins without an account, except where
//! it says so. `BENCH_FULL=1` adds what takes minutes: lego with its own pauses, dehydrated with
//! fifty names. `cargo bench … -- modules` measures the providers' modules only, `-- store` what ten
//! thousand certificates cost.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a program that prints what it measured, or fails"
)]

mod calls;
mod clients;
mod measure;
mod modules;
mod requests;
mod store;

use clients::CLIENTS;
use measure::{Sample, median};
use wildcert_tests::Rig;

fn main() {
    let full = std::env::var_os("BENCH_FULL").is_some();
    let apex: Vec<String> = ["example.test", "*.example.test"].map(str::to_owned).to_vec();
    let fifty: Vec<String> = (0..50).map(|n| format!("n{n:02}.example.test")).collect();
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    if wanted == ["modules"] {
        return modules::report();
    }
    if wanted == ["calls"] {
        return modules::report_calls();
    }
    if wanted == ["store"] {
        return store::report();
    }
    for (title, names) in [("apex and wildcard", &apex), ("50 names", &fifty)] {
        println!("\n{title}: median wall time, times wildcert's, peak memory, ACME requests");
        compare(names, full);
    }
    println!("\nten thousand certificates");
    store::report();
    println!("\na provider's module");
    calls::report();
    println!("\nthe providers' modules");
    modules::report();
}

fn compare(names: &[String], full: bool) {
    let mut fastest = None;
    for client in CLIENTS {
        let Some(runs) = client.runs(names.len(), full) else { continue };
        if !client.is_there() {
            println!("  {:<28} not installed", client.name);
            continue;
        }
        let rig = Rig::start();
        client.warm_up(&rig, names);
        let samples: Vec<Sample> = (1..=runs).map(|run| client.measure(&rig, names, run)).collect();
        let wall = median(samples.iter().map(|sample| sample.seconds));
        let memory = median(samples.iter().map(|sample| sample.mebibytes));
        let fastest = *fastest.get_or_insert(wall);
        println!(
            "  {:<28} {wall:>8.3} s  {:>6.1}×  {memory:>6.1} MB  {:>4} requests  ({runs} runs)",
            client.name,
            wall / fastest,
            samples.first().map_or(0, |sample| sample.requests.len()),
        );
        if client.counts_requests {
            requests::report(&samples, names.len(), client.registers);
        }
    }
}
