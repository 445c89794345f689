//! A secret that wildcert was trusted with shows up nowhere: not in what it prints at any verbosity,
//! not in what it keeps, not where other processes could see it.

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use wildcert_plugin_sdk::encoding;
use wildcert_tests::{Algorithm, Form, Outcome, Rig, Vendor, Wildcert, built, provider, reply};

/// Characters that each encoding treats otherwise.
const TOKEN: &str = "canary/Tok+en&7f=3a";
const PASSWORD: &str = "canary-pass \"wörd\"";
const KEY: &str = "-----BEGIN PRIVATE KEY-----\nY2FuYXJ5LWxpbmUtb25l\nY2FuYXJ5LWxpbmUtdHdv\n\
    -----END PRIVATE KEY-----";

/// How much is told.
const VERBOSITIES: [&[&str]; 5] = [&[], &["--quiet"], &["-v"], &["-vv"], &["--json", "-vv"]];

/// Every spelling of the secrets that must not be found.
fn spellings() -> Vec<String> {
    let mut all = Vec::new();
    for secret in [TOKEN, PASSWORD].into_iter().chain(KEY.lines().filter(|l| !l.starts_with('-'))) {
        let hex: String = secret.bytes().map(|octet| format!("{octet:02x}")).collect();
        // The last character may be cut off.
        let cut = secret.chars().take(secret.chars().count() - 1).collect::<String>();
        all.extend([cut, encoding::percent(secret), hex.to_uppercase(), hex]);
        all.push(secret.escape_debug().to_string());
        // What does not depend on what stands before and after.
        all.extend(["", "u:", "us:"].map(|before| {
            let text = encoding::base64(format!("{before}{secret}").as_bytes());
            text[4..text.len() - 4].to_owned()
        }));
    }
    all
}

fn holds_none(what: &str, text: &str) {
    for spelling in spellings() {
        assert!(!text.contains(&spelling), "`{spelling}` in {what}:\n{text}");
    }
}

/// Adds the names and contents of all files of a folder.
fn gather(folder: &Path, all: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.push_str(&format!("\n{}\n", path.display()));
        if path.is_dir() {
            gather(&path, all);
        } else if path.is_file() {
            all.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap()));
        }
    }
}

/// Gives the secrets by environment, by alias and by file.
fn trusted(run: Wildcert, rig: &Rig, mode: &str, base: &str) -> Wildcert {
    let key = rig.home().join("key.pem");
    fs::write(&key, KEY).unwrap();
    run.env("HOSTILE_MODE", mode)
        .env("HOSTILE_BASE", base)
        .env("HOSTILE_API_TOKEN", TOKEN)
        .env("HOSTILE_PASSWORD", PASSWORD)
        .env("HOSTILE_KEY_FILE", &key)
        // Wishes of others that wildcert does not follow.
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .env("WILDCERT_LOG_FILE", log(rig))
}

fn log(rig: &Rig) -> PathBuf {
    rig.home().join("run.log")
}

fn modules() -> [PathBuf; 2] {
    [built("guests/hostile.wasm"), built("guests/libhostile.so")]
}

fn state_holds_none(rig: &Rig) {
    let mut all = String::new();
    gather(&rig.path(), &mut all);
    assert!(all.contains("providers.lock") && all.contains("sha256"), "{all}");
    holds_none("the state folder", &all);
    let log = fs::read_to_string(log(rig)).unwrap();
    assert!(log.contains("DEBUG wildcert") && log.contains("end: exit code"), "{log}");
    holds_none("the log file", &log);
}

fn told_nothing(outcome: &Outcome) {
    holds_none("the output", &outcome.to_string());
}

#[test]
fn no_check_tells_a_secret_at_any_verbosity() {
    let rig = Rig::start();
    // A vendor that repeats the whole request: politely, or while it refuses.
    let echo = Vendor::start(|request, stream| reply(stream, "200 OK", request));
    let refusal = Vendor::start(|request, stream| reply(stream, "401 Unauthorized", request));
    let cases = [
        ("idle", &echo, 0),
        ("secret-send", &echo, 0),
        ("secret-send", &refusal, 1),
        ("secret-log", &echo, 0),
        ("secret-error", &echo, 1),
        ("secret-panic", &echo, 1),
        ("secret-zones", &echo, 0),
    ];
    for module in modules() {
        for (mode, vendor, code) in cases {
            for verbosity in VERBOSITIES {
                let run = rig.wildcert("providers").args([Path::new("check"), &module]);
                let outcome = trusted(run.args(verbosity), &rig, mode, &vendor.url()).run();
                assert_eq!(outcome.code == Some(0), code == 0, "{mode} {verbosity:?}: {outcome}");
                told_nothing(&outcome);
                let says = |text: &str| outcome.to_string().contains(text);
                // The words around the secret are there: it was taken out, not left out.
                match mode {
                    "secret-error" => assert!(says("the vendor refused ****"), "{outcome}"),
                    // In WebAssembly a panic is a trap without words.
                    "secret-panic" if module.extension().is_some_and(|e| e != "wasm") => {
                        assert!(says("no way with ****"), "{outcome}");
                    }
                    "secret-log" if verbosity.contains(&"-vv") => {
                        assert!(says("it is ****"), "{outcome}");
                    }
                    _ => {}
                }
            }
        }
    }
    // The vendor did get them, so that there was something to repeat.
    assert!(echo.requests().iter().any(|request| request.contains(TOKEN)));
    state_holds_none(&rig);
}

#[test]
fn no_run_keeps_a_secret() {
    let rig = Rig::start();
    let vendor = Vendor::start(|_, stream| reply(stream, "200 OK", "{}"));
    for module in modules() {
        // Some runs end sooner than their journal is looked at.
        let mut journals = 0;
        for mode in ["idle", "partial", "secret-handle", "secret-error", "secret-panic"] {
            // A run ends with its journal removed: it is looked at while it stands there.
            let run = rig.run().args([Path::new("--dns"), &module, Path::new("-vv")]);
            let run = run.args(["--propagation-timeout", "2"]).domains(["example.test"]);
            let mut running = trusted(run, &rig, mode, &vendor.url()).start();
            holds_none("the command line", &running.command_line());
            while running.goes_on() {
                let journal = rig.path().join("journal");
                for file in fs::read_dir(journal).into_iter().flatten().flatten() {
                    let text = fs::read_to_string(file.path()).unwrap_or_default();
                    journals += usize::from(!text.is_empty());
                    holds_none("the journal", &text);
                }
                thread::sleep(Duration::from_millis(2));
            }
            let outcome = running.finish();
            assert_ne!(outcome.code, Some(0), "{mode}: {outcome}");
            told_nothing(&outcome);
        }
        assert!(journals > 0, "no journal was seen");
    }
    state_holds_none(&rig);
}

#[test]
fn a_certificate_is_issued_without_a_word_of_the_key() {
    let rig = Rig::start();
    let secret = rig.bind.secret(Algorithm::HmacSha256);
    let key = rig.home().join("tsig.key");
    fs::write(&key, secret).unwrap();
    for verbosity in VERBOSITIES {
        for form in [Form::Wasm, Form::Native] {
            let module = provider("rfc2136", form);
            let run = rig.run().args([Path::new("--dns"), &module]).args(["--force"]);
            // From a file, and from the environment, where the rig puts it.
            let run = match form {
                Form::Wasm => run,
                Form::Native => {
                    run.env("RFC2136_TSIG_SECRET", "").env("RFC2136_TSIG_SECRET_FILE", &key)
                }
            };
            let outcome = run.args(verbosity).domains(["example.test"]).run();
            assert_eq!(outcome.code, Some(0), "{outcome}");
            let told = outcome.to_string();
            assert!(
                !told.contains(secret) && !told.contains(&secret[..secret.len() - 4]),
                "{told}"
            );
        }
    }
    let mut all = String::new();
    gather(&rig.path(), &mut all);
    assert!(!all.contains(&secret[..secret.len() - 4]), "{all}");
}
