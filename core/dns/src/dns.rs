//! The handle through which everything is asked, and what it is made from.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::address::{NameserverOverride, ResolverAddr};
use crate::error::Error;
use crate::flight::Flights;
use crate::locate::Location;
use crate::name::{OwnerName, ZoneName};
use crate::wire;

/// Whom to ask, and how long to wait for one answer.
#[derive(Clone, Debug)]
pub struct DnsOptions {
    /// The servers of zones, in place of their NS records.
    pub nameservers: Vec<NameserverOverride>,
    /// The recursive resolvers, tried in this order; empty means those of the operating system.
    pub resolvers: Vec<ResolverAddr>,
    /// How long one server has to answer one question.
    pub query_timeout: Duration,
}

/// A DNS server by the name under which the user or the zone knows it.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Server {
    /// `ns1.example.com.` from an NS record, or the host of an override.
    pub name: String,
    /// One of its addresses; each address counts as a server.
    pub address: SocketAddr,
}

/// Finds zones and servers, and watches records appear; a cheap handle on one shared cache.
///
/// What was found stays for as long as one of its clones lives, which should be one run. Any of
/// its futures may be dropped at any time.
#[derive(Clone, Debug)]
pub struct Dns {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) options: DnsOptions,
    pub(crate) system: Result<Vec<SocketAddr>, String>,
    pub(crate) hosts: Flights<(String, u16), Vec<Server>>,
    pub(crate) locations: Flights<OwnerName, Location>,
    pub(crate) zones: Flights<ZoneName, Vec<Server>>,
    pub(crate) gates: Mutex<HashMap<SocketAddr, Arc<Semaphore>>>,
}

impl Dns {
    /// Reads the operating system's resolver configuration, unless the options name resolvers.
    ///
    /// # Errors
    /// [`Error::NoResolvers`] when the options name no server at all and the system has no
    /// resolver. With overrides alone that is an error only when a name outside them is asked for.
    pub fn new(options: DnsOptions) -> Result<Self, Error> {
        let system = match options.resolvers.as_slice() {
            [] => wire::system_resolvers(),
            _ => Ok(Vec::new()),
        };
        if let (Err(reason), []) = (&system, options.nameservers.as_slice()) {
            return Err(Error::NoResolvers { reason: reason.clone() });
        }
        let shared = Shared {
            options,
            system,
            hosts: Flights::default(),
            locations: Flights::default(),
            zones: Flights::default(),
            gates: Mutex::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }
}

impl Default for DnsOptions {
    /// The system's resolvers, no overrides, two seconds for an answer.
    fn default() -> Self {
        Self {
            nameservers: Vec::new(),
            resolvers: Vec::new(),
            query_timeout: Duration::from_secs(2),
        }
    }
}

impl fmt::Display for Server {
    /// `ns1.example.com. (192.0.2.1:53)`, or the address alone when that is all its name says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.name.parse() == Ok::<IpAddr, _>(self.address.ip()) {
            write!(f, "{}", self.address)
        } else {
            write!(f, "{} ({})", self.name, self.address)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_named_by_its_address_prints_it_once() {
        let address = "192.0.2.1:53".parse().unwrap();
        let server = Server { name: "192.0.2.1".to_owned(), address };
        assert_eq!(server.to_string(), "192.0.2.1:53");
        let server = Server { name: "ns1.example.com.".to_owned(), address };
        assert_eq!(server.to_string(), "ns1.example.com. (192.0.2.1:53)");
    }
}
