//! A mail server that keeps what it gets.

use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
};

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

use crate::{pki, webhook};

/// A mail that was taken.
#[derive(Clone, Debug, Default)]
pub struct Mail {
    /// Who it is from, as the envelope says.
    pub from: String,
    /// Who gets it, as the envelope says.
    pub to: Vec<String>,
    /// The credentials that its sender gave, in base64.
    pub login: Option<String>,
    /// Whether it came under TLS.
    pub tls: bool,
    /// Header and body as they came.
    pub content: String,
}

impl Mail {
    /// A field of its header.
    pub fn header(&self, name: &str) -> String {
        let header = self.content.split("\r\n\r\n").next().unwrap_or_default();
        let header = header.replace("\r\n ", " ");
        let field = header.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        field.unwrap_or_default().to_owned()
    }

    /// The words of its body, which quoted-printable had broken into lines (RFC 2045 §6.7).
    pub fn text(&self) -> String {
        let body = self.content.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        body.replace("=\r\n", "").replace("=3D", "=").replace("\r\n", "\n")
    }
}

/// A server on loopback that speaks SMTP (RFC 5321).
#[derive(Debug)]
pub struct Smtp {
    port: u16,
    folder: TempDir,
    mails: Arc<Mutex<Vec<Mail>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Smtp {
    /// Starts one; a `strict` one takes mails only under TLS (RFC 3207) and from who has logged in.
    pub fn start(strict: bool) -> Self {
        let folder = TempDir::with_prefix("wildcert-smtp-").expect("a temporary folder");
        pki::write(folder.path());
        let config = strict.then(|| webhook::config(folder.path()));
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (mails, stopped) = (Arc::<Mutex<Vec<Mail>>>::default(), Arc::default());
        let (kept, stop) = (Arc::clone(&mails), Arc::<AtomicBool>::clone(&stopped));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                // A client that breaks off is its own fault.
                let _ = serve(stream, config.as_ref(), &kept);
            }
        });
        Self { port, folder, mails, stopped, thread: Some(thread) }
    }

    /// `localhost:PORT`.
    pub fn address(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// The file that vouches for it.
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    /// What it was given so far.
    ///
    /// # Panics
    /// When its thread has panicked.
    pub fn mails(&self) -> Vec<Mail> {
        self.mails.lock().expect("no panic while it was held").clone()
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let woken = TcpStream::connect(("127.0.0.1", self.port)).is_ok();
        if let (true, Some(thread)) = (woken, self.thread.take()) {
            // A panic in the thread has been printed.
            let _ = thread.join();
        }
    }
}

/// One connection.
fn serve(
    mut stream: TcpStream,
    tls: Option<&Arc<ServerConfig>>,
    mails: &Mutex<Vec<Mail>>,
) -> io::Result<()> {
    stream.write_all(b"220 localhost\r\n")?;
    if talk(&mut stream, tls.is_some(), false, mails)?
        && let Some(config) = tls
    {
        let connection = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        talk(&mut StreamOwned::new(connection, stream), true, true, mails)?;
    }
    Ok(())
}

/// Answers until the client goes, or begins TLS, which is told.
fn talk(
    stream: &mut (impl Read + Write),
    strict: bool,
    tls: bool,
    mails: &Mutex<Vec<Mail>>,
) -> io::Result<bool> {
    let mut mail = Mail { tls, ..Mail::default() };
    loop {
        let line = line(stream)?;
        let words = line.to_ascii_uppercase();
        let answer = match words.split([' ', ':']).next().unwrap_or_default() {
            "EHLO" if strict && !tls => "250-localhost\r\n250 STARTTLS",
            "EHLO" if strict => "250-localhost\r\n250 AUTH PLAIN",
            "EHLO" => "250 localhost",
            "STARTTLS" if strict && !tls => {
                stream.write_all(b"220 go ahead\r\n")?;
                return Ok(true);
            }
            "AUTH" if tls => {
                mail.login = line.split(' ').nth(2).map(str::to_owned);
                "235 welcome"
            }
            "MAIL" if strict && mail.login.is_none() => "530 who are you?",
            "MAIL" => {
                mail.from = path(&line);
                "250 well"
            }
            "RCPT" => {
                mail.to.push(path(&line));
                "250 well"
            }
            "DATA" => {
                stream.write_all(b"354 go on\r\n")?;
                mail.content = content(stream)?;
                mails.lock().expect("no panic while it was held").push(mail.clone());
                "250 taken"
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n")?;
                return Ok(false);
            }
            "RSET" | "NOOP" => "250 well",
            _ => "502 what?",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes())?;
        stream.flush()?;
    }
}

fn line(stream: &mut impl Read) -> io::Result<String> {
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        let mut octet = [0];
        stream.read_exact(&mut octet)?;
        line.extend(octet);
    }
    Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
}

/// What stands between `<` and `>`.
fn path(line: &str) -> String {
    let inside = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inside.map_or("", |(path, _)| path).to_owned()
}

/// A mail up to the line with a full stop, which a line that begins with one has twice.
fn content(stream: &mut impl Read) -> io::Result<String> {
    let mut text = String::new();
    loop {
        let line = line(stream)?;
        if line == "." {
            return Ok(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
        text.push_str("\r\n");
    }
}
