//! acme2certifier: an ACME server in Python with renewal information and profiles, by other people
//! than those who wrote Pebble or the sandbox.

use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::Command,
};

use tempfile::TempDir;

use crate::{dig::Server, ports, process::Process, program, venv};

const PACKAGES: [&str; 2] = ["acme2certifier==0.46.3", "dnspython==2.9.2"];

/// Its own server is bound to port 80 of every address, and the DNS servers that it is told of have
/// port 53; both become ports of the test.
const SERVE: &str = r#"
import sys
from wsgiref.simple_server import make_server
import dns.resolver

reset = dns.resolver.BaseResolver.reset

def reset_to_port(self):
    reset(self)
    self.port = int(sys.argv[2])

dns.resolver.BaseResolver.reset = reset_to_port
from acme2certifier.share import acme2certifier_wsgi as server
handler = server.get_handler_cls()
make_server("127.0.0.1", int(sys.argv[1]), server.application, handler_class=handler).serve_forever()
"#;

/// A running acme2certifier, whose CA certifies for 30 days.
#[derive(Debug)]
pub struct Acme2certifier {
    port: u16,
    root: String,
    process: Process,
    #[expect(dead_code, reason = "it holds what the server works with")]
    folder: TempDir,
}

impl Acme2certifier {
    /// The names of its profiles.
    pub const PROFILES: [&str; 2] = ["intern", "public"];

    /// Starts one that validates by asking `dns`; `renewal` are lines of its section
    /// `[Renewalinfo]`. The first start on a machine installs it.
    ///
    /// # Panics
    /// When it cannot be installed or does not come up.
    pub fn start(dns: Server, renewal: &str) -> Self {
        let python = venv::python("acme2certifier", &PACKAGES);
        let folder = TempDir::with_prefix("wildcert-acme2certifier-").expect("a temporary folder");
        make_root(folder.path());
        let root = fs::read_to_string(folder.path().join("ca.pem")).expect("the root");
        let configuration = format!("{CONFIGURATION}[Renewalinfo]\n{renewal}\n");
        fs::write(folder.path().join("acme_srv.cfg"), configuration).expect("acme_srv.cfg");
        fs::create_dir(folder.path().join("certificates")).expect("a folder of the server");
        let prepare = || {
            let port = ports::free();
            let mut command = Command::new(&python);
            command.args(["-c", SERVE, &port.to_string(), &dns.port().to_string()]);
            command.current_dir(folder.path()).env("ACME2CERTIFIER_BASE_DIR", folder.path());
            command.env("ACME_SRV_CONFIGFILE", folder.path().join("acme_srv.cfg"));
            (command, port)
        };
        let ready = |port: &u16| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok();
        let log = folder.path().join("acme2certifier.log");
        let (process, port) = Process::start("acme2certifier", &log, prepare, ready);
        Self { port, root, process, folder }
    }

    /// The URL of its directory.
    pub fn directory(&self) -> String {
        format!("http://127.0.0.1:{}/directory", self.port)
    }

    /// The root that issued chains lead to, as PEM.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// How many requests to paths below `path` it has answered with `status`.
    pub fn count(&self, path: &str, status: u16) -> usize {
        let status = format!(" HTTP/1.1\" {status} ");
        let log = self.process.log();
        let lines = log.lines().filter(|line| line.contains(&status));
        lines.filter(|line| line.contains(&format!(" {path}"))).count()
    }
}

/// Makes a root and its key.
///
/// By openssl: the server takes it for granted that a key's identifier is its SHA-1.
fn make_root(folder: &Path) {
    let status = program::command("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=another root"])
        .args(["-days", "30", "-keyout", "ca-key.pem", "-out", "ca.pem"])
        .current_dir(folder)
        .output()
        .expect("openssl runs")
        .status;
    assert!(status.success(), "openssl makes no root");
}

// The list of revoked certificates must be named and need not be there.
const CONFIGURATION: &str = r#"
[DEFAULT]
dns_server_list: ["127.0.0.1"]
[CAhandler]
handler_module: acme2certifier.cahandlers.openssl_ca_handler
issuing_ca_key: ca-key.pem
issuing_ca_cert: ca.pem
issuing_ca_crl: crl.pem
ca_cert_chain_list: []
cert_save_path: certificates
cert_validity_days: 30
[DBhandler]
handler: wsgi
dbfile: acme.db
[Order]
profiles: {"intern": "http://127.0.0.1/intern", "public": "http://127.0.0.1/public"}
[Directory]
tos_url: http://127.0.0.1/terms
"#;
