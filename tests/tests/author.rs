//! The way of a provider's author: docs/guide/writing-a-provider.md word for word, and what
//! `wildcert providers new` makes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use wildcert_tests::{
    Block, ExampleDns, FOREIGN, PebbleOptions, Rig, TOKEN, Zone, blocks, built, code_lines,
    repository, shell, shim, succeed, target,
};

const PAGE: &str = "writing-a-provider.md";

/// Crates of one name in one target folder are built one after the other.
static BUILDS: Mutex<()> = Mutex::new(());

fn builds() -> MutexGuard<'static, ()> {
    BUILDS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// From nothing to a certificate, with the page's own commands and files.
#[test]
fn the_guide_leads_to_a_certificate() {
    let guide = Guide::new();
    let programs = built("wildcert").parent().unwrap().to_owned();
    guide.run("new", guide.folder.path(), &programs, &[]);
    let crate_dir = guide.folder.path().join("exampledns");
    let shown = ["provider.toml", "src/lib.rs", "src/tests/simulator.rs"];
    for file in shown {
        let block = guide.blocks.iter().find(|block| block.info.ends_with(&format!(" {file}")));
        let text = &block.unwrap_or_else(|| panic!("the guide does not show {file}")).text;
        assert!(crate_dir.join(file).is_file(), "`providers new` makes {file}");
        fs::write(crate_dir.join(file), text).unwrap();
    }

    let building = builds();
    let said = guide.run("test", &crate_dir, &programs, &[]);
    assert!(said.contains("25 passed; 0 failed"), "{said}");
    let said = guide.run("build", &crate_dir, &programs, &[]);
    assert!(said.contains("reaches   {EXAMPLEDNS_URL}"), "{said}");
    assert!(said.contains("1..25") && said.contains("ok 25 - redirect"), "{said}");
    assert!(!said.contains("not ok"), "{said}");
    drop(building);

    let zone = Zone { name: "example.com", lines: "_acme-challenge TXT \"somebody else's value\"" };
    let rig = Arc::new(Rig::with(&PebbleOptions::default(), &[zone]));
    let vendor = ExampleDns::before(&rig, "example.com.");
    let programs = rig.home().join("bin");
    shim(&programs, &rig);
    let url = format!("{}/v1", vendor.url());
    let state = rig.path().display().to_string();
    let settings =
        [("WILDCERT_PATH", &*state), ("EXAMPLEDNS_URL", &*url), ("EXAMPLEDNS_TOKEN", TOKEN)];
    guide.run("install", &crate_dir, &programs, &settings);
    let said = guide.run("issue", &crate_dir, &programs, &settings);
    assert!(said.contains("example.com."), "`providers check` lists the zone:\n{said}");
    assert_eq!(rig.stored("example.com").names(), ["*.example.com", "example.com"]);
    assert_eq!(rig.challenge_values("example.com"), [FOREIGN]);
}

/// Each model's folder builds, passes the suite before its own simulator, and is short.
#[test]
fn a_new_provider_passes_the_suite() {
    for model in ["record", "rrset", "zone"] {
        let folder = tempfile::tempdir().unwrap();
        let id = format!("new-{model}");
        let said = succeed(
            Command::new(built("wildcert"))
                .args(["providers", "new", &id, "--model", model, "--sdk"])
                .arg(repository().join("plugin-sdk"))
                .current_dir(folder.path()),
        );
        let crate_dir = folder.path().join(&id);
        let files = said.lines().filter(|line| line.starts_with(&id));
        let texts = files.map(|file| fs::read_to_string(folder.path().join(file)).unwrap());
        let lines: usize = texts.map(|text| code_lines(&text)).sum();
        assert!((50..150).contains(&lines), "{model}: {lines} lines");
        succeed(Command::new("cargo").args(["fmt", "--check"]).current_dir(&crate_dir));
        let _building = builds();
        let said = succeed(cargo(&crate_dir).args(["test", "--release"]));
        assert!(said.contains("25 passed; 0 failed"), "{model}: {said}");
    }
}

/// What stands in the way of a new folder is told, and nothing is written.
#[test]
fn a_new_provider_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let new = |name: &str| {
        let mut command = Command::new(built("wildcert"));
        command.args(["providers", "new", name, "--model", "record"]).current_dir(folder.path());
        let output = command.output().unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (done, said) = new("No Name");
    assert!(!done && said.contains("`No Name`"), "{said}");
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    fs::create_dir(folder.path().join("there")).unwrap();
    let (done, said) = new("there");
    assert!(!done && said.contains("exists"), "{said}");
}

/// A provider that breaks the contract fails the suite as a module too, by trial and exit code.
#[test]
fn a_broken_module_fails_the_suite() {
    let guide = Guide::new();
    let programs = built("wildcert").parent().unwrap().to_owned();
    guide.run("new", guide.folder.path(), &programs, &[]);
    let crate_dir = guide.folder.path().join("exampledns");
    let lib = crate_dir.join("src/lib.rs");
    let text = fs::read_to_string(&lib).unwrap();
    let ignores_ttl = text.replace("\"ttl\": record.ttl", "\"ttl\": 3600");
    assert_ne!(text, ignores_ttl);
    fs::write(&lib, ignores_ttl).unwrap();
    let commands = "wildcert providers build . --wasm --out .\n\
                    wildcert providers test ./exampledns.wasm \
                    --simulator 'cargo run --release --quiet --example simulator' || echo ended $?";
    let _building = builds();
    let said = succeed(&mut guide.shell(commands, &crate_dir, &programs));
    assert!(said.contains("not ok 3 - ttl-is-kept"), "{said}");
    assert!(said.contains("ended 1"), "{said}");
}

/// Before a real server the suite adds and removes, looks at the server, and leaves nothing behind.
#[test]
fn the_suite_runs_before_a_real_server() {
    let rig = Rig::start();
    let test = || {
        let command = rig.wildcert("providers").args(["test", "rfc2136", "--zone", "example.test"]);
        command.args(rig.nameservers())
    };
    let passed = test().run();
    assert_eq!(passed.code, Some(0), "{passed}");
    for line in ["1..25", "ok 2 - present-one\n", "- redirect # SKIP it needs a simulator"] {
        assert!(passed.stdout.contains(line), "{line}: {passed}");
    }
    let updates = rig.bind.updates("example.test");
    let added: usize = updates.iter().map(|update| update.added.len()).sum();
    let deleted: usize = updates.iter().map(|update| update.deleted.len()).sum();
    assert!(added > 10 && deleted >= added, "{updates:?}");

    // Another server than the one that is written to: nothing is seen, and nothing stays.
    let other = Rig::start();
    let command = rig.wildcert("providers").args(["test", "rfc2136", "--json"]);
    let command = command.args(["--zone", "example.test"]).args(other.nameservers());
    let failed = command.env("RFC2136_PROPAGATION_TIMEOUT", "1").run();
    assert_eq!(failed.code, Some(1), "{failed}");
    let report: serde_json::Value = serde_json::from_str(&failed.stdout).unwrap();
    let outcomes = report["trials"].as_array().unwrap().iter();
    let outcome = |trial: &str| outcomes.clone().find(|one| one["trial"] == trial).unwrap();
    assert_eq!(outcome("present-one")["outcome"], "failed", "{failed}");
    assert_eq!(outcome("present-twice")["outcome"], "not-run", "{failed}");
    let updates = rig.bind.updates("example.test");
    let added: usize = updates.iter().map(|update| update.added.len()).sum();
    let deleted: usize = updates.iter().map(|update| update.deleted.len()).sum();
    assert!(deleted >= added, "{updates:?}");
}

/// The page, and a folder to follow it in.
struct Guide {
    blocks: Vec<Block>,
    folder: tempfile::TempDir,
}

impl Guide {
    fn new() -> Self {
        let headings = [
            "A folder to begin with",
            "provider.toml",
            "src/lib.rs",
            "src/tests/simulator.rs",
            "Test it",
            "Build it",
            "Use it",
        ];
        let blocks = headings.into_iter().flat_map(|heading| blocks(PAGE, heading)).collect();
        Self { blocks, folder: tempfile::tempdir().unwrap() }
    }

    /// Runs the blocks `sh STEP`; gives what they said.
    fn run(&self, step: &str, dir: &Path, programs: &Path, env: &[(&str, &str)]) -> String {
        let wanted = format!("sh {step}");
        let texts = self.blocks.iter().filter(|block| block.info == wanted);
        let commands: String = texts.map(|block| block.text.as_str()).collect();
        assert!(!commands.is_empty(), "the guide has no block `{wanted}`");
        let mut shell = self.shell(&commands, dir, programs);
        succeed(shell.envs(env.iter().copied()))
    }

    fn shell(&self, commands: &str, dir: &Path, programs: &Path) -> Command {
        let mut shell = shell(commands, dir, programs);
        shell
            .env("WILDCERT", repository())
            .env("WILDCERT_PATH", self.folder.path().join("state"))
            .env("CARGO_TARGET_DIR", shared());
        shell
    }
}

fn cargo(dir: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.current_dir(dir).env("CARGO_TARGET_DIR", shared());
    cargo
}

/// Where authors' crates are built here: what they share is compiled once.
fn shared() -> PathBuf {
    target().join("authors")
}
