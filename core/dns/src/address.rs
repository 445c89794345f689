//! What the user writes to say which DNS servers to ask.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::error::{AddressFault, Error};
use crate::name::{OwnerName, ZoneName};

/// A recursive resolver: `HOST[:PORT]`, where HOST is an IPv4 address, an IPv6 address (in
/// brackets when a port follows) or a name, and the port is 53 when left out.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ResolverAddr {
    /// An IP address without brackets, or a name.
    pub host: String,
    /// The UDP and TCP port.
    pub port: u16,
}

/// The servers of a zone, in place of those its NS records name: `ZONE=HOST[:PORT]`.
///
/// Every question about names at or below the zone goes there. The same zone given twice means
/// two servers. A HOST that is a name stands for every address it has.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct NameserverOverride {
    /// The apex of the tree of names that this server answers for.
    pub zone: ZoneName,
    /// An IP address without brackets, or a name that the operating system can resolve.
    pub host: String,
    /// The UDP and TCP port.
    pub port: u16,
}

impl FromStr for ResolverAddr {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (host, port) =
            host_and_port(text, DNS_PORT).map_err(|fault| Error::address(text, fault))?;
        Ok(Self { host, port })
    }
}

impl FromStr for NameserverOverride {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let Some((zone, address)) = text.split_once('=') else {
            return Err(Error::address(text, AddressFault::NoZone));
        };
        let (host, port) =
            host_and_port(address, DNS_PORT).map_err(|fault| Error::address(text, fault))?;
        Ok(Self { zone: zone.parse()?, host, port })
    }
}

impl fmt::Display for ResolverAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_address(f, &self.host, self.port)
    }
}

impl fmt::Display for NameserverOverride {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}=", self.zone)?;
        write_address(f, &self.host, self.port)
    }
}

/// Takes `HOST[:PORT]` apart: HOST is an IPv4 address, an IPv6 address (in brackets when a port
/// follows, and given without them) or a name as it was written.
///
/// # Errors
/// What is wrong with the text.
pub fn host_and_port(text: &str, default_port: u16) -> Result<(String, u16), AddressFault> {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or(AddressFault::Bracket)?;
            let port = match port {
                "" => None,
                port => Some(port.strip_prefix(':').ok_or(AddressFault::Bracket)?),
            };
            if !matches!(host.parse(), Ok(IpAddr::V6(_))) {
                return Err(AddressFault::Bracket);
            }
            (host, port)
        }
        // More than one colon: an IPv6 address that stands alone.
        None if text.matches(':').count() > 1 => (text, None),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    if host.is_empty() {
        return Err(AddressFault::NoHost);
    }
    let is_ip = host.parse::<IpAddr>().is_ok();
    if !is_ip && host.parse::<OwnerName>().is_err() {
        return Err(AddressFault::Host(host.to_owned()));
    }
    let port = match port {
        None => default_port,
        Some(port) => match port.parse() {
            Ok(0) | Err(_) => return Err(AddressFault::Port(port.to_owned())),
            Ok(port) => port,
        },
    };
    Ok((host.to_owned(), port))
}

const DNS_PORT: u16 = 53;

fn write_address(f: &mut fmt::Formatter<'_>, host: &str, port: u16) -> fmt::Result {
    if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_parse_and_print() {
        let table = [
            ("192.0.2.1", "192.0.2.1:53"),
            ("192.0.2.1:5353", "192.0.2.1:5353"),
            ("[2001:db8::1]:5353", "[2001:db8::1]:5353"),
            ("[2001:db8::1]", "[2001:db8::1]:53"),
            ("2001:db8::1", "[2001:db8::1]:53"),
            ("ns.example.com:54", "ns.example.com:54"),
            ("dns", "dns:53"),
        ];
        for (input, expected) in table {
            let address: ResolverAddr = input.parse().unwrap();
            assert_eq!(address.to_string(), expected, "{input}");
            assert_eq!(expected.parse::<ResolverAddr>().unwrap(), address);
            let over: NameserverOverride = format!("Example.COM={input}").parse().unwrap();
            assert_eq!(over.to_string(), format!("example.com.={expected}"));
            assert_eq!((over.host, over.port), (address.host, address.port));
        }
    }

    #[test]
    fn wrong_addresses_say_what_is_wrong() {
        let table = [
            ("", "HOST is missing"),
            (":53", "HOST is missing"),
            ("192.0.2.1:0", "`0` is not a port (1 to 65535)"),
            ("192.0.2.1:65536", "`65536` is not a port (1 to 65535)"),
            ("192.0.2.1:", "`` is not a port (1 to 65535)"),
            ("a b:53", "`a b` is neither an IP address nor a name"),
            ("1:2:3", "`1:2:3` is neither an IP address nor a name"),
            ("[::1", "brackets go around an IPv6 address, as in `[2001:db8::1]:53`"),
            ("[127.0.0.1]:53", "brackets go around an IPv6 address, as in `[2001:db8::1]:53`"),
            ("[::1]53", "brackets go around an IPv6 address, as in `[2001:db8::1]:53`"),
        ];
        for (input, expected) in table {
            let error = input.parse::<ResolverAddr>().unwrap_err();
            assert_eq!(error.to_string(), format!("`{input}` names no DNS server: {expected}"));
        }
        let error = "192.0.2.1:53".parse::<NameserverOverride>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "`192.0.2.1:53` names no DNS server: the zone is missing, as in `example.com=192.0.2.1:53`"
        );
        let error = "a..b=192.0.2.1".parse::<NameserverOverride>().unwrap_err();
        assert!(error.to_string().starts_with("`a..b` is not a usable domain name"), "{error}");
    }
}
