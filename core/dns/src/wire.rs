//! One question to one server: the only module that knows the DNS library.

use std::fmt;
use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::tcp::TcpClientStream;
use hickory_resolver::net::udp::UdpClientStream;
use hickory_resolver::net::xfer::{DnsHandle, DnsRequestSender, FirstAnswer};
use hickory_resolver::proto::op::{
    DnsRequest, DnsRequestOptions, DnsResponse, Query, ResponseCode,
};
use hickory_resolver::proto::rr::{Name, RData, Record as WireRecord, RecordType};
use hickory_resolver::system_conf::read_system_conf;
use tokio::time::timeout;

use crate::name::OwnerName;

/// The record types that this crate asks for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    A,
    Aaaa,
    Cname,
    Ns,
    Soa,
    Txt,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) code: Code,
    pub(crate) answers: Vec<Record>,
    pub(crate) authority: Vec<Record>,
}

/// The response code, of which only two lead anywhere.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Code {
    NoError,
    NxDomain,
    Other(String),
}

/// A record of a type that this crate understands; names are lower case with trailing dot.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) owner: String,
    pub(crate) data: Data,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    Address(IpAddr),
    Cname(String),
    Ns(String),
    Soa {
        serial: u32,
    },
    /// The character-strings of one TXT record, joined (RFC 7208 §3.3 states the custom).
    Txt(String),
}

/// Why there is no answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Failure {
    /// Nothing came back in time.
    TimedOut,
    /// The operating system has no way to the address.
    Unreachable(String),
    /// Something came back that is no answer, or a connection broke.
    Broken(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TimedOut => f.write_str("timed out"),
            Self::Unreachable(reason) => write!(f, "unreachable from here: {reason}"),
            Self::Broken(reason) => f.write_str(reason),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        RecordType::from(*self).fmt(f)
    }
}

/// Asks one server, over UDP and, when the answer was truncated, over TCP.
///
/// Lost packets are sent again, three in all within `limit`. With `recursion` the question has the
/// RD bit set. A response of whatever code is `Ok`. The future may be dropped at any time.
pub(crate) async fn exchange(
    server: SocketAddr,
    owner: &OwnerName,
    kind: Kind,
    recursion: bool,
    limit: Duration,
) -> Result<Reply, Failure> {
    let name = Name::from_ascii(owner.as_str()).map_err(|e| Failure::Broken(e.to_string()))?;
    let mut options = DnsRequestOptions::default();
    options.recursion_desired = recursion;
    options.retry_interval = limit / UDP_SENDS;
    let request = DnsRequest::from_query(Query::query(name, kind.into()), options);

    let response = udp(server, request.clone(), limit).await?;
    let response = if response.truncation {
        match timeout(limit, tcp(server, request, limit)).await {
            Ok(result) => result.map_err(over_tcp)?,
            Err(_) => return Err(over_tcp(Failure::TimedOut)),
        }
    } else {
        response
    };
    Ok(Reply::from(response))
}

/// The recursive resolvers that the operating system is set up to ask.
pub(crate) fn system_resolvers() -> Result<Vec<SocketAddr>, String> {
    let (config, _) = read_system_conf().map_err(|e| e.to_string())?;
    let addresses = config.name_servers().iter().flat_map(|server| {
        server.connections.first().map(|connection| SocketAddr::new(server.ip, connection.port))
    });
    Ok(addresses.collect())
}

const UDP_SENDS: u32 = 3;

async fn udp(
    server: SocketAddr,
    request: DnsRequest,
    limit: Duration,
) -> Result<DnsResponse, Failure> {
    // No exchange in the background: a stream of its own, with a new port, for every question.
    let mut stream = UdpClientStream::builder(server, TokioRuntimeProvider::new())
        .with_timeout(Some(limit))
        .with_max_retries(3)
        .with_retry_interval_floor(1)
        .with_os_port_selection(true)
        .build();
    stream.send_message(request).first_answer().await.map_err(Failure::from)
}

async fn tcp(
    server: SocketAddr,
    request: DnsRequest,
    limit: Duration,
) -> Result<DnsResponse, Failure> {
    // The connection's task belongs to this provider and ends with it.
    let provider = TokioRuntimeProvider::new();
    let exchange = TcpClientStream::exchange(server, None, limit, None, provider.clone()).await?;
    exchange.send(request).first_answer().await.map_err(Failure::from)
}

fn over_tcp(failure: Failure) -> Failure {
    Failure::Broken(format!("the answer was truncated, and over TCP: {failure}"))
}

impl From<NetError> for Failure {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Timeout => Self::TimedOut,
            NetError::Io(io) => {
                let no_way = matches!(
                    io.kind(),
                    ErrorKind::AddrNotAvailable
                        | ErrorKind::HostUnreachable
                        | ErrorKind::NetworkDown
                        | ErrorKind::NetworkUnreachable
                );
                if no_way || io.raw_os_error().is_some_and(|code| NO_FAMILY.contains(&code)) {
                    Self::Unreachable(io.to_string())
                } else {
                    Self::Broken(io.to_string())
                }
            }
            other => Self::Broken(other.to_string()),
        }
    }
}

/// `EAFNOSUPPORT` of Linux, of the BSDs and macOS, and of Windows: IPv6 is switched off.
const NO_FAMILY: [i32; 3] = [97, 47, 10047];

impl From<Kind> for RecordType {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::A => Self::A,
            Kind::Aaaa => Self::AAAA,
            Kind::Cname => Self::CNAME,
            Kind::Ns => Self::NS,
            Kind::Soa => Self::SOA,
            Kind::Txt => Self::TXT,
        }
    }
}

impl From<DnsResponse> for Reply {
    fn from(response: DnsResponse) -> Self {
        let code = match response.response_code {
            ResponseCode::NoError => Code::NoError,
            ResponseCode::NXDomain => Code::NxDomain,
            other => Code::Other(mnemonic(other)),
        };
        let message = response.into_message();
        Self {
            code,
            answers: message.answers.into_iter().filter_map(record).collect(),
            authority: message.authorities.into_iter().filter_map(record).collect(),
        }
    }
}

/// The code as `dig` and RFC 2136 write it; the library's own words are sentences.
fn mnemonic(code: ResponseCode) -> String {
    let known = match code {
        ResponseCode::FormErr => "FORMERR",
        ResponseCode::ServFail => "SERVFAIL",
        ResponseCode::NotImp => "NOTIMP",
        ResponseCode::Refused => "REFUSED",
        ResponseCode::NotAuth => "NOTAUTH",
        other => return format!("RCODE {}", u16::from(other)),
    };
    known.to_owned()
}

fn record(record: WireRecord) -> Option<Record> {
    let data = match record.data {
        RData::A(address) => Data::Address(IpAddr::V4(address.0)),
        RData::AAAA(address) => Data::Address(IpAddr::V6(address.0)),
        RData::CNAME(target) => Data::Cname(text(&target.0)),
        RData::NS(server) => Data::Ns(text(&server.0)),
        RData::SOA(soa) => Data::Soa { serial: soa.serial },
        RData::TXT(txt) => Data::Txt(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
        _ => return None,
    };
    Some(Record { owner: text(&record.name), data })
}

fn text(name: &Name) -> String {
    name.to_lowercase().to_ascii()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn only_a_missing_way_is_unreachable() {
        let failure = |error: io::Error| Failure::from(NetError::from(error));
        for kind in [
            ErrorKind::AddrNotAvailable,
            ErrorKind::HostUnreachable,
            ErrorKind::NetworkDown,
            ErrorKind::NetworkUnreachable,
        ] {
            assert!(matches!(failure(kind.into()), Failure::Unreachable(_)), "{kind}");
        }
        let no_family = io::Error::from_raw_os_error(NO_FAMILY[0]);
        assert!(matches!(failure(no_family), Failure::Unreachable(_)));
        // A full table of open files or a firewall of ours is no property of the server.
        let no_file = io::Error::from_raw_os_error(24);
        assert!(matches!(failure(no_file), Failure::Broken(_)));
        assert!(matches!(failure(ErrorKind::PermissionDenied.into()), Failure::Broken(_)));
        assert_eq!(failure(ErrorKind::TimedOut.into()), Failure::TimedOut);
    }
}
