//! A DNS query over the network, as the CA makes them.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use aws_lc_rs::rand;
use hickory_proto::op::{Edns, Message, MessageType, Query};
use hickory_proto::rr::{Name, RecordType};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::timeout;

use super::MAX_UDP;
use super::server::{read_message, write_message};

/// Why a query got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the message cannot be encoded or decoded: {0}")]
    Message(String),
    #[error("no answer within {} ms", (ATTEMPT * ATTEMPTS).as_millis())]
    TimedOut,
}

/// Asks a server over UDP, and over TCP when the answer is truncated.
pub(crate) async fn query(
    server: SocketAddr,
    name: &Name,
    rtype: RecordType,
) -> Result<Message, QueryError> {
    let message = question(name, rtype)?;
    let bytes = message.to_vec().map_err(|error| QueryError::Message(error.to_string()))?;
    let mut answer = Err(QueryError::TimedOut);
    for _ in 0..ATTEMPTS {
        match timeout(ATTEMPT, over_udp(server, &bytes, &message)).await {
            Ok(outcome) => {
                answer = outcome;
                break;
            }
            Err(_) => continue,
        }
    }
    let answer = answer?;
    if !answer.metadata.truncation {
        return Ok(answer);
    }
    timeout(ATTEMPT, over_tcp(server, &bytes, &message)).await.unwrap_or(Err(QueryError::TimedOut))
}

fn question(name: &Name, rtype: RecordType) -> Result<Message, QueryError> {
    let mut id = [0; 2];
    rand::fill(&mut id).map_err(|_| io::Error::other("no random bytes"))?;
    let mut message = Message::query();
    message.metadata.id = u16::from_be_bytes(id);
    message.metadata.recursion_desired = true;
    message.add_query(Query::query(name.clone(), rtype));
    let mut edns = Edns::new();
    edns.set_max_payload(MAX_UDP);
    message.set_edns(edns);
    Ok(message)
}

async fn over_udp(
    server: SocketAddr,
    bytes: &[u8],
    question: &Message,
) -> Result<Message, QueryError> {
    let local: IpAddr = match server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((local, 0)).await?;
    socket.connect(server).await?;
    socket.send(bytes).await?;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let length = socket.recv(&mut buffer).await?;
        let answer = Message::from_vec(buffer.get(..length).unwrap_or_default());
        // Anything else may be forged or late: go on waiting for the answer.
        if let Some(answer) = answer.ok().filter(|answer| answers(answer, question)) {
            return Ok(answer);
        }
    }
}

async fn over_tcp(
    server: SocketAddr,
    bytes: &[u8],
    question: &Message,
) -> Result<Message, QueryError> {
    let mut stream = TcpStream::connect(server).await?;
    write_message(&mut stream, bytes).await?;
    let answer = read_message(&mut stream).await?;
    let answer =
        Message::from_vec(&answer).map_err(|error| QueryError::Message(error.to_string()))?;
    if answers(&answer, question) {
        Ok(answer)
    } else {
        Err(QueryError::Message("the answer is to another question".into()))
    }
}

fn answers(answer: &Message, question: &Message) -> bool {
    answer.metadata.id == question.metadata.id
        && answer.metadata.message_type == MessageType::Response
        && answer.queries == question.queries
}

/// How long one attempt waits, and how many there are.
const ATTEMPT: Duration = Duration::from_secs(2);
const ATTEMPTS: u32 = 2;
