//! Servers that serve a certificate from files: nginx and openssl's own.

use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::{pki, ports, process::Process, program};

/// nginx with a certificate for `localhost` in its folder, until somebody replaces it.
#[derive(Debug)]
pub struct Nginx {
    port: u16,
    _process: Process,
    folder: TempDir,
}

impl Nginx {
    /// Starts it.
    pub fn start() -> Self {
        let folder = TempDir::with_prefix("wildcert-nginx-").expect("a temporary folder");
        let home = folder.path().to_owned();
        pki::write(&home);
        fs::create_dir(home.join("tls")).expect("a new folder");
        fs::rename(home.join("certificate.pem"), home.join("tls/fullchain.pem")).expect("a file");
        fs::rename(home.join("key.pem"), home.join("tls/key.pem")).expect("a file");
        let (process, port) = Process::start(
            "nginx",
            &home.join("nginx.log"),
            || {
                let port = ports::free();
                fs::write(home.join("nginx.conf"), configuration(&home, port)).expect("a file");
                let mut command = program::command("nginx");
                command.args(["-p"]).arg(&home).args(["-c", "nginx.conf", "-e", "stderr"]);
                command.args(["-g", "daemon off;"]);
                (command, port)
            },
            |port| answers(*port),
        );
        script(
            &home.join("reload"),
            &format!(
                "if [ -e '{home}/refuse' ]; then\n  rm '{home}/refuse'\n  echo 'nginx is busy' >&2\n  \
                 exit 1\nfi\nexec {nginx} -p '{home}' -c nginx.conf -e stderr -s reload\n",
                home = home.display(),
                nginx = program::path("nginx").display(),
            ),
        );
        Self { port, _process: process, folder }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        address(self.port)
    }

    /// A file of its folder: `tls/fullchain.pem` and `tls/key.pem` are what it serves, `reload` has
    /// it read them again.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Has the next reload fail.
    pub fn refuse_once(&self) {
        fs::write(self.file("refuse"), "").expect("a file");
    }

    /// The serial number that it serves, in lower-case hexadecimal digits.
    pub fn serial(&self) -> String {
        served(self.port)
    }
}

fn configuration(home: &Path, port: u16) -> String {
    let user = if is_root() { "user root;\n" } else { "" };
    let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|name| format!("  {name}_temp_path '{}/{name}';\n", home.display()))
        .collect();
    format!(
        "{user}worker_processes 1;\npid nginx.pid;\nevents {{}}\nhttp {{\n  access_log off;\n\
         {folders}  server {{\n    listen 127.0.0.1:{port} ssl;\n\
         \x20   ssl_certificate tls/fullchain.pem;\n    ssl_certificate_key tls/key.pem;\n  }}\n}}\n"
    )
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers outlive a killed nginx; an ended one takes its file away when they are gone.
        let mut stop = program::command("nginx");
        stop.args(["-p"]).arg(self.folder.path()).args(["-c", "nginx.conf", "-e", "stderr"]);
        let _ = stop.args(["-s", "stop"]).stderr(Stdio::null()).status();
        let begun = Instant::now();
        while self.file("nginx.pid").exists() && begun.elapsed() < PATIENCE {
            thread::sleep(Duration::from_millis(10));
        }
    }
}

/// `openssl s_server`, which knows no reload: it is started anew.
#[derive(Debug)]
pub struct OpensslServer {
    port: u16,
    folder: TempDir,
}

impl OpensslServer {
    /// Starts it with a certificate for `localhost`.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start() -> Self {
        let folder = TempDir::with_prefix("wildcert-openssl-").expect("a temporary folder");
        let home = folder.path();
        pki::write(home);
        fs::rename(home.join("certificate.pem"), home.join("cert.pem")).expect("a file");
        fs::copy(home.join("cert.pem"), home.join("chain.pem")).expect("a file");
        let port = ports::free();
        // The old one is ended by its id, and gone before the new one takes the port.
        script(
            &home.join("restart"),
            &format!(
                "cd '{home}'\nif [ -s id ]; then\n  id=$(cat id)\n  kill \"$id\" 2>/dev/null\n  \
                 while kill -0 \"$id\" 2>/dev/null; do sleep 0.05; done\nfi\n\
                 {openssl} s_server -accept 127.0.0.1:{port} -cert cert.pem -key key.pem \
                 -cert_chain chain.pem -www </dev/null >log 2>&1 &\necho $! >id\n",
                home = home.display(),
                openssl = program::path("openssl").display(),
            ),
        );
        let server = Self { port, folder };
        assert!(Command::new(server.file("restart")).status().expect("sh").success());
        let begun = Instant::now();
        while !answers(port) {
            assert!(begun.elapsed() < PATIENCE, "`openssl s_server` did not come up");
            thread::sleep(Duration::from_millis(20));
        }
        server
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        address(self.port)
    }

    /// A file of its folder: `cert.pem`, `chain.pem` and `key.pem` are what it serves, `restart`
    /// starts it anew.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The serial number that it serves, in lower-case hexadecimal digits.
    pub fn serial(&self) -> String {
        served(self.port)
    }
}

impl Drop for OpensslServer {
    fn drop(&mut self) {
        let Ok(id) = fs::read_to_string(self.file("id")) else { return };
        // It fails only when it has ended already.
        let _ = Command::new("sh").args(["-c", &format!("kill {}", id.trim())]).status();
    }
}

/// Writes a program for `sh`.
///
/// # Panics
/// When it cannot.
pub fn script(path: &Path, text: &str) {
    fs::write(path, format!("#!/bin/sh\n{text}")).expect("a program");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("its mode");
}

/// Whether the tests run as root.
pub(crate) fn is_root() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().any(|line| line.split_whitespace().take(2).eq(["Uid:", "0"]))
}

fn address(port: u16) -> String {
    format!("127.0.0.1:{port}")
}

fn answers(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// What openssl sees of a server.
fn served(port: u16) -> String {
    let client = program::command("openssl")
        .args(["s_client", "-connect", &address(port), "-servername", "example.test"])
        .stdin(Stdio::null())
        .output()
        .expect("openssl runs");
    let mut x509 = program::command("openssl")
        .args(["x509", "-noout", "-serial"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl runs");
    let mut stdin = x509.stdin.take().expect("its input");
    std::io::Write::write_all(&mut stdin, &client.stdout).expect("it reads");
    drop(stdin);
    let output = x509.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.trim().trim_start_matches("serial=").to_ascii_lowercase()
}

const PATIENCE: Duration = Duration::from_secs(20);
