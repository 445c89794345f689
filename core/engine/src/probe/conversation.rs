//! What is said before TLS begins.

use std::{
    io,
    net::{IpAddr, SocketAddr},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Take},
    net::TcpStream,
};

use super::{
    endpoint::Protocol,
    error::{ProbeError, ProbeStep},
};

/// Asks the server to begin TLS.
///
/// # Errors
/// When it does not, or the connection ends.
pub(super) async fn begin_tls(
    stream: &mut TcpStream,
    protocol: Protocol,
    waiting: &mut ProbeStep,
) -> Result<(), ProbeError> {
    if protocol == Protocol::Tls {
        return Ok(());
    }
    let local = stream.local_addr().ok();
    let mut talk = Conversation { lines: BufReader::new(stream.take(LIMIT)), waiting };
    match protocol {
        Protocol::Tls => return Ok(()),
        Protocol::Smtp => {
            talk.reply("SMTP", "220").await?;
            talk.say(&format!("EHLO {}", literal(local))).await?;
            let offered = talk.reply("SMTP", "250").await?;
            if !offered.lines().any(|line| line[4..].trim().eq_ignore_ascii_case("STARTTLS")) {
                let said = "it does not offer STARTTLS".to_owned();
                return Err(ProbeError::NotStarted { protocol: "SMTP", said });
            }
            talk.say("STARTTLS").await?;
            talk.reply("SMTP", "220").await?;
        }
        Protocol::Ftp => {
            talk.reply("FTP", "220").await?;
            talk.say("AUTH TLS").await?;
            talk.reply("FTP", "234").await?;
        }
        Protocol::Pop3 => {
            talk.line("POP3", "+OK").await?;
            talk.say("STLS").await?;
            talk.line("POP3", "+OK").await?;
        }
        Protocol::Imap => {
            talk.line("IMAP", "* OK").await?;
            talk.say("a1 STARTTLS").await?;
            while !talk.answers("IMAP", "a1 ", "a1 OK").await? {}
        }
    }
    // What comes before the handshake and is read as if it came after it could be anybody's.
    match talk.lines.buffer() {
        [] => Ok(()),
        _ => Err(ProbeError::NotStarted {
            protocol: "STARTTLS",
            said: "it said more than that before the handshake".to_owned(),
        }),
    }
}

struct Conversation<'a> {
    lines: BufReader<Take<&'a mut TcpStream>>,
    waiting: &'a mut ProbeStep,
}

impl Conversation<'_> {
    async fn say(&mut self, line: &str) -> Result<(), ProbeError> {
        *self.waiting = ProbeStep::StartTls;
        let stream = self.lines.get_mut().get_mut();
        let said = stream.write_all(format!("{line}\r\n").as_bytes()).await;
        said.map_err(|source| ProbeError::Broken { waiting: *self.waiting, source })
    }

    async fn next(&mut self) -> Result<String, ProbeError> {
        let mut line = Vec::new();
        let read = self.lines.read_until(b'\n', &mut line).await;
        let ended = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let source = match read {
            Ok(_) if line.ends_with(b"\n") => {
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            Ok(_) => ended(),
            Err(error) => error,
        };
        Err(ProbeError::Broken { waiting: *self.waiting, source })
    }

    /// One line that begins so.
    async fn line(&mut self, protocol: &'static str, begin: &str) -> Result<(), ProbeError> {
        self.answers(protocol, "", begin).await.map(|_| ())
    }

    /// Whether the next line is the answer, which begins with `tag`, and must begin with `good`.
    async fn answers(
        &mut self,
        protocol: &'static str,
        tag: &str,
        good: &str,
    ) -> Result<bool, ProbeError> {
        let said = self.next().await?;
        match (said.starts_with(tag), said.starts_with(good)) {
            (false, _) => Ok(false),
            (true, true) => Ok(true),
            (true, false) => Err(ProbeError::NotStarted { protocol, said: shown(&said) }),
        }
    }

    /// A reply of one or several lines with this code (RFC 5321 §4.2.1, RFC 959 §4.2).
    async fn reply(&mut self, protocol: &'static str, code: &str) -> Result<String, ProbeError> {
        let mut reply = String::new();
        loop {
            let line = self.next().await?;
            let last = line.starts_with(code) && !line[code.len()..].starts_with('-');
            if reply.is_empty() && !line.starts_with(code) {
                return Err(ProbeError::NotStarted { protocol, said: shown(&line) });
            }
            if line.is_char_boundary(4) && line.len() > 4 {
                reply.push_str(&line);
                reply.push('\n');
            }
            if last {
                return Ok(reply);
            }
        }
    }
}

/// Whoever has no name in the DNS says its address (RFC 5321 §4.1.3).
fn literal(local: Option<SocketAddr>) -> String {
    match local.map(|address| address.ip().to_canonical()) {
        Some(IpAddr::V6(address)) => format!("[IPv6:{address}]"),
        Some(IpAddr::V4(address)) => format!("[{address}]"),
        None => "[127.0.0.1]".to_owned(),
    }
}

/// A line of the server, not too long and without what steers terminals.
fn shown(line: &str) -> String {
    line.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// How many bytes a server may say before TLS.
const LIMIT: u64 = 16 * 1024;
