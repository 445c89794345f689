//! PowerDNS with its HTTP API.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    process::Command,
    time::Duration,
};

use tempfile::TempDir;

use crate::{dig::Server, ports, process::Process, program};

/// A running `pdns_server`.
#[derive(Debug)]
pub struct PowerDns {
    ports: Ports,
    #[expect(dead_code, reason = "ends with this value, before its folder goes")]
    process: Process,
    folder: TempDir,
}

#[derive(Clone, Copy, Debug)]
struct Ports {
    dns: Server,
    api: u16,
}

impl PowerDns {
    /// The API's key.
    pub const API_KEY: &str = "a-key-for-tests";

    /// Starts one that is authoritative for `zones`.
    pub fn start(zones: &[&str]) -> Self {
        let folder = TempDir::with_prefix("wildcert-pdns-").expect("a temporary folder");
        let database = folder.path().join("pdns.sqlite3");
        run(program::command("sqlite3").arg(&database).arg(format!(".read {SCHEMA}")));
        let prepare = || {
            let ports = Ports { dns: Server { port: ports::free() }, api: ports::free() };
            let path = folder.path().join("pdns.conf");
            fs::write(path, configuration(folder.path(), ports)).expect("pdns.conf");
            for zone in zones {
                // Fails where an earlier attempt has made it; the probe tells.
                let _ = util(folder.path(), &["create-zone", zone, &format!("ns.{zone}")]);
            }
            let mut command = program::command("pdns_server");
            command.arg(format!("--config-dir={}", folder.path().display()));
            (command, ports)
        };
        let ready =
            |ports: &Ports| ports.serve_api() && zones.iter().all(|zone| ports.dns.has_soa(zone));
        let (process, ports) =
            Process::start("pdns_server", &folder.path().join("pdns.log"), prepare, ready);
        Self { ports, process, folder }
    }

    /// Where it answers DNS.
    pub fn server(&self) -> Server {
        self.ports.dns
    }

    /// The URL of its API.
    pub fn api(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.api)
    }

    /// The TXT values at `owner`, sorted.
    pub fn txt(&self, owner: &str) -> Vec<String> {
        self.server().txt(owner)
    }

    /// Adds a TXT record, as another user of the zone would.
    pub fn add_txt(&self, zone: &str, owner: &str, value: &str) {
        let output =
            util(self.folder.path(), &["add-record", zone, owner, "TXT", &format!("\"{value}\"")]);
        assert!(output, "pdnsutil add-record failed");
    }
}

impl Ports {
    /// Whether it is PowerDNS that answers at the API's port: it begins with DNS, and ends when
    /// somebody else has taken the other port by then.
    fn serve_api(&self) -> bool {
        let request = format!(
            "GET /api/v1/servers/localhost HTTP/1.0\r\nHost: localhost\r\nX-API-Key: {}\r\n\r\n",
            PowerDns::API_KEY
        );
        let mut answer = String::new();
        let asked = TcpStream::connect((Ipv4Addr::LOCALHOST, self.api)).and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(1)))?;
            stream.write_all(request.as_bytes())?;
            stream.read_to_string(&mut answer)
        });
        asked.is_ok() && answer.contains("daemon_type")
    }
}

fn configuration(folder: &Path, ports: Ports) -> String {
    let folder = folder.display();
    format!(
        "launch=gsqlite3\ngsqlite3-database={folder}/pdns.sqlite3\nsocket-dir={folder}\n\
         local-address=127.0.0.1\nlocal-port={}\nwebserver=yes\nwebserver-address=127.0.0.1\n\
         webserver-port={}\napi=yes\napi-key={}\nguardian=no\ndaemon=no\ndisable-syslog=yes\n\
         security-poll-suffix=\n",
        ports.dns.port,
        ports.api,
        PowerDns::API_KEY
    )
}

fn util(folder: &Path, arguments: &[&str]) -> bool {
    let mut command = program::command("pdnsutil");
    command.arg(format!("--config-dir={}", folder.display())).args(arguments);
    command.output().expect("pdnsutil runs").status.success()
}

fn run(command: &mut Command) {
    let output = command.output().expect("it runs");
    assert!(
        output.status.success(),
        "{command:?} failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

const SCHEMA: &str = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";
