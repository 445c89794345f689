//! Installing and removing modules.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use serde_json::Value;
use wildcert::plugin::Sha256Digest;
use wildcert_tests::{
    Answer, Form, Minisign, Outcome, Rig, Webhook, Wildcert, command, mode, provider, providers,
    with_manifest,
};

const NAMES: [&str; 2] = ["example.test", "*.example.test"];

/// A home with a state folder in it; nothing is served.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        let home = tempfile::TempDir::with_prefix("wildcert-install-").unwrap();
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
        Self(home)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Writes a file that is to be installed.
    fn file(&self, name: &str, content: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path
    }

    fn providers(&self, subcommand: &str) -> Wildcert {
        let run = Wildcert::new(self.0.path()).args(["providers", subcommand, "--path"]);
        run.args([self.path("state")])
    }

    fn install(&self, source: impl AsRef<Path>, arguments: &[&str]) -> Outcome {
        self.providers("install").args([source.as_ref()]).args(arguments).run()
    }

    /// What is in the folder of installed modules.
    fn installed(&self) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path("state/providers")) else { return Vec::new() };
        let name = |entry: fs::DirEntry| entry.file_name().into_string().unwrap();
        let mut names: Vec<String> = entries.map(|entry| name(entry.unwrap())).collect();
        names.sort();
        names
    }

    fn lock(&self) -> String {
        fs::read_to_string(self.path("state/providers.lock")).unwrap_or_default()
    }
}

fn done(outcome: &Outcome) {
    assert_eq!(outcome.code, Some(0), "{outcome}");
}

/// What failed with this code and said all this.
fn refused(outcome: &Outcome, code: i32, words: &[&str]) {
    assert_eq!(outcome.code, Some(code), "{outcome}");
    for word in words {
        assert!(outcome.stderr.contains(word), "no `{word}`: {outcome}");
    }
}

/// A provider `acme` that does what `rfc2136` does and may reach these places.
fn acme(reach: &str) -> Vec<u8> {
    let manifest = format!(
        "id = 'acme'\nname = 'Acme DNS'\nhomepage = 'https://acme.example/'\nabi = '0.1'\n\
         model = 'record'\n[reach]\nhttp = [{reach}]\n"
    );
    with_manifest(&fs::read(provider("rfc2136", Form::Wasm)).unwrap(), &manifest)
}

const NARROW: &str = "'https://api.acme.example'";
const WIDE: &str = "'https://api.acme.example', 'https://evil.example'";

#[test]
fn an_installed_module_runs_from_the_cache_and_is_not_news() {
    let rig = Rig::start();
    let install = rig.wildcert("providers").args(["install", "--yes", "--json"]);
    let outcome = install.args([provider("rfc2136", Form::Wasm)]).run();
    done(&outcome);
    let module = rig.path().join("providers/rfc2136.wasm");
    let installed = &outcome.json()["installed"][0];
    assert_eq!(installed["status"], "installed");
    assert_eq!(installed["path"], module.to_str().unwrap());
    assert_eq!((mode(&module), mode(module.parent().unwrap())), (0o644, 0o700));
    let cached = || {
        let entries = fs::read_dir(rig.path().join("cache")).unwrap();
        let file = |entry: fs::DirEntry| (entry.path(), entry.metadata().unwrap().ino());
        entries.map(|entry| file(entry.unwrap())).collect::<Vec<_>>()
    };
    let compiled = cached();
    assert_eq!(compiled.len(), 1, "{compiled:?}");

    let run = rig.run().args(["--dns", "rfc2136"]).domains(NAMES).run();
    assert_eq!(run.status(), (Some(0), "issued".to_owned()), "{run}");
    assert!(run.stderr.contains(module.to_str().unwrap()), "{run}");
    assert!(!run.stderr.contains("first time"), "{run}");
    assert_eq!(cached(), compiled, "it was compiled again");
}

#[test]
fn nothing_is_installed_that_nobody_approved() {
    let home = Home::new();
    let file = home.file("acme.wasm", &acme(NARROW));
    let outcome = home.install(&file, &[]);
    refused(&outcome, 1, &["Acme DNS (acme)", "https://api.acme.example", "--yes"]);
    assert!(home.installed().is_empty() && home.lock().is_empty(), "{outcome}");
    done(&home.install(&file, &["--yes"]));
    assert_eq!(home.installed(), ["acme.wasm"]);
    let again = home.install(&file, &["--json"]);
    done(&again);
    assert_eq!(again.json()["installed"][0]["status"], "unchanged");
}

#[test]
fn somebody_at_a_terminal_is_asked() {
    let home = Home::new();
    let file = home.file("acme.wasm", &acme(NARROW));
    let asked = |answer: &str| {
        let line = format!(
            "'{}' providers install '{}' --path '{}'",
            wildcert_tests::built("wildcert").display(),
            file.display(),
            home.path("state").display()
        );
        // `script` gives it a terminal; what is typed comes once it has asked.
        let typed = format!("sleep 1; echo {answer}; sleep 1");
        let line = format!("({typed}) | script -qec \"{line}\" /dev/null");
        let output = command("sh").args(["-c", &line]).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let said = asked("n");
    assert!(said.contains("Install acme? [y/N]") && said.contains("not approved"), "{said}");
    assert!(home.installed().is_empty(), "{said}");
    let said = asked("y");
    assert_eq!(home.installed(), ["acme.wasm"], "{said}");
}

#[test]
fn a_wider_reach_is_shown_and_needs_approval_again() {
    let home = Home::new();
    let file = home.file("acme.wasm", &acme(NARROW));
    done(&home.install(&file, &["--yes"]));
    let (lock, module) = (home.lock(), home.path("state/providers/acme.wasm"));
    let before = (fs::read(&module).unwrap(), module.metadata().unwrap().ino());

    fs::write(&file, acme(WIDE)).unwrap();
    let outcome = home.install(&file, &[]);
    refused(&outcome, 1, &["http: + https://evil.example", "sha256: was", "not approved"]);
    assert_eq!((fs::read(&module).unwrap(), module.metadata().unwrap().ino()), before);
    assert_eq!(home.lock(), lock);

    let outcome = home.install(&file, &["--yes", "--json"]);
    done(&outcome);
    assert_eq!(outcome.json()["installed"][0]["status"], "upgraded");
    assert_eq!(fs::read(&module).unwrap(), acme(WIDE));
    assert_ne!(module.metadata().unwrap().ino(), before.1, "it was overwritten in place");
    assert!(home.lock().contains("https://evil.example"));
    assert_eq!(home.installed(), ["acme.wasm"]);
}

#[test]
fn another_form_takes_the_place_of_the_first() {
    let home = Home::new();
    done(&home.install(provider("rfc2136", Form::Wasm), &["--yes"]));
    let outcome = home.install(provider("rfc2136", Form::Native), &["--yes"]);
    done(&outcome);
    assert!(outcome.stderr.contains("form: was wasm, is native"), "{outcome}");
    assert!(outcome.stderr.contains("all rights of wildcert"), "{outcome}");
    assert_eq!(home.installed(), ["librfc2136.so"]);
    assert_eq!(home.lock().matches("[[module]]").count(), 1);
}

#[test]
fn what_cannot_run_leaves_the_older_module_in_place() {
    let home = Home::new();
    let good = home.file("good.wasm", &acme(NARROW));
    done(&home.install(&good, &["--yes"]));
    let lock = home.lock();
    // Named and typed as it should, but with an instruction that is none.
    let mut broken = acme(WIDE);
    let start = broken.len() / 2;
    broken[start..start + 64].fill(0xff);
    let outcome = home.install(home.file("broken.wasm", &broken), &["--yes"]);
    refused(&outcome, 1, &["broken.wasm", "hint:"]);
    assert!(!outcome.stderr.contains("panicked"), "{outcome}");
    assert_eq!(fs::read(home.path("state/providers/acme.wasm")).unwrap(), acme(NARROW));
    assert_eq!((home.installed(), home.lock()), (vec!["acme.wasm".to_owned()], lock));
}

#[test]
fn a_folder_is_installed_whole_or_not_at_all() {
    let home = Home::new();
    home.file("shelf/any-name.wasm", &acme(NARROW));
    fs::copy(provider("pdns", Form::Wasm), home.path("shelf/pdns.wasm")).unwrap();
    fs::copy(provider("pdns", Form::Native), home.path("shelf/libpdns.so")).unwrap();
    home.file("shelf/README", b"no module");
    home.file("shelf/broken.wasm", b"\0asm");
    home.file("shelf/noise.wasm", b"noise");
    refused(&home.install(home.path("shelf"), &["--yes"]), 1, &["broken.wasm", "noise.wasm"]);
    assert!(home.installed().is_empty());
    fs::remove_file(home.path("shelf/broken.wasm")).unwrap();
    fs::remove_file(home.path("shelf/noise.wasm")).unwrap();
    done(&home.install(home.path("shelf"), &["--yes"]));
    assert_eq!(home.installed(), ["acme.wasm", "pdns.wasm"]);
    let digest = "0".repeat(64);
    refused(&home.install(home.path("shelf"), &["--sha256", &digest]), 1, &["is of one file"]);
    refused(&home.install(home.path("state/cache"), &[]), 1, &["holds no modules"]);
}

#[test]
fn of_a_crate_the_module_is_built_first() {
    let home = Home::new();
    let krate = providers().join("rfc2136");
    let variable = |name: &str| std::env::var_os(name).unwrap_or_default();
    let mut install = home.providers("install").args([&krate]).args(["--yes"]);
    for name in ["CARGO_HOME", "RUSTUP_HOME", "CARGO_TARGET_DIR", "PATH", "HOME"] {
        if !variable(name).is_empty() {
            install = install.env(name, variable(name));
        }
    }
    done(&install.env("CARGO", env!("CARGO")).run());
    assert_eq!(home.installed(), ["rfc2136.wasm"]);
    let signed = home.install(&krate, &["--require-signature"]);
    refused(&signed, 1, &["that is built of", "is not signed", "minisign -Sm"]);
}

#[test]
fn a_url_is_compared_before_anything_looks_into_it() {
    let home = Home::new();
    let server = Webhook::answering(|path, _| match path {
        "/acme.wasm?token=hidden" | "/acme.wasm" => Answer::file(acme(NARROW)),
        "/moved" => Answer::redirect("/acme.wasm"),
        "/plain" => Answer::redirect("http://localhost/acme.wasm"),
        "/round" => Answer::redirect("/round"),
        // Another origin in a private network, by name and by address.
        "/inside" => Answer::redirect("https://localhost:1/acme.wasm"),
        "/inside-too" => Answer::redirect("https://127.0.0.1:1/acme.wasm"),
        "/large" => {
            Answer { headers: vec![("Content-Length", "67108865".to_owned())], ..Answer::file("") }
        }
        "/noise" => Answer::file("noise"),
        _ => Answer::status(404),
    });
    let digest = Sha256Digest::of(&acme(NARROW)).to_string();
    let fetch = |path: &str, digest: &str| {
        let url = format!("{}{path}", server.url());
        let install = home.providers("install").args([&url]).args(["--yes", "--sha256", digest]);
        install.env("SSL_CERT_FILE", server.certificate()).run()
    };
    // What is wrong with the command line.
    let url = format!("{}/acme.wasm", server.url());
    refused(&home.install(&url, &["--yes"]), 2, &["the SHA-256 digest", "--sha256 HEX"]);
    refused(&home.install(&url, &["--sha256", "12"]), 2, &["--sha256: a SHA-256 digest has 64"]);
    let plain = home.install(url.replace("https", "http"), &["--sha256", &digest]);
    refused(&plain, 2, &["it is not https"]);
    let password = url.replace("https://", "https://me:hidden@");
    let password = home.install(password, &["--sha256", &digest]);
    refused(&password, 2, &["a user's name or password"]);
    assert!(!password.stderr.contains("hidden"), "{password}");
    // What is wrong with the server.
    refused(&home.install(&url, &["--yes", "--sha256", &digest]), 1, &["SSL_CERT_FILE"]);
    refused(&fetch("/absent", &digest), 1, &["the server answers 404"]);
    refused(&fetch("/plain", &digest), 1, &["`http://localhost/acme.wasm`", "it is not https"]);
    refused(&fetch("/round", &digest), 1, &["more than 5 redirects"]);
    refused(&fetch("/inside", &digest), 1, &["private address"]);
    refused(&fetch("/inside-too", &digest), 1, &["it is a private address"]);
    refused(&fetch("/large", &digest), 1, &["larger than 67108864 octets"]);
    // What is wrong with the file: its digest, whatever else it is.
    let noise = fetch("/noise", &digest);
    refused(&noise, 1, &["is not the module that was meant", &digest]);
    assert!(!noise.stderr.contains("neither"), "somebody looked into it: {noise}");
    assert!(home.installed().is_empty());

    let token = fetch("/acme.wasm?token=hidden", &digest);
    done(&token);
    assert!(!token.stderr.contains("hidden"), "{token}");
    done(&fetch("/moved", &digest));
    assert_eq!(home.installed(), ["acme.wasm"]);
}

#[test]
fn a_digest_binds_a_file_too() {
    let home = Home::new();
    let file = home.file("acme.wasm", &acme(NARROW));
    let other = Sha256Digest::of(b"another").to_string();
    refused(&home.install(&file, &["--yes", "--sha256", &other]), 1, &["was meant", &other]);
    assert!(home.installed().is_empty());
    let digest = Sha256Digest::of(&acme(NARROW)).to_string();
    done(&home.install(&file, &["--yes", "--sha256", &digest]));
}

#[test]
fn the_words_of_a_module_steer_no_terminal() {
    let home = Home::new();
    let manifest = "id = 'acme'\nname = \"A\\u001b[2Kcme\"\nhomepage = ''\nabi = '0.1'\n\
                    model = 'record'\n[reach]\nhttp = [\"https://a.example\\u001b[1A\"]\n";
    let module = with_manifest(&fs::read(provider("rfc2136", Form::Wasm)).unwrap(), manifest);
    let outcome = home.install(home.file("acme.wasm", &module), &[]);
    refused(&outcome, 1, &["name holds control characters", "reach holds control characters"]);
    assert!(!outcome.stderr.contains('\u{1b}'), "{outcome}");
}

#[test]
fn removing_takes_module_signature_and_approval_away() {
    let home = Home::new();
    let file = home.file("acme.wasm", &acme(NARROW));
    Minisign::generate().sign(&file, &[]);
    done(&home.install(&file, &["--yes"]));
    assert_eq!(home.installed(), ["acme.wasm", "acme.wasm.minisig"]);
    let outcome = home.providers("remove").args(["acme", "--json"]).run();
    done(&outcome);
    let removed = &outcome.json()["removed"];
    let files = removed["files"].as_array().unwrap().iter().map(Value::to_string);
    assert!(files.clone().any(|file| file.ends_with("providers/acme.wasm\"")), "{outcome}");
    assert_eq!((files.count(), &removed["approvals"][0]), (2, &Value::from("acme")));
    assert!(home.installed().is_empty() && !home.lock().contains("acme"), "{outcome}");

    refused(&home.providers("remove").args(["acme"]).run(), 1, &["no provider `acme`"]);
    refused(&home.providers("remove").args(["pdns"]).run(), 1, &["came with wildcert", "hint:"]);
    refused(&home.providers("remove").args(["../providers.lock"]).run(), 1, &["no provider"]);
    let elsewhere = home.file("mine/acme.wasm", &acme(NARROW));
    let remove = home.providers("remove").args(["acme"]);
    let remove = remove.env("WILDCERT_PROVIDER_PATH", elsewhere.parent().unwrap()).run();
    refused(&remove, 1, &["was not installed by", "delete the file yourself"]);
    assert!(elsewhere.exists());
}
