//! What other clients have is taken over: certbot, lego and dehydrated as Debian has them, before
//! Pebble and BIND.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use serde_json::Value;
use wildcert::plugin::Sha256Digest;
use wildcert_tests::{Algorithm, Clients, FOREIGN, Outcome, Rig, Wildcert, mode};

/// Three certificates and three accounts, by three clients.
fn used(rig: &Rig) -> Clients<'_> {
    let clients = Clients::new(rig);
    let deployed = format!("echo \"$RENEWED_LINEAGE\" >> {}", deployed(rig).display());
    clients.run(
        "certbot",
        &[
            &["certonly", "-m", "certbot@example.test", "--dns-rfc2136"][..],
            &["--dns-rfc2136-credentials", "rfc2136.ini", "--deploy-hook", &deployed],
            &["-d", "example.test", "-d", "*.example.test"],
        ]
        .concat(),
    );
    clients.run(
        "lego",
        &[
            &["--email", "lego@example.test", "--accept-tos", "--dns", "rfc2136"][..],
            &["-d", "lego.example.test", "-d", "*.lego.example.test", "run"],
        ]
        .concat(),
    );
    fs::write(
        clients.dehydrated().join("domains.txt"),
        "hook.example.test *.hook.example.test > by-hook\n",
    )
    .unwrap();
    clients.run("dehydrated", &["--register", "--accept-terms"]);
    clients.run("dehydrated", &["--cron"]);
    clients
}

/// Where certbot's deploy hook writes a line.
fn deployed(rig: &Rig) -> PathBuf {
    rig.home().join("deployed")
}

/// A command in a state folder, which knows the rig's CA and name servers and no credentials.
fn plain(rig: &Rig, words: &[&str]) -> Wildcert {
    Wildcert::new(rig.home()).args(words).args(["--json", "--path"]).args([rig.path()])
}

fn import(rig: &Rig, client: &str, folder: &Path, more: &[&str]) -> Outcome {
    plain(rig, &["import", "--from", client]).args([folder]).args(more).run()
}

fn renew(rig: &Rig, name: &str) -> Wildcert {
    plain(rig, &["renew", name, "--force"])
        .args(["--ca-bundle".into(), rig.pebble.ca_bundle()])
        .args(rig.nameservers())
}

/// `name: status` of everything that was found.
fn statuses(outcome: &Outcome) -> Vec<String> {
    let json = outcome.json();
    let of = |list: &str, name: &str| -> Vec<String> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let items = json[list].as_array().unwrap().iter();
        items.map(|item| format!("{}: {}", text(&item[name]), text(&item["status"]))).collect()
    };
    [of("accounts", "account"), of("certificates", "name")].concat()
}

/// Content, mode and times of everything in a folder.
fn digest(folder: &Path) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let content = match metadata.is_file() {
                true => Sha256Digest::of(&fs::read(&path).unwrap()).to_string(),
                false => format!("{:?}", fs::read_link(&path).ok()),
            };
            let times = (metadata.mtime(), metadata.mtime_nsec(), metadata.ctime_nsec());
            all.insert(
                path.display().to_string(),
                format!("{content} {} {times:?}", metadata.mode()),
            );
            if metadata.is_dir() {
                folders.push(path);
            }
        }
    }
    all
}

fn renewed(outcome: &Outcome) {
    assert_eq!(outcome.status(), (Some(0), "renewed".to_owned()), "{outcome}");
}

#[test]
fn what_certbot_lego_and_dehydrated_have_is_renewed_with_their_accounts() {
    let rig = Rig::start();
    let clients = used(&rig);
    let folders = [clients.certbot(), clients.lego(), clients.dehydrated()];
    let before = folders.each_ref().map(|folder| digest(folder));
    let registered = rig.pebble.count("POST /sign-me-up");
    let server = rig.pebble.directory();

    let asked = rig.pebble.requests().len();
    let rehearsed = import(&rig, "certbot", &clients.certbot(), &["--dry-run"]);
    assert_eq!(rehearsed.code, Some(0), "{rehearsed}");
    assert!(!rig.path().join("accounts").exists() && !rig.path().join("certificates").exists());
    let certbot = import(&rig, "certbot", &clients.certbot(), &[]);
    let lego = import(&rig, "lego", &clients.lego(), &["--dns", "rfc2136", "--server", &server]);
    let dehydrated = import(&rig, "dehydrated", &clients.dehydrated(), &[]);
    for (outcome, account, name) in [
        (&certbot, "default", "example.test"),
        (&lego, "lego@example.test", "lego.example.test"),
        (&dehydrated, "dehydrated@example.test", "by-hook"),
    ] {
        let [account_status, certificate] = &statuses(outcome)[..] else { panic!("{outcome}") };
        assert!(account_status.ends_with(&format!("/{account}: taken")), "{outcome}");
        assert_eq!(*certificate, format!("{name}: taken"), "{outcome}");
        assert_eq!(outcome.code, Some(0), "{outcome}");
    }
    assert_eq!(rig.pebble.requests().len(), asked, "no CA is asked");

    // Certificates keep no secrets, and the files that do are their owner's alone.
    let secret = rig.bind.secret(Algorithm::HmacSha256);
    assert!(!rig.stored("example.test").read("certificate.json").contains(secret));
    let kept = rig.path().join("credentials/rfc2136/RFC2136_TSIG_SECRET");
    assert_eq!(fs::read_to_string(&kept).unwrap(), secret);
    assert_eq!((mode(&kept), mode(kept.parent().unwrap())), (0o600, 0o700));
    assert_eq!(fs::read_dir(rig.path().join("credentials")).unwrap().count(), 1);

    // Twice: the second renewal has nothing but what the first one kept.
    for _ in 0..2 {
        renewed(&renew(&rig, "example.test").run());
        renewed(&renew(&rig, "by-hook").run());
    }
    let alone = renew(&rig, "lego.example.test").run();
    assert_eq!(alone.code, Some(4), "lego keeps no credentials: {alone}");
    renewed(&renew(&rig, "lego.example.test").tsig(&rig.bind, Algorithm::HmacSha256).run());

    assert_eq!(rig.pebble.count("POST /sign-me-up"), registered, "no account is new");
    let url = |name: &str| {
        let text = rig.stored(name).read("certificate.json");
        let info: Value = serde_json::from_str(&text).unwrap();
        info["account"].as_str().unwrap().to_owned()
    };
    for (outcome, name) in
        [(&certbot, "example.test"), (&lego, "lego.example.test"), (&dehydrated, "by-hook")]
    {
        assert_eq!(outcome.json()["accounts"][0]["url"], url(name), "{name}");
        rig.stored(name).verify(&rig.pebble.root());
    }
    let accounts = plain(&rig, &["accounts", "list"]).run().json();
    let algorithm = |at: usize| accounts["accounts"][at]["key_algorithm"].clone();
    assert_eq!([algorithm(0), algorithm(1), algorithm(2)], ["RS256", "RS256", "ES256"]);
    // certbot's deploy hook and dehydrated's call ran for what wildcert renewed, and only for that.
    let deployed = fs::read_to_string(deployed(&rig)).unwrap();
    let ours = |line: &&str| Path::new(line).starts_with(rig.path());
    assert_eq!((deployed.lines().count(), deployed.lines().filter(ours).count()), (3, 2));
    let calls = fs::read_to_string(clients.calls()).unwrap();
    assert_eq!(calls.lines().collect::<Vec<_>>(), ["hook.example.test fullchain.pem"; 3]);

    for (client, folder) in [("certbot", clients.certbot()), ("dehydrated", clients.dehydrated())] {
        let state = digest(&rig.path());
        let again = import(&rig, client, &folder, &[]);
        assert!(statuses(&again).iter().all(|status| status.ends_with(": present")), "{again}");
        assert_eq!((again.code, digest(&rig.path())), (Some(0), state), "{again}");
    }
    assert_eq!(folders.each_ref().map(|folder| digest(folder)), before);
    for domain in ["example.test", "lego.example.test", "hook.example.test"] {
        let left = rig.challenge_values(domain);
        assert!(left.is_empty() || left == [FOREIGN], "{domain}: {left:?}");
    }
}

#[test]
fn what_is_here_already_is_never_overwritten() {
    let rig = Rig::start();
    let clients = Clients::new(&rig);
    clients.run(
        "lego",
        &[
            &["--email", "a@example.test", "--accept-tos", "--dns", "rfc2136"][..],
            &["-d", "example.test", "run"],
        ]
        .concat(),
    );
    let run = rig.run().args(["--dns", "rfc2136"]).domains(["example.test"]).run();
    assert_eq!(run.status(), (Some(0), "issued".to_owned()), "{run}");
    let (own, key) = (rig.stored("example.test").serial(), digest(&rig.path().join("accounts")));

    let server = rig.pebble.directory();
    let words = ["--dns", "rfc2136", "--server", &server];
    let outcome = import(&rig, "lego", &clients.lego(), &words);
    // The account has the same contact as ours: it is another, and kept beside it.
    let [account, certificate] = &statuses(&outcome)[..] else { panic!("{outcome}") };
    assert!(account.ends_with("/lego-a@example.test: taken"), "{outcome}");
    assert_eq!(*certificate, "example.test: left");
    assert_eq!(outcome.json()["certificates"][0]["notes"][0]["kind"], "other-certificate");
    assert_eq!(outcome.code, Some(3), "{outcome}");
    assert_eq!(rig.stored("example.test").serial(), own);
    let now = digest(&rig.path().join("accounts"));
    assert!(key.keys().filter(|path| path.ends_with(".pem")).all(|path| now[path] == key[path]));

    // Out of the way, it is taken, and renewed with lego's account.
    let removed = plain(&rig, &["remove", "example.test"]).run();
    assert_eq!(removed.code, Some(0), "{removed}");
    let outcome = import(&rig, "lego", &clients.lego(), &words);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let url = outcome.json()["accounts"][0]["url"].clone();
    renewed(&renew(&rig, "example.test").tsig(&rig.bind, Algorithm::HmacSha256).run());
    let info = rig.stored("example.test").read("certificate.json");
    assert_eq!(serde_json::from_str::<Value>(&info).unwrap()["account"], url);
}
