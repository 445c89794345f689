//! CA, DNS and state folder together.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{
    bind::{Algorithm, Bind, Zone},
    certificate::Stored,
    pebble::{Options, Pebble},
    wildcert::Wildcert,
};

/// What somebody else keeps at `_acme-challenge.example.test`.
pub const FOREIGN: &str = "somebody else's value";

/// Pebble that validates against BIND, and wildcert's state folder.
#[derive(Debug)]
pub struct Rig {
    /// The CA.
    pub pebble: Pebble,
    /// The DNS.
    pub bind: Bind,
    home: TempDir,
    zones: Vec<&'static str>,
}

impl Rig {
    /// The zone `example.test` with [`FOREIGN`] in it.
    pub fn start() -> Self {
        Self::with(&Options::default(), &[EXAMPLE])
    }

    /// The given zones.
    pub fn with(options: &Options, zones: &[Zone]) -> Self {
        let bind = Bind::start(zones);
        let pebble = Pebble::start(bind.server(), options);
        let home = TempDir::with_prefix("wildcert-state-").expect("a temporary folder");
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).expect("its mode");
        Self { pebble, bind, home, zones: zones.iter().map(|zone| zone.name).collect() }
    }

    /// The state folder.
    pub fn path(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// A folder for a test's own files.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// `wildcert run` with this rig's CA, contact, DNS servers and TSIG key, and `--json`.
    pub fn run(&self) -> Wildcert {
        self.wildcert("run")
            .args(["--server", &self.pebble.directory(), "--ca-bundle"])
            .args([self.pebble.ca_bundle()])
            .args(["-m", "a@example.test", "-a", "--json"])
            .args(self.nameservers())
    }

    /// A subcommand with this rig's state folder and TSIG key.
    pub fn wildcert(&self, subcommand: &str) -> Wildcert {
        Wildcert::new(self.home())
            .args([subcommand, "--path"])
            .args([self.path()])
            .tsig(&self.bind, Algorithm::HmacSha256)
    }

    /// `--nameserver ZONE=HOST:PORT` for each zone.
    pub fn nameservers(&self) -> Vec<String> {
        let address = self.bind.server().address();
        let server = |zone| ["--nameserver".to_owned(), format!("{zone}={address}")];
        self.zones.iter().flat_map(server).collect()
    }

    /// What the store holds under `name`.
    pub fn stored(&self, name: &str) -> Stored {
        Stored::new(&self.path().join("certificates"), name)
    }

    /// The TXT values at `_acme-challenge.DOMAIN`.
    pub fn challenge_values(&self, domain: &str) -> Vec<String> {
        self.bind.txt(&format!("_acme-challenge.{domain}"))
    }

    /// Waits until `condition` holds.
    ///
    /// # Panics
    /// With `what` when it does not hold within half a minute.
    pub fn wait(what: &str, condition: impl Fn() -> bool) {
        let start = Instant::now();
        while !condition() {
            assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Wildcert {
    /// The settings of the provider `rfc2136` for `bind`, with the key for `algorithm`.
    #[must_use]
    pub fn tsig(self, bind: &Bind, algorithm: Algorithm) -> Self {
        self.env("RFC2136_NAMESERVER", bind.server().address())
            .env("RFC2136_TSIG_ALGORITHM", algorithm.name())
            .env("RFC2136_TSIG_KEY", algorithm.key())
            .env("RFC2136_TSIG_SECRET", bind.secret(algorithm))
    }
}

/// `example.test`, where somebody else has a TXT record at the challenge's name already.
pub const EXAMPLE: Zone =
    Zone { name: "example.test", lines: "_acme-challenge TXT \"somebody else's value\"" };

const PATIENCE: Duration = Duration::from_secs(30);
