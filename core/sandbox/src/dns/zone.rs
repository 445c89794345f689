//! One zone: its records, and what is found in it under a name.

use std::collections::BTreeMap;

use hickory_proto::ProtoError;
use hickory_proto::rr::rdata::{A, NS, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// The records of one owner name and type.
#[derive(Clone)]
pub(super) struct RrSet {
    pub(super) ttl: u32,
    pub(super) data: Vec<RData>,
}

/// All RRsets of one owner name; never empty inside a zone.
pub(super) type Node = BTreeMap<RecordType, RrSet>;

/// A zone with all its records.
#[derive(Clone)]
pub(super) struct Zone {
    origin: Name,
    nodes: BTreeMap<Name, Node>,
}

/// What a zone holds for a name and type (RFC 1034 §4.3.2).
pub(super) enum Found {
    /// Records of that type.
    Records(Vec<Record>),
    /// A CNAME in place of them, and its target.
    Alias(Box<Record>, Name),
    /// The name is below a zone cut: the NS records of the cut.
    Referral(Vec<Record>),
    /// The name exists, without records of that type.
    NoData,
    /// The name does not exist.
    NoName,
}

impl Zone {
    /// A zone with an SOA record and one name server, `ns1.<origin>` at 127.0.0.1.
    pub(super) fn new(origin: Name) -> Result<Self, ProtoError> {
        let server = origin.prepend_label("ns1")?;
        let contact = origin.prepend_label("hostmaster")?;
        let mut zone = Self { origin: origin.clone(), nodes: BTreeMap::new() };
        let soa = SOA::new(server.clone(), contact, 1, 3600, 600, 86_400, NEGATIVE_TTL);
        zone.add(&origin, TTL, RData::SOA(soa));
        zone.add(&origin, TTL, RData::NS(NS(server.clone())));
        zone.add(&server, TTL, RData::A(A::new(127, 0, 0, 1)));
        Ok(zone)
    }

    /// Delegates a child zone made by [`Zone::new`]: NS record and glue.
    pub(super) fn delegate(&mut self, child: &Name) -> Result<(), ProtoError> {
        let server = child.prepend_label("ns1")?;
        self.add(child, TTL, RData::NS(NS(server.clone())));
        self.add(&server, TTL, RData::A(A::new(127, 0, 0, 1)));
        Ok(())
    }

    pub(super) fn origin(&self) -> &Name {
        &self.origin
    }

    /// Every record, in canonical order of owner names.
    pub(super) fn records(&self) -> impl Iterator<Item = Record> {
        self.nodes
            .iter()
            .flat_map(|(owner, node)| node.values().flat_map(move |rrset| records(owner, rrset)))
    }

    /// The records of exactly this name and type: no wildcard, no zone cut.
    pub(super) fn rrset(&self, owner: &Name, rtype: RecordType) -> Option<&RrSet> {
        self.node(owner)?.get(&rtype)
    }

    pub(super) fn node(&self, owner: &Name) -> Option<&Node> {
        self.nodes.get(owner)
    }

    pub(super) fn soa(&self) -> Option<(u32, &SOA)> {
        let rrset = self.rrset(&self.origin, RecordType::SOA)?;
        match rrset.data.first()? {
            RData::SOA(soa) => Some((rrset.ttl, soa)),
            _ => None,
        }
    }

    /// Looks a name up as an authoritative server does: zone cuts, CNAME, wildcards (RFC 4592).
    pub(super) fn find(&self, name: &Name, rtype: RecordType) -> Found {
        if let Some((cut, servers)) = self.cut(name, rtype) {
            return Found::Referral(records(&cut, servers).collect());
        }
        if let Some(node) = self.nodes.get(name) {
            return in_node(name, node, rtype);
        }
        if self.exists(name) {
            return Found::NoData;
        }
        let mut encloser = name.base_name();
        while encloser != self.origin && !encloser.is_root() && !self.exists(&encloser) {
            encloser = encloser.base_name();
        }
        let wildcard = encloser.prepend_label("*").ok();
        match wildcard.and_then(|wildcard| self.nodes.get(&wildcard)) {
            Some(node) => in_node(name, node, rtype),
            None => Found::NoName,
        }
    }

    /// Adds a record, or gives its RRset the new TTL where it is there already.
    pub(super) fn add(&mut self, owner: &Name, ttl: u32, data: RData) {
        let node = self.nodes.entry(owner.to_lowercase()).or_default();
        let rtype = data.record_type();
        let rrset = node.entry(rtype).or_insert(RrSet { ttl, data: Vec::new() });
        rrset.ttl = ttl;
        if matches!(rtype, RecordType::SOA | RecordType::CNAME) {
            rrset.data.clear();
        }
        if !rrset.data.contains(&data) {
            rrset.data.push(data);
        }
    }

    /// Removes exactly one record, where it is there.
    pub(super) fn remove(&mut self, owner: &Name, data: &RData) {
        let Some(node) = self.nodes.get_mut(owner) else { return };
        if let Some(rrset) = node.get_mut(&data.record_type()) {
            rrset.data.retain(|present| present != data);
        }
        self.prune(owner);
    }

    /// Removes an RRset, where it is there.
    pub(super) fn remove_rrset(&mut self, owner: &Name, rtype: RecordType) {
        if let Some(node) = self.nodes.get_mut(owner) {
            node.remove(&rtype);
        }
        self.prune(owner);
    }

    /// Counts the serial of the zone up by one (RFC 1982).
    pub(super) fn bump_serial(&mut self) {
        let soa = self.nodes.get_mut(&self.origin).and_then(|node| node.get_mut(&RecordType::SOA));
        if let Some(RData::SOA(soa)) = soa.and_then(|rrset| rrset.data.first_mut()) {
            soa.serial = soa.serial.wrapping_add(1);
        }
    }

    fn prune(&mut self, owner: &Name) {
        if let Some(node) = self.nodes.get_mut(owner) {
            node.retain(|_, rrset| !rrset.data.is_empty());
            if node.is_empty() {
                self.nodes.remove(owner);
            }
        }
    }

    /// Whether a name has records or is an empty non-terminal.
    fn exists(&self, name: &Name) -> bool {
        self.nodes.keys().any(|owner| name.zone_of(owner))
    }

    /// The zone cut nearest to the origin at or above a name, other than the origin itself.
    fn cut(&self, name: &Name, rtype: RecordType) -> Option<(Name, &RrSet)> {
        let mut found = None;
        let mut at = name.clone();
        while at != self.origin && !at.is_root() {
            // The DS record is the one thing at a cut that belongs to the parent (RFC 4035 §3.1.4.1).
            let parent_side = rtype == RecordType::DS && at == *name;
            if let Some(rrset) = self.rrset(&at, RecordType::NS).filter(|_| !parent_side) {
                found = Some((at.clone(), rrset));
            }
            at = at.base_name();
        }
        found
    }
}

/// The records of an RRset under an owner name.
pub(super) fn records<'a>(owner: &'a Name, rrset: &'a RrSet) -> impl Iterator<Item = Record> + 'a {
    rrset.data.iter().map(|data| Record::from_rdata(owner.clone(), rrset.ttl, data.clone()))
}

fn in_node(owner: &Name, node: &Node, rtype: RecordType) -> Found {
    // One RRset is enough for ANY (RFC 8482).
    let wanted = match rtype {
        RecordType::ANY => node.values().next(),
        rtype => node.get(&rtype),
    };
    if let Some(rrset) = wanted {
        return Found::Records(records(owner, rrset).collect());
    }
    let alias = node.get(&RecordType::CNAME).and_then(|rrset| records(owner, rrset).next());
    match alias {
        Some(record) => match record.data.clone() {
            RData::CNAME(target) => Found::Alias(Box::new(record), target.0.to_lowercase()),
            _ => Found::NoData,
        },
        None => Found::NoData,
    }
}

/// TTL of the records each zone begins with.
pub(super) const TTL: u32 = 60;
/// How long a negative answer may be cached: one second, as records come and go here.
const NEGATIVE_TTL: u32 = 1;
