//! What `wildcert schedule` installs works, is confined, and is taken away again.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown},
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;
use tempfile::TempDir;
use wildcert_sandbox::Policy;
use wildcert_tests::{Outcome, SandboxRig, Wildcert, built, command, repository};

fn folder() -> TempDir {
    TempDir::with_prefix("wildcert-schedule-").unwrap()
}

/// `wildcert schedule` for the folder `units` below `home`.
fn schedule(home: &Path, words: &[&str]) -> Wildcert {
    Wildcert::new(home).args(["schedule"]).args(words).args(["--dir", "units"])
}

fn done(run: Wildcert) -> Outcome {
    let outcome = run.run();
    assert_eq!(outcome.code, Some(0), "{outcome}");
    outcome
}

/// What each file of a result is, or what happened to it.
fn each(outcome: &Outcome, member: &str) -> Vec<String> {
    let json = outcome.json();
    let files = json["files"].as_array().unwrap().iter();
    files.map(|file| file[member].as_str().unwrap().to_owned()).collect()
}

/// The values of a key of a unit.
fn values(unit: &Path, key: &str) -> Vec<String> {
    let text = fs::read_to_string(unit).unwrap();
    let value = |line: &str| Some(line.strip_prefix(key)?.strip_prefix('=')?.to_owned());
    text.lines().filter_map(value).collect()
}

fn units(home: &Path) -> [PathBuf; 2] {
    ["wildcert.service", "wildcert.timer"].map(|name| home.join("units").join(name))
}

/// Asks systemd whether it understands both units without a word of complaint.
fn verify(home: &Path) {
    let output = command("systemd-analyze").arg("verify").args(units(home)).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{said}");
}

/// How exposed the service is, from 0 to 10.
fn rating(home: &Path) -> String {
    let [service, _] = units(home);
    let mut analyze = command("systemd-analyze");
    analyze.args(["security", "--offline=true", "--no-pager", "--threshold=30"]).arg(service);
    let output = analyze.env("LC_ALL", "C.UTF-8").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}");
    let line = said.lines().find(|line| line.contains("Overall exposure level")).unwrap();
    let words = line.split_whitespace().skip_while(|word| !word.ends_with(".service:"));
    words.skip(1).take(2).collect::<Vec<_>>().join(" ")
}

/// A configuration for the sandbox with a certificate `main`; `more` follows in its table.
fn configure(rig: &SandboxRig, more: &str) -> PathBuf {
    let key = rig.sandbox.tsig();
    let text = format!(
        "email = \"a@example.test\"\naccept-tos = true\nserver = \"{server}\"\n\
         ca-bundle = \"{bundle}\"\nnameservers = \"example.test={dns}\"\n\
         [providers.rfc2136.settings]\nnameserver = \"{dns}\"\ntsig-key = \"{name}\"\n\
         tsig-algorithm = \"{algorithm}\"\ntsig-secret = \"{secret}\"\n\
         [certificates.main]\ndomains = \"example.test\"\n{more}\n",
        server = rig.directory_url(),
        bundle = rig.ca_bundle().display(),
        dns = rig.sandbox.dns_addr(),
        name = key.name,
        algorithm = key.algorithm.as_str(),
        secret = key.secret_base64,
    );
    let file = rig.home().join("wildcert.toml");
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

#[test]
fn systemd_takes_the_units_and_rates_the_service_as_the_guide_says() {
    let home = folder();
    // As a package has it; the program itself is none of systemd's business here, but it must exist.
    done(schedule(home.path(), &["install", "--program", "/usr/bin/env"]));
    verify(home.path());
    let guide = fs::read_to_string(repository().join("docs/guide/scheduling.md")).unwrap();
    let rating = rating(home.path());
    assert!(guide.contains(&format!("`{rating}`")), "the guide does not say `{rating}`");
}

#[test]
fn windows_and_deploy_targets_are_in_the_units_and_systemd_takes_them() {
    let rig = SandboxRig::start(Policy::default());
    let windows = "windows = [\"Sun 02:00-05:00 Asia/Tokyo\", \"Mon-Fri 03:30-04:00\"]";
    let deploy = "[[certificates.main.deploy]]\nkey = \"/etc/service/tls/key.pem\"";
    let config = configure(&rig, &format!("{windows}\n{deploy}"));
    let config = ["--config", config.to_str().unwrap(), "--path", "state"];
    done(schedule(rig.home(), &["install"]).args(config));
    verify(rig.home());
    let [service, timer] = units(rig.home());
    let times = [
        "*-*-* 00,12:00:00",
        "Sun *-*-* 02:00:00 Asia/Tokyo",
        "Mon,Tue,Wed,Thu,Fri *-*-* 03:30:00",
    ];
    assert_eq!(values(&timer, "OnCalendar"), times);
    assert_eq!(values(&timer, "RandomizedDelaySec"), ["15min"]);
    for time in times {
        let told = command("systemd-analyze").args(["calendar", time]).output().unwrap();
        assert!(told.status.success(), "{time}: {told:?}");
    }
    let writable = [format!("-{}", rig.path().display()), "-/etc/service/tls".to_owned()];
    assert_eq!(values(&service, "ReadWritePaths"), writable);
    // A command may need more than wildcert.
    configure(&rig, &format!("{deploy}\nrun = \"systemctl reload nginx\""));
    done(schedule(rig.home(), &["install"]).args(config));
    verify(rig.home());
    assert_eq!(values(&service, "ProtectSystem"), ["full"]);
}

/// Runs the command of a service as systemd would: with its capabilities only, and nothing of the file
/// system writable but what it names.
fn confined(service: &Path) -> Command {
    let capabilities = values(service, "CapabilityBoundingSet").concat();
    let capabilities: Vec<String> = capabilities
        .split(' ')
        .map(|name| format!("+{}", name.trim_start_matches("CAP_").to_lowercase()))
        .collect();
    let writable = values(service, "ReadWritePaths");
    let writable: Vec<String> =
        writable.iter().map(|path| path.trim_start_matches('-').to_owned()).collect();
    assert!(values(service, "ProtectSystem") == ["strict"]);
    assert!(values(service, "NoNewPrivileges") == ["yes"]);
    let script = format!(
        "umask {}\nfor folder in {}; do mount --bind \"$folder\" \"$folder\"; done\n\
         mount -o remount,bind,ro / && ! touch \"$HOME/elsewhere\" 2>/dev/null && \
         exec setpriv --bounding-set -all,{} --inh-caps -all --no-new-privs {}",
        values(service, "UMask").concat(),
        writable.join(" "),
        capabilities.join(","),
        values(service, "ExecStart").concat(),
    );
    let mut unshare = command("unshare");
    // Who is not root becomes it in a namespace of their own.
    if fs::metadata("/proc/self").unwrap().uid() != 0 {
        unshare.arg("--map-root-user");
    }
    unshare.args(["--mount", "--propagation", "private", "sh", "-c", &script]);
    unshare
}

#[test]
fn the_service_renews_and_deploys_with_no_more_rights_than_its_unit_gives() {
    let rig = SandboxRig::start(Policy::default());
    let tls = rig.home().join("tls");
    fs::create_dir(&tls).unwrap();
    let owner = if fs::metadata(&tls).unwrap().uid() == 0 { "owner = \"nobody\"\n" } else { "" };
    let deploy = format!(
        "[[certificates.main.deploy]]\n{owner}fullchain = \"{0}/chain.pem\"\nkey = \"{0}/key.pem\"",
        tls.display()
    );
    let config = configure(&rig, &deploy);
    let config = ["--config", config.to_str().unwrap(), "--path", "state"];
    done(Wildcert::new(rig.home()).args(["run"]).args(config));
    let first = rig.stored("main").serial();
    done(schedule(rig.home(), &["install"]).args(config));

    // Nothing is due: nobody is asked, and that is no failure.
    let [service, _] = units(rig.home());
    let run = || {
        let output = confined(&service).env_clear().env("HOME", rig.home()).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    run();
    assert_eq!(rig.stored("main").serial(), first);
    configure(&rig, &format!("days = 200\n{deploy}"));
    run();
    assert_ne!(rig.stored("main").serial(), first);
    let chain = fs::read_to_string(tls.join("chain.pem")).unwrap();
    assert_eq!(chain, rig.stored("main").read("fullchain.pem"));
    let key = fs::metadata(tls.join("key.pem")).unwrap();
    assert_eq!(key.mode() & 0o777, 0o600);
    assert_eq!(key.uid() == 0, owner.is_empty() && fs::metadata(&tls).unwrap().uid() == 0);
}

#[test]
fn what_is_installed_twice_stays_and_what_somebody_edited_is_theirs() {
    let home = folder();
    let json = |words: &[&str]| done(schedule(home.path(), words).args(["--json"]));
    assert_eq!(each(&json(&["show"]), "installed"), ["absent", "absent"]);
    assert!(!home.path().join("units").exists());
    assert_eq!(each(&json(&["install"]), "change"), ["written", "written"]);
    assert_eq!(each(&json(&["install"]), "change"), ["unchanged", "unchanged"]);
    assert_eq!(each(&json(&["show"]), "installed"), ["same", "same"]);

    // Another state folder: the service is made anew, and the timer knows of none.
    let moved = done(schedule(home.path(), &["show", "--json", "--path", "/srv/state"]));
    assert_eq!(each(&moved, "installed"), ["older", "same"]);
    let lines = moved.json()["files"][0]["difference"].as_array().unwrap().clone();
    let is_new = |line: &Value| {
        let line = line.as_str().unwrap();
        line.starts_with("+ ExecStart=") && line.ends_with(" renew --path /srv/state")
    };
    assert!(lines.iter().any(is_new), "{lines:?}");
    let moved = done(schedule(home.path(), &["install", "--json", "--path", "/srv/state"]));
    assert_eq!(each(&moved, "change"), ["written", "unchanged"]);

    let [service, timer] = units(home.path());
    let edited = fs::read_to_string(&timer).unwrap().replace("12h", "1h");
    fs::write(&timer, &edited).unwrap();
    assert_eq!(each(&json(&["show"]), "installed"), ["older", "edited"]);
    let before = fs::read_to_string(&service).unwrap();
    for words in ["install", "remove"] {
        let refused = schedule(home.path(), &[words]).run();
        assert_eq!(refused.code, Some(1), "{refused}");
        assert!(refused.stderr.contains("wildcert.timer` was edited"), "{refused}");
        assert!(!refused.stderr.contains("wildcert.service"), "{refused}");
        assert_eq!(fs::read_to_string(&timer).unwrap(), edited);
        assert_eq!(fs::read_to_string(&service).unwrap(), before);
    }
    assert_eq!(each(&json(&["install", "--force"]), "change"), ["written", "written"]);
    assert_eq!(fs::metadata(&timer).unwrap().mode() & 0o777, 0o644);
    assert_eq!(each(&json(&["remove"]), "change"), ["removed", "removed"]);
    assert_eq!(each(&json(&["remove"]), "change"), ["absent", "absent"]);
    assert_eq!(fs::read_dir(home.path().join("units")).unwrap().count(), 0);
}

#[test]
fn the_line_of_cron_runs_with_the_secrets_of_the_environment_file() {
    let home = folder();
    let log = home.path().join("run.log");
    let log = ["--log-file", log.to_str().unwrap(), "--path", "some state"];
    done(schedule(home.path(), &["install", "--cron"]).args(log));
    let text = fs::read_to_string(home.path().join("units/wildcert")).unwrap();
    let line = text.lines().last().unwrap();
    let (times, rest) = line.split_once(" * * * root ").unwrap();
    assert_eq!(times.split([' ', ',']).count(), 3, "{line}");
    // As cron hands it to the shell; the file is put where the test may write.
    let secrets = home.path().join("environment");
    fs::write(&secrets, "WILDCERT_LANG=ja\n").unwrap();
    let shell = rest.replace("\\%", "%");
    let shell = shell.replace("/etc/wildcert/environment", secrets.to_str().unwrap());
    let output = Command::new("sh").args(["-c", &shell]).env("HOME", home.path()).output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    assert!(output.stderr.is_empty(), "{output:?}");
    let told = fs::read_to_string(home.path().join("run.log")).unwrap();
    assert!(told.contains("更新する証明書はありません"), "{told}");
}

/// Keeps a crontab in a file, and says what cron's program says when there is none.
const CRONTAB: &str = "#!/bin/sh
case $1 in
-l) [ -e \"$HOME/tab\" ] && cat \"$HOME/tab\" || { echo 'no crontab for nobody' >&2; exit 1; } ;;
-) [ -e \"$HOME/locked\" ] && { echo 'you may not' >&2; exit 1; }; cat >\"$HOME/tab\" ;;
esac
";

#[test]
fn other_lines_of_a_users_crontab_stay_as_they_are() {
    let home = folder();
    let nobody = 65_534;
    let root = fs::metadata(home.path()).unwrap().uid() == 0;
    let crontab = home.path().join("crontab");
    fs::write(&crontab, CRONTAB).unwrap();
    fs::set_permissions(&crontab, fs::Permissions::from_mode(0o755)).unwrap();
    // Where the build lies, others may not look.
    let program = home.path().join("wildcert");
    fs::copy(built("wildcert"), &program).unwrap();
    if root {
        chown(home.path(), Some(nobody), Some(nobody)).unwrap();
    }
    let run = |words: &[&str]| {
        let mut user = match root {
            true => Command::new("setpriv"),
            false => Command::new("env"),
        };
        if root {
            user.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        }
        user.arg(&program).arg("schedule").args(words).args(["--cron", "--json"]);
        user.env_clear().env("HOME", home.path()).current_dir(home.path());
        let path = format!("{}:/usr/bin:/bin", home.path().display());
        let output = user.env("PATH", path).output().unwrap();
        let json: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        (output.status.code(), json["files"][0].clone(), output.stderr)
    };
    let tab = home.path().join("tab");
    let read = || fs::read_to_string(&tab).unwrap_or_default();

    assert_eq!(run(&["install"]).1["change"], "written");
    assert!(read().contains(" renew --quiet"), "{}", read());
    assert_eq!(run(&["remove"]).1["change"], "removed");
    assert_eq!(read(), "");

    let own = "MAILTO=a@example.test\n5 4 * * * backup --quiet\n";
    fs::write(&tab, own).unwrap();
    fs::set_permissions(&tab, fs::Permissions::from_mode(0o666)).unwrap();
    assert_eq!(run(&["install"]).1["change"], "written");
    assert_eq!(run(&["install"]).1["change"], "unchanged");
    assert!(read().starts_with(own) && read().matches("renew").count() == 1, "{}", read());
    fs::write(&tab, format!("{}6 6 * * * later\n", read().replace("--quiet >", "--force >")))
        .unwrap();
    let edited = read();
    assert_eq!(run(&["show"]).1["installed"], "edited");
    assert_eq!((run(&["install"]).0, run(&["remove"]).0), (Some(1), Some(1)));
    assert_eq!(read(), edited);
    assert_eq!(run(&["remove", "--force"]).1["change"], "removed");
    assert_eq!(read(), format!("{own}6 6 * * * later\n"));

    fs::write(home.path().join("locked"), "").unwrap();
    let (code, _, said) = run(&["install"]);
    assert_eq!(code, Some(1));
    assert!(String::from_utf8_lossy(&said).contains("`crontab -` failed: you may not"));
}
