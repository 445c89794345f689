//! Accounts: registered with external account binding, shown, changed, given up, recovered.

use std::{fs, path::PathBuf, time::SystemTime};

use serde_json::Value;
use wildcert_sandbox::{ExternalAccount, Policy};
use wildcert_tests::{Binding, EXAMPLE, Outcome, PebbleOptions, Rig, SandboxRig, Wildcert, mode};

const KID: &str = "kid-of-example";
const HMAC: &str = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

/// A rig whose CA makes accounts for its customers only.
fn bound() -> Rig {
    let binding = Some(Binding { kid: KID.to_owned(), hmac: HMAC.to_owned() });
    Rig::with(&PebbleOptions { binding, ..PebbleOptions::default() }, &[EXAMPLE])
}

/// `wildcert accounts …` at this rig's CA.
fn at(rig: &Rig, words: &[&str]) -> Wildcert {
    let accounts = rig.wildcert("accounts").args(words).args(["--json", "--ca-bundle"]);
    accounts.args([rig.pebble.ca_bundle()])
}

fn register(rig: &Rig, words: &[&str]) -> Wildcert {
    at(rig, &["register", "-a", "-s", &rig.pebble.directory()]).args(words)
}

/// The accounts that a command printed.
fn accounts(outcome: &Outcome) -> Vec<Value> {
    assert_eq!(outcome.code, Some(0), "{outcome}");
    outcome.json()["accounts"].as_array().unwrap().clone()
}

fn only(outcome: &Outcome) -> Value {
    let mut accounts = accounts(outcome);
    assert_eq!(accounts.len(), 1, "{outcome}");
    accounts.remove(0)
}

fn text(account: &Value, member: &str) -> String {
    account[member].as_str().unwrap_or_default().to_owned()
}

#[test]
fn external_accounts_are_bound_by_flags_legos_words_the_environment_and_a_cas_file() {
    let rig = bound();
    let file = rig.home().join("eab.txt");
    let directory = rig.pebble.directory();
    let sent = format!(
        "次のコマンドを実行してください。\nsudo certbot --server {directory} --eab-hmac-key {HMAC} \
         --eab-kid {KID} -d example.test --key-type rsa\n"
    );
    fs::write(&file, sent).unwrap();
    let file = file.to_str().unwrap();
    let flags = register(&rig, &["-m", "a@example.test", "--eab-kid", KID, "--eab-hmac-key", HMAC]);
    let legos = ["-m", "b@example.test", "--eab", "--kid", KID, "--hmac", HMAC];
    let environment = register(&rig, &["-m", "c@example.test"])
        .env("WILDCERT_EAB_KID", KID)
        .env("WILDCERT_EAB_HMAC_KEY", HMAC);
    let by_file = ["register", "-a", "-m", "d@example.test", "--eab-file", file];
    let runs = [flags, register(&rig, &legos), environment, at(&rig, &by_file)];
    let urls: Vec<String> = runs.map(|run| text(&only(&run.run()), "url")).to_vec();
    assert!(urls.iter().all(|url| url.starts_with("https://localhost:")), "{urls:?}");
    let listed = accounts(&at_list(&rig).run());
    assert_eq!(listed.len(), 4);

    // The rest of the file is for the certificate: it is told, and does nothing by itself.
    let told = at(&rig, &by_file).run();
    assert!(told.stderr.contains("-d example.test -k rsa2048"), "{told}");

    // The file alone says which CA, also to `run`.
    let run = rig.wildcert("run").args(["--eab-file", file, "--ca-bundle"]);
    let run = run.args([rig.pebble.ca_bundle()]).args(rig.nameservers()).domains(["example.test"]);
    let run = run.args(["-m", "e@example.test", "-a", "--json", "--dns", "rfc2136"]).run();
    assert_eq!(run.status(), (Some(0), "issued".to_owned()), "{run}");
}

fn at_list(rig: &Rig) -> Wildcert {
    rig.wildcert("accounts").args(["list", "--json"])
}

#[test]
fn a_binding_that_is_missing_or_wrong_is_explained() {
    let rig = bound();
    let none = register(&rig, &["-m", "a@example.test"]).run();
    assert_eq!(none.code, Some(1), "{none}");
    assert!(none.stderr.contains("--eab-file") && none.stderr.contains("14 days"), "{none}");
    assert_eq!(rig.pebble.count("POST /sign-me-up"), 0, "{none}");

    let wrong = ["-m", "a@example.test", "--kid", KID, "--hmac", "d3Jvbmc"];
    let wrong = register(&rig, &wrong).run();
    assert_eq!(wrong.code, Some(1), "{wrong}");
    assert!(wrong.stderr.contains("14 days"), "{wrong}");
    assert!(!wrong.stderr.contains("d3Jvbmc"), "{wrong}");
    let japanese = register(&rig, &["-m", "a@example.test", "--kid", KID, "--hmac", "d3Jvbmc"]);
    let japanese = japanese.args(["--lang", "ja"]).run();
    assert!(japanese.stderr.contains("14 日") || japanese.stderr.contains("14日"), "{japanese}");
}

#[test]
fn a_credential_that_is_out_of_date_is_said_to_be_short_lived() {
    let expired = ExternalAccount {
        expires: Some(SystemTime::UNIX_EPOCH),
        ..ExternalAccount::new(KID, "aGVsbG8gd29ybGQ")
    };
    let rig = SandboxRig::start(Policy { external_accounts: vec![expired], ..Policy::default() });
    let register = rig
        .trusting(&["accounts", "register", "-a", "-m", "a@example.test", "--kid", KID])
        .args(["--hmac", "aGVsbG8gd29ybGQ", "-s", rig.directory_url()]);
    let outcome = register.run();
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.stderr.contains("14 days"), "{outcome}");
}

#[test]
fn an_account_shows_its_url_status_contacts_and_key() {
    let rig = Rig::start();
    let words = ["-m", "a@example.test", "-m", "b@example.test", "--account-key", "ec384"];
    let made = only(&register(&rig, &words).run());
    let name = format!("localhost_{}_dir/a@example.test", rig.pebble.port());
    for account in [&made, &only(&at(&rig, &["show"]).run()), &only(&at_list(&rig).run())] {
        assert_eq!(text(account, "account"), name);
        assert!(text(account, "url").contains("/my-account/"), "{account}");
        assert_eq!(text(account, "status"), "valid");
        assert_eq!(account["contacts"], serde_json::json!(["a@example.test", "b@example.test"]));
        assert_eq!(text(account, "key_algorithm"), "ES384");
        assert_eq!(account.get("error"), None);
    }
    let path = PathBuf::from(text(&made, "path"));
    assert_eq!((mode(&path), mode(&path.join("key.pem"))), (0o700, 0o600));
    // Registering again finds it, without a word to the CA.
    let before = rig.pebble.count("POST /sign-me-up");
    assert_eq!(text(&only(&register(&rig, &words).run()), "url"), text(&made, "url"));
    assert_eq!(rig.pebble.count("POST /sign-me-up"), before);
}

#[test]
fn accounts_stand_side_by_side_and_are_changed_one_by_one() {
    let rig = Rig::start();
    let first = only(&register(&rig, &["-m", "a@example.test"]).run());
    let second = only(&register(&rig, &["-m", "b@example.test"]).run());
    assert_ne!(text(&first, "url"), text(&second, "url"));
    assert_eq!(accounts(&at_list(&rig).run()).len(), 2);

    let unclear = at(&rig, &["show"]).run();
    assert_eq!(unclear.code, Some(1), "{unclear}");
    for account in [&first, &second] {
        assert!(unclear.stderr.contains(&text(account, "account")), "{unclear}");
    }
    let updated = only(&at(&rig, &["update", "b@example.test", "-m", "new@example.test"]).run());
    assert_eq!(text(&updated, "url"), text(&second, "url"));
    assert_eq!(updated["contacts"], serde_json::json!(["new@example.test"]));
    // Its name stays, and both contacts lead to it.
    assert_eq!(text(&updated, "account"), text(&second, "account"));
    for contact in ["b@example.test", "new@example.test"] {
        let shown = only(&at(&rig, &["show", "-m", contact]).run());
        assert_eq!(text(&shown, "url"), text(&second, "url"));
        let found = only(&register(&rig, &["-m", contact]).run());
        assert_eq!(text(&found, "url"), text(&second, "url"));
    }
    let none = only(&at(&rig, &["update", &text(&first, "account"), "--no-email"]).run());
    assert_eq!(none["contacts"], serde_json::json!([]));
    let nothing = at(&rig, &["update", &text(&first, "account")]).run();
    assert_eq!(nothing.code, Some(2), "{nothing}");
}

#[test]
fn a_key_of_another_kind_takes_the_place_of_the_old_one_which_is_kept() {
    let rig = Rig::start();
    let account = only(&register(&rig, &["-m", "a@example.test"]).run());
    let folder = PathBuf::from(text(&account, "path"));
    let old = fs::read_to_string(folder.join("key.pem")).unwrap();
    let rolled = only(&at(&rig, &["rollover", "--account-key", "rsa2048"]).run());
    assert_eq!(text(&rolled, "url"), text(&account, "url"));
    assert_eq!(text(&rolled, "key_algorithm"), "RS256");
    let files = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let retired: Vec<PathBuf> =
        files.filter(|path| path.to_string_lossy().contains("/retired-")).collect();
    assert_eq!(retired.len(), 1);
    assert_eq!(fs::read_to_string(&retired[0]).unwrap(), old);
    assert_eq!(mode(&retired[0]), 0o600);
    assert_eq!(text(&only(&at(&rig, &["show"]).run()), "key_algorithm"), "RS256");
    let wrong = at(&rig, &["rollover", "--account-key", "rsa2084"]).run();
    assert!(wrong.code == Some(2) && wrong.stderr.contains("did you mean `rsa2048`"), "{wrong}");
}

#[test]
fn an_account_that_is_given_up_is_not_used_again() {
    let rig = Rig::start();
    let account = only(&register(&rig, &["-m", "a@example.test"]).run());
    let unconfirmed = at(&rig, &["deactivate"]).run();
    assert_eq!(unconfirmed.code, Some(2), "{unconfirmed}");
    assert!(unconfirmed.stderr.contains("--yes"), "{unconfirmed}");
    assert_eq!(text(&only(&at(&rig, &["show"]).run()), "status"), "valid");

    let closed = only(&at(&rig, &["deactivate", "--yes"]).run());
    assert_eq!(text(&closed, "status"), "deactivated");
    assert!(PathBuf::from(text(&account, "path")).join("key.pem").exists());
    assert_eq!(text(&only(&at(&rig, &["show"]).run()), "status"), "deactivated");
    let before = rig.pebble.requests().len();
    let run = rig.run().args(["--dns", "rfc2136"]).domains(["example.test"]).run();
    assert_eq!(run.status(), (Some(1), "failed".to_owned()), "{run}");
    assert!(run.error("message").contains("is deactivated"), "{run}");
    assert!(run.error("hint").contains("accounts register"), "{run}");
    for words in [&["rollover"][..], &["update", "-m", "b@example.test"], &["deactivate", "-y"]] {
        let refused = at(&rig, words).run();
        assert_eq!(refused.code, Some(1), "{refused}");
        assert!(refused.stderr.contains("is deactivated"), "{refused}");
    }
    assert_eq!(rig.pebble.requests().len(), before);
    // Another contact is another account.
    let other = only(&register(&rig, &["-m", "b@example.test"]).run());
    assert_ne!(text(&other, "url"), text(&account, "url"));
}

#[test]
fn an_account_is_found_again_by_its_key() {
    let rig = Rig::start();
    let account = only(&register(&rig, &["-m", "a@example.test"]).run());
    let folder = PathBuf::from(text(&account, "path"));
    let key = rig.home().join("kept.pem");
    fs::rename(folder.join("key.pem"), &key).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    let directory = rig.pebble.directory();
    let recover = |key: &str, more: &[&str]| {
        at(&rig, &["recover", "--key", key, "--server", &directory]).args(more).run()
    };
    let key = key.to_str().unwrap();
    let found = only(&recover(key, &[]));
    for member in ["account", "url", "contacts", "key_algorithm"] {
        assert_eq!(found[member], account[member], "{member}");
    }
    assert_eq!(text(&only(&at(&rig, &["show"]).run()), "status"), "valid");
    // Once more is no harm.
    assert_eq!(text(&only(&recover(key, &[])), "url"), text(&account, "url"));

    // A key that no account has, and one whose account would take another's folder.
    let unknown = rig.home().join("unknown.pem");
    fs::write(&unknown, rcgen::KeyPair::generate().unwrap().serialize_pem()).unwrap();
    let refused = recover(unknown.to_str().unwrap(), &[]);
    assert!(refused.code == Some(1) && refused.stderr.contains("accountDoesNotExist"), "{refused}");
    let other = only(&register(&rig, &["-m", "b@example.test"]).run());
    let other_folder = PathBuf::from(text(&other, "path"));
    let kept = rig.home().join("other.pem");
    fs::rename(other_folder.join("key.pem"), &kept).unwrap();
    fs::remove_dir_all(&other_folder).unwrap();
    let own = fs::read_to_string(folder.join("key.pem")).unwrap();
    let taken = recover(kept.to_str().unwrap(), &["-m", "a@example.test"]);
    assert!(taken.code == Some(1) && taken.stderr.contains("another account"), "{taken}");
    assert_eq!(fs::read_to_string(folder.join("key.pem")).unwrap(), own);
    let found = only(&recover(kept.to_str().unwrap(), &[]));
    assert_eq!(text(&found, "url"), text(&other, "url"));
}

/// What is on disk is behind: another copy of the state folder has changed the key.
#[test]
fn a_recovered_key_takes_the_place_of_one_that_the_ca_no_longer_knows() {
    let rig = Rig::start();
    let account = only(&register(&rig, &["-m", "a@example.test"]).run());
    let key = PathBuf::from(text(&account, "path")).join("key.pem");
    let old = fs::read(&key).unwrap();
    only(&at(&rig, &["rollover"]).run());
    let kept = rig.home().join("kept.pem");
    fs::rename(&key, &kept).unwrap();
    fs::write(&key, old).unwrap();
    let shown = at(&rig, &["show"]).run();
    assert!(!only(&shown)["error"].is_null(), "{shown}");
    let words = ["recover", "--key", kept.to_str().unwrap(), "-s", &rig.pebble.directory()];
    only(&at(&rig, &words).run());
    assert_eq!(only(&at(&rig, &["show"]).run()).get("error"), None);
}

#[test]
fn a_ca_that_is_away_does_not_hide_what_is_known_here() {
    let rig = Rig::start();
    let account = only(&register(&rig, &["-m", "a@example.test"]).run());
    let info = PathBuf::from(text(&account, "path")).join("account.json");
    let here = rig.pebble.directory();
    // A port that nobody listens on.
    let away = fs::read_to_string(&info).unwrap().replace(&here, "https://localhost:9/dir");
    fs::write(&info, away).unwrap();
    let shown = at(&rig, &["show"]).run();
    let account = only(&shown);
    assert_eq!(account["error"]["kind"], "acme", "{shown}");
    assert_eq!(text(&account, "status"), "valid");
    assert!(shown.stderr.contains("warning:"), "{shown}");
}

#[test]
fn key_types_that_a_ca_does_not_take_are_refused_before_it_is_asked() {
    let rig = Rig::start();
    let run = rig.wildcert("run").args(["-s", "sslcom-rsa", "-m", "a@example.test", "--json"]);
    let run = run.args(["--dns", "rfc2136", "-a"]).args(rig.nameservers());
    // Nothing answers there: whoever asks gets another error, after a while.
    let run = run.env("HTTPS_PROXY", "http://127.0.0.1:9").domains(["example.test"]).run();
    assert_eq!(run.code, Some(4), "{run}");
    assert!(run.error("message").contains("certifies no ec256 keys"), "{run}");
    assert!(run.error("hint").contains("-k rsa2048"), "{run}");
}

#[test]
fn public_cas_are_listed_and_their_names_are_guessed() {
    let home = tempfile::tempdir().unwrap();
    let cas = Wildcert::new(home.path()).args(["cas", "--json"]).run().json();
    let cas = cas["cas"].as_array().unwrap();
    let jprs = cas.iter().find(|ca| ca["name"] == "jprs").unwrap();
    assert_eq!(jprs["directory"], "https://acme.amecert.jprs.jp/DV/getDirectory");
    assert!(jprs["source"].as_str().unwrap().starts_with("https://"), "{jprs}");
    let table = Wildcert::new(home.path()).args(["cas"]).run();
    assert!(cas.iter().all(|ca| table.stdout.contains(ca["name"].as_str().unwrap())), "{table}");
    let words = ["accounts", "register", "-s", "letsencrpyt", "--path", "state"];
    let wrong = Wildcert::new(home.path()).args(words).run();
    assert_eq!(wrong.code, Some(2), "{wrong}");
    assert!(wrong.stderr.contains("did you mean `letsencrypt`"), "{wrong}");
}
