//! BIND's journal: which updates were made, and what each did.

use std::path::Path;

use crate::program;

/// One update of a zone.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Update {
    /// The owner name and value of each TXT record it added, without the trailing dot and quotes.
    pub added: Vec<(String, String)>,
    /// The same of each TXT record it deleted.
    pub deleted: Vec<(String, String)>,
}

/// The updates in a journal, in order; none when there is no journal.
pub(crate) fn read(journal: &Path) -> Vec<Update> {
    if !journal.exists() {
        return Vec::new();
    }
    let output = program::command("named-journalprint").arg(journal).output().expect("it runs");
    assert!(
        output.status.success(),
        "named-journalprint failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// Each update begins with the old SOA's deletion.
///
/// All records at a name have one TTL (RFC 2181 §5.2): an added value with another one makes BIND
/// delete and add those that were there. Such a pair is no change of values.
fn parse(text: &str) -> Vec<Update> {
    let mut updates = Vec::new();
    for line in text.lines() {
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [verb, owner, _ttl, _class, kind, value @ ..] = fields.as_slice() else { continue };
        match (*verb, *kind) {
            ("del", "SOA") => updates.push(Update::default()),
            (verb, "TXT") => {
                let Some(update) = updates.last_mut() else { continue };
                let record = (
                    owner.trim_end_matches('.').to_owned(),
                    value.join(" ").trim_matches('"').to_owned(),
                );
                let list = if verb == "add" { &mut update.added } else { &mut update.deleted };
                list.push(record);
            }
            _ => {}
        }
    }
    for Update { added, deleted } in &mut updates {
        let kept: Vec<_> =
            added.iter().filter(|record| deleted.contains(record)).cloned().collect();
        added.retain(|record| !kept.contains(record));
        deleted.retain(|record| !kept.contains(record));
    }
    updates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn updates_are_told_apart_and_new_ttls_left_out() {
        let text = "\
del example.test.\t60\tIN\tSOA\tns. h. 1 3600 600 86400 60
del _acme-challenge.example.test. 60 IN TXT \"old\"
add example.test.\t60\tIN\tSOA\tns. h. 2 3600 600 86400 60
add _acme-challenge.example.test. 120 IN TXT \"old\"
add _acme-challenge.example.test. 60 IN TXT \"one\"
add _acme-challenge.example.test. 60 IN TXT \"two\"
del example.test.\t60\tIN\tSOA\tns. h. 2 3600 600 86400 60
del _acme-challenge.example.test. 60 IN TXT \"one\"
add example.test.\t60\tIN\tSOA\tns. h. 3 3600 600 86400 60
";
        let owner = || "_acme-challenge.example.test".to_owned();
        let expected = [
            Update {
                added: vec![(owner(), "one".to_owned()), (owner(), "two".to_owned())],
                deleted: Vec::new(),
            },
            Update { added: Vec::new(), deleted: vec![(owner(), "one".to_owned())] },
        ];
        assert_eq!(parse(text), expected);
    }
}
