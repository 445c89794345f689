//! BIND as the authoritative server that takes RFC 2136 updates.

use std::{
    collections::HashMap,
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use tempfile::TempDir;

use crate::{
    dig::Server,
    journal::{self, Update},
    ports,
    process::Process,
    program,
};

/// A zone and what it holds at the start besides SOA and NS.
#[derive(Clone, Copy, Debug)]
pub struct Zone {
    /// Without the trailing dot.
    pub name: &'static str,
    /// Lines of a zone file; relative names are below the zone.
    pub lines: &'static str,
}

/// A TSIG algorithm; BIND knows a key for each.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[expect(missing_docs, reason = "the names are those of RFC 8945")]
pub enum Algorithm {
    HmacSha256,
    HmacSha384,
    HmacSha512,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::HmacSha256, Self::HmacSha384, Self::HmacSha512];

    /// The name of RFC 8945.
    pub fn name(self) -> &'static str {
        match self {
            Self::HmacSha256 => "hmac-sha256",
            Self::HmacSha384 => "hmac-sha384",
            Self::HmacSha512 => "hmac-sha512",
        }
    }

    /// The name of BIND's key for it.
    pub fn key(self) -> &'static str {
        match self {
            Self::HmacSha256 => "key256",
            Self::HmacSha384 => "key384",
            Self::HmacSha512 => "key512",
        }
    }
}

/// A running `named`.
#[derive(Debug)]
pub struct Bind {
    server: Server,
    secrets: HashMap<Algorithm, String>,
    #[expect(dead_code, reason = "ends with this value, before its folder goes")]
    process: Process,
    folder: TempDir,
}

impl Bind {
    /// Starts one that is authoritative for `zones`, which each key may change.
    pub fn start(zones: &[Zone]) -> Self {
        let zones: Vec<(Zone, &[Algorithm])> =
            zones.iter().map(|zone| (*zone, &Algorithm::ALL[..])).collect();
        Self::with(&zones, &[])
    }

    /// Starts one that is authoritative for `zones`, each of which only its keys may change, and that
    /// asks other servers about theirs.
    pub fn with(zones: &[(Zone, &[Algorithm])], others: &[(&str, Server)]) -> Self {
        let folder = TempDir::with_prefix("wildcert-bind-").expect("a temporary folder");
        let keys = Algorithm::ALL.map(|algorithm| (algorithm, generate(algorithm)));
        let secrets = keys.iter().map(|(algorithm, clause)| (*algorithm, secret(clause))).collect();
        // What is not delegated is not asked of others.
        let delegated =
            others.iter().map(|(name, _)| format!("{name} NS ns.{name}\nns.{name} A 127.0.0.1\n"));
        let root = text(&ROOT) + &delegated.collect::<String>();
        fs::write(folder.path().join("root.zone"), root).expect("the root zone");
        for (zone, _) in zones {
            fs::write(file(folder.path(), zone.name), text(zone)).expect("a zone file");
        }
        let named = named(folder.path());
        let prepare = || {
            let server = Server { port: ports::free() };
            let path = folder.path().join("named.conf");
            fs::write(&path, configuration(server, zones, others, &keys)).expect("named.conf");
            let mut command = Command::new(&named);
            command.current_dir(folder.path()).args(["-g", "-n", "1", "-c", "named.conf"]);
            (command, server)
        };
        let ready = |server: &Server| zones.iter().all(|(zone, _)| server.has_soa(zone.name));
        let (process, server) =
            Process::start("named", &folder.path().join("named.log"), prepare, ready);
        Self { server, secrets, process, folder }
    }

    /// Where it listens.
    pub fn server(&self) -> Server {
        self.server
    }

    /// The secret of the key for `algorithm`, in base64.
    pub fn secret(&self, algorithm: Algorithm) -> &str {
        self.secrets.get(&algorithm).expect("a key for each algorithm")
    }

    /// The TXT values at `owner`, sorted.
    pub fn txt(&self, owner: &str) -> Vec<String> {
        self.server.txt(owner)
    }

    /// What the updates since the start did to `zone`, one entry each, in order.
    pub fn updates(&self, zone: &str) -> Vec<Update> {
        journal::read(&file(self.folder.path(), zone).with_extension("zone.jnl"))
    }

    /// Sends an update, as another user of the zone would.
    pub fn nsupdate(&self, lines: &str) {
        let key = format!(
            "{}:{}:{}",
            Algorithm::HmacSha256.name(),
            Algorithm::HmacSha256.key(),
            self.secret(Algorithm::HmacSha256)
        );
        let mut child = program::command("nsupdate")
            .args(["-y", &key])
            .stdin(Stdio::piped())
            .spawn()
            .expect("nsupdate starts");
        let script = format!("server 127.0.0.1 {}\n{lines}\nsend\n", self.server.port);
        let mut stdin = child.stdin.take().expect("a pipe");
        stdin.write_all(script.as_bytes()).expect("nsupdate reads");
        drop(stdin);
        assert!(child.wait().expect("nsupdate ends").success(), "nsupdate failed:\n{script}");
    }
}

/// The program; where AppArmor keeps it out of temporary folders, a copy, which it leaves alone.
fn named(folder: &Path) -> PathBuf {
    let installed = program::path("named");
    if !Path::new("/sys/kernel/security/apparmor").exists() {
        return installed;
    }
    let copy = folder.join("named");
    fs::copy(installed, &copy).expect("a copy of named");
    copy
}

// Recursion, so that the CA's look-ups follow a CNAME into another zone; a root of its own, so that
// it asks nobody else.
fn configuration(
    server: Server,
    zones: &[(Zone, &[Algorithm])],
    others: &[(&str, Server)],
    keys: &[(Algorithm, String)],
) -> String {
    let mut text = format!(
        "options {{\n\
         directory \".\"; managed-keys-directory \".\"; pid-file none; session-keyfile none;\n\
         lock-file none; listen-on port {} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }};\n\
         dnssec-validation no; notify no; empty-zones-enable no; recursion yes;\n\
         }};\ncontrols {{ }};\nzone \".\" {{ type primary; file \"root.zone\"; }};\n",
        server.port
    );
    for (_, clause) in keys {
        text.push_str(clause);
    }
    for (Zone { name, .. }, granted) in zones {
        let grants = granted.iter().map(|one| format!("grant {} zonesub TXT; ", one.key()));
        let grants: String = grants.collect();
        let _ = writeln!(
            text,
            "zone \"{name}\" {{ type primary; file \"{name}.zone\"; update-policy {{ {grants}}}; }};"
        );
    }
    for (name, Server { port }) in others {
        let _ = writeln!(
            text,
            "zone \"{name}\" {{ type forward; forward only; forwarders {{ 127.0.0.1 port {port}; }}; }};"
        );
    }
    text
}

fn text(zone: &Zone) -> String {
    format!(
        "$TTL 60\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A 127.0.0.1\n{}\n",
        zone.lines
    )
}

fn file(folder: &Path, zone: &str) -> PathBuf {
    folder.join(format!("{zone}.zone"))
}

/// A key clause of named.conf.
fn generate(algorithm: Algorithm) -> String {
    let output = program::command("tsig-keygen")
        .args(["-a", algorithm.name(), algorithm.key()])
        .output()
        .expect("tsig-keygen runs");
    String::from_utf8(output.stdout).expect("a key clause")
}

fn secret(clause: &str) -> String {
    let (_, rest) = clause.split_once("secret \"").expect("a secret");
    rest.split('"').next().expect("a quote").to_owned()
}

const ROOT: Zone = Zone { name: ".", lines: "" };
