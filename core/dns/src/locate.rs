//! Where the TXT records of a challenge belong: after CNAMEs, in which zone, on which servers.

use std::collections::BTreeSet;
use std::hash::{BuildHasher, RandomState};
use std::net::SocketAddr;

use futures_util::future::join_all;

use crate::dns::{Dns, Server};
use crate::error::Error;
use crate::name::{OwnerName, ZoneName};
use crate::wire::{Code, Data, Kind, Reply};

/// Where TXT records for an owner name are to be put, and who must then answer with them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Location {
    /// The name that was asked for.
    pub owner: OwnerName,
    /// The name that takes the records: `owner`, or what its CNAME records lead to.
    pub target: OwnerName,
    /// The zone that `target` lies in.
    pub zone: ZoneName,
    /// Every address of the zone's authoritative servers, or of those the user named for it.
    pub servers: Vec<Server>,
    /// The owners of the CNAME records followed, `owner` first; empty where there is none.
    pub via: Vec<OwnerName>,
}

impl Dns {
    /// Finds where the TXT records of a challenge belong.
    ///
    /// CNAME records are followed, but not one that only a wildcard record synthesises (RFC 4592
    /// §2.2.1): it is gone as soon as the TXT record exists. Calls run at the same time share their
    /// look-ups, so that all names of a certificate should be located together.
    ///
    /// # Errors
    /// CNAME loops and chains of more than 8 records, names in no zone, zones without servers, and
    /// servers that do not answer.
    pub async fn locate(&self, owner: &OwnerName) -> Result<Location, Error> {
        self.shared.locations.get(owner, || self.find(owner)).await
    }

    async fn find(&self, owner: &OwnerName) -> Result<Location, Error> {
        let mut target = owner.clone();
        let mut via = Vec::new();
        let zone = loop {
            // The negative answer to this one question bears the zone's SOA record (RFC 2308 §3),
            // so that in the common case it finds both: that there is no CNAME, and the zone.
            let (server, reply) = self.ask(&target, Kind::Cname).await?;
            match alias(&target, &reply)? {
                None => match self.cut(&target, &server, &reply)? {
                    Some(zone) => break zone,
                    None => break self.climb(Some(target.clone()), &target).await?,
                },
                Some(next) if self.is_synthesised(&target, &next).await? => {
                    break self.climb(target.parent(), &target).await?;
                }
                Some(next) => {
                    via.push(std::mem::replace(&mut target, next));
                    check_chain(owner, &via, &target)?;
                }
            }
        };
        if zone.is_root() {
            return Err(Error::NoZone { owner: target });
        }
        let servers = match self.overriding_servers(&target).await? {
            Some(servers) => servers,
            None => self.shared.zones.get(&zone, || self.zone_servers(&zone)).await?,
        };
        Ok(Location { owner: owner.clone(), target, zone, servers, via })
    }

    /// Asks for the SOA record at the name and, while no answer tells the zone, one label up.
    async fn climb(
        &self,
        mut start: Option<OwnerName>,
        target: &OwnerName,
    ) -> Result<ZoneName, Error> {
        let overriding = self.overriding_zone(target);
        while let Some(name) = start {
            // Above an override other servers answer, who know nothing of what is below it.
            if self.overriding_zone(&name) != overriding {
                break;
            }
            let (server, reply) = self.ask(&name, Kind::Soa).await?;
            if let Some(zone) = self.cut(&name, &server, &reply)? {
                return Ok(zone);
            }
            start = name.parent();
        }
        Err(Error::NoZone { owner: target.clone() })
    }

    /// The zone that the answer shows the name to be in: the owner of its SOA record.
    fn cut(
        &self,
        name: &OwnerName,
        server: &Server,
        reply: &Reply,
    ) -> Result<Option<ZoneName>, Error> {
        let above = |owner: &str| owner.parse::<ZoneName>().ok().filter(|zone| name.is_in(zone));
        // Behind a CNAME the SOA record in the authority section is that of the target's zone.
        let is_alias = reply.answers.iter().any(|record| matches!(record.data, Data::Cname(_)));
        let authority = reply.authority.iter().filter(|_| !is_alias);
        let mut soa = reply
            .answers
            .iter()
            .chain(authority)
            .filter(|record| matches!(record.data, Data::Soa { .. }));
        if let Some(zone) = soa.find_map(|record| above(&record.owner)) {
            return Ok(Some(zone));
        }
        // A referral: only a server that the user named for a zone above can give one. One that
        // points upwards instead comes from a server that does not have the zone.
        let overriding = self.overriding_zone(name);
        let is_below = |child: &ZoneName| {
            overriding
                .is_some_and(|zone| child != zone && OwnerName::from(child.clone()).is_in(zone))
        };
        let child = reply
            .authority
            .iter()
            .filter(|record| reply.code == Code::NoError && matches!(record.data, Data::Ns(_)))
            .filter(|_| reply.answers.is_empty())
            .find_map(|record| above(&record.owner).filter(is_below));
        match child {
            Some(child) => {
                Err(Error::Delegated { owner: name.clone(), child, server: server.clone() })
            }
            None => Ok(None),
        }
    }

    /// Whether the CNAME at `owner` comes from a wildcard record.
    ///
    /// A wildcard answers for every name below its parent that does not exist, at any depth; so if
    /// `owner` does not exist either, a random name below it has the same CNAME. If `owner` does
    /// exist, no wildcard above it answers for names below it (RFC 4592 §2.2.1, §3.3.1). A sibling
    /// would tell less: a wildcard may have the very target that `owner` has by itself.
    async fn is_synthesised(&self, owner: &OwnerName, target: &OwnerName) -> Result<bool, Error> {
        let label = format!("wildcert-{:016x}", RandomState::new().hash_one(owner));
        let Some(probe) = owner.child(&label) else {
            return Ok(false);
        };
        match self.ask(&probe, Kind::Cname).await {
            Ok((_, reply)) => Ok(alias(&probe, &reply)?.as_ref() == Some(target)),
            // Some servers fail for names below a CNAME; a wildcard would have answered.
            Err(Error::NoAnswer { .. }) => Ok(false),
            Err(other) => Err(other),
        }
    }

    /// Every address of every server in the zone's NS records.
    ///
    /// A name server without address is left out, loudly, as long as another one has an address:
    /// nobody else can ask it either.
    async fn zone_servers(&self, zone: &ZoneName) -> Result<Vec<Server>, Error> {
        let apex = OwnerName::from(zone.clone());
        let (_, reply) = self.ask(&apex, Kind::Ns).await?;
        let names: BTreeSet<String> = reply
            .answers
            .into_iter()
            .filter(|record| record.owner == apex.as_str())
            .filter_map(|record| match record.data {
                Data::Ns(name) => Some(name),
                _ => None,
            })
            .collect();
        let found = join_all(names.iter().map(|name| self.name_server(name))).await;

        let mut servers: Vec<Server> = Vec::new();
        let mut faults = Vec::new();
        for (name, result) in names.iter().zip(found) {
            match result {
                Ok(addresses) => servers.extend(addresses),
                Err(reason) => {
                    tracing::warn!(%zone, server = %name, %reason, "name server left out");
                    faults.push(format!("`{name}`: {reason}"));
                }
            }
        }
        if servers.is_empty() {
            let reason = match faults.as_slice() {
                [] => "it has no NS records".to_owned(),
                faults => faults.join("; "),
            };
            return Err(Error::NoServers { zone: zone.clone(), reason });
        }
        // Two names of one address are one server.
        servers.sort_by(|a, b| (a.address, &a.name).cmp(&(b.address, &b.name)));
        servers.dedup_by_key(|server| server.address);
        Ok(servers)
    }

    /// The addresses of one name server, of both families where there are both.
    async fn name_server(&self, name: &str) -> Result<Vec<Server>, String> {
        let owner: OwnerName = name.parse().map_err(|e: Error| e.to_string())?;
        let (v4, v6) = tokio::join!(self.ask(&owner, Kind::A), self.ask(&owner, Kind::Aaaa));
        let mut servers = Vec::new();
        let mut fault = None;
        for result in [v4, v6] {
            match result {
                Ok((_, reply)) => servers.extend(reply.answers.iter().filter_map(|record| {
                    let Data::Address(ip) = record.data else { return None };
                    Some(Server { name: name.to_owned(), address: SocketAddr::new(ip, DNS_PORT) })
                })),
                Err(error) => fault = Some(error.to_string()),
            }
        }
        match fault {
            Some(fault) if servers.is_empty() => Err(fault),
            None if servers.is_empty() => Err("it has no address".to_owned()),
            _ => Ok(servers),
        }
    }
}

/// The longest chain followed; resolvers stop at a similar length.
const MAX_CHAIN: usize = 8;
const DNS_PORT: u16 = 53;

/// The target of the CNAME record at the name, if there is one.
fn alias(name: &OwnerName, reply: &Reply) -> Result<Option<OwnerName>, Error> {
    let target = reply.answers.iter().find_map(|record| match &record.data {
        Data::Cname(target) if record.owner == name.as_str() => Some(target),
        _ => None,
    });
    match target.map(|target| target.parse()) {
        None => Ok(None),
        Some(Ok(target)) => Ok(Some(target)),
        Some(Err(Error::Name { name: target, fault })) => {
            Err(Error::AliasTarget { owner: name.clone(), target, fault })
        }
        Some(Err(other)) => Err(other),
    }
}

fn check_chain(owner: &OwnerName, via: &[OwnerName], next: &OwnerName) -> Result<(), Error> {
    let last = via.last().unwrap_or(owner).clone();
    if via.contains(next) {
        return Err(Error::AliasLoop { owner: owner.clone(), last, again: next.clone() });
    }
    if via.len() > MAX_CHAIN {
        return Err(Error::AliasChain { owner: owner.clone(), limit: MAX_CHAIN, last });
    }
    Ok(())
}
