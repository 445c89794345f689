//! What a simulated vendor keeps: zones and their records.

use serde::{Deserialize, Serialize};

/// The zones of a simulated account.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Data {
    /// In the order in which the vendor lists them.
    pub zones: Vec<Zone>,
    next: u64,
}

/// One zone.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Zone {
    /// Unique among everything that the account holds. Vendors dress it up as they like.
    pub id: u64,
    /// Absolute, lower case, A-labels.
    pub name: String,
    /// In the order in which they were made.
    pub records: Vec<Record>,
    /// Grows with every change: a serial, an ETag, a hash.
    pub version: u64,
    next: u64,
}

/// One record.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Record {
    /// Unique among everything that the account holds.
    pub id: u64,
    /// The owner name: absolute, lower case, A-labels.
    pub name: String,
    /// `TXT`, `A`, `MX` and so on.
    pub kind: String,
    /// Seconds.
    pub ttl: u32,
    /// The text of a TXT record, without quotes; of others the data as a zone file has it, such as
    /// `10 mail.example.com.`
    pub value: String,
}

impl Data {
    /// Adds a zone without records; `name` is absolute.
    pub fn add_zone(&mut self, name: &str) -> &mut Zone {
        self.next += 1;
        let id = self.next * 10_000;
        let zone = Zone { id, name: name.to_owned(), records: Vec::new(), version: 1, next: id };
        self.zones.push(zone);
        let last = self.zones.len() - 1;
        &mut self.zones[last]
    }

    /// The zone of that name, with or without the trailing dot.
    pub fn zone(&self, name: &str) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.is_called(name))
    }

    /// The zone of that name, with or without the trailing dot.
    pub fn zone_mut(&mut self, name: &str) -> Option<&mut Zone> {
        self.zones.iter_mut().find(|zone| zone.is_called(name))
    }

    /// The TXT values at `owner` in all zones, sorted.
    pub fn txt(&self, owner: &str) -> Vec<String> {
        let rrsets = self.zones.iter().flat_map(|zone| zone.rrset(owner, "TXT"));
        let mut values: Vec<String> = rrsets.map(|record| record.value.clone()).collect();
        values.sort();
        values
    }

    /// The zone with that identifier.
    pub fn zone_by_id(&self, id: u64) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.id == id)
    }

    /// The zone with that identifier.
    pub fn zone_by_id_mut(&mut self, id: u64) -> Option<&mut Zone> {
        self.zones.iter_mut().find(|zone| zone.id == id)
    }
}

impl Zone {
    fn is_called(&self, name: &str) -> bool {
        self.name.trim_end_matches('.').eq_ignore_ascii_case(name.trim_end_matches('.'))
    }

    /// The name without the trailing dot.
    pub fn bare_name(&self) -> &str {
        self.name.trim_end_matches('.')
    }

    /// The absolute owner name of `relative`, which is empty or `@` at the apex.
    pub fn owner(&self, relative: &str) -> String {
        match relative {
            "" | "@" => self.name.clone(),
            relative => format!("{relative}.{}", self.name),
        }
    }

    /// The name of `record` relative to the zone; `@` at the apex.
    pub fn relative<'a>(&self, record: &'a Record) -> &'a str {
        match crate::zones::relative(&record.name, &self.name) {
            "" => "@",
            relative => relative,
        }
    }

    /// Adds a record; `name` is absolute or without the trailing dot.
    pub fn add(&mut self, name: &str, kind: &str, ttl: u32, value: &str) -> &Record {
        self.next += 1;
        self.version += 1;
        self.records.push(Record {
            id: self.next,
            name: format!("{}.", name.trim_end_matches('.').to_ascii_lowercase()),
            kind: kind.to_owned(),
            ttl,
            value: value.to_owned(),
        });
        &self.records[self.records.len() - 1]
    }

    /// The record with that identifier.
    pub fn record(&self, id: u64) -> Option<&Record> {
        self.records.iter().find(|record| record.id == id)
    }

    /// Takes away the record with that identifier.
    pub fn remove(&mut self, id: u64) -> Option<Record> {
        let index = self.records.iter().position(|record| record.id == id)?;
        self.version += 1;
        Some(self.records.remove(index))
    }

    /// The records of that kind at `name`, absolute or without the trailing dot.
    pub fn rrset(&self, name: &str, kind: &str) -> Vec<&Record> {
        let name = name.trim_end_matches('.');
        let is_it = |record: &&Record| {
            record.kind == kind && record.name.trim_end_matches('.').eq_ignore_ascii_case(name)
        };
        self.records.iter().filter(is_it).collect()
    }

    /// Puts these values in place of the RRset; none delete it.
    pub fn replace(&mut self, name: &str, kind: &str, ttl: u32, values: &[String]) {
        let old: Vec<u64> = self.rrset(name, kind).iter().map(|record| record.id).collect();
        self.records.retain(|record| !old.contains(&record.id));
        self.version += 1;
        for value in values {
            self.add(name, kind, ttl, value);
        }
    }
}
