//! The sockets of the DNS server.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hickory_proto::rr::rdata::CAA;
use hickory_proto::rr::{Name, RData};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::respond::{Responder, Transport};
use super::tsig::Key;
use super::zones::Zones;
use crate::events::{Events, ZoneRecord, lock};
use crate::{Error, TsigKey};

/// A running DNS server; a clone is a handle to the same one.
#[derive(Clone)]
pub(crate) struct DnsServer {
    address: SocketAddr,
    responder: Arc<Responder>,
}

impl DnsServer {
    /// Binds a port for UDP and TCP and serves both until `tasks` ends.
    pub(crate) async fn start(
        zones: Zones,
        key: &TsigKey,
        events: Arc<Events>,
        tasks: &mut JoinSet<()>,
    ) -> Result<Self, Error> {
        let key = Key::new(key)?;
        let bound = bind().await.and_then(|(udp, tcp)| Ok((udp.local_addr()?, udp, tcp)));
        let (address, udp, tcp) =
            bound.map_err(|source| Error::Bind { server: "DNS server", source })?;
        let responder = Arc::new(Responder { zones: Mutex::new(zones), key, events });
        tasks.spawn(serve_udp(udp, responder.clone()));
        tasks.spawn(serve_tcp(tcp, responder.clone()));
        Ok(Self { address, responder })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn zone_records(&self, zone: &str) -> Vec<ZoneRecord> {
        lock(&self.responder.zones).records(zone)
    }

    pub(crate) fn txt(&self, owner: &str) -> Vec<String> {
        lock(&self.responder.zones).txt(owner)
    }

    /// Adds a CAA record; returns whether there is a zone for it.
    pub(crate) fn add_caa(&self, owner: &str, flags: u8, tag: &str, value: &str) -> bool {
        let mut caa = CAA::new_issue(flags & 0x80 != 0, None, Vec::new());
        (caa.tag, caa.value) = (tag.to_owned(), value.into());
        lock(&self.responder.zones).add(owner, RData::CAA(caa))
    }

    /// Whether one of the zones contains a name.
    pub(crate) fn serves(&self, name: &Name) -> bool {
        lock(&self.responder.zones).contain(name)
    }
}

/// Takes ports from the system until one is free for both protocols.
async fn bind() -> io::Result<(UdpSocket, TcpListener)> {
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..BIND_ATTEMPTS {
        let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match UdpSocket::bind(tcp.local_addr()?).await {
            Ok(udp) => return Ok((udp, tcp)),
            Err(error) => last = error,
        }
    }
    Err(last)
}

async fn serve_udp(socket: UdpSocket, responder: Arc<Responder>) {
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        // Errors here are those of an earlier answer whose receiver has gone.
        let Ok((length, peer)) = socket.recv_from(&mut buffer).await else { continue };
        let request = buffer.get(..length).unwrap_or_default();
        if let Some(response) = responder.respond(request, Transport::Udp) {
            let _ = socket.send_to(&response, peer).await;
        }
    }
}

async fn serve_tcp(listener: TcpListener, responder: Arc<Responder>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        while connections.try_join_next().is_some() {}
        connections.spawn(serve_connection(stream, responder.clone()));
    }
}

/// Answers the messages of one connection, each behind its length (RFC 7766 §8).
async fn serve_connection(mut stream: TcpStream, responder: Arc<Responder>) {
    let _ = stream.set_nodelay(true);
    while let Ok(Ok(request)) = timeout(IDLE, read_message(&mut stream)).await {
        let Some(response) = responder.respond(&request, Transport::Tcp) else { return };
        if write_message(&mut stream, &response).await.is_err() {
            return;
        }
    }
}

pub(super) async fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u16().await?;
    let mut message = vec![0; usize::from(length)];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

pub(super) async fn write_message(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let framed = [length.to_be_bytes().as_slice(), message].concat();
    stream.write_all(&framed).await
}

const BIND_ATTEMPTS: usize = 16;
/// How long a connection may be silent.
const IDLE: Duration = Duration::from_secs(30);
