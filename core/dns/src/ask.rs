//! Which servers a question goes to, and how the next one is tried when one fails.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::net::lookup_host;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::dns::{Dns, Server};
use crate::error::Error;
use crate::name::{OwnerName, ZoneName};
use crate::wire::{self, Code, Failure, Kind, Reply};

impl Dns {
    /// Asks the servers that are responsible for the name, in their order, until one answers.
    ///
    /// An answer is `NOERROR` or `NXDOMAIN`; the server that gave it comes with it.
    pub(crate) async fn ask(
        &self,
        owner: &OwnerName,
        kind: Kind,
    ) -> Result<(Server, Reply), Error> {
        let (servers, recursion) = match self.overriding_servers(owner).await? {
            Some(servers) => (servers, false),
            None => (self.resolvers().await?, true),
        };
        let mut tried = Vec::new();
        for round in 0..ROUNDS {
            if round > 0 {
                sleep(BETWEEN_ROUNDS).await;
            }
            tried.clear();
            for server in &servers {
                match self.exchange(server, owner, kind, recursion).await {
                    Ok(Reply { code: Code::Other(code), .. }) => {
                        tried.push(format!("{server}: {code}"));
                    }
                    Ok(reply) => return Ok((server.clone(), reply)),
                    Err(failure) => tried.push(format!("{server}: {failure}")),
                }
            }
        }
        Err(Error::NoAnswer { owner: owner.clone(), kind: kind.to_string(), tried })
    }

    /// Asks one server, with no more than a bounded number of questions to it at the same time.
    pub(crate) async fn exchange(
        &self,
        server: &Server,
        owner: &OwnerName,
        kind: Kind,
        recursion: bool,
    ) -> Result<Reply, Failure> {
        let gate = self.gate(server.address);
        // The gate is never closed, so that an error cannot come; without a permit all is well too.
        let _permit = gate.acquire().await.ok();
        let limit = self.shared.options.query_timeout;
        let result = wire::exchange(server.address, owner, kind, recursion, limit).await;
        tracing::debug!(%server, %owner, %kind, recursion, ?result, "asked");
        result
    }

    /// The zone of the longest override that the name is in.
    pub(crate) fn overriding_zone(&self, owner: &OwnerName) -> Option<&ZoneName> {
        let zones = self.shared.options.nameservers.iter().map(|server| &server.zone);
        zones.filter(|zone| owner.is_in(zone)).max_by_key(|zone| zone.label_count())
    }

    /// The servers that an override names for this name.
    pub(crate) async fn overriding_servers(
        &self,
        owner: &OwnerName,
    ) -> Result<Option<Vec<Server>>, Error> {
        let Some(zone) = self.overriding_zone(owner) else {
            return Ok(None);
        };
        let mut servers = Vec::new();
        for server in self.shared.options.nameservers.iter().filter(|server| server.zone == *zone) {
            servers.extend(self.host(&server.host, server.port).await?);
        }
        Ok(Some(servers))
    }

    async fn resolvers(&self) -> Result<Vec<Server>, Error> {
        let mut servers = Vec::new();
        for resolver in &self.shared.options.resolvers {
            servers.extend(self.host(&resolver.host, resolver.port).await?);
        }
        match &self.shared.system {
            Ok(addresses) => servers.extend(
                addresses
                    .iter()
                    .map(|address| Server { name: address.ip().to_string(), address: *address }),
            ),
            Err(reason) => return Err(Error::NoResolvers { reason: reason.clone() }),
        }
        Ok(servers)
    }

    /// The addresses of a configured server; a name is looked up the operating system's way, so
    /// that the hosts file counts and our own resolvers can have names.
    async fn host(&self, host: &str, port: u16) -> Result<Vec<Server>, Error> {
        let server = |address: SocketAddr| Server { name: host.to_owned(), address };
        if let Ok(ip) = host.parse() {
            return Ok(vec![server(SocketAddr::new(ip, port))]);
        }
        let key = (host.to_owned(), port);
        let find = || async {
            let fault = |reason: String| Error::NoAddress { host: host.to_owned(), reason };
            let found = lookup_host((host, port)).await.map_err(|e| fault(e.to_string()))?;
            let mut servers: Vec<Server> = found.map(server).collect();
            servers.sort();
            servers.dedup();
            if servers.is_empty() {
                return Err(fault("the name exists without one".to_owned()));
            }
            Ok(servers)
        };
        self.shared.hosts.get(&key, find).await
    }

    fn gate(&self, address: SocketAddr) -> Arc<Semaphore> {
        let mut gates = self.shared.gates.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(gates.entry(address).or_insert_with(|| Arc::new(Semaphore::new(IN_FLIGHT))))
    }
}

/// Questions to one server at the same time: each holds a socket, and servers limit rates.
const IN_FLIGHT: usize = 32;
/// A resolver's SERVFAIL is often gone a moment later.
const ROUNDS: usize = 2;
const BETWEEN_ROUNDS: Duration = Duration::from_millis(250);
