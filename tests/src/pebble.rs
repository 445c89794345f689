//! Pebble as the CA.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{dig::Server, https, pki, ports, process::Process, program};

/// How a [`Pebble`] behaves.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How many of a hundred good nonces it refuses.
    pub nonce_reject: u8,
    /// The external account binding that it asks for.
    pub binding: Option<Binding>,
}

/// An external account binding.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The key identifier.
    pub kid: String,
    /// The HMAC key, in base64url.
    pub hmac: String,
}

/// A running Pebble.
#[derive(Debug)]
pub struct Pebble {
    ports: Ports,
    // Ends before its folder goes.
    process: Process,
    folder: TempDir,
}

#[derive(Clone, Copy, Debug)]
struct Ports {
    acme: u16,
    management: u16,
}

impl Pebble {
    /// Starts one that validates by asking `dns`.
    pub fn start(dns: Server, options: &Options) -> Self {
        let folder = TempDir::with_prefix("wildcert-pebble-").expect("a temporary folder");
        pki::write(folder.path());
        let prepare = || {
            let ports = Ports { acme: ports::free(), management: ports::free() };
            let path = folder.path().join("config.json");
            fs::write(&path, configuration(ports, options.binding.as_ref())).expect("config.json");
            let mut command = program::command("pebble");
            command
                .current_dir(folder.path())
                .args(["-strict", "-config", "config.json", "-dnsserver", &dns.address()])
                .env("PEBBLE_VA_NOSLEEP", "1")
                .env("PEBBLE_AUTHZREUSE", "0")
                .env("PEBBLE_ALTERNATE_ROOTS", "1")
                .env("PEBBLE_WFE_NONCEREJECT", options.nonce_reject.to_string());
            (command, ports)
        };
        let roots = fs::read(folder.path().join("certificate.pem")).expect("certificate.pem");
        let ready = |ports: &Ports| {
            let management = format!("https://localhost:{}/roots/0", ports.management);
            let acme = format!("https://localhost:{}/dir", ports.acme);
            https::get(&management, &roots).is_some() && https::get(&acme, &roots).is_some()
        };
        let (process, ports) =
            Process::start("pebble", &folder.path().join("pebble.log"), prepare, ready);
        Self { ports, process, folder }
    }

    /// The URL of its directory.
    pub fn directory(&self) -> String {
        format!("https://localhost:{}/dir", self.ports.acme)
    }

    /// The port of its directory.
    pub fn port(&self) -> u16 {
        self.ports.acme
    }

    /// The file with the root that its HTTPS certificate is trusted by.
    pub fn ca_bundle(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// The root certificate that issued chains lead to, as PEM.
    pub fn root(&self) -> String {
        self.managed("roots/0")
    }

    /// The root that the alternate chain of a certificate leads to, as PEM.
    pub fn alternate_root(&self) -> String {
        self.managed("roots/1")
    }

    /// `METHOD /path` of every ACME request since the start; paths end before identifiers.
    pub fn requests(&self) -> Vec<String> {
        let log = self.process.log();
        let requests = log.lines().filter_map(|line| line.strip_suffix(" -> calling handler()"));
        let requests = requests.filter_map(|line| line.splitn(4, ' ').nth(3));
        // The readiness probe asks for the directory once more than the clients do.
        requests.skip(1).map(str::to_owned).collect()
    }

    /// How many of [`requests`](Self::requests) are `request`.
    pub fn count(&self, request: &str) -> usize {
        self.requests().iter().filter(|made| *made == request).count()
    }

    /// What it says of the certificate with this serial number, in hexadecimal: `Status`, and
    /// `Reason` where it is revoked for one.
    pub fn status(&self, serial: &str) -> Value {
        let text = self.managed(&format!("cert-status-by-serial/{serial}"));
        serde_json::from_str(&text).expect("JSON")
    }

    fn managed(&self, page: &str) -> String {
        let trusted = fs::read(self.ca_bundle()).expect("certificate.pem");
        let url = format!("https://localhost:{}/{page}", self.ports.management);
        https::get(&url, &trusted).unwrap_or_else(|| panic!("no answer from {url}"))
    }
}

fn configuration(ports: Ports, binding: Option<&Binding>) -> String {
    let keys = binding.map(|binding| json!({ binding.kid.as_str(): binding.hmac }));
    json!({ "pebble": {
        "listenAddress": format!("127.0.0.1:{}", ports.acme),
        "managementListenAddress": format!("127.0.0.1:{}", ports.management),
        "certificate": Path::new("certificate.pem"),
        "privateKey": Path::new("key.pem"),
        "httpPort": 80,
        "tlsPort": 443,
        "ocspResponderURL": "",
        "externalAccountBindingRequired": binding.is_some(),
        "externalAccountMACKeys": keys.unwrap_or_else(|| json!({})),
    }})
    .to_string()
}
