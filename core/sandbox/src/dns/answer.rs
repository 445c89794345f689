//! Answers to queries (RFC 1034 §4.3.2, RFC 2308).

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use super::zone::{Found, Zone};
use super::zones::Zones;

/// Fills a response with what the zones hold for a question.
pub(super) fn answer(zones: &Zones, question: &Query, response: &mut Message) {
    let rtype = question.query_type;
    let class_known = matches!(question.query_class, DNSClass::IN | DNSClass::ANY);
    if !class_known || matches!(rtype, RecordType::AXFR | RecordType::IXFR) {
        response.metadata.response_code = ResponseCode::Refused;
        return;
    }
    let mut name = question.name.clone();
    for aliases in 0..=MAX_ALIASES {
        let Some(zone) = zones.zone_of(&name) else {
            // The target of an alias may be anybody's; the question itself may not.
            if aliases == 0 {
                response.metadata.response_code = ResponseCode::Refused;
            }
            return;
        };
        let zone = match zones.zone_of(&name.base_name()) {
            Some(parent) if rtype == RecordType::DS && name == *zone.origin() => parent,
            _ => zone,
        };
        response.metadata.authoritative = true;
        match zone.find(&name, rtype) {
            Found::Records(records) => {
                response.answers.extend(records);
                return;
            }
            Found::Alias(record, target) => {
                response.answers.push(*record);
                name = target;
            }
            Found::Referral(servers) => {
                response.metadata.authoritative = aliases > 0;
                response.additionals.extend(servers.iter().flat_map(|ns| glue(zone, ns)));
                response.authorities.extend(servers);
                return;
            }
            Found::NoData => {
                response.authorities.extend(negative_soa(zone));
                return;
            }
            Found::NoName => {
                response.metadata.response_code = ResponseCode::NXDomain;
                response.authorities.extend(negative_soa(zone));
                return;
            }
        }
    }
}

/// The SOA record of a negative answer; its TTL says how long the answer holds (RFC 2308 §3).
fn negative_soa(zone: &Zone) -> Option<Record> {
    let (ttl, soa) = zone.soa()?;
    let ttl = ttl.min(soa.minimum);
    Some(Record::from_rdata(zone.origin().clone(), ttl, RData::SOA(soa.clone())))
}

fn glue(zone: &Zone, server: &Record) -> Vec<Record> {
    let RData::NS(target) = &server.data else { return Vec::new() };
    let target: Name = target.0.to_lowercase();
    [RecordType::A, RecordType::AAAA]
        .into_iter()
        .filter_map(|rtype| zone.rrset(&target, rtype))
        .flat_map(|rrset| super::zone::records(&target, rrset).collect::<Vec<_>>())
        .collect()
}

/// How many CNAME records one answer follows.
const MAX_ALIASES: usize = 8;
