//! CAs that have too much of us: they are left alone until their time, across runs, and the next CA of
//! `--server a,b` is used meanwhile.

use serde_json::Value;
use wildcert_sandbox::{Policy, Problem, ProblemType, SandboxOptions};
use wildcert_tests::{Outcome, SandboxCa, SandboxRig, Wildcert};

const HOUR: u64 = 3600;

/// Two CAs; the state folder and the DNS are those of the second.
struct Two {
    limiting: SandboxCa,
    other: SandboxRig,
}

impl Two {
    fn start() -> Self {
        let zones = vec!["example.test.".to_owned(), "elsewhere.test.".to_owned()];
        let other = SandboxRig::with(SandboxOptions { zones, ..SandboxOptions::default() });
        Self { limiting: SandboxCa::start(SandboxOptions::default()), other }
    }

    fn at(&self, words: &[&str], servers: &str) -> Wildcert {
        self.other
            .wildcert(words)
            .args(["-m", "a@example.test", "-a", "--json", "--server", servers, "--ca-bundle"])
            .args([self.limiting.ca_bundle()])
            .args(["--ca-bundle"])
            .args([self.other.ca_bundle()])
    }

    fn run(&self, servers: &str, domains: &[&str]) -> Wildcert {
        self.at(&["run", "--dns", "rfc2136"], servers)
            .args(self.other.nameserver("example.test"))
            .args(self.other.nameserver("elsewhere.test"))
            .domains(domains)
    }

    /// `a,b`.
    fn both(&self) -> String {
        format!("{},{}", self.limiting.directory_url(), self.other.directory_url())
    }

    fn status(&self, words: &[&str]) -> Outcome {
        let outcome = self.other.wildcert(&[&["status"], words].concat()).run();
        assert_eq!(outcome.code, Some(0), "{outcome}");
        outcome
    }

    /// The limits that hold, as programs are told.
    fn limits(&self) -> Vec<Value> {
        self.status(&["--json"]).json()["limits"].as_array().unwrap().clone()
    }

    /// The CA that the certificate came from.
    fn issuer(&self, name: &str) -> String {
        let shown = self.other.wildcert(&["show", name, "--json"]).run();
        shown.json()["server"].as_str().unwrap_or_default().to_owned()
    }

    fn port(&self) -> String {
        let url = self.limiting.directory_url();
        url.trim_start_matches("https://localhost:").trim_end_matches("/dir").to_owned()
    }
}

fn too_many(seconds: u64) -> Problem {
    Problem::new(ProblemType::RateLimited, "too many certificates").with_retry_after(seconds)
}

#[test]
fn after_429_the_next_ca_is_used_and_the_first_is_left_alone_until_its_time() {
    let two = Two::start();
    two.limiting.fail_always("newOrder", too_many(HOUR));
    let first = two.run(&two.both(), &["example.test", "*.example.test"]).run();
    assert_eq!(first.status(), (Some(0), "issued".to_owned()), "{first}");
    assert_eq!(two.issuer("example.test"), two.other.directory_url());
    assert_eq!(two.limiting.count(Some("newOrder")), 1, "an hour is not waited for");
    assert!(first.stderr.contains("too many certificates"), "{first}");

    // Each run is a process of its own: what is known survives it.
    let before = two.limiting.count(None);
    let forced = two.run(&two.both(), &["example.test", "*.example.test"]).args(["--force"]).run();
    assert_eq!(forced.status(), (Some(0), "renewed".to_owned()), "{forced}");
    let shared = two.run(&two.both(), &["www.example.test", "elsewhere.test"]).run();
    assert_eq!(shared.status(), (Some(0), "issued".to_owned()), "{shared}");
    assert_eq!(two.limiting.count(None), before, "no request to a CA that wants to be left alone");
    assert_eq!(two.issuer("www.example.test"), two.other.directory_url());

    let [limit] = two.limits().try_into().unwrap();
    let until = limit["until"].as_str().unwrap().to_owned();
    assert_eq!(limit["account"], format!("localhost_{}_dir/a@example.test", two.port()));
    assert_eq!(limit["names"], serde_json::json!(["example.test", "*.example.test"]));
    assert!(limit["said"].as_str().unwrap().contains("too many certificates"), "{limit}");
    let (day, time) = until.split_once('T').unwrap();
    let table = two.status(&[]);
    assert!(table.stdout.contains(&format!("{day} {}", &time[..8])), "{until}: {table}");
    assert!(table.stdout.contains("example.test +1"), "{table}");

    // With nobody else to ask it fails, and says until when.
    let alone = two.run(two.limiting.directory_url(), &["example.test"]).args(["--force"]).run();
    assert_eq!(alone.code, Some(1), "{alone}");
    assert_eq!(alone.error("kind"), "limited");
    assert!(alone.error("message").contains(&until[..19]), "{until}: {alone}");
    assert_eq!(two.limiting.count(None), before, "{alone}");

    // Other names have no part in it.
    two.limiting.clear_failures();
    let free = two.run(two.limiting.directory_url(), &["elsewhere.test"]).run();
    assert_eq!(two.limiting.count(Some("newOrder")), 2, "{free}");
}

#[test]
fn a_limit_on_new_accounts_concerns_every_name() {
    let two = Two::start();
    two.limiting.fail_always("newAccount", too_many(HOUR));
    let first = two.run(&two.both(), &["example.test"]).run();
    assert_eq!(first.status(), (Some(0), "issued".to_owned()), "{first}");
    assert_eq!(two.limiting.count(Some("newAccount")), 1);
    let before = two.limiting.count(None);
    let second = two.run(&two.both(), &["elsewhere.test"]).run();
    assert_eq!(second.status(), (Some(0), "issued".to_owned()), "{second}");
    let register = two.at(&["accounts", "register"], two.limiting.directory_url()).run();
    assert_eq!(register.code, Some(1), "{register}");
    assert!(register.stderr.contains("wants to be left alone until"), "{register}");
    assert_eq!(two.limiting.count(None), before);
    let [limit] = two.limits().try_into().unwrap();
    assert_eq!(limit["names"], serde_json::json!([]));
    let table = two.status(&[]);
    assert!(table.stdout.contains("all"), "{table}");
    // The account that there is not is none.
    let accounts = two.other.wildcert(&["accounts", "list", "--json"]).run();
    assert_eq!(accounts.json()["accounts"].as_array().unwrap().len(), 1, "{accounts}");
}

#[test]
fn accounts_register_notes_a_limit_too() {
    let two = Two::start();
    two.limiting.fail_always("newAccount", too_many(HOUR));
    let register = || two.at(&["accounts", "register"], two.limiting.directory_url()).run();
    let refused = register();
    assert_eq!(refused.code, Some(1), "{refused}");
    assert!(refused.stderr.contains("rateLimited"), "{refused}");
    assert_eq!(two.limits().len(), 1);
    let before = two.limiting.count(None);
    let limited = register();
    assert_eq!(limited.code, Some(1), "{limited}");
    assert_eq!(two.limiting.count(None), before, "{limited}");
    let japanese = two.at(&["accounts", "register"], two.limiting.directory_url());
    let japanese = japanese.args(["--lang", "ja"]).run();
    assert!(japanese.stderr.contains("原因:"), "{japanese}");
}

#[test]
fn a_busy_ca_is_left_alone_whatever_it_was_asked_for() {
    for operation in ["directory", "newAccount", "newOrder"] {
        let two = Two::start();
        let busy = Problem::new(ProblemType::ServerInternal, "maintenance");
        two.limiting.fail_always(operation, busy.with_status(503).with_retry_after(2 * HOUR));
        let first = two.run(&two.both(), &["example.test"]).run();
        assert_eq!(first.status(), (Some(0), "issued".to_owned()), "{operation}: {first}");
        assert_eq!(two.limiting.count(Some(operation)), 1, "two hours are not waited for");
        let before = two.limiting.count(None);
        let second = two.run(&two.both(), &["elsewhere.test"]).run();
        assert_eq!(second.status(), (Some(0), "issued".to_owned()), "{operation}: {second}");
        assert_eq!(two.limiting.count(None), before, "{operation}");
        assert_eq!(two.limits().len(), 1, "{operation}");
    }
}

/// Who may not renew now need not be told when to renew.
#[test]
fn a_ca_that_limits_us_is_not_asked_when_to_renew() {
    let rig = SandboxRig::start(Policy::default());
    let run = || rig.run().domains(["example.test"]).run();
    let first = run();
    assert_eq!(first.status(), (Some(0), "issued".to_owned()), "{first}");
    rig.fail_always("newOrder", too_many(HOUR));
    let forced = rig.run().args(["--force"]).domains(["example.test"]).run();
    assert_eq!(forced.error("kind"), "acme", "{forced}");
    let before = rig.count(None);
    let second = run();
    assert_eq!(second.status(), (Some(0), "unchanged".to_owned()), "{second}");
    assert_eq!(rig.count(None), before, "{second}");
}

#[test]
fn a_limit_that_names_no_time_is_forgotten_with_the_run() {
    let two = Two::start();
    let vague = Problem::new(ProblemType::RateLimited, "too many").with_status(403);
    two.limiting.fail_always("newOrder", vague);
    let first = two.run(&two.both(), &["example.test"]).run();
    assert_eq!(first.status(), (Some(0), "issued".to_owned()), "{first}");
    assert!(two.limits().is_empty());
    two.limiting.clear_failures();
    let orders = two.limiting.count(Some("newOrder"));
    two.run(two.limiting.directory_url(), &["elsewhere.test"]).run();
    assert_eq!(two.limiting.count(Some("newOrder")), orders + 1);
}
