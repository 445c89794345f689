//! Whoever shall be told hears of each problem once, and of no secret.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::Value;
use wildcert_plugin_sdk::encoding;
use wildcert_sandbox::Policy;
use wildcert_tests::{Outcome, SandboxRig, Smtp, Vendor, Webhook, Wildcert, reply};

/// Of no use to anybody, and to be seen by nobody.
const WRONG_SECRET: &str = "Y2FuYXJ5LXRzaWctc2VjcmV0";

/// A CA and a state folder with a configuration file.
struct Site {
    rig: SandboxRig,
    file: PathBuf,
}

impl Site {
    fn start(alerts: &str) -> Self {
        let rig = SandboxRig::start(Policy::default());
        let file = rig.home().join("wildcert.toml");
        let site = Self { rig, file };
        site.configure(alerts);
        site
    }

    /// Writes the configuration; others may not read the secrets in it.
    fn configure(&self, text: &str) {
        fs::write(&self.file, text).unwrap();
        fs::set_permissions(&self.file, fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// A command with this configuration.
    fn command(&self, words: &[&str]) -> Wildcert {
        self.rig.wildcert(words).args(["--config".as_ref(), self.file.as_os_str()])
    }

    fn run(&self, name: &str) -> Wildcert {
        self.rig.issue().domains([name]).args(["--config".as_ref(), self.file.as_os_str()])
    }

    /// A run that the DNS server turns away.
    fn fail(&self, name: &str) -> Outcome {
        let run = self.run(name).args(["--force"]).env("RFC2136_TSIG_SECRET", WRONG_SECRET).run();
        assert_eq!(run.code, Some(1), "{run}");
        run
    }

    fn succeed(&self, name: &str) -> Outcome {
        let run = self.run(name).args(["--force"]).run();
        assert_eq!(run.code, Some(0), "{run}");
        run
    }
}

fn email(server: &str, more: &str) -> String {
    format!(
        "[[alerts]]\nemail = {{ to = [\"ops@example.com\", \"Second <second@example.com>\"], \
         from = \"wildcert@example.com\", server = \"{server}\"{more} }}\n"
    )
}

#[test]
fn a_failure_is_mailed_once_until_a_success_ends_it() {
    let smtp = Smtp::start(false);
    let site = Site::start(&email(&format!("smtp://{}", smtp.address()), ""));
    let first = site.fail("example.test");
    assert!(!first.stderr.contains("warning"), "{first}");
    assert_eq!(smtp.mails().len(), 1, "{first}");
    site.fail("example.test");
    assert_eq!(smtp.mails().len(), 1, "the same failure");
    site.succeed("example.test");
    assert_eq!(smtp.mails().len(), 1, "a success is no news");
    site.fail("example.test");
    let mails = smtp.mails();
    assert_eq!(mails.len(), 2, "another failure");

    let [first, second] = mails.as_slice() else { panic!("{mails:?}") };
    assert_eq!(first.from, "wildcert@example.com");
    assert_eq!(first.to, ["ops@example.com", "second@example.com"]);
    assert!(first.header("Subject").contains("no new certificate for example.test"), "{first:?}");
    assert_eq!(first.header("Auto-Submitted"), "auto-generated");
    let text = first.text();
    assert!(text.contains("failed to add TXT records in zone `example.test.`"), "{text}");
    assert!(text.contains("hint") && text.contains("wildcert status"), "{text}");
    assert!(!text.contains("valid until"), "{text}");
    let text = second.text();
    assert!(text.contains("valid until") && text.contains("days left"), "{text}");
    for mail in &mails {
        assert!(!mail.content.contains(WRONG_SECRET), "{mail:?}");
    }
}

#[test]
fn a_mail_goes_under_tls_with_the_password_of_the_configuration() {
    let smtp = Smtp::start(true);
    let login = ", username = \"me\", password = { file = \"password\" }";
    let server = format!("smtp+starttls://{}", smtp.address());
    let site = Site::start(&email(&server, login));
    fs::write(site.rig.home().join("password"), "canary-password\n").unwrap();
    let test = || site.command(&["alerts", "test"]);
    // Without its root, nothing is sent.
    let refused = test().run();
    assert_eq!((refused.code, smtp.mails().len()), (Some(1), 0), "{refused}");
    assert!(refused.stderr.contains("failed to alert ops@example.com"), "{refused}");

    let sent = test().args(["--ca-bundle"]).args([smtp.certificate()]).run();
    assert_eq!(sent.code, Some(0), "{sent}");
    let mails = smtp.mails();
    let [mail] = mails.as_slice() else { panic!("{mails:?}") };
    assert!(mail.tls && mail.header("Subject").contains("a test of the alerts"), "{mail:?}");
    assert_eq!(mail.login, Some(encoding::base64(b"\0me\0canary-password")));
    for told in [&refused.stderr, &sent.stdout, &sent.stderr, &mail.content] {
        assert!(!told.contains("canary-password"), "{told}");
    }
}

#[test]
fn all_that_fails_in_a_run_is_one_request_and_one_call_of_a_program() {
    let vendor = Vendor::start(|_, stream| reply(stream, "200 OK", "ok"));
    let site = Site::start("");
    let program = site.rig.home().join("alert.sh");
    fs::write(&program, "echo called >> calls; cat > json; env | grep WILDCERT_ALERT > words\n")
        .unwrap();
    fs::write(site.rig.home().join("token"), "canary-token").unwrap();
    let alerts = format!(
        "[[alerts]]\nwebhook = \"{}/hook/canary-path\"\nheaders.X-Token = {{ file = \"token\" }}\n\
         [[alerts]]\ncommand = [\"sh\", \"{}\"]\n[[alerts]]\ncommand = \"false\"\non = \"expiry\"\n",
        vendor.url(),
        program.display()
    );
    site.configure(&alerts);
    let list = site.rig.home().join("list.tsv");
    fs::write(&list, "a.example.test\nb.example.test\n").unwrap();
    let run = |lang: &str| {
        let run = site.rig.issue().args(["--from"]).args([&list]).args(["--on-error", "continue"]);
        let run = run.args(["--lang", lang, "--config"]).args([&site.file]);
        run.env("RFC2136_TSIG_SECRET", WRONG_SECRET).run()
    };
    let failed = run("ja");
    assert_eq!(failed.code, Some(1), "{failed}");
    assert!(!failed.stderr.contains("警告"), "{failed}");
    run("ja");
    let requests = vendor.requests();
    let [request] = requests.as_slice() else { panic!("{requests:?}") };
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let head = head.to_ascii_lowercase();
    assert!(head.starts_with("post /hook/canary-path "), "{head}");
    assert!(head.contains("\r\nx-token: canary-token"), "{head}");
    assert!(head.contains("\r\ncontent-type: application/json"), "{head}");
    let body: Value = serde_json::from_str(body).unwrap();
    let events = body["events"].as_array().unwrap();
    assert_eq!(events.len(), 2, "{body}");
    assert_eq!(events[0]["event"], "failure");
    assert_eq!(events[1]["certificate"], "b.example.test");
    assert!(events[0]["error"]["kind"].is_string() && events[0]["since"].is_string());
    assert!(body["subject"].as_str().unwrap().contains("証明書に関する問題 2 件"), "{body}");

    let read = |name: &str| fs::read_to_string(site.rig.home().join(name)).unwrap();
    assert_eq!(read("calls"), "called\n");
    assert_eq!(serde_json::from_str::<Value>(&read("json")).unwrap(), body);
    let words = read("words");
    assert!(words.contains("WILDCERT_ALERT_EVENTS=failure\n"), "{words}");
    assert!(words.contains("WILDCERT_ALERT_CERTIFICATES=a.example.test b.example.test"), "{words}");
    for told in [body.to_string(), words, failed.stderr] {
        assert!(!told.contains("canary") && !told.contains(WRONG_SECRET), "{told}");
    }
}

#[test]
fn who_cannot_be_told_is_told_by_the_next_run() {
    let ready = Arc::new(AtomicBool::new(false));
    let open = Arc::clone(&ready);
    let vendor = Vendor::start(move |_, stream| match open.load(Ordering::SeqCst) {
        true => reply(stream, "204 No Content", ""),
        false => reply(stream, "503 Busy", ""),
    });
    let site = Site::start(&format!("[[alerts]]\nwebhook = \"{}/canary\"\n", vendor.url()));
    let failed = site.fail("example.test");
    assert!(failed.stderr.contains("warning: failed to alert 127.0.0.1: "), "{failed}");
    assert!(failed.stderr.contains("503") && !failed.stderr.contains("canary"), "{failed}");
    ready.store(true, Ordering::SeqCst);
    assert!(!site.fail("example.test").stderr.contains("warning"));
    assert!(!site.fail("example.test").stderr.contains("warning"));
    assert_eq!(vendor.requests().len(), 2);
    let told = fs::read_to_string(site.rig.path().join("alerts.json")).unwrap();
    assert!(told.contains("failure example.test") && !told.contains("canary"), "{told}");
}

#[test]
fn a_webhook_is_reached_under_tls() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let webhook = Webhook::start(move |path, _| sender.send(path.to_owned()).unwrap());
    let site = Site::start(&format!("[[alerts]]\nwebhook = \"{}/hook\"\n", webhook.url()));
    let test = || site.command(&["alerts", "test", "--json"]);
    let refused = test().run();
    assert_eq!((refused.code, refused.json()["alerts"][0]["sent"] == false), (Some(1), true));
    let sent = test().args(["--ca-bundle"]).args([webhook.certificate()]).run();
    assert_eq!((sent.code, sent.json()["alerts"][0]["sent"] == true), (Some(0), true), "{sent}");
    assert_eq!(receiver.try_recv().as_deref(), Ok("/hook"));
}

#[test]
fn a_certificate_that_ends_is_told_of_once_and_a_healthy_one_never() {
    let vendor = Vendor::start(|_, stream| reply(stream, "200 OK", "ok"));
    let site = Site::start(&format!("[[alerts]]\nwebhook = \"{}\"\n", vendor.url()));
    site.succeed("example.test");
    assert_eq!(vendor.requests().len(), 0);
    // So many days are not left.
    let alerts = format!("[[alerts]]\nwebhook = \"{}\"\ndays = 400\n", vendor.url());
    site.configure(&alerts);
    let unchanged = || {
        let run = site.run("example.test").run();
        assert_eq!(run.code, Some(0), "{run}");
        vendor.requests()
    };
    let requests = unchanged();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].contains("\"event\":\"expiry\""), "{requests:?}");
    assert_eq!(unchanged().len(), 1);
    site.succeed("example.test");
    assert_eq!(vendor.requests().len(), 2, "another certificate");
    assert_eq!(unchanged().len(), 2);
}

#[test]
fn a_target_that_cannot_be_reached_is_told_of_once() {
    let vendor = Vendor::start(|_, stream| reply(stream, "200 OK", "ok"));
    let site = Site::start(&format!("[[alerts]]\nwebhook = \"{}\"\n", vendor.url()));
    let hook = |command: &str| {
        let run = site.run("example.test").args(["--deploy-hook", command]).run();
        (run.code, vendor.requests().len())
    };
    assert_eq!(hook("false"), (Some(6), 1));
    assert_eq!(hook("false"), (Some(6), 1));
    assert_eq!(hook("true"), (Some(0), 1));
    let requests = vendor.requests();
    assert!(requests[0].contains("\"event\":\"deploy\""), "{requests:?}");
    assert!(requests[0].contains("\"target\":\"deploy-hook\""), "{requests:?}");
}

#[test]
fn every_fault_of_the_alerts_is_told_with_its_line() {
    let site = Site::start(
        "[[alerts]]\non = [\"failure\"]\n\n[[alerts]]\nwebhook = \"ftp://a.test/x\"\n\
         command = \"true\"\n\n[[alerts]]\nheaders.A = \"b\"\n\
         email = { to = \"nobody\", server = \"smtp://mail.example.com\", \
         username = \"u\", password = \"canary\" }\n\n[[alerts]]\ncommand = \"true\"\n\
         on = \"failures\"\n",
    );
    let check = site.command(&["config", "check"]).run();
    assert_eq!(check.code, Some(4), "{check}");
    for expected in [
        ":1: alerts[0]: none of `command`, `email` and `webhook` is given",
        ":5: alerts[1].webhook: only one of `command`, `email` and `webhook` may be given",
        ":5: alerts[1].webhook: `ftp` is neither `https` nor `http`",
        "alerts[2].headers: there is no `webhook` beside it",
        "alerts[2].email: `from` is missing",
        "alerts[2].email.to: `nobody` is not an e-mail address",
        "the password would be sent to mail.example.com in the clear",
        "`failures` is not one of failure, expiry, deploy; did you mean `failure`?",
    ] {
        assert!(check.stderr.contains(expected), "{expected}\n{check}");
    }
    assert!(!check.stderr.contains("canary"), "{check}");
}
