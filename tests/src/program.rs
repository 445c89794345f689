//! Finding the programs that the tests start.

use std::{env, path::PathBuf, process::Command};

/// Debian's package for each program.
const PACKAGES: &[(&str, &str)] = &[
    ("certbot", "certbot python3-certbot-dns-rfc2136"),
    ("dehydrated", "dehydrated"),
    ("dig", "bind9-dnsutils"),
    ("lego", "lego"),
    ("minisign", "minisign"),
    ("named", "bind9"),
    ("named-journalprint", "bind9"),
    ("nginx", "nginx-light"),
    ("node", "nodejs"),
    ("npm", "npm"),
    ("nsupdate", "bind9-dnsutils"),
    ("openssl", "openssl"),
    ("pdns_server", "pdns-server pdns-backend-sqlite3"),
    ("pdnsutil", "pdns-server"),
    ("pebble", "pebble"),
    ("promtool", "prometheus"),
    ("python3", "python3-venv"),
    ("sqlite3", "sqlite3"),
    ("ssh-keygen", "openssh-client"),
    ("sshd", "openssh-server"),
    ("systemd-analyze", "systemd"),
    ("tsig-keygen", "bind9"),
    ("unshare", "util-linux"),
];

/// A command for `program`, from `PATH` or the system folders that `PATH` may lack.
///
/// # Panics
/// With the line that installs it when it is absent: a test is never skipped.
pub fn command(program: &str) -> Command {
    Command::new(path(program))
}

/// Whether `program` is installed.
pub fn is_there(program: &str) -> bool {
    find(program).is_some()
}

pub(crate) fn path(program: &str) -> PathBuf {
    let known = PACKAGES.iter().find(|(name, _)| *name == program);
    let package = known.map_or(program, |(_, package)| package);
    find(program).unwrap_or_else(|| {
        panic!("`{program}` is not installed: apt-get install --no-install-recommends {package}")
    })
}

fn find(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let system = ["/usr/sbin", "/usr/local/sbin", "/sbin"].map(PathBuf::from);
    env::split_paths(&path).chain(system).map(|folder| folder.join(program)).find(|p| p.is_file())
}
