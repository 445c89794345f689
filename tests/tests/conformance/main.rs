//! Every built provider, native and WebAssembly, in a plugin host before a simulator of its vendor:
//! a test for each trial, and a table at the end. In process the same trials are tests of each
//! provider's own crate.

mod table;

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
};

use libtest_mimic::{Arguments, Failed};
use tokio::runtime::Runtime;
use wildcert_plugin::{
    Artifact,
    conformance::{self, Bench, Trial, Verdict},
    trials::SimulatedBench,
};
use wildcert_plugin_sdk::testing::{Server, Simulator};
use wildcert_tests::{Form, provider};

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
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(THREADS);
    let suite = Arc::new(Suite {
        runtime: Runtime::new().expect("a runtime"),
        cache: tempfile::tempdir().expect("a folder for compiled modules"),
        results: Mutex::default(),
    });
    let mut tests = Vec::new();
    for id in ids() {
        for (form, path) in forms(&id) {
            for trial in Trial::ALL {
                let (suite, id, path) = (Arc::clone(&suite), id.clone(), path.clone());
                let name = format!("{id}::{form}::{}", trial.name());
                tests.push(libtest_mimic::Trial::test(name, move || {
                    suite.run(&id, form, &path, trial)
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
    fn run(&self, id: &str, form: &'static str, path: &Path, trial: Trial) -> Result<(), Failed> {
        let verdict = match self.bench(id, path) {
            Ok((bench, artifact)) => {
                conformance::try_simulated(bench.as_ref(), &artifact.manifest, trial)
            }
            Err(fault) => Verdict::Failed(fault),
        };
        let mut results = self.results.lock().unwrap_or_else(PoisonError::into_inner);
        results.entry((id.to_owned(), form)).or_default().push((trial, verdict.clone()));
        match verdict {
            Verdict::Passed | Verdict::NotApplicable(_) => Ok(()),
            Verdict::Failed(fault) => Err(fault.into()),
            Verdict::Behind(earlier) => Err(format!("not run: {} failed", earlier.name()).into()),
        }
    }

    fn bench(&self, id: &str, path: &Path) -> Result<(Box<dyn Bench>, Artifact), String> {
        let artifact = Artifact::read(path).map_err(|error| error.to_string())?;
        let simulator = start(id).ok_or("there is no simulator of its vendor")?;
        let cache = self.cache.path().to_owned();
        let runtime = self.runtime.handle().clone();
        let bench = SimulatedBench::new(artifact.clone(), simulator, cache, runtime);
        Ok((Box::new(bench), artifact))
    }
}

/// A new simulator's address.
fn address<S: Simulator>() -> SocketAddr {
    Server::<S>::start().expect("a port on loopback").address
}

/// The ids of this repository's providers.
fn ids() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../providers");
    let entries = folder.read_dir().expect("the folder of providers").flatten();
    let dirs = entries.filter(|entry| entry.path().join("provider.toml").is_file());
    let mut ids: Vec<String> =
        dirs.map(|dir| dir.file_name().to_string_lossy().into_owned()).collect();
    ids.sort();
    ids
}

/// The built modules of a provider; only one where provider.toml says so.
fn forms(id: &str) -> Vec<(&'static str, PathBuf)> {
    let native = ("native", provider(id, Form::Native));
    let artifact = Artifact::read(&native.1);
    match artifact.is_ok_and(|artifact| artifact.manifest.native_only) {
        true => vec![native],
        false => vec![native, ("wasm", provider(id, Form::Wasm))],
    }
}
