//! `openssl s_server`, set up as a test wants it.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
};

use tempfile::TempDir;

use crate::{ports, process::Process, program};

/// A TLS server with a certificate, until it is dropped.
#[derive(Debug)]
pub struct TlsServer {
    address: SocketAddr,
    _process: Process,
    _folder: TempDir,
}

impl TlsServer {
    /// Serves the first certificate in a PEM file, with its key; `options` are those of s_server.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start(certificate: &Path, key: &Path, options: &[&str]) -> Self {
        let folder = TempDir::with_prefix("wildcert-s_server-").expect("a temporary folder");
        let (process, address) = Process::start(
            "openssl s_server",
            &folder.path().join("log"),
            || {
                let address = SocketAddr::from((Ipv4Addr::LOCALHOST, ports::free()));
                let mut command = program::command("openssl");
                command.args(["s_server", "-quiet", "-accept", &address.to_string()]);
                command.arg("-cert").arg(certificate).arg("-key").arg(key).args(options);
                (command, address)
            },
            |address| TcpStream::connect(address).is_ok(),
        );
        Self { address, _process: process, _folder: folder }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}
