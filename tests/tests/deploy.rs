//! Certificates on their way to servers: TLS servers here, machines by ssh, hooks of lego and certbot.

use std::{
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use wildcert_sandbox::Policy;
use wildcert_tests::{
    Machines, Nginx, OpensslServer, Outcome, Rig, SandboxRig, Wildcert, mode, script,
};

const NAME: &str = "example.test";

/// The sandbox, and the certificate `site` with these targets.
fn site(targets: &str) -> SandboxRig {
    let rig = SandboxRig::start(Policy::default());
    configure(&rig, targets);
    rig
}

fn configure(rig: &SandboxRig, targets: &str) {
    let text = format!(
        "email = \"a@example.test\"\naccept-tos = true\nserver = \"{}\"\n\n[providers.rfc2136]\n\n\
         [certificates.site]\ndomains = [\"example.test\", \"*.example.test\"]\n\n{targets}",
        rig.directory_url()
    );
    fs::write(rig.home().join("wildcert.toml"), text).unwrap();
}

fn command(rig: &SandboxRig, words: &[&str]) -> Wildcert {
    rig.wildcert(words).args(["--config"]).args([rig.home().join("wildcert.toml")])
}

fn run(rig: &SandboxRig) -> Wildcert {
    command(rig, &["run", "--json"])
        .args(["--ca-bundle"])
        .args([rig.ca_bundle()])
        .args(rig.nameserver(NAME))
}

/// What came of the targets: `web true`, `mail@one false`.
fn deployed(outcome: &Outcome) -> Vec<String> {
    let certificate = outcome.certificate();
    let Some(all) = certificate["deployed"].as_array() else { return Vec::new() };
    let one = |one: &Value| {
        let target = one["target"].as_str().unwrap();
        let host = one["host"].as_str().map(|host| format!("@{host}")).unwrap_or_default();
        format!("{target}{host} {}", one["ok"])
    };
    all.iter().map(one).collect()
}

/// The message of the only target that failed.
fn message(outcome: &Outcome) -> String {
    let certificate = outcome.certificate();
    let all = certificate["deployed"].as_array().unwrap();
    let mut errors = all.iter().filter_map(|one| one["error"]["message"].as_str());
    let message = errors.next().unwrap().to_owned();
    assert_eq!(errors.next(), None, "{outcome}");
    message
}

/// Nothing lies beside the files of a folder, and no key of theirs is readable by others.
fn tidy(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(!name.starts_with('.'), "{name} is left in {}", folder.display());
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn two_servers_get_a_wildcard_and_one_that_refuses_keeps_its_old_one() {
    let (nginx, openssl) = (Nginx::start(), OpensslServer::start());
    let rig = site(&format!(
        "[[certificates.site.deploy]]\nname = \"nginx\"\nfullchain = \"{}\"\nkey = \"{}\"\n\
         mode = \"0640\"\nrun = \"{}\"\nprobe = \"{}\"\n\n\
         [[certificates.site.deploy]]\nname = \"openssl\"\ncert = \"{}\"\nchain = \"{}\"\n\
         key = \"{}\"\nrun = [\"{}\"]\nprobe = [\"www.example.test@{}\"]\n",
        nginx.file("tls/fullchain.pem").display(),
        nginx.file("tls/key.pem").display(),
        nginx.file("reload").display(),
        nginx.address(),
        openssl.file("cert.pem").display(),
        openssl.file("chain.pem").display(),
        openssl.file("key.pem").display(),
        openssl.file("restart").display(),
        openssl.address(),
    ));
    let first = run(&rig).run();
    assert_eq!(first.code, Some(0), "{first}");
    assert_eq!(deployed(&first), ["nginx true", "openssl true"], "{first}");
    let serial = || rig.stored("site").serial();
    assert_eq!([nginx.serial(), openssl.serial()], [serial(), serial()], "{first}");
    assert_eq!(mode(&nginx.file("tls/key.pem")), 0o640);
    assert_eq!(mode(&openssl.file("key.pem")), 0o600);
    assert_eq!(mode(&openssl.file("cert.pem")), 0o644);
    tidy(&nginx.file("tls"));

    // The same once more: nothing is due, nobody is asked.
    let again = run(&rig).run();
    assert_eq!((again.code, deployed(&again).len()), (Some(0), 0), "{again}");

    let old = (serial(), read(&nginx.file("tls/key.pem")));
    nginx.refuse_once();
    let refused = run(&rig).args(["--force"]).run();
    assert_eq!(refused.status(), (Some(6), "renewed".to_owned()), "{refused}");
    assert_eq!(deployed(&refused), ["nginx false", "openssl true"], "{refused}");
    let said = message(&refused);
    assert!(said.contains("nginx is busy") && said.ends_with("the old files are back"), "{said}");
    assert_eq!(openssl.serial(), serial());
    assert_eq!((nginx.serial(), read(&nginx.file("tls/key.pem"))), old);
    assert_eq!(mode(&nginx.file("tls/key.pem")), 0o640);
    tidy(&nginx.file("tls"));

    let orders = rig.count(Some("newOrder"));
    let restarts = read(&openssl.file("id"));
    let next = run(&rig).run();
    assert_eq!(next.status(), (Some(0), "unchanged".to_owned()), "{next}");
    assert_eq!(deployed(&next), ["nginx true"], "{next}");
    assert_eq!([nginx.serial(), openssl.serial()], [serial(), serial()]);
    assert_eq!((rig.count(Some("newOrder")), read(&openssl.file("id"))), (orders, restarts));
}

#[test]
fn a_server_that_does_not_take_its_files_up_is_seen() {
    let nginx = Nginx::start();
    // Nobody tells nginx.
    let rig = site(&format!(
        "[[certificates.site.deploy]]\nfullchain = \"{}\"\nkey = \"{}\"\nprobe = \"{}\"\n",
        nginx.file("tls/fullchain.pem").display(),
        nginx.file("tls/key.pem").display(),
        nginx.address(),
    ));
    let before = read(&nginx.file("tls/fullchain.pem"));
    let outcome = run(&rig).run();
    assert_eq!((outcome.code, deployed(&outcome)), (Some(6), vec!["1 false".to_owned()]));
    let said = message(&outcome);
    assert!(said.contains("does not serve it") && said.contains(&rig.stored("site").serial()));
    assert_eq!(read(&nginx.file("tls/fullchain.pem")), before);
    tidy(&nginx.file("tls"));
}

#[test]
fn of_two_machines_the_one_that_was_down_gets_it_later() {
    let mut machines = Machines::new(&["one", "two"]);
    machines.start("one");
    let place = |file: &str| format!("/proc/self/cwd/{file}");
    let rig = site(&format!(
        "[[certificates.site.deploy]]\nname = \"web\"\nhosts = [\"one\", \"two\"]\n\
         ssh = [\"ssh\", \"-F\", \"{}\"]\nfullchain = \"{}\"\nkey = \"{}\"\n\
         run = {{ shell = \"echo $WILDCERT_HOST $WILDCERT_CERT_KEY $LEGO_CERT_PATH >> ran\" }}\n",
        machines.config().display(),
        place("fullchain.pem"),
        place("key.pem"),
    ));
    let first = run(&rig).run();
    assert_eq!(first.code, Some(6), "{first}");
    assert_eq!(deployed(&first), ["web@one true", "web@two false"], "{first}");
    assert!(message(&first).contains("Connection refused"), "{first}");
    let stored = rig.stored("site");
    let has = |machine: &str| {
        let file = |name: &str| read(&machines.file(machine, name));
        let key = machines.file(machine, "key.pem");
        file("fullchain.pem") == stored.read("fullchain.pem")
            && file("key.pem") == stored.read("privkey.pem")
            && mode(&key) == 0o600
    };
    assert!(has("one") && !machines.file("two", "key.pem").exists(), "{first}");
    let ran = |machine: &str| read(&machines.file(machine, "ran"));
    let line = format!("one {} {}\n", place("key.pem"), place("fullchain.pem"));
    assert_eq!(ran("one"), line);

    machines.start("two");
    let next = run(&rig).run();
    assert_eq!(next.status(), (Some(0), "unchanged".to_owned()), "{next}");
    assert_eq!(deployed(&next), ["web@two true"], "{next}");
    assert_eq!(rig.count(Some("newOrder")), 1);
    let has =
        |machine: &str| read(&machines.file(machine, "key.pem")) == stored.read("privkey.pem");
    let ran = |machine: &str| read(&machines.file(machine, "ran"));
    assert!(has("two") && ran("one") == line && !ran("two").is_empty(), "{next}");
    tidy(machines.file("one", "ran").parent().unwrap());
    tidy(machines.file("two", "ran").parent().unwrap());
}

#[test]
fn a_machine_whose_command_fails_has_its_old_files() {
    let mut machines = Machines::new(&["one"]);
    machines.start("one");
    let rig = site(&format!(
        "[[certificates.site.deploy]]\nname = \"web\"\nhosts = \"one\"\nssh = \"ssh -F {}\"\n\
         fullchain = \"/proc/self/cwd/fullchain.pem\"\nkey = \"/proc/self/cwd/key.pem\"\n\
         run = {{ shell = \"cat fullchain.pem >> ran; ! grep -q BEGIN fullchain.pem\" }}\n\
         post = \"touch post\"\n",
        machines.config().display(),
    ));
    fs::write(machines.file("one", "fullchain.pem"), "old\n").unwrap();
    let outcome = run(&rig).run();
    assert_eq!(outcome.code, Some(6), "{outcome}");
    assert!(message(&outcome).ends_with("the old files are back"), "{outcome}");
    assert_eq!(read(&machines.file("one", "fullchain.pem")), "old\n");
    assert!(!machines.file("one", "key.pem").exists());
    assert!(machines.file("one", "post").exists());
    let expected = format!("{}old\n", rig.stored("site").read("fullchain.pem"));
    assert_eq!(read(&machines.file("one", "ran")), expected);
    tidy(machines.file("one", "ran").parent().unwrap());
}

/// A folder of the test, and the target that copies there.
fn folder(rig: &SandboxRig, more: &str) -> PathBuf {
    let folder = rig.home().join("tls");
    fs::create_dir_all(&folder).unwrap();
    configure(
        rig,
        &format!(
            "[[certificates.site.deploy]]\nname = \"here\"\nfullchain = \"{0}/fullchain.pem\"\n\
             key = \"{0}/key.pem\"\ncombined = \"{0}/combined.pem\"\n{more}",
            folder.display()
        ),
    );
    folder
}

#[test]
fn a_run_that_is_killed_in_the_middle_leaves_what_the_next_one_mends() {
    let rig = site("");
    let goes_on =
        "run = { shell = \"touch reached; while test -e reached; do sleep 0.1; done\" }\n";
    let tls = folder(&rig, goes_on);
    fs::write(tls.join("fullchain.pem"), "old").unwrap();
    let running = run(&rig).start();
    Rig::wait("the command", || rig.home().join("reached").exists());
    running.signal("KILL");
    drop(running);
    // The command ends with this; it must not, once the folder is gone, wait for ever.
    fs::remove_file(rig.home().join("reached")).unwrap();
    assert!(read(&tls.join("fullchain.pem")).contains("BEGIN"));

    // The next run's command fails: what was there before both comes back.
    folder(&rig, "run = \"false\"\n");
    let failed = run(&rig).run();
    assert_eq!(failed.status(), (Some(6), "unchanged".to_owned()), "{failed}");
    assert!(message(&failed).ends_with("but it failed with them too"), "{failed}");
    assert_eq!(read(&tls.join("fullchain.pem")), "old");
    assert!(!tls.join("key.pem").exists() && !tls.join("combined.pem").exists());
    tidy(&tls);

    folder(&rig, "run = \"true\"\n");
    let well = run(&rig).run();
    assert_eq!((well.code, deployed(&well)), (Some(0), vec!["here true".to_owned()]));
    let [key, chain] = ["privkey.pem", "fullchain.pem"].map(|name| rig.stored("site").read(name));
    assert_eq!(read(&tls.join("combined.pem")), format!("{key}{chain}"));
    assert_eq!(rig.count(Some("newOrder")), 1);
    tidy(&tls);
}

#[test]
fn files_have_their_owner_and_mode_and_a_delay_counts_from_the_issue() {
    let rig = site("");
    let (user, group) = {
        let home = fs::metadata(rig.home()).unwrap();
        // Only root may give files away.
        if home.uid() == 0 { (4321, 8765) } else { (home.uid(), home.gid()) }
    };
    let more = format!("owner = \"{user}:{group}\"\nmode = \"0440\"\ndelay = \"3s\"\n");
    let tls = folder(&rig, &more);
    let outcome = run(&rig).run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert!(outcome.took > Duration::from_secs(3), "{outcome}");
    for name in ["fullchain.pem", "key.pem", "combined.pem"] {
        let file = fs::metadata(tls.join(name)).unwrap();
        assert_eq!((file.uid(), file.gid(), file.mode() & 0o7777), (user, group, 0o440), "{name}");
    }
    // By hand, long after the issue.
    let by_hand = command(&rig, &["deploy", "site", "--json"]).run();
    assert_eq!(by_hand.json()["certificates"][0]["deployed"][0]["ok"], true, "{by_hand}");
    assert!(by_hand.took < Duration::from_secs(3), "{by_hand}");
}

#[test]
fn a_stop_ends_the_wait_for_a_target_and_leaves_it_pending() {
    let rig = site("");
    let tls = folder(&rig, "delay = \"1h\"\n");
    let running = run(&rig).start();
    Rig::wait("the certificate", || rig.stored("site").file("cert.pem").exists());
    thread::sleep(Duration::from_millis(300));
    running.signal("INT");
    let stopped = running.finish();
    assert_eq!(stopped.code, Some(130), "{stopped}");
    assert_eq!(deployed(&stopped), ["here false"], "{stopped}");
    assert!(stopped.stderr.contains("site waits 60m"), "{stopped}");
    tidy(&tls);
    folder(&rig, "");
    let next = command(&rig, &["deploy", "--failed", "--json"]).run();
    assert_eq!(next.json()["certificates"][0]["deployed"][0]["ok"], true, "{next}");
}

#[test]
fn a_command_that_takes_too_long_is_ended_with_what_it_started() {
    let rig = site("");
    let tls = folder(
        &rig,
        "timeout = 1\nrun = { shell = \"(echo started >> log; sleep 4; echo late >> log) & sleep 60\" }\n",
    );
    let begun = Instant::now();
    let outcome = run(&rig).run();
    assert_eq!(outcome.code, Some(6), "{outcome}");
    assert!(message(&outcome).contains("did not end within 1 s"), "{outcome}");
    assert!(!tls.join("key.pem").exists());
    // Twice: with the new files, and with the old.
    thread::sleep(Duration::from_secs(8).saturating_sub(begun.elapsed()));
    assert_eq!(read(&rig.home().join("log")), "started\nstarted\n");
}

#[test]
fn hooks_of_lego_and_certbot_find_their_variables() {
    let rig = SandboxRig::start(Policy::default());
    let hook = rig.home().join("a hook");
    script(
        &hook,
        "set -eu\n\
         cmp \"$LEGO_CERT_PATH\" \"$RENEWED_LINEAGE/fullchain.pem\"\n\
         cmp \"$LEGO_CERT_KEY_PATH\" \"$RENEWED_LINEAGE/privkey.pem\"\n\
         cmp \"$LEGO_HOOK_CERT_PATH\" \"$WILDCERT_CERT_FULLCHAIN\"\n\
         cmp \"$LEGO_HOOK_CERT_KEY_PATH\" \"$WILDCERT_CERT_KEY\"\n\
         cmp \"$LEGO_ISSUER_CERT_PATH\" \"$LEGO_HOOK_ISSUER_CERT_PATH\"\n\
         cmp \"$LEGO_CERT_PEM_PATH\" \"$WILDCERT_CERT_COMBINED\"\n\
         if env | grep PFX; then exit 1; fi\n\
         echo \"$1|$LEGO_ACCOUNT_EMAIL|$LEGO_CERT_DOMAIN|$LEGO_HOOK_CERT_DOMAINS|\
         $LEGO_HOOK_CERT_KEY_TYPE|$RENEWED_DOMAINS|$WILDCERT_CERT_SERIAL|$WILDCERT_TARGET\" >> log\n",
    );
    let text = format!("'{}' 'one word'", hook.display());
    // lego's order of words.
    let issue = |more: &[&str]| {
        rig.trusting(&["--run-hook", &text, "run", "--json", "--pem", "--dns", "rfc2136"])
            .args(["-m", "a@example.test", "-a", "--server", rig.directory_url()])
            .args(rig.nameserver(NAME))
            .args(more)
            .domains([NAME, "*.example.test"])
            .run()
    };
    let first = issue(&[]);
    assert_eq!((first.code, deployed(&first)), (Some(0), vec!["deploy-hook true".to_owned()]));
    let line = || {
        format!(
            "one word|a@example.test|example.test|example.test,*.example.test|EC256|example.test \
             *.example.test|{}|deploy-hook\n",
            rig.stored(NAME).serial()
        )
    };
    let log = || read(&rig.home().join("log"));
    let before = line();
    assert_eq!(log(), before);
    // Nothing is due, and it has run.
    assert_eq!(deployed(&issue(&[])), [""; 0]);
    // A renewal by the timer runs it too.
    let renewed = rig.renew().args(["--force"]).run();
    assert_eq!(renewed.status(), (Some(0), "renewed".to_owned()), "{renewed}");
    assert_eq!(log(), format!("{before}{}", line()));
    // Another one takes its place from the next run on, even if nothing is due.
    let other = issue(&["--renew-hook", "false"]);
    assert_eq!((other.code, deployed(&other).len()), (Some(0), 0), "{other}");
    let renewed = rig.renew().args(["--force"]).run();
    assert_eq!(renewed.status(), (Some(6), "renewed".to_owned()), "{renewed}");
    assert!(
        message(&renewed).starts_with("the run command `false` ended with exit status: 1"),
        "{renewed}"
    );
}

#[test]
fn hooks_around_the_issue_run_when_something_is_due_and_behind_a_failure_too() {
    let rig = SandboxRig::start(Policy::default());
    let issue = |names: &[&str], more: &[&str]| {
        let log =
            |word: &str| format!("sh -c 'echo {word} $RENEWED_DOMAINS, $FAILED_DOMAINS >> log'");
        let hooks = ["--pre-hook", &log("pre"), "--deploy-hook", &log("deploy"), "--post-hook"];
        rig.run().args(hooks).args([&log("post")]).args(more).domains(names).run()
    };
    let log = || {
        let path = rig.home().join("log");
        let text = read(&path);
        let _ = fs::remove_file(path);
        text
    };
    let first = issue(&[NAME], &[]);
    assert_eq!(first.code, Some(0), "{first}");
    assert_eq!(log(), "pre ,\ndeploy example.test,\npost example.test,\n");
    assert_eq!(issue(&[NAME], &[]).code, Some(0));
    assert_eq!(log(), "");
    // A zone that nobody has.
    let failed = issue(&["absent.invalid"], &["-c", "other"]);
    assert_eq!(failed.code, Some(1), "{failed}");
    assert_eq!(log(), "pre ,\npost , absent.invalid\n");
    let orders = rig.count(Some("newOrder"));
    let refused = rig.run().args(["--force", "--pre-hook", "false"]).domains([NAME]).run();
    assert_eq!(refused.code, Some(1), "{refused}");
    assert_eq!(refused.error("kind"), "deploy");
    assert_eq!(rig.count(Some("newOrder")), orders);
}

#[test]
fn what_is_wrong_with_hooks_and_targets_is_told_before_anything_is_asked() {
    let rig = site("");
    let wrong = rig
        .run()
        .args(["--deploy-hook", "cp $RENEWED_LINEAGE/fullchain.pem /x && reload"])
        .args(["--deploy-hook-timeout", "soon"])
        .domains([NAME])
        .run();
    assert_eq!(wrong.code, Some(2), "{wrong}");
    assert!(wrong.stderr.contains("sh -c '…'") && wrong.stderr.contains("`soon`"), "{wrong}");
    configure(
        &rig,
        "[[certificates.site.deploy]]\nnmae = \"web\"\nfullchain = \"relative.pem\"\n\
         mode = \"0999\"\nrun = \"a | b\"\npfx = \"/x/y.pfx\"\ndelay = \"soon\"\n\
         probe = \"gopher://x\"\n\n[[certificates.site.deploy]]\nname = \"2\"\nssh = \"ssh\"\n\n\
         [[certificates.site.deploy]]\nname = \"2\"\nhosts = [\"-oProxyCommand=x\", \"b\", \"b\"]\n\
         key = \"C:\\\\key.pem\"\nowner = \"a b\"\nrun = { shel = \"x\" }\n",
    );
    let check = command(&rig, &["config", "check"]).run();
    assert_eq!(check.code, Some(4), "{check}");
    for wanted in [
        "wildcert.toml:11: certificates.site.deploy[0].nmae: unknown key; did you mean `name`?",
        "deploy[0].fullchain: `relative.pem` is not the absolute path of a file",
        "deploy[0].mode: `0999` is not written as 0640",
        "deploy[0].run: `|` means something to a shell only, and there is none",
        "deploy[0].pfx: no PKCS #12 file is made: `pfx` is missing",
        "deploy[0].delay: `soon` is not written as 30s, 10m or 1h30m",
        "deploy[0].probe: `gopher://x` is no endpoint",
        "deploy[1].ssh: there are no `hosts` to reach by it",
        "deploy[2].name: `2` is the name of another target",
        "deploy[2].hosts: `-oProxyCommand=x` is no host that ssh could take",
        "deploy[2].hosts: `b` is given twice",
        "deploy[2].key: `C:\\key.pem` is not the absolute path of a file",
        "deploy[2].owner: `a b` is not written as user, user:group or :group",
        "deploy[2].run: unknown key `shel`; did you mean `shell`?",
    ] {
        assert!(check.to_string().contains(wanted), "{wanted}\n{check}");
    }
    assert_eq!(rig.count(None), 0);
}
