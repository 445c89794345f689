//! Dynamic updates (RFC 2136). A message is applied whole or not at all.

use hickory_proto::op::{Message, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType, SerialNumber};

use super::zone::Zone;
use super::zones::{Zones, presentation};
use crate::UpdateSeen;

/// Applies an UPDATE message.
///
/// # Errors
/// The response code with which RFC 2136 §3 refuses it; then nothing has changed.
pub(super) fn apply(zones: &mut Zones, message: &Message) -> Result<(), ResponseCode> {
    let [zone] = message.queries.as_slice() else { return Err(ResponseCode::FormErr) };
    if zone.query_type != RecordType::SOA {
        return Err(ResponseCode::FormErr);
    }
    if zone.query_class != DNSClass::IN {
        return Err(ResponseCode::NotAuth);
    }
    let zone = zones.zone(&zone.name).ok_or(ResponseCode::NotAuth)?;
    check_prerequisites(zone, &message.answers)?;
    for record in &message.authorities {
        check_form(zone, record)?;
    }
    let mut changed = zone.clone();
    for record in &message.authorities {
        apply_record(&mut changed, record);
    }
    // Records are equal whatever their TTL, so that is compared beside them.
    let with_ttl = |record: Record| (record.ttl, record);
    if !zone.records().map(with_ttl).eq(changed.records().map(with_ttl)) {
        let serial = |zone: &Zone| zone.soa().map(|(_, soa)| soa.serial);
        if serial(zone) == serial(&changed) {
            changed.bump_serial();
        }
        zones.replace(changed);
    }
    Ok(())
}

/// What an UPDATE message asks for, for the log.
pub(super) fn seen(message: &Message, tsig_ok: bool, code: ResponseCode) -> UpdateSeen {
    let of_class = |adds: bool| {
        let records = message.authorities.iter();
        let records = records.filter(|record| (record.dns_class == DNSClass::IN) == adds);
        records.map(presentation).collect()
    };
    let zone = message.queries.first().map(|zone| zone.name.to_lowercase().to_ascii());
    UpdateSeen {
        zone: zone.unwrap_or_default(),
        adds: of_class(true),
        deletes: of_class(false),
        tsig_ok,
        response_code: mnemonic(code).to_owned(),
    }
}

/// RFC 2136 §3.2.
fn check_prerequisites(zone: &Zone, prerequisites: &[Record]) -> Result<(), ResponseCode> {
    let mut expected = Vec::<&Record>::new();
    for record in prerequisites {
        if record.ttl != 0 {
            return Err(ResponseCode::FormErr);
        }
        if !zone.origin().zone_of(&record.name) {
            return Err(ResponseCode::NotZone);
        }
        let node = zone.node(&record.name);
        let rtype = record.record_type();
        let rrset_there = node.is_some_and(|node| node.contains_key(&rtype));
        match (record.dns_class, &record.data) {
            (DNSClass::ANY, RData::Update0(RecordType::ANY)) if node.is_none() => {
                return Err(ResponseCode::NXDomain);
            }
            (DNSClass::NONE, RData::Update0(RecordType::ANY)) if node.is_some() => {
                return Err(ResponseCode::YXDomain);
            }
            (DNSClass::ANY | DNSClass::NONE, RData::Update0(RecordType::ANY)) => {}
            (DNSClass::ANY, RData::Update0(_)) if !rrset_there => {
                return Err(ResponseCode::NXRRSet);
            }
            (DNSClass::NONE, RData::Update0(_)) if rrset_there => {
                return Err(ResponseCode::YXRRSet);
            }
            (DNSClass::ANY | DNSClass::NONE, RData::Update0(_)) => {}
            (DNSClass::IN, data) if has_data(data) => expected.push(record),
            _ => return Err(ResponseCode::FormErr),
        }
    }
    let matches = expected.iter().all(|record| {
        let same_rrset = |other: &&&Record| {
            other.name == record.name && other.record_type() == record.record_type()
        };
        let wanted = || expected.iter().filter(same_rrset).map(|record| &record.data);
        zone.rrset(&record.name, record.record_type()).is_some_and(|rrset| {
            wanted().all(|data| rrset.data.contains(data))
                && rrset.data.iter().all(|data| wanted().any(|wanted| wanted == data))
        })
    });
    if matches { Ok(()) } else { Err(ResponseCode::NXRRSet) }
}

/// RFC 2136 §3.4.1: every record of the update section, before any is applied.
fn check_form(zone: &Zone, record: &Record) -> Result<(), ResponseCode> {
    if !zone.origin().zone_of(&record.name) {
        return Err(ResponseCode::NotZone);
    }
    let well_formed = match (record.dns_class, &record.data) {
        (DNSClass::IN, data) => has_data(data),
        (DNSClass::ANY, RData::Update0(rtype)) => {
            record.ttl == 0 && (*rtype == RecordType::ANY || !is_meta(*rtype))
        }
        (DNSClass::NONE, data) => record.ttl == 0 && has_data(data),
        _ => false,
    };
    if well_formed { Ok(()) } else { Err(ResponseCode::FormErr) }
}

/// RFC 2136 §3.4.2.
fn apply_record(zone: &mut Zone, record: &Record) {
    let owner = record.name.to_lowercase();
    let apex = owner == *zone.origin();
    match (record.dns_class, &record.data) {
        (DNSClass::IN, data) => {
            if may_add(zone, &owner, data) {
                zone.add(&owner, record.ttl, data.clone());
            }
        }
        (DNSClass::ANY, RData::Update0(RecordType::ANY)) => {
            let types: Vec<_> =
                zone.node(&owner).into_iter().flat_map(|n| n.keys().copied()).collect();
            for rtype in types {
                remove_rrset(zone, &owner, rtype, apex);
            }
        }
        (DNSClass::ANY, data) => remove_rrset(zone, &owner, data.record_type(), apex),
        (_, RData::SOA(_)) => {}
        (_, data @ RData::NS(_)) if apex => {
            let left = zone.rrset(&owner, RecordType::NS).map_or(0, |rrset| rrset.data.len());
            if left > 1 {
                zone.remove(&owner, data);
            }
        }
        (_, data) => zone.remove(&owner, data),
    }
}

/// The apex keeps its SOA and NS records whatever is deleted.
fn remove_rrset(zone: &mut Zone, owner: &Name, rtype: RecordType, apex: bool) {
    if !(apex && matches!(rtype, RecordType::SOA | RecordType::NS)) {
        zone.remove_rrset(owner, rtype);
    }
}

/// A CNAME stands alone at its name, and an SOA is replaced by a newer one only.
fn may_add(zone: &Zone, owner: &Name, data: &RData) -> bool {
    let there =
        |is: fn(&RecordType) -> bool| zone.node(owner).is_some_and(|node| node.keys().any(is));
    match data {
        RData::CNAME(_) => !there(|rtype| *rtype != RecordType::CNAME),
        RData::SOA(new) => zone.soa().is_some_and(|(_, old)| {
            owner == zone.origin() && SerialNumber::new(new.serial) > SerialNumber::new(old.serial)
        }),
        _ => !there(|rtype| *rtype == RecordType::CNAME),
    }
}

fn has_data(data: &RData) -> bool {
    !matches!(data, RData::Update0(_)) && !is_meta(data.record_type())
}

/// Types that no zone holds: query types, and types of the message itself (RFC 6895 §3.1).
fn is_meta(rtype: RecordType) -> bool {
    let code = u16::from(rtype);
    code == u16::from(RecordType::OPT) || (128..=255).contains(&code)
}

fn mnemonic(code: ResponseCode) -> &'static str {
    match code {
        ResponseCode::NoError => "NOERROR",
        ResponseCode::FormErr => "FORMERR",
        ResponseCode::ServFail => "SERVFAIL",
        ResponseCode::NXDomain => "NXDOMAIN",
        ResponseCode::NotImp => "NOTIMP",
        ResponseCode::Refused => "REFUSED",
        ResponseCode::YXDomain => "YXDOMAIN",
        ResponseCode::YXRRSet => "YXRRSET",
        ResponseCode::NXRRSet => "NXRRSET",
        ResponseCode::NotAuth => "NOTAUTH",
        ResponseCode::NotZone => "NOTZONE",
        other => other.to_str(),
    }
}
