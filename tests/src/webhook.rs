//! A web server of the user's, over HTTPS: what `httpreq` talks to.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use serde_json::Value;
use tempfile::TempDir;

use crate::{pki, rig::Rig};

/// What a web server answers.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Header fields besides `Content-Length`.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// A web server for `https://localhost:PORT`, with a certificate that only its own file vouches for.
#[derive(Debug)]
pub struct Webhook {
    port: u16,
    folder: TempDir,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Webhook {
    /// Starts one that hands the path and the body of each request to `handle`.
    pub fn start(handle: impl Fn(&str, &str) + Send + 'static) -> Self {
        Self::answering(move |path, body| {
            handle(path, body);
            Answer::file("")
        })
    }

    /// Starts one that answers each request as `handle` says, of its path and body.
    pub fn answering(handle: impl Fn(&str, &str) -> Answer + Send + 'static) -> Self {
        let folder = TempDir::with_prefix("wildcert-webhook-").expect("a temporary folder");
        pki::write(folder.path());
        let config = config(folder.path());
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // A client that breaks off is its own fault.
                let _ = serve(stream, &config, &handle);
            }
        });
        Self { port, folder, stopped, thread: Some(thread) }
    }

    /// Starts one that changes `rig`'s zones as the requests of lego's httpreq protocol say.
    pub fn updating(rig: &Arc<Rig>) -> Self {
        let rig = Arc::clone(rig);
        Self::start(move |path, body| {
            let body: Value = serde_json::from_str(body).expect("a body of JSON");
            let member = |name| body.get(name).and_then(Value::as_str).expect("a text");
            let (owner, value) = (member("fqdn"), member("value"));
            rig.bind.nsupdate(&match path {
                "/present" => format!("update add {owner} 60 TXT \"{value}\""),
                "/cleanup" => format!("update delete {owner} TXT \"{value}\""),
                _ => panic!("a request for {path}"),
            });
        })
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    /// The file that vouches for it.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }
}

impl Answer {
    /// A file.
    pub fn file(content: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: Vec::new(), body: content.into() }
    }

    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::file("") }
    }

    /// A redirect.
    pub fn redirect(to: &str) -> Self {
        Self { headers: vec![("Location", to.to_owned())], ..Self::status(302) }
    }
}

impl Drop for Webhook {
    /// Ends the thread, and with it whatever `handle` holds.
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let woken = TcpStream::connect(("127.0.0.1", self.port)).is_ok();
        if let (true, Some(thread)) = (woken, self.thread.take()) {
            // A panic in the thread has been printed.
            let _ = thread.join();
        }
    }
}

/// TLS with the certificate and key in a folder.
pub(crate) fn config(folder: &Path) -> Arc<ServerConfig> {
    let certificate = CertificateDer::from_pem_file(folder.join("certificate.pem"));
    let key = PrivateKeyDer::from_pem_file(folder.join("key.pem")).expect("a key");
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocol versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.expect("a certificate")], key);
    Arc::new(config.expect("a key that fits"))
}

/// Answers one request and closes.
fn serve(
    stream: TcpStream,
    config: &Arc<ServerConfig>,
    handle: &impl Fn(&str, &str) -> Answer,
) -> std::io::Result<()> {
    let connection = ServerConnection::new(Arc::clone(config)).map_err(std::io::Error::other)?;
    let mut reader = BufReader::new(StreamOwned::new(connection, stream));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let path = head.split(' ').nth(1).unwrap_or_default();
    let Answer { status, headers, body } = handle(path, &String::from_utf8_lossy(&body));
    let mut head = format!("HTTP/1.1 {status} Answer\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Content-Length") {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    let stream = reader.get_mut();
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(&body)?;
    stream.conn.send_close_notify();
    stream.flush()
}
