//! The zones of the server, and names as it keeps them.

use hickory_proto::rr::rdata::TXT;
use hickory_proto::rr::{Name, RData, Record, RecordType};

use super::zone::{TTL, Zone};
use crate::Error;
use crate::events::ZoneRecord;

/// All zones the server is authoritative for.
#[derive(Clone)]
pub(crate) struct Zones(Vec<Zone>);

impl Zones {
    /// Zones with SOA and NS records, each delegated from the zone above it.
    pub(crate) fn new(names: &[String]) -> Result<Self, Error> {
        let mut zones = Vec::<Zone>::new();
        for name in names {
            let error = |reason: String| Error::Zone { zone: name.clone(), reason };
            let origin = absolute_name(name).map_err(error)?;
            if origin.is_root() {
                return Err(error("the root cannot be served".into()));
            }
            if zones.iter().all(|zone| *zone.origin() != origin) {
                zones.push(Zone::new(origin).map_err(|cause| error(cause.to_string()))?);
            }
        }
        let mut zones = Self(zones);
        let origins: Vec<Name> = zones.0.iter().map(|zone| zone.origin().clone()).collect();
        for child in origins {
            if let Some(parent) = zones.zone_of_mut(&child.base_name()) {
                parent.delegate(&child).map_err(|cause| Error::Zone {
                    zone: child.to_string(),
                    reason: cause.to_string(),
                })?;
            }
        }
        Ok(zones)
    }

    /// The zone nearest above a name, or at it.
    pub(super) fn zone_of(&self, name: &Name) -> Option<&Zone> {
        let zones = self.0.iter().filter(|zone| zone.origin().zone_of(name));
        zones.max_by_key(|zone| zone.origin().num_labels())
    }

    /// The zone with exactly this origin.
    pub(super) fn zone(&self, origin: &Name) -> Option<&Zone> {
        self.0.iter().find(|zone| zone.origin() == origin)
    }

    /// Puts a changed zone in the place of the one with its origin.
    pub(super) fn replace(&mut self, changed: Zone) {
        if let Some(zone) = self.0.iter_mut().find(|zone| zone.origin() == changed.origin()) {
            *zone = changed;
        }
    }

    /// Whether a name is at or below one of the zones.
    pub(super) fn contain(&self, name: &Name) -> bool {
        self.zone_of(name).is_some()
    }

    /// Adds a record; returns whether a zone contains its owner name.
    pub(super) fn add(&mut self, owner: &str, data: RData) -> bool {
        let Ok(owner) = absolute_name(owner) else { return false };
        let zone = self.zone_of_mut(&owner);
        zone.map(|zone| {
            zone.add(&owner, TTL, data);
            zone.bump_serial();
        })
        .is_some()
    }

    pub(super) fn records(&self, zone: &str) -> Vec<ZoneRecord> {
        let zone = absolute_name(zone).ok();
        let zone = zone.and_then(|origin| self.zone(&origin));
        zone.into_iter().flat_map(Zone::records).map(|record| presentation(&record)).collect()
    }

    pub(super) fn txt(&self, owner: &str) -> Vec<String> {
        let Ok(owner) = absolute_name(owner) else { return Vec::new() };
        let rrset = self.zone_of(&owner).and_then(|zone| zone.rrset(&owner, RecordType::TXT));
        rrset.into_iter().flat_map(|rrset| &rrset.data).map(data_text).collect()
    }

    fn zone_of_mut(&mut self, name: &Name) -> Option<&mut Zone> {
        let zones = self.0.iter_mut().filter(|zone| zone.origin().zone_of(name));
        zones.max_by_key(|zone| zone.origin().num_labels())
    }
}

/// Reads a name as absolute, whether it ends in a dot or not, in lower case.
pub(crate) fn absolute_name(name: &str) -> Result<Name, String> {
    let mut name = Name::from_ascii(name).map_err(|error| error.to_string())?;
    name.set_fqdn(true);
    Ok(name.to_lowercase())
}

/// A record in presentation form.
pub(super) fn presentation(record: &Record) -> ZoneRecord {
    ZoneRecord {
        owner: record.name.to_lowercase().to_ascii(),
        ttl: record.ttl,
        kind: record.record_type().to_string(),
        data: data_text(&record.data),
    }
}

/// The strings of a TXT record joined to the one value they stand for.
pub(crate) fn txt_value(txt: &TXT) -> String {
    String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()
}

fn data_text(data: &RData) -> String {
    match data {
        RData::TXT(txt) => txt_value(txt),
        // Deletions carry a type and no data.
        RData::Update0(_) => String::new(),
        data => data.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::zone::Found;
    use super::*;

    fn zones(names: &[&str]) -> Zones {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        Zones::new(&names).unwrap()
    }

    fn name(text: &str) -> Name {
        absolute_name(text).unwrap()
    }

    #[test]
    fn a_zone_below_another_is_delegated_and_answers_for_itself() {
        let zones = zones(&["sub.example.test", "Example.Test."]);
        let parent = zones.zone(&name("example.test.")).unwrap();
        assert!(matches!(
            parent.find(&name("x.sub.example.test."), RecordType::TXT),
            Found::Referral(records) if records[0].name == name("sub.example.test.")
        ));
        assert!(matches!(parent.find(&name("sub.example.test."), RecordType::DS), Found::NoData));
        let nearest = zones.zone_of(&name("x.sub.example.test.")).unwrap();
        assert_eq!(*nearest.origin(), name("sub.example.test."));
        assert!(matches!(nearest.find(&name("x.sub.example.test."), RecordType::A), Found::NoName));
        assert!(!zones.contain(&name("test.")));
    }

    #[test]
    fn wildcards_apply_below_the_closest_encloser_only() {
        let mut zone = Zone::new(name("example.test.")).unwrap();
        let data = || RData::TXT(TXT::new(vec!["w".into()]));
        zone.add(&name("*.example.test."), 1, data());
        zone.add(&name("a.b.example.test."), 1, data());
        let find = |owner: &str| zone.find(&name(owner), RecordType::TXT);
        assert!(
            matches!(find("q.example.test."), Found::Records(r) if r[0].name == name("q.example.test."))
        );
        assert!(matches!(find("p.q.example.test."), Found::Records(_)));
        // An empty non-terminal exists and hides the wildcard, for itself and for names below.
        assert!(matches!(find("b.example.test."), Found::NoData));
        assert!(matches!(find("c.b.example.test."), Found::NoName));
        assert!(matches!(zone.find(&name("q.example.test."), RecordType::A), Found::NoData));
    }

    #[test]
    fn what_is_no_zone_is_refused() {
        for zone in ["", ".", "a..b", &"x".repeat(64)] {
            assert!(matches!(Zones::new(&[zone.into()]), Err(Error::Zone { .. })), "{zone}");
        }
    }
}
