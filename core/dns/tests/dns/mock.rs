//! An authoritative server with a table of records and of misbehaviour, on UDP and TCP.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, MessageType, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{A, AAAA, CNAME, NS, SOA, TXT};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::task::JoinSet;
use wildcert_dns::{Dns, DnsOptions, NameserverOverride, ResolverAddr, Server};

/// The server; it ends when it is dropped.
pub(crate) struct Mock {
    pub(crate) address: SocketAddr,
    table: Arc<Mutex<Table>>,
    _tasks: JoinSet<()>,
}

/// A question that was asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Asked {
    pub(crate) name: String,
    pub(crate) kind: RecordType,
    pub(crate) recursion: bool,
    pub(crate) tcp: bool,
}

/// What the server does for a name instead of answering from its records.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Fault {
    Code(ResponseCode),
    /// Loses this many packets, then answers.
    Lose(usize),
    /// Never answers.
    Silent,
    /// Answers over UDP with the TC bit and nothing else.
    Truncate,
    /// Answers without the SOA record in the authority section.
    NoSoa,
}

#[derive(Default)]
struct Table {
    records: BTreeMap<String, Vec<RData>>,
    faults: BTreeMap<String, Fault>,
    asked: Vec<Asked>,
}

impl Mock {
    pub(crate) async fn start() -> Self {
        let (udp, tcp) = loop {
            let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
            match TcpListener::bind(udp.local_addr().unwrap()).await {
                Ok(tcp) => break (udp, tcp),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
                Err(error) => panic!("no TCP port: {error}"),
            }
        };
        let address = udp.local_addr().unwrap();
        let table = Arc::<Mutex<Table>>::default();
        let mut tasks = JoinSet::new();
        tasks.spawn(serve_udp(udp, Arc::clone(&table)));
        tasks.spawn(serve_tcp(tcp, Arc::clone(&table)));
        Self { address, table, _tasks: tasks }
    }

    /// Adds zones: their apex gets an SOA record.
    pub(crate) fn zones<const N: usize>(&self, apexes: [&str; N]) -> &Self {
        for apex in apexes {
            let name = |label: &str| Name::from_ascii(format!("{label}.{apex}")).unwrap();
            let soa = SOA::new(name("ns"), name("admin"), 7, 3600, 600, 86400, 60);
            self.push(apex, RData::SOA(soa));
        }
        self
    }

    /// Adds a record. The character-strings of a TXT record are separated by `|`.
    pub(crate) fn add(&self, owner: &str, kind: &str, data: &str) -> &Self {
        // By octets, so that a name may hold what `from_ascii` refuses.
        let labels = data.trim_end_matches('.').split('.').map(str::as_bytes);
        let name = || Name::from_labels(labels).unwrap();
        let data = match kind {
            "A" => RData::A(A(data.parse().unwrap())),
            "AAAA" => RData::AAAA(AAAA(data.parse().unwrap())),
            "CNAME" => RData::CNAME(CNAME(name())),
            "NS" => RData::NS(NS(name())),
            "TXT" => RData::TXT(TXT::new(data.split('|').map(str::to_owned).collect())),
            other => panic!("the mock knows no {other}"),
        };
        self.push(owner, data);
        self
    }

    pub(crate) fn fault(&self, owner: &str, fault: Fault) -> &Self {
        self.table.lock().unwrap().faults.insert(owner.to_owned(), fault);
        self
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.table.lock().unwrap().asked.clone()
    }

    pub(crate) fn count(&self, kind: RecordType) -> usize {
        self.asked().iter().filter(|asked| asked.kind == kind).count()
    }

    /// The server as a look-up would find it.
    pub(crate) fn server(&self, name: &str) -> Server {
        Server { name: name.to_owned(), address: self.address }
    }

    /// The override that sends questions below `zone` here.
    pub(crate) fn serves(&self, zone: &str) -> NameserverOverride {
        format!("{zone}={}", self.address).parse().unwrap()
    }

    fn push(&self, owner: &str, data: RData) {
        self.table.lock().unwrap().records.entry(owner.to_owned()).or_default().push(data);
    }
}

/// A handle that asks these servers, and `resolver` for the rest.
pub(crate) fn dns<const N: usize>(nameservers: [NameserverOverride; N], resolver: &Mock) -> Dns {
    let host = resolver.address.ip().to_string();
    let resolvers = vec![ResolverAddr { host, port: resolver.address.port() }];
    let options =
        DnsOptions { nameservers: nameservers.into(), resolvers, ..DnsOptions::default() };
    Dns::new(options).unwrap()
}

async fn serve_udp(socket: UdpSocket, table: Arc<Mutex<Table>>) {
    let mut buffer = [0; 4096];
    while let Ok((length, client)) = socket.recv_from(&mut buffer).await {
        let reply = table.lock().unwrap().reply(&buffer[..length], false);
        if let Some(reply) = reply {
            socket.send_to(&reply, client).await.unwrap();
        }
    }
}

async fn serve_tcp(listener: TcpListener, table: Arc<Mutex<Table>>) {
    while let Ok((mut stream, _)) = listener.accept().await {
        // One question per connection; an error is the client's leaving.
        let _ = answer_tcp(&mut stream, &table).await;
    }
}

async fn answer_tcp(stream: &mut TcpStream, table: &Mutex<Table>) -> io::Result<()> {
    let mut question = vec![0; stream.read_u16().await?.into()];
    stream.read_exact(&mut question).await?;
    let reply = table.lock().unwrap().reply(&question, true);
    if let Some(reply) = reply {
        stream.write_u16(reply.len().try_into().unwrap()).await?;
        stream.write_all(&reply).await?;
    }
    Ok(())
}

impl Table {
    fn reply(&mut self, question: &[u8], tcp: bool) -> Option<Vec<u8>> {
        let question = Message::from_vec(question).unwrap();
        let query = question.queries.first().unwrap().clone();
        let name = query.name().to_lowercase().to_ascii();
        let kind = query.query_type();
        let recursion = question.metadata.recursion_desired;
        self.asked.push(Asked { name: name.clone(), kind, recursion, tcp });

        let mut reply = Message::new(question.metadata.id, MessageType::Response, OpCode::Query);
        reply.add_query(query);
        reply.metadata.authoritative = true;
        let fault = self.faults.get_mut(&name);
        let no_soa = matches!(fault, Some(Fault::NoSoa));
        match fault {
            Some(Fault::Silent) => return None,
            Some(Fault::Lose(left @ 1..)) => {
                *left -= 1;
                return None;
            }
            Some(Fault::Code(code)) => reply.metadata.response_code = *code,
            Some(Fault::Truncate) if !tcp => reply.metadata.truncation = true,
            _ => self.answer(&name, kind, &mut reply),
        }
        if no_soa {
            reply.authorities.clear();
        }
        Some(reply.to_vec().unwrap())
    }

    fn answer(&self, name: &str, kind: RecordType, reply: &mut Message) {
        let owner = Name::from_ascii(name).unwrap();
        let is_apex = |zone: &str, data: &[RData]| {
            is_at_or_below(name, zone) && data.iter().any(|data| matches!(data, RData::SOA(_)))
        };
        let zones = self.records.iter().filter(|(zone, data)| is_apex(zone, data));
        let Some((zone, apex)) = zones.max_by_key(|(zone, _)| zone.len()) else {
            reply.metadata.response_code = ResponseCode::Refused;
            return;
        };
        // NS records below the apex are a cut: a referral (RFC 1034 §4.3.2).
        let is_cut = |child: &str| {
            child.len() > zone.len() && is_at_or_below(name, child) && is_at_or_below(child, zone)
        };
        for (child, data) in self.records.iter().filter(|(child, _)| is_cut(child)) {
            let servers: Vec<_> = data.iter().filter(|d| matches!(d, RData::NS(_))).collect();
            let owner = Name::from_ascii(child).unwrap();
            for data in &servers {
                reply.add_authority(Record::from_rdata(owner.clone(), 60, (*data).clone()));
            }
            if !servers.is_empty() {
                reply.metadata.authoritative = false;
                return;
            }
        }
        let found = self.records.get(name).or_else(|| self.wildcard(name));
        for data in found.into_iter().flatten() {
            if data.record_type() == kind || matches!(data, RData::CNAME(_)) {
                reply.add_answer(Record::from_rdata(owner.clone(), 60, data.clone()));
            }
        }
        if reply.answers.is_empty() {
            if found.is_none() && !self.exists(name) {
                reply.metadata.response_code = ResponseCode::NXDomain;
            }
            let soa = apex.iter().find(|data| matches!(data, RData::SOA(_))).unwrap();
            let zone = Name::from_ascii(zone).unwrap();
            reply.add_authority(Record::from_rdata(zone, 60, soa.clone()));
        }
    }

    /// The records of the wildcard at the closest encloser (RFC 4592 §3.3.1).
    fn wildcard(&self, name: &str) -> Option<&Vec<RData>> {
        if self.exists(name) {
            return None;
        }
        let mut rest = name;
        while let Some((_, parent)) = rest.split_once('.') {
            if self.exists(parent) {
                return self.records.get(&format!("*.{parent}"));
            }
            rest = parent;
        }
        None
    }

    /// Whether there are records at the name or below it.
    fn exists(&self, name: &str) -> bool {
        self.records.keys().any(|owner| is_at_or_below(owner, name))
    }
}

fn is_at_or_below(name: &str, zone: &str) -> bool {
    name == zone || name.ends_with(&format!(".{zone}"))
}
