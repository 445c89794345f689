//! Where a certificate is served.

use std::{fmt, net::IpAddr, str::FromStr};

use rustls::pki_types::ServerName;
use wildcert_dns::{AddressFault, OwnerName, host_and_port};

use super::served::covers;

/// A server's address and how it speaks: `[PROTOCOL://][NAME@]HOST[:PORT]`.
///
/// PROTOCOL is `smtp`, `imap`, `pop3` or `ftp` where TLS begins after a word of that protocol
/// (STARTTLS), and `tls` or `https`, or nothing, where it begins at once. NAME is the server name to
/// ask for (SNI) in place of HOST. The port is the protocol's own when it is left out.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Endpoint {
    /// An IP address without brackets, or a name as A-labels without the trailing dot.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// What is spoken before TLS begins.
    pub protocol: Protocol,
    /// The server name to ask for, as A-labels; none: the host, when it is a name.
    pub name: Option<String>,
}

/// What is spoken before TLS begins.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Protocol {
    /// Nothing.
    #[default]
    Tls,
    /// SMTP with STARTTLS (RFC 3207).
    Smtp,
    /// IMAP with STARTTLS (RFC 9051 §6.2.1).
    Imap,
    /// POP3 with STLS (RFC 2595).
    Pop3,
    /// FTP with AUTH TLS (RFC 4217).
    Ftp,
}

/// A text that names no endpoint.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{given}` is no endpoint: {fault}")]
pub struct EndpointError {
    /// The text.
    pub given: String,
    /// What is wrong with it.
    pub fault: EndpointFault,
}

/// What is wrong with the text of an endpoint.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointFault {
    /// Host or port.
    #[error(transparent)]
    Address(#[from] AddressFault),
    /// The server name.
    #[error("`{0}` is no server name")]
    Name(String),
    /// The protocol.
    #[error("`{0}` is none of tls, https, smtp, imap, pop3, ftp")]
    Protocol(String),
}

impl Endpoint {
    /// The server name that is asked for: the endpoint's own, else `name`, else the host when it is
    /// no address.
    pub fn server_name<'a>(&'a self, name: Option<&'a str>) -> Option<&'a str> {
        let host = || Some(self.host.as_str()).filter(|host| host.parse::<IpAddr>().is_err());
        self.name.as_deref().or(name).or_else(host)
    }

    /// The server name to ask for where a certificate for `domains` should be served: none when the
    /// endpoint has one itself, or its host is such a name; else one that the certificate is for.
    pub fn name_for(&self, domains: &[String]) -> Option<String> {
        if self.name.is_some() || covers(domains, &self.host) {
            return None;
        }
        let plain = domains.iter().find(|domain| !domain.starts_with("*."));
        Some(plain.or(domains.first())?.replacen('*', "www", 1))
    }

    /// A server name as A-labels without the trailing dot.
    ///
    /// # Errors
    /// When it is none: empty, an address, a wildcard.
    pub fn parse_name(text: &str) -> Result<String, EndpointFault> {
        let name = ascii(text).filter(|name| name.parse::<IpAddr>().is_err());
        let valid = name.filter(|name| ServerName::try_from(name.as_str()).is_ok());
        valid.ok_or_else(|| EndpointFault::Name(text.to_owned()))
    }
}

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        parse(text).map_err(|fault| EndpointError { given: text.to_owned(), fault })
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.protocol != Protocol::Tls {
            write!(f, "{}://", self.protocol)?;
        }
        if let Some(name) = &self.name {
            write!(f, "{name}@")?;
        }
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tls => "tls",
            Self::Smtp => "smtp",
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
            Self::Ftp => "ftp",
        })
    }
}

fn parse(text: &str) -> Result<Endpoint, EndpointFault> {
    let (scheme, rest) = text.split_once("://").unwrap_or(("tls", text));
    let (protocol, port) = match scheme.to_ascii_lowercase().as_str() {
        "tls" | "https" => (Protocol::Tls, 443),
        "smtp" => (Protocol::Smtp, 25),
        "imap" => (Protocol::Imap, 143),
        "pop3" => (Protocol::Pop3, 110),
        "ftp" => (Protocol::Ftp, 21),
        _ => return Err(EndpointFault::Protocol(scheme.to_owned())),
    };
    // Addresses that people copy from a browser end so.
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    let (name, address) = match rest.rsplit_once('@') {
        Some((name, address)) => (Some(Endpoint::parse_name(name)?), address),
        None => (None, rest),
    };
    let (host, port) = host_and_port(address, port)?;
    let host = ascii(&host).ok_or(AddressFault::Host(host))?;
    Ok(Endpoint { host, port, protocol, name })
}

/// A name as A-labels without the trailing dot, an address as it is.
fn ascii(text: &str) -> Option<String> {
    if text.parse::<IpAddr>().is_ok() {
        return Some(text.to_owned());
    }
    let owner: OwnerName = text.parse().ok()?;
    Some(owner.to_string().trim_end_matches('.').to_owned()).filter(|name| !name.is_empty())
}
