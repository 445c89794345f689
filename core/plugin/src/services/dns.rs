//! `dns.exchange`: raw DNS messages to the servers that the user's settings name.

use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket, lookup_host},
    time::timeout,
};
use wildcert_plugin_sdk::Error;

use super::call::Call;

/// Messages up to this size go over UDP: they fit every path (RFC 9715).
const UDP_LIMIT: usize = 1232;
/// After that long a datagram counts as lost.
const UDP_ROUND: Duration = Duration::from_secs(2);
/// How long one answer is waited for when the user set nothing.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The header of a message (RFC 1035, section 4.1.1).
const HEADER: usize = 12;

/// The values of the settings that `declared`, the manifest's `reach.dns`, names.
pub(super) fn servers<'a>(
    declared: &[String],
    setting: impl Fn(&str) -> Option<&'a str>,
) -> Vec<String> {
    let names = declared.iter().filter_map(|entry| entry.strip_prefix('{')?.strip_suffix('}'));
    names.filter_map(setting).map(str::to_owned).collect()
}

impl Call {
    /// Sends `message` to `server` and gives back the answer: over UDP where the message is small,
    /// over TCP when it is large or the answer was cut.
    ///
    /// # Errors
    /// When no setting names the server, the message is none, or no answer came.
    pub(crate) async fn exchange(&self, server: &str, message: &[u8]) -> Result<Vec<u8>, Error> {
        self.take_request()?;
        if !self.services.servers.iter().any(|known| known == server) {
            return Err(Error::config(format!(
                "refused to ask `{server}`: no setting of the provider names this DNS server"
            )));
        }
        if !(HEADER..=usize::from(u16::MAX)).contains(&message.len()) {
            let length = message.len();
            return Err(Error::permanent(format!("{length} octets are no DNS message")));
        }
        let unresolved = |why: &str| Error::transient(format!("DNS server `{server}`: {why}"));
        let (host, port) = host_and_port(server)
            .ok_or_else(|| Error::config(format!("`{server}` is not HOST or HOST:PORT")))?;
        let addresses = lookup_host((host, port)).await.map_err(|e| unresolved(&e.to_string()))?;
        let limit = self.services.answer_timeout.unwrap_or(TIMEOUT);
        let mut reason = "no address".to_owned();
        for address in addresses {
            match timeout(limit, ask(address, message)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(error)) => reason = error.to_string(),
                Err(_) => reason = format!("it was silent for {} s", limit.as_secs()),
            }
        }
        Err(Error::transient(format!("no answer from DNS server `{server}`: {reason}")))
    }
}

async fn ask(server: SocketAddr, message: &[u8]) -> io::Result<Vec<u8>> {
    if message.len() <= UDP_LIMIT {
        let answer = over_udp(server, message).await?;
        if !is_cut(&answer) {
            return Ok(answer);
        }
    }
    over_tcp(server, message).await
}

/// Asks again and again, as long as the caller waits; sending the same message twice does no harm.
async fn over_udp(server: SocketAddr, message: &[u8]) -> io::Result<Vec<u8>> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    loop {
        // A new port for each try. Connected: the system drops what others send.
        let socket = UdpSocket::bind((any, 0)).await?;
        socket.connect(server).await?;
        let round = async {
            socket.send(message).await?;
            let mut answer = vec![0; usize::from(u16::MAX)];
            loop {
                let length = socket.recv(&mut answer).await?;
                answer.truncate(length);
                if answers(&answer, message) {
                    return Ok(answer);
                }
                answer.resize(usize::from(u16::MAX), 0);
            }
        };
        if let Ok(outcome) = timeout(UDP_ROUND, round).await {
            return outcome;
        }
    }
}

async fn over_tcp(server: SocketAddr, message: &[u8]) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(message.len()).map_err(io::Error::other)?;
    // One write: some servers want length and message in one segment (RFC 7766, section 8).
    let framed = [length.to_be_bytes().as_slice(), message].concat();
    stream.write_all(&framed).await?;
    let mut answer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut answer).await?;
    if !answers(&answer, message) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the answer is to another message"));
    }
    Ok(answer)
}

/// True for a response with the ID of `message`.
fn answers(answer: &[u8], message: &[u8]) -> bool {
    answer.len() >= HEADER
        && answer.get(..2) == message.get(..2)
        && answer.get(2).is_some_and(|flags| flags & 0x80 != 0)
}

/// The TC bit.
fn is_cut(answer: &[u8]) -> bool {
    answer.get(2).is_some_and(|flags| flags & 0x02 != 0)
}

/// `HOST`, `HOST:PORT`, `ADDRESS`, `[ADDRESS]` or `[ADDRESS]:PORT`.
fn host_and_port(server: &str) -> Option<(&str, u16)> {
    const PORT: u16 = 53;
    if server.parse::<Ipv6Addr>().is_ok() {
        return Some((server, PORT));
    }
    let (host, port) = match server.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(bracketed) => {
            let (host, rest) = bracketed?;
            (host, if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) })
        }
        None => match server.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (server, None),
        },
    };
    let port = port.map_or(Some(PORT), |port| port.parse().ok())?;
    (!host.is_empty()).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;
    use wildcert_plugin_sdk::ErrorKind;

    use super::{super::call::tests_support::call, *};

    const REACH: &str = "[reach]\ndns = ['{SERVER}']\n";
    const QUESTION: [u8; 12] = [0xab, 0xcd, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    fn response(flags: u8, last: u8) -> Vec<u8> {
        let mut answer = QUESTION.to_vec();
        answer[2] |= flags;
        answer.push(last);
        answer
    }

    /// Both transports on one port.
    async fn server() -> (UdpSocket, TcpListener, String) {
        loop {
            let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = tcp.local_addr().unwrap();
            if let Ok(udp) = UdpSocket::bind(address).await {
                return (udp, tcp, address.to_string());
            }
        }
    }

    #[tokio::test]
    async fn a_small_message_goes_over_udp_and_only_its_answer_counts() {
        let (udp, _tcp, server) = server().await;
        let serving = tokio::spawn(async move {
            let mut buffer = [0; 512];
            // The first try is lost.
            udp.recv_from(&mut buffer).await.unwrap();
            let (length, peer) = udp.recv_from(&mut buffer).await.unwrap();
            assert_eq!(buffer[..length], QUESTION);
            let mut stray = response(0x80, 1);
            stray[0] ^= 1;
            udp.send_to(&stray, peer).await.unwrap();
            udp.send_to(&QUESTION, peer).await.unwrap();
            udp.send_to(&response(0x80, 2), peer).await.unwrap();
        });
        let call = call(REACH, &[("SERVER", &server)]);
        assert_eq!(call.exchange(&server, &QUESTION).await, Ok(response(0x80, 2)));
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn a_silent_server_is_waited_for_as_long_as_the_user_says() {
        let (_udp, _tcp, server) = server().await;
        let wait = "[[config]]\nname = 'WAIT'\nhelp = ''\nrole = 'http-timeout'\ndefault = '1'\n";
        let call = call(&format!("{REACH}{wait}"), &[("SERVER", &server)]);
        let error = call.exchange(&server, &QUESTION).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Transient);
        assert!(error.message.ends_with("it was silent for 1 s"), "{error}");
    }

    #[tokio::test]
    async fn a_cut_answer_and_a_large_message_go_over_tcp() {
        let (udp, tcp, server) = server().await;
        let serving = tokio::spawn(async move {
            let mut buffer = [0; 512];
            let (_, peer) = udp.recv_from(&mut buffer).await.unwrap();
            udp.send_to(&response(0x82, 1), peer).await.unwrap();
            for expected in [12, 2000] {
                let (mut stream, _) = tcp.accept().await.unwrap();
                let length = stream.read_u16().await.unwrap();
                assert_eq!(length, expected);
                stream.read_exact(&mut vec![0; length.into()]).await.unwrap();
                stream.write_all(&[0, 13]).await.unwrap();
                stream.write_all(&response(0x80, 2)).await.unwrap();
            }
        });
        let call = call(REACH, &[("SERVER", &server)]);
        assert_eq!(call.exchange(&server, &QUESTION).await, Ok(response(0x80, 2)));
        let mut large = QUESTION.to_vec();
        large.resize(2000, 0);
        assert_eq!(call.exchange(&server, &large).await, Ok(response(0x80, 2)));
        serving.await.unwrap();
    }

    #[tokio::test]
    async fn only_servers_of_the_settings_are_asked() {
        let call = call(REACH, &[("SERVER", "127.0.0.1:53")]);
        for other in ["127.0.0.1", "127.0.0.1:54", "evil.test", ""] {
            let error = call.exchange(other, &QUESTION).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Config, "{other}");
        }
        let error = call.exchange("127.0.0.1:53", &[0; 11]).await.unwrap_err();
        assert_eq!(error.message, "11 octets are no DNS message");
    }

    #[test]
    fn how_a_server_is_written() {
        for (text, expected) in [
            ("ns1.example", Some(("ns1.example", 53))),
            ("ns1.example:5353", Some(("ns1.example", 5353))),
            ("192.0.2.1", Some(("192.0.2.1", 53))),
            ("192.0.2.1:54", Some(("192.0.2.1", 54))),
            ("2001:db8::1", Some(("2001:db8::1", 53))),
            ("[2001:db8::1]", Some(("2001:db8::1", 53))),
            ("[2001:db8::1]:54", Some(("2001:db8::1", 54))),
            ("[2001:db8::1]54", None),
            ("ns1.example:domain", None),
            ("ns1:5:3", None),
            (":53", None),
            ("", None),
        ] {
            assert_eq!(host_and_port(text), expected, "{text}");
        }
    }
}
