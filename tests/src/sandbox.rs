//! The sandbox's CA and DNS with a state folder: for what Pebble does not do.

use std::{
    fs,
    ops::Deref,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
};

use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use wildcert_sandbox::{AcmeRequest, Policy, Sandbox, SandboxOptions};

use crate::{certificate::Stored, wildcert::Wildcert};

/// A CA and a DNS server in this process; the zone is `example.test` unless the options say others.
pub struct SandboxRig {
    /// Both servers.
    pub sandbox: SandboxCa,
    home: TempDir,
}

/// A CA with the DNS server that it asks, without a state folder.
pub struct SandboxCa {
    // Ended by `drop`, which needs it whole.
    sandbox: Option<Sandbox>,
    runtime: Runtime,
    bundle: PathBuf,
    _folder: TempDir,
}

impl SandboxCa {
    /// Starts both servers.
    pub fn start(options: SandboxOptions) -> Self {
        // An Err says that another test has installed it.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("threads");
        let sandbox = runtime.block_on(Sandbox::start(options)).expect("a sandbox");
        let folder = TempDir::with_prefix("wildcert-sandbox-").expect("a temporary folder");
        let bundle = folder.path().join("ca.pem");
        fs::write(&bundle, sandbox.ca_pem()).expect("ca.pem");
        Self { sandbox: Some(sandbox), runtime, bundle, _folder: folder }
    }

    /// The file with the root that its HTTPS certificate is trusted by.
    pub fn ca_bundle(&self) -> &Path {
        &self.bundle
    }

    /// How many requests for `operation` were answered; of all operations without one.
    pub fn count(&self, operation: Option<&str>) -> usize {
        let asked =
            |request: &&AcmeRequest| operation.is_none_or(|wanted| request.operation == wanted);
        self.requests().iter().filter(asked).count()
    }

    /// How each request for `operation` was answered: `201`, `409 alreadyReplaced`.
    pub fn answers(&self, operation: &str) -> Vec<String> {
        let requests = self.requests();
        let asked = requests.iter().filter(|request| request.operation == operation);
        let answer = |request: &AcmeRequest| match request.problem {
            Some(problem) => format!("{} {problem}", request.status),
            None => request.status.to_string(),
        };
        asked.map(answer).collect()
    }

    /// `--nameserver ZONE=HOST:PORT`.
    pub fn nameserver(&self, zone: &str) -> [String; 2] {
        ["--nameserver".to_owned(), format!("{zone}={}", self.dns_addr())]
    }
}

impl Deref for SandboxCa {
    type Target = Sandbox;

    fn deref(&self) -> &Sandbox {
        self.sandbox.as_ref().expect("a sandbox that runs")
    }
}

impl Drop for SandboxCa {
    fn drop(&mut self) {
        if let Some(sandbox) = self.sandbox.take() {
            self.runtime.block_on(sandbox.shutdown());
        }
    }
}

impl SandboxRig {
    /// A CA with these rules, and an empty state folder.
    pub fn start(policy: Policy) -> Self {
        Self::with(SandboxOptions { policy, ..SandboxOptions::default() })
    }

    /// The same with more that is not as usual.
    pub fn with(options: SandboxOptions) -> Self {
        let sandbox = SandboxCa::start(options);
        let home = TempDir::with_prefix("wildcert-state-").expect("a temporary folder");
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).expect("its mode");
        Self { sandbox, home }
    }

    /// A folder for a test's own files; wildcert runs in it.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The state folder.
    pub fn path(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// What the store holds under `name`.
    pub fn stored(&self, name: &str) -> Stored {
        Stored::new(&self.path().join("certificates"), name)
    }

    /// The TXT values at `_acme-challenge.example.test`.
    pub fn challenge_values(&self) -> Vec<String> {
        self.sandbox.txt("_acme-challenge.example.test.")
    }

    /// A command with this rig's state folder, and the settings of the provider `rfc2136`.
    pub fn wildcert(&self, words: &[&str]) -> Wildcert {
        self.with_state(words, &self.path())
    }

    /// The same, trusting this rig's CA.
    pub fn trusting(&self, words: &[&str]) -> Wildcert {
        self.wildcert(words).args(["--ca-bundle"]).args([self.ca_bundle()])
    }

    /// `wildcert run` at this rig's CA, with contact, agreement, DNS server and provider.
    pub fn issue(&self) -> Wildcert {
        self.trusting(&["run", "-m", "a@example.test", "-a", "--dns", "rfc2136"])
            .args(["--server", self.directory_url()])
            .args(self.nameserver("example.test"))
    }

    /// The same with `--json`.
    pub fn run(&self) -> Wildcert {
        self.issue().args(["--json"])
    }

    /// `wildcert renew --json`.
    pub fn renew(&self) -> Wildcert {
        self.ask("renew", &self.path())
    }

    /// A command with another state folder, with `--json`.
    pub fn ask(&self, command: &str, path: &Path) -> Wildcert {
        self.with_state(&[command, "--json"], path)
            .args(["--ca-bundle"])
            .args([self.ca_bundle()])
            .args(self.nameserver("example.test"))
    }

    fn with_state(&self, words: &[&str], path: &Path) -> Wildcert {
        let command = Wildcert::new(self.home()).args(words);
        command.args(["--path".as_ref(), path.as_os_str()]).tsig_of(&self.sandbox)
    }
}

impl Deref for SandboxRig {
    type Target = SandboxCa;

    fn deref(&self) -> &SandboxCa {
        &self.sandbox
    }
}

impl Wildcert {
    /// The settings of the provider `rfc2136` for the DNS server beside `ca`.
    #[must_use]
    pub fn tsig_of(self, ca: &SandboxCa) -> Self {
        let key = ca.tsig();
        self.env("RFC2136_NAMESERVER", ca.dns_addr().to_string())
            .env("RFC2136_TSIG_ALGORITHM", key.algorithm.as_str())
            .env("RFC2136_TSIG_KEY", &key.name)
            .env("RFC2136_TSIG_SECRET", &key.secret_base64)
    }
}
