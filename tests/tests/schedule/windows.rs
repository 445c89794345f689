//! Maintenance windows: what is due waits for them, but not for ever.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use wildcert_sandbox::{Policy, RenewalWindow};
use wildcert_tests::{Outcome, SandboxRig, command};

const NAME: &str = "example.test";
const OPEN: &str = "daily 00:00-24:00 UTC";

/// What `date` makes of a time: `+3 days` in a format.
fn date(when: &str, format: &str) -> String {
    let mut date = command("date");
    let output = date.env("LC_ALL", "C").args(["-u", "-d", when, &format!("+{format}")]).output();
    String::from_utf8(output.unwrap().stdout).unwrap().trim().to_owned()
}

/// A window that opens in three days, or in four just after midnight.
fn closed() -> String {
    format!("{} 12:00-13:00 UTC", date("+3 days", "%a"))
}

/// A certificate whose window is closed; it is due with 30 days left.
fn issued(window: &str) -> SandboxRig {
    let rig = SandboxRig::start(Policy::default());
    let run = rig.run().args(["--days", "30", "--window", window]).domains([NAME]);
    // The first one is never held back.
    assert_eq!(run.run().status(), (Some(0), "issued".to_owned()));
    rig
}

/// Makes the stored certificate look as if so many of its 90 days were left.
fn left(rig: &SandboxRig, days: u32) {
    let path = rig.stored(NAME).file("certificate.json");
    let mut info: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    info["not_before"] = json!(date(&format!("-{} days", 90 - days), "%FT%TZ"));
    info["not_after"] = json!(date(&format!("+{days} days"), "%FT%TZ"));
    fs::write(path, info.to_string()).unwrap();
}

/// The status, why it is due, and on which day it is looked at again.
fn result(outcome: &Outcome) -> (String, String, String) {
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let certificate = outcome.certificate();
    let text = |member: &str| certificate[member].as_str().unwrap_or_default().to_owned();
    (text("status"), text("due"), text("waits_until").chars().take(13).collect())
}

fn waits(why: &str, until: &str) -> (String, String, String) {
    ("unchanged".to_owned(), why.to_owned(), until.to_owned())
}

fn renewed(why: &str) -> (String, String, String) {
    ("renewed".to_owned(), why.to_owned(), String::new())
}

#[test]
fn what_is_due_waits_for_its_window_and_is_told_so() {
    let window = closed();
    let opens = date("+3 days", "%FT12");
    let rig = issued(&window);
    assert_eq!(result(&rig.renew().run()), waits("", ""), "it is not due");
    left(&rig, 20);
    let outcome = rig.renew().run();
    assert_eq!(result(&outcome), waits("ending", &opens));
    assert_eq!(outcome.certificate()["waits_for"], json!(window));
    assert_eq!(rig.answers("newOrder"), ["201"]);

    let plain = |words: &[&str]| rig.wildcert(words).run();
    let told = plain(&["renew"]);
    let words = format!("due, waits for its window {window} until {} 12:00", &opens[..10]);
    assert!(told.code == Some(0) && told.stdout.contains(&words), "{told}");
    assert!(plain(&["show", NAME]).stdout.contains(&words));
    let list = plain(&["list"]);
    assert!(list.stdout.contains(&format!("due, waits until {} 12:00", &opens[..10])), "{list}");
    let list = plain(&["list", "--json"]).json();
    assert!(list["certificates"][0]["waits_until"].as_str().unwrap().starts_with(&opens), "{list}");
    let unchanged = rig.renew().args(["--exit-code-unchanged"]).run();
    assert_eq!(unchanged.code, Some(5), "{unchanged}");

    // What differs from what is wanted waits too.
    let more = rig.run().domains([NAME, "www.example.test"]).run();
    assert_eq!(result(&more), ("renewed".to_owned(), "domains".to_owned(), String::new()));
    let both = rig.run().domains([NAME, "*.example.test"]).args(["--window", &window]).run();
    assert_eq!(result(&both), waits("domains", &opens));
}

#[test]
fn an_open_window_lets_it_pass() {
    let rig = issued(OPEN);
    left(&rig, 20);
    assert_eq!(result(&rig.renew().run()), renewed("ending"));
    // The new one keeps its window; another one can be named for it.
    left(&rig, 20);
    assert_eq!(result(&rig.renew().args(["--window", &closed()]).run()).0, "unchanged");
    assert_eq!(result(&rig.renew().run()), renewed("ending"));
}

#[test]
fn force_and_revocation_wait_for_nothing() {
    let rig = issued(&closed());
    left(&rig, 20);
    assert_eq!(result(&rig.renew().args(["--force"]).run()), renewed("forced"));
    let revoked = rig.trusting(&["revoke", NAME]).run();
    assert_eq!(revoked.code, Some(0), "{revoked}");
    let again = rig.run().domains([NAME]).args(["--window", &closed()]).run();
    assert_eq!(result(&again), renewed("revoked"));

    // The CA wants it gone by yesterday, long before its time: it is about to be revoked.
    let ago = |hours: u64| SystemTime::now() - Duration::from_secs(hours * 3600);
    let over = RenewalWindow::new(ago(3), ago(2));
    assert!(rig.sandbox.set_renewal_window(&rig.stored(NAME).serial(), over));
    assert_eq!(result(&rig.renew().run()), renewed("suggested"));
}

#[test]
fn near_the_end_nobody_waits_any_more() {
    let rig = issued(&closed());
    // Half of the 30 days.
    left(&rig, 16);
    let (status, due, until) = result(&rig.renew().run());
    assert_eq!((status.as_str(), due.as_str()), ("unchanged", "ending"));
    assert_eq!(until[..10], date("+1 day", "%F"), "the window would be too late");
    left(&rig, 15);
    assert_eq!(result(&rig.renew().run()), renewed("ending"));

    left(&rig, 20);
    let margin = |days: &str| rig.renew().args(["--emergency-days", days]).run();
    assert_eq!(result(&margin("19")).0, "unchanged");
    assert_eq!(result(&margin("21")), renewed("ending"));
    // It is kept like every other wish.
    left(&rig, 20);
    assert_eq!(result(&rig.renew().run()), renewed("ending"));
}

#[test]
fn the_file_names_windows_for_all_and_for_one_and_its_faults_all_at_once() {
    let rig = issued(OPEN);
    left(&rig, 20);
    let file = rig.home().join("wildcert.toml");
    let renew = |text: &str| {
        fs::write(&file, text).unwrap();
        rig.renew().args(["--config"]).args([&file]).run()
    };
    let certificate = |more: &str| {
        format!(
            "windows = \"{}\"\nserver = \"{}\"\ndays = 30\n\
             [providers.rfc2136]\n[certificates.\"{NAME}\"]\ndomains = \"{NAME}\"\n{more}\n",
            closed(),
            rig.directory_url()
        )
    };
    assert_eq!(result(&renew(&certificate(""))).0, "unchanged");
    let own = renew(&certificate(&format!("windows = [\"Mon 01:00-01:05\", \"{OPEN}\"]")));
    assert_eq!(result(&own), renewed("ending"));

    let faulty = certificate("windows = [\"Son 1:00-2:00\", \"daily 1:00-25:00 Mars/Base\"]");
    let outcome = renew(&faulty);
    assert_eq!(outcome.code, Some(4), "{outcome}");
    for words in [
        "wildcert.toml:7: certificates.\"example.test\".windows[0]: `Son 1:00-2:00` is no",
        "wildcert.toml:7: certificates.\"example.test\".windows[1]: `daily 1:00-25:00 Mars/Base` is",
        "`25:00` is no time within 00:00 and 24:00; there is no time zone `Mars/Base`",
        "windows are written as `Sun 02:00-05:00 Asia/Tokyo`",
    ] {
        assert!(outcome.stderr.contains(words), "{words}: {outcome}");
    }
}
