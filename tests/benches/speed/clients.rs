//! The clients that are compared.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use wildcert_tests::{Algorithm, Rig, built, is_there};

use crate::measure::{self, Sample};

/// A client and how it is told to do the same.
pub(crate) struct Client {
    pub(crate) name: &'static str,
    program: &'static str,
    command: fn(&Rig, &Path, &[String]) -> Command,
    /// How often it is run; none where it takes too long for a short run of the benchmark.
    runs: fn(names: usize, full: bool) -> Option<usize>,
    keeps: Keeps,
    pub(crate) registers: bool,
    pub(crate) counts_requests: bool,
}

/// What stays from run to run; whoever keeps something is run once before it counts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Keeps {
    Nothing,
    /// wildcert's compiled modules.
    Cache,
    /// Account and certificates too.
    Everything,
}

pub(crate) const CLIENTS: &[Client] = &[
    Client {
        name: "wildcert",
        program: "wildcert",
        command: wildcert,
        runs: |_, _| Some(9),
        keeps: Keeps::Cache,
        registers: true,
        counts_requests: true,
    },
    Client {
        name: "wildcert, account there",
        program: "wildcert",
        command: wildcert,
        runs: |_, _| Some(9),
        keeps: Keeps::Everything,
        registers: false,
        counts_requests: true,
    },
    Client {
        name: "wildcert, compiles its module",
        program: "wildcert",
        command: wildcert,
        runs: |_, _| Some(3),
        keeps: Keeps::Nothing,
        registers: true,
        counts_requests: false,
    },
    Client {
        name: "certbot, hook that nsupdates",
        program: "certbot",
        command: certbot,
        runs: |_, _| Some(3),
        keeps: Keeps::Nothing,
        registers: true,
        counts_requests: false,
    },
    Client {
        name: "lego, pauses tuned away",
        program: "lego",
        command: lego_tuned,
        runs: |names, full| (names < 10 || full).then_some(3),
        keeps: Keeps::Nothing,
        registers: true,
        counts_requests: false,
    },
    Client {
        name: "lego as it is",
        program: "lego",
        command: lego,
        runs: |names, full| (names < 10 && full).then_some(1),
        keeps: Keeps::Nothing,
        registers: true,
        counts_requests: false,
    },
    Client {
        name: "dehydrated, same hook",
        program: "dehydrated",
        command: dehydrated,
        runs: |names, full| (names < 10 || full).then_some(1),
        keeps: Keeps::Nothing,
        registers: true,
        counts_requests: false,
    },
];

impl Client {
    pub(crate) fn is_there(&self) -> bool {
        self.program == "wildcert" || is_there(self.program)
    }

    pub(crate) fn runs(&self, names: usize, full: bool) -> Option<usize> {
        (self.runs)(names, full)
    }

    pub(crate) fn warm_up(&self, rig: &Rig, names: &[String]) {
        if self.keeps != Keeps::Nothing {
            self.measure(rig, names, WARM_UP);
        }
    }

    pub(crate) fn measure(&self, rig: &Rig, names: &[String], run: usize) -> Sample {
        let run = if self.keeps == Keeps::Everything { WARM_UP } else { run };
        let folder = rig.home().join(format!("run-{run}"));
        fs::create_dir_all(folder.join("state")).expect("a folder");
        if self.keeps == Keeps::Cache && run != WARM_UP {
            let kept = rig.home().join(format!("run-{}/state/cache", run - 1));
            fs::rename(kept, folder.join("state/cache")).expect("compiled modules");
        }
        let before = rig.pebble.requests().len();
        let (seconds, mebibytes) = measure::run((self.command)(rig, &folder, names), &folder);
        let requests = rig.pebble.requests().split_off(before);
        Sample { seconds, mebibytes, requests }
    }
}

/// The number of the run that does not count.
const WARM_UP: usize = 0;

fn wildcert(rig: &Rig, folder: &Path, names: &[String]) -> Command {
    let mut command = measure::timed(&built("wildcert"), folder);
    command.args(["run", "--force", "-a", "-m", "a@example.test", "--dns", "rfc2136"]);
    command.args(["--path", "state", "--server", &rig.pebble.directory(), "--ca-bundle"]);
    command.arg(rig.pebble.ca_bundle()).args(rig.nameservers()).env("HOME", folder);
    rfc2136(&mut command, rig);
    domains(command, names)
}

fn lego_tuned(rig: &Rig, folder: &Path, names: &[String]) -> Command {
    let mut command = lego(rig, folder, names);
    command.env("RFC2136_POLLING_INTERVAL", "1").env("RFC2136_SEQUENCE_INTERVAL", "1");
    command
}

fn lego(rig: &Rig, folder: &Path, names: &[String]) -> Command {
    let mut command = measure::timed(Path::new("lego"), folder);
    command.args(["--path", "state", "-s", &rig.pebble.directory(), "-a", "-m", "a@example.test"]);
    // Its look-ups of authoritative servers know no other port than 53.
    command.args(["--dns", "rfc2136", "--dns.disable-cp"]);
    command.args(["--dns.resolvers", &rig.bind.server().address()]);
    command.env("LEGO_CA_CERTIFICATES", rig.pebble.ca_bundle());
    rfc2136(&mut command, rig);
    let algorithm = Algorithm::HmacSha256;
    command.env("RFC2136_TSIG_ALGORITHM", format!("{}.", algorithm.name()));
    let mut command = domains(command, names);
    command.arg("run");
    command
}

fn certbot(rig: &Rig, folder: &Path, names: &[String]) -> Command {
    let add = hook(rig, folder, "add", "add", "$CERTBOT_DOMAIN", "$CERTBOT_VALIDATION");
    let remove = hook(rig, folder, "remove", "delete", "$CERTBOT_DOMAIN", "$CERTBOT_VALIDATION");
    let mut command = measure::timed(Path::new("certbot"), folder);
    command.args(["certonly", "-n", "--manual", "--preferred-challenges", "dns", "--agree-tos"]);
    command.args(["-m", "a@example.test", "--server", &rig.pebble.directory()]);
    command.args(["--config-dir", "config", "--work-dir", "work", "--logs-dir", "logs"]);
    command.arg("--manual-auth-hook").arg(add).arg("--manual-cleanup-hook").arg(remove);
    command.env("REQUESTS_CA_BUNDLE", rig.pebble.ca_bundle());
    domains(command, names)
}

fn dehydrated(rig: &Rig, folder: &Path, names: &[String]) -> Command {
    let add = hook(rig, folder, "add", "add", "$2", "$4");
    let remove = hook(rig, folder, "remove", "delete", "$2", "$4");
    let hook = script(
        folder,
        "hook",
        &format!(
            "case $1 in\ndeploy_challenge) {} \"$@\" ;;\nclean_challenge) {} \"$@\" ;;\nesac\n",
            add.display(),
            remove.display()
        ),
    );
    let config = format!(
        "CA={}\nCHALLENGETYPE=dns-01\nBASEDIR={}\nHOOK={}\nKEY_ALGO=prime256v1\n\
         CONTACT_EMAIL=a@example.test\nCURL_OPTS='--cacert {}'\n",
        rig.pebble.directory(),
        folder.display(),
        hook.display(),
        rig.pebble.ca_bundle().display()
    );
    fs::write(folder.join("config"), config).expect("a file");
    let run = "dehydrated -f config --register --accept-terms\n\
               exec dehydrated -f config -c \"$@\"\n";
    let run = script(folder, "run", run);
    let mut command = measure::timed(&run, folder);
    command.args(["--alias", "bench"]);
    domains(command, names)
}

fn domains(mut command: Command, names: &[String]) -> Command {
    for name in names {
        command.args(["-d", name]);
    }
    command
}

/// lego's settings, which are ours too.
fn rfc2136(command: &mut Command, rig: &Rig) {
    let algorithm = Algorithm::HmacSha256;
    command
        .env("RFC2136_NAMESERVER", rig.bind.server().address())
        .env("RFC2136_TSIG_ALGORITHM", algorithm.name())
        .env("RFC2136_TSIG_KEY", format!("{}.", algorithm.key()))
        .env("RFC2136_TSIG_SECRET", rig.bind.secret(algorithm));
}

/// A script that adds or deletes a challenge's record.
fn hook(rig: &Rig, folder: &Path, name: &str, verb: &str, domain: &str, value: &str) -> PathBuf {
    let algorithm = Algorithm::HmacSha256;
    let (host, port) = ("127.0.0.1", rig.bind.server().port());
    let text = format!(
        "nsupdate -y {}:{}:{} <<END\nserver {host} {port}\n\
         update {verb} _acme-challenge.{domain} 60 TXT {value}\nsend\nEND\n",
        algorithm.name(),
        algorithm.key(),
        rig.bind.secret(algorithm)
    );
    script(folder, name, &text)
}

fn script(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/bash\n{text}")).expect("a script");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("its mode");
    path
}
