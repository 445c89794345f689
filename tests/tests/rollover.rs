//! The key of an account is changed, and the process or the network dies at any moment of it: the
//! account can be used afterwards, every time.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use wildcert::{AccountChoice, AccountInfo, Engine, Event, Observer, Options, RolloverStep};
use wildcert_tests::{Outcome, Relay, Rig};

#[test]
fn a_process_killed_at_any_step_leaves_an_account_that_can_be_used() {
    let rig = Rig::start();
    let account = Account::register(&rig, &rig.pebble.directory());
    let mut seen = Vec::new();
    for step in 1.. {
        let before = account.key();
        let died = account.process("rollover", step);
        let pending = account.path("next.pem").exists();
        seen.push(pending);
        account.assert_usable(&format!("killed at step {step}"));
        assert!(!account.path("next.pem").exists(), "step {step} is not ended");
        let after = account.key();
        assert!(
            after == before || account.kept(&before, "retired"),
            "step {step} lost the old key"
        );
        if !died {
            assert_ne!(after, before);
            break;
        }
    }
    // Before the key is written and after the switch there is nothing to be ended.
    assert_eq!(seen, [false, true, true, true, false, false, false]);
    let certificate = rig.run().args(["--dns", "rfc2136"]).domains(["example.test"]).run();
    assert_eq!(certificate.status(), (Some(0), "issued".to_owned()), "{certificate}");
    let accounts = rig.wildcert("accounts").args(["list", "--json"]).run();
    assert_eq!(accounts.json()["accounts"].as_array().unwrap().len(), 1, "{accounts}");
}

/// What takes an interrupted change up may be killed as well.
#[test]
fn a_process_killed_while_it_ends_the_change_of_another_loses_nothing() {
    let rig = Rig::start();
    let account = Account::register(&rig, &rig.pebble.directory());
    // The CA has not heard of the new key, and it has.
    for (interrupted, steps) in [(2, 2), (3, 4)] {
        for step in 1.. {
            assert!(account.process("rollover", interrupted));
            let next = account.read("next.pem");
            let died = account.process("show", step);
            account.assert_usable(&format!("killed at {interrupted}, then at {step}"));
            let taken = account.key() == next;
            assert!(taken == (interrupted == 3), "killed at {interrupted}, then at {step}");
            assert!(taken || account.kept(&next, "unused"));
            if !died {
                assert_eq!(step, steps + 1);
                break;
            }
        }
    }
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    let rig = Rig::start();
    let relay = Arc::new(Relay::start(rig.pebble.port()));
    let account = Account::register(&rig, &directory(&relay));
    let old = account.key();
    let at_written = Arc::clone(&relay);
    let changed = account.roll_over(move || at_written.lose_an_answer()).unwrap();
    assert_eq!(changed.key_algorithm, "ES256");
    assert!(account.key() != old && account.kept(&old, "retired"));
    account.assert_usable("the answer was lost");
}

#[test]
fn a_network_that_fails_after_the_ca_has_changed_the_key_loses_nothing() {
    let rig = Rig::start();
    let relay = Arc::new(Relay::start(rig.pebble.port()));
    let account = Account::register(&rig, &directory(&relay));
    let old = account.key();
    let at_written = Arc::clone(&relay);
    let error = account.roll_over(move || at_written.lose_an_answer_and_cut()).unwrap_err();
    assert!(error.to_string().starts_with("failed to change the account's key"), "{error}");
    let new = account.read("next.pem");
    assert_eq!(account.key(), old);

    // As long as the CA cannot be asked, nothing is decided.
    let show = account.show();
    assert!(show.stderr.contains("find out which of two keys"), "{show}");
    assert_eq!((account.key(), account.read("next.pem")), (old.clone(), new.clone()));
    let run = rig
        .wildcert("run")
        .args(["--server", &directory(&relay), "--ca-bundle"])
        .args([rig.pebble.ca_bundle()])
        .args(["-m", "a@example.test", "--json", "--dns", "rfc2136", "-d", "example.test"])
        .args(rig.nameservers())
        .run();
    assert_eq!(run.status(), (Some(1), "failed".to_owned()), "{run}");
    assert_eq!((account.key(), account.read("next.pem")), (old.clone(), new.clone()));

    relay.mend();
    account.assert_usable("the network is back");
    assert_eq!(account.key(), new);
    assert!(account.kept(&old, "retired"));
}

#[test]
fn a_network_that_fails_before_the_ca_hears_of_the_key_leaves_the_old_one() {
    let rig = Rig::start();
    let relay = Arc::new(Relay::start(rig.pebble.port()));
    let account = Account::register(&rig, &directory(&relay));
    let old = account.key();
    let at_written = Arc::clone(&relay);
    account.roll_over(move || at_written.cut()).unwrap_err();
    let new = account.read("next.pem");
    relay.mend();
    account.assert_usable("the network is back");
    assert_eq!(account.key(), old);
    assert!(account.kept(&new, "unused") && !account.path("next.pem").exists());
}

/// Not a proof itself: the process that the proofs kill.
#[tokio::test]
#[ignore = "the process that the proofs of this file start"]
async fn victim() {
    let task: Value = serde_json::from_str(&std::env::var(TASK).unwrap()).unwrap();
    let text = |name: &str| task[name].as_str().unwrap().to_owned();
    let (fatal, count) = (task["step"].as_u64().unwrap(), AtomicUsize::new(0));
    let observer = move |event: Event| {
        if matches!(event, Event::Rollover(_)) {
            let step = count.fetch_add(1, Ordering::SeqCst) + 1;
            if step as u64 == fatal {
                die();
            }
        }
    };
    let engine = engine(Path::new(&text("path")), Path::new(&text("bundle")), Arc::new(observer));
    let account = engine.account(&AccountChoice::default()).unwrap();
    match text("work").as_str() {
        "rollover" => engine.roll_over(&account, None).await.unwrap(),
        _ => engine.refresh_account(&account).await.unwrap(),
    };
}

/// Nothing of the process is left to clean up.
fn die() {
    let kill = format!("kill -KILL {}", std::process::id());
    Command::new("sh").args(["-c", &kill]).status().unwrap();
    unreachable!("the process outlived SIGKILL");
}

fn engine(path: &Path, bundle: &Path, observer: Observer) -> Engine {
    // An Err says that another test has installed it.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let options = Options {
        path: path.to_owned(),
        ca_bundles: vec![bundle.to_owned()],
        ..Options::default()
    };
    Engine::open(options, observer).unwrap()
}

fn directory(relay: &Relay) -> String {
    format!("https://localhost:{}/dir", relay.port())
}

/// An account at the rig's CA.
struct Account<'a> {
    rig: &'a Rig,
    folder: PathBuf,
}

impl<'a> Account<'a> {
    fn register(rig: &'a Rig, directory: &str) -> Self {
        let register = rig.wildcert("accounts").args(["register", "-s", directory]);
        let register = register.args(["-m", "a@example.test", "-a", "--json", "--ca-bundle"]);
        let outcome = register.args([rig.pebble.ca_bundle()]).run();
        assert_eq!(outcome.code, Some(0), "{outcome}");
        let path = outcome.json()["accounts"][0]["path"].as_str().unwrap().to_owned();
        Self { rig, folder: path.into() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn key(&self) -> String {
        self.read("key.pem")
    }

    /// Whether a key is kept under a name that begins so.
    fn kept(&self, key: &str, name: &str) -> bool {
        let files = fs::read_dir(&self.folder).unwrap().map(|entry| entry.unwrap().path());
        files
            .filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(name))
            .any(|path| fs::read_to_string(path).unwrap() == key)
    }

    /// Runs a process that kills itself at a step; whether it did.
    fn process(&self, work: &str, step: u32) -> bool {
        let (path, bundle) = (self.rig.path(), self.rig.pebble.ca_bundle());
        let task = json!({ "work": work, "step": step, "path": path, "bundle": bundle });
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["rollover::victim", "--exact", "--ignored", "--nocapture"])
            .env(TASK, task.to_string())
            .output()
            .unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        let died = output.status.code().is_none();
        assert!(died || output.status.success() && said.contains("1 passed"), "{said}");
        died
    }

    /// Changes the key in this process; `at_written` is called when the new one is on disk.
    fn roll_over(
        &self,
        at_written: impl Fn() + Send + Sync + 'static,
    ) -> Result<AccountInfo, wildcert::Error> {
        let observer = move |event| {
            if event == Event::Rollover(RolloverStep::Written) {
                at_written();
            }
        };
        let engine = engine(&self.rig.path(), &self.rig.pebble.ca_bundle(), Arc::new(observer));
        let account = engine.account(&AccountChoice::default()).unwrap();
        Runtime::new().unwrap().block_on(async {
            // Directory and nonce are there then: the next request is the one that changes the key.
            let account = engine.refresh_account(&account).await.unwrap();
            engine.roll_over(&account, None).await
        })
    }

    fn show(&self) -> Outcome {
        let show = self.rig.wildcert("accounts").args(["show", "--json", "--ca-bundle"]);
        show.args([self.rig.pebble.ca_bundle()]).run()
    }

    /// The CA knows the account by the key that is on disk, and so does the next command.
    fn assert_usable(&self, when: &str) {
        let outcome = self.show();
        let account = &outcome.json()["accounts"][0];
        assert_eq!(outcome.code, Some(0), "{when}: {outcome}");
        assert_eq!(account["error"], Value::Null, "{when}: {outcome}");
        assert_eq!(account["status"], "valid", "{when}: {outcome}");
    }
}

const TASK: &str = "WILDCERT_PROOF_TASK";
