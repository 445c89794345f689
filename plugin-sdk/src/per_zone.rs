//! One zone after the other: what all kinds of API share.

use std::time::Duration;

use crate::{
    error::{Error, Result},
    host::Context,
    types::TxtRecord,
    zones::Zone,
};

/// How often a zone is read and written while others change it in between.
const TRIES: u32 = 3;

/// What became of one record; the handle is always none in `remove`.
pub(crate) type Outcome = Result<Option<String>>;

/// What is done in a zone with the records at these places.
type Work<'a> = dyn Fn(&Zone, &[usize]) -> Result<Vec<Outcome>> + 'a;

/// Finds each zone of `records` once and lets `work` deal with its records, given by their places.
///
/// Gives one outcome per record. Those that end in a conflict are handed to `work` again. A zone
/// that is not found, or whose `work` fails, leaves the others alone.
pub(crate) fn per_zone(
    cx: &Context<'_>,
    records: &[&TxtRecord],
    find: &dyn Fn(&str) -> Result<Zone>,
    work: &Work<'_>,
) -> Vec<Outcome> {
    let mut outcomes: Vec<Outcome> = records
        .iter()
        .map(|r| Err(Error::permanent(format!("the provider gave no result for `{}`", r.owner))))
        .collect();
    let zones = unique(&mut records.iter().map(|record| &*record.zone));
    for name in zones {
        let mut places: Vec<usize> =
            (0..records.len()).filter(|place| records[*place].zone == name).collect();
        let found = find(name);
        for attempt in 1..=TRIES {
            let done = match &found {
                Ok(zone) => work(zone, &places).unwrap_or_else(|e| vec![Err(e); places.len()]),
                Err(error) => vec![Err(error.clone()); places.len()],
            };
            for (place, outcome) in places.iter().zip(done) {
                outcomes[*place] = outcome;
            }
            places.retain(|place| matches!(&outcomes[*place], Err(error) if error.conflict));
            if places.is_empty() {
                break;
            }
            if attempt < TRIES {
                cx.host.sleep(Duration::from_millis(250) * attempt);
            }
        }
    }
    outcomes
}

/// Each of `items` once. A list, because the code of maps is large and there are few items.
pub(crate) fn unique<'a>(items: &mut dyn Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut unique = Vec::new();
    for item in items {
        if !unique.contains(&item) {
            unique.push(item);
        }
    }
    unique
}
