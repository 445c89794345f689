//! Every built provider, native and WebAssembly, in a plugin host before a simulator of its vendor:
//! a test for each trial, and a table at the end. In process the same trials are tests of each
//! provider's own crate. Two speak no HTTP: `rfc2136` meets the sandbox's DNS server, the
//! `exec` family a program.
#![expect(
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test fails by a panic and prints what it saw"
)]

mod program;
mod table;
mod update;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::Path,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use libtest_mimic::{Arguments, Failed};
use program::Program;
use tokio::runtime::Runtime;
use update::UpdateServer;
use wildcert_plugin::{
    Artifact,
    conformance::{self, Bench, Trial, Verdict},
    trials::SimulatedBench,
};
use wildcert_plugin_sdk::{
    manifest::Manifest,
    testing::{Server, Simulator},
};
use wildcert_tests::{Form, provider, provider_ids, providers};

include!(concat!(env!("OUT_DIR"), "/simulators.rs"));

/// Trials wait for answers more than they compute.
const THREADS: usize = 24;

/// What became of each provider's trials, by form.
type Results = BTreeMap<(String, &'static str), Vec<(Trial, Verdict)>>;

/// What all trials share.
struct Suite {
    runtime: Runtime,
    cache: tempfile::TempDir,
    results: Mutex<Results>,
}

fn main() -> ExitCode {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let suite = Arc::new(Suite {
        runtime: Runtime::new().expect("a runtime"),
        cache: tempfile::tempdir().expect("a folder for compiled modules"),
        results: Mutex::default(),
    });
    let mut tests = Vec::new();
    for id in provider_ids() {
        for (name, form) in forms(&id) {
            for trial in Trial::ALL {
                let (suite, id) = (Arc::clone(&suite), id.clone());
                let test = format!("{id}::{name}::{}", trial.name());
                tests.push(libtest_mimic::Trial::test(test, move || {
                    suite.run(&id, name, form, trial)
                }));
            }
        }
    }
    let conclusion = libtest_mimic::run(&arguments, tests);
    if !arguments.list {
        let results = suite.results.lock().unwrap_or_else(PoisonError::into_inner);
        table::print(&results);
    }
    conclusion.exit_code()
}

impl Suite {
    fn run(&self, id: &str, name: &'static str, form: Form, trial: Trial) -> Result<(), Failed> {
        let verdict = match self.bench(id, &provider(id, form)) {
            Ok((bench, artifact)) => {
                conformance::try_simulated(bench.as_ref(), &artifact.manifest, trial)
            }
            Err(fault) => Verdict::Failed(fault),
        };
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        results.entry((id.to_owned(), name)).or_default().push((trial, verdict.clone()));
        match verdict {
            Verdict::Passed | Verdict::NotApplicable(_) => Ok(()),
            Verdict::Failed(fault) => Err(fault.into()),
            Verdict::Behind(earlier) => Err(format!("not run: {} failed", earlier.name()).into()),
        }
    }

    fn bench(&self, id: &str, path: &Path) -> Result<(Box<dyn Bench>, Artifact), String> {
        let artifact = Artifact::read(path).map_err(|error| error.to_string())?;
        let (module, cache) = (artifact.clone(), self.cache.path().to_owned());
        let runtime = self.runtime.handle().clone();
        let bench: Box<dyn Bench> = match id {
            "rfc2136" => {
                let server = UpdateServer::new(&runtime)?;
                Box::new(SimulatedBench::before(module, server, cache, runtime))
            }
            id if id.split('-').next() == Some("exec") => {
                let program = Program::new(id).map_err(|error| error.to_string())?;
                Box::new(SimulatedBench::before(module, program, cache, runtime))
            }
            id => {
                let simulator = start(id).ok_or("there is no simulator of its vendor")?;
                Box::new(SimulatedBench::new(module, simulator, cache, runtime))
            }
        };
        Ok((bench, artifact))
    }
}

/// A new simulator's address.
fn address<S: Simulator>() -> SocketAddr {
    Server::<S>::start().expect("a port on loopback").address
}

/// The forms in which a provider is built; only one where provider.toml says so.
fn forms(id: &str) -> Vec<(&'static str, Form)> {
    let text = std::fs::read_to_string(providers().join(id).join("provider.toml"));
    let (manifest, _) = Manifest::parse(&text.expect("provider.toml")).expect("a manifest");
    match manifest.native_only {
        true => vec![("native", Form::Native)],
        false => vec![("native", Form::Native), ("wasm", Form::Wasm)],
    }
}
