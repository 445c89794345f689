//! Providers in other languages: built and used as docs/guide/other-languages.md says, they keep the
//! contract and issue.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, OnceLock},
};

use wildcert_plugin::{
    Artifact, Form,
    conformance::{self, Trial, Verdict},
    trials::SimulatedBench,
};
use wildcert_plugin_sdk::testing::Server;
use wildcert_tests::{
    Block, ExampleDns, FOREIGN, PebbleOptions, Rig, Zone, blocks, built, command, repository,
    shell, shim, succeed, target,
};

const PAGE: &str = "other-languages.md";

/// A section of the guide and its files in this repository.
struct Language {
    heading: &'static str,
    folder: &'static str,
    files: &'static [&'static str],
    /// The programs that its commands need.
    programs: &'static [&'static str],
    built: OnceLock<PathBuf>,
}

static JAVASCRIPT: Language = Language {
    heading: "JavaScript",
    folder: "javascript",
    files: &["provider.toml", "provider.js", "build.js", "package.json", "package-lock.json"],
    programs: &["node", "npm"],
    built: OnceLock::new(),
};

static PYTHON: Language = Language {
    heading: "Python",
    folder: "python",
    files: &["provider.toml", "provider.py", "requirements.txt"],
    programs: &["python3"],
    built: OnceLock::new(),
};

#[test]
fn javascript_issues() {
    issues(&JAVASCRIPT);
}

#[test]
fn python_issues() {
    issues(&PYTHON);
}

#[test]
fn javascript_passes_the_conformance_suite() {
    conforms(&JAVASCRIPT);
}

#[test]
fn python_passes_the_conformance_suite() {
    conforms(&PYTHON);
}

/// What the guide shows is what is built: every file but the one that npm writes.
#[test]
fn the_guide_shows_the_files_of_the_repository() {
    for language in [&JAVASCRIPT, &PYTHON] {
        // Python's provider.toml is shown once, with JavaScript.
        let shown = [&JAVASCRIPT, language].map(|language| blocks(PAGE, language.heading));
        for file in language.files.iter().filter(|file| **file != "package-lock.json") {
            let names_it = |block: &&Block| block.info.split(' ').nth(1) == Some(file);
            let block = shown.iter().rev().flatten().find(names_it);
            let block = block.unwrap_or_else(|| panic!("the guide does not show {file}"));
            let same = block.text == language.read(file);
            assert!(same, "the guide shows another {file} than {} has", language.folder);
        }
    }
}

impl Language {
    fn read(&self, file: &str) -> String {
        let folder = repository().join("tests/languages").join(self.folder);
        fs::read_to_string(folder.join(file)).unwrap()
    }

    /// The commands of the guide's blocks `sh STEP`.
    fn commands(&self, step: &str) -> String {
        let wanted = format!("sh {step}");
        let blocks = blocks(PAGE, self.heading);
        let text: String =
            blocks.into_iter().filter(|b| b.info == wanted).map(|b| b.text).collect();
        assert!(!text.is_empty(), "the guide has no block `{wanted}` for {}", self.heading);
        text
    }

    /// The folder in which the guide's commands have built and installed the provider. It is kept
    /// until a source changes, as the toolchains take long.
    fn built(&self) -> &Path {
        self.built.get_or_init(|| {
            let folder = target().join("languages").join(self.folder);
            let commands = self.commands("build");
            let wit = repository().join("plugin-sdk/wit/0.1.0/provider.wit");
            let mut sources = commands.clone() + &fs::read_to_string(wit).unwrap();
            sources.extend(self.files.iter().map(|file| self.read(file)));
            let seal = folder.join("built-of.txt");
            if fs::read_to_string(&seal).is_ok_and(|built_of| built_of == sources) {
                return folder;
            }
            for program in self.programs {
                drop(command(program));
            }
            // What npm and pip have fetched may stay.
            let _ = fs::remove_file(&seal);
            let _ = fs::remove_dir_all(folder.join("wit"));
            let _ = fs::remove_dir_all(folder.join("state"));
            fs::create_dir_all(&folder).unwrap();
            for file in self.files {
                fs::write(folder.join(file), self.read(file)).unwrap();
            }
            let programs = built("wildcert").parent().unwrap().to_owned();
            let mut shell = shell(&commands, &folder, &programs);
            succeed(shell.env("WILDCERT", repository()).env("WILDCERT_PATH", folder.join("state")));
            fs::write(&seal, sources).unwrap();
            folder
        })
    }
}

fn issues(language: &Language) {
    let folder = language.built();
    let zone = Zone { name: "example.com", lines: "_acme-challenge TXT \"somebody else's value\"" };
    let rig = Arc::new(Rig::with(&PebbleOptions::default(), &[zone]));
    let vendor = ExampleDns::before(&rig, "example.com.");
    // The installed module, compiled, and nothing else of the state.
    succeed(Command::new("cp").arg("-a").arg(folder.join("state")).arg(rig.path()));

    let programs = rig.home().join("bin");
    shim(&programs, &rig);
    let mut shell = shell(&language.commands("issue"), folder, &programs);
    shell
        .env("WILDCERT_PATH", rig.path())
        .env("EXAMPLEDNS_URL", format!("{}/v1", vendor.url()))
        .env("EXAMPLEDNS_TOKEN", wildcert_tests::TOKEN);
    let said = succeed(&mut shell);
    assert!(said.contains("example.com."), "`providers check` lists the zone:\n{said}");
    assert!(!said.contains("used for the first time"), "installing has approved it:\n{said}");

    let stored = rig.stored("example.com");
    assert_eq!(stored.names(), ["*.example.com", "example.com"]);
    let updates = rig.bind.updates("example.com");
    let (added, deleted) = updates.iter().fold((Vec::new(), Vec::new()), |(mut a, mut d), u| {
        a.extend(u.added.clone());
        d.extend(u.deleted.clone());
        (a, d)
    });
    assert_eq!((added.len(), deleted.len()), (2, 2), "{updates:?}");
    assert_eq!(rig.challenge_values("example.com"), [FOREIGN]);
}

fn conforms(language: &Language) {
    // An Err says that another test has installed it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let folder = language.built();
    let artifact = Artifact::read(&folder.join("state/providers/exampledns.wasm")).unwrap();
    assert_eq!(artifact.form, Form::Wasm);
    let simulator = Server::<ExampleDns>::start().unwrap().address;
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cache = folder.join("state/cache");
    let manifest = artifact.manifest.clone();
    let bench = SimulatedBench::new(artifact, simulator, cache, runtime.handle().clone());
    let verdicts = conformance::all(|trial| conformance::try_simulated(&bench, &manifest, trial));
    assert_eq!(verdicts.len(), Trial::ALL.len());
    let lost: Vec<String> = verdicts
        .iter()
        .filter(|(_, verdict)| *verdict != Verdict::Passed)
        .map(|(trial, verdict)| format!("{}: {verdict:?}", trial.name()))
        .collect();
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}
