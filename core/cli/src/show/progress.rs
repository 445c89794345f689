//! How far a run has come, from its events.

use std::{collections::BTreeMap, time::Duration};

use wildcert::Event;

use crate::lang::Text;

/// The steps of a run, in order.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Step {
    Provider,
    Account,
    Order,
    Zones,
    Records,
    Servers,
    Validation,
    Certificate,
    Cleanup,
}

impl Step {
    /// Every step, in order.
    pub(crate) const ALL: [Self; 9] = [
        Self::Provider,
        Self::Account,
        Self::Order,
        Self::Zones,
        Self::Records,
        Self::Servers,
        Self::Validation,
        Self::Certificate,
        Self::Cleanup,
    ];

    fn next(self) -> Option<Self> {
        Self::ALL.into_iter().find(|step| *step > self)
    }

    /// The message that names it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Provider => "label-provider",
            Self::Account => "label-account",
            Self::Order => "label-order",
            Self::Zones => "label-zones",
            Self::Records => "label-records",
            Self::Servers => "label-servers",
            Self::Validation => "label-validation",
            Self::Certificate => "label-certificate",
            Self::Cleanup => "label-cleanup",
        }
    }
}

/// What is known of a run.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// The steps that have ended, and what each took where that can be told.
    pub(crate) done: BTreeMap<Step, Option<Duration>>,
    /// The provider, its form and file.
    pub(crate) provider: String,
    /// The account's URL.
    pub(crate) account: String,
    /// Whether this run registered the account.
    pub(crate) registered: bool,
    /// What the order is for.
    pub(crate) identifiers: Vec<String>,
    /// Owner name to what is known of its records.
    pub(crate) owners: BTreeMap<String, Owner>,
    /// Values handed to the provider.
    pub(crate) presenting: usize,
    /// Values that the provider has set.
    pub(crate) presented: usize,
    /// Values that were removed.
    pub(crate) removed: usize,
    /// How many identifiers the CA has validated.
    pub(crate) authorized: usize,
    /// Whether the certificate was asked for.
    pub(crate) finalized: bool,
    /// Requests that the CA got.
    pub(crate) requests: u64,
    /// When the last step ended.
    milestone: Duration,
}

/// The records at one owner name.
#[derive(Debug, Default)]
pub(crate) struct Owner {
    pub(crate) zone: String,
    /// Server to (found, wanted); (0, 0) before it was asked.
    pub(crate) servers: BTreeMap<String, (usize, usize)>,
}

impl Owner {
    /// How many servers have every value.
    pub(crate) fn complete(&self) -> usize {
        self.servers.values().filter(|(found, wanted)| found == wanted && *wanted > 0).count()
    }
}

impl Progress {
    /// Takes an event that came `at` after the beginning; false when it tells nothing new.
    pub(crate) fn apply(&mut self, at: Duration, event: &Event) -> bool {
        match event {
            Event::Provider { id, form, .. } => {
                self.provider = format!("{id} ({form})");
                self.end(at, Step::Provider);
            }
            Event::Account { url, registered } => {
                self.account.clone_from(url);
                self.registered = *registered;
                self.end(at, Step::Account);
            }
            Event::Order { identifiers, .. } => {
                self.identifiers.clone_from(identifiers);
                self.end(at, Step::Order);
            }
            Event::Located { owner, zone, servers, .. } => {
                let known = self.owners.contains_key(owner);
                let entry = self.owners.entry(owner.clone()).or_default();
                entry.zone.clone_from(zone);
                for server in servers {
                    entry.servers.entry(server.clone()).or_default();
                }
                return !known;
            }
            Event::Presenting { values, .. } => {
                self.end(at, Step::Zones);
                self.presenting += values;
            }
            Event::Presented { values, .. } => {
                self.presented += values;
                if self.presented >= self.presenting {
                    self.end(at, Step::Records);
                }
            }
            Event::Seen { owner, server, found, wanted } => {
                let servers = &mut self.owners.entry(owner.clone()).or_default().servers;
                return servers.insert(server.clone(), (*found, *wanted))
                    != Some((*found, *wanted));
            }
            Event::Propagated => {
                self.end(at, Step::Records);
                self.end(at, Step::Servers);
            }
            Event::Authorized { identifiers } => {
                self.authorized += identifiers.len();
                if self.authorized >= self.identifiers.len() {
                    self.end(at, Step::Validation);
                }
            }
            Event::Finalized => {
                self.end(at, Step::Validation);
                self.finalized = true;
            }
            Event::Stored { .. } => self.end(at, Step::Certificate),
            Event::Removed { values, .. } => {
                self.removed += values;
                if self.removed >= self.presented {
                    self.end(at, Step::Cleanup);
                }
            }
            Event::Requests { counts } => {
                self.requests = counts.iter().map(|(_, count)| count).sum();
            }
            _ => {}
        }
        true
    }

    /// The step that is being worked on: the first that has not ended.
    pub(crate) fn current(&self) -> Option<Step> {
        Step::ALL.into_iter().find(|step| !self.done.contains_key(step))
    }

    /// The account, and whether it is new.
    pub(crate) fn account(&self, text: Text) -> String {
        let url = self.account.as_str();
        match self.registered {
            true => text.say("run-account-registered", &[("url", url.into())]),
            false => url.to_owned(),
        }
    }

    /// When the current step began.
    pub(crate) fn current_since(&self) -> Duration {
        self.milestone
    }

    /// The different zones of the records.
    pub(crate) fn zones(&self) -> Vec<&str> {
        let mut zones: Vec<&str> = self.owners.values().map(|owner| owner.zone.as_str()).collect();
        zones.sort_unstable();
        zones.dedup();
        zones
    }

    /// The different servers of the records, and how many of them have everything.
    pub(crate) fn servers(&self) -> (usize, usize) {
        let mut complete: BTreeMap<&str, bool> = BTreeMap::new();
        for owner in self.owners.values() {
            for (server, (found, wanted)) in &owner.servers {
                *complete.entry(server).or_insert(true) &= found == wanted && *wanted > 0;
            }
        }
        (complete.values().filter(|complete| **complete).count(), complete.len())
    }

    fn end(&mut self, at: Duration, step: Step) {
        if self.done.contains_key(&step) {
            return;
        }
        let took = at.saturating_sub(self.milestone);
        match self.current() {
            Some(current) if current == step => {
                self.done.insert(step, Some(took));
                self.milestone = at;
            }
            // Both began when the step before them ended.
            Some(current) if current.next() == Some(step) => {
                self.done.insert(step, Some(took));
            }
            // As clean-up does when another step fails; nobody told when it began.
            _ => {
                self.done.insert(step, None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cleaning_up_after_a_failure_is_not_charged_with_the_wait_before() {
        let mut progress = Progress::default();
        let zone = || "example.test.".to_owned();
        let at = Duration::from_secs;
        let events = [
            (1, Event::Provider { id: "p".into(), form: "wasm".into(), path: "p".into() }),
            (1, Event::Account { url: "u".into(), registered: false }),
            (1, Event::Order { url: "o".into(), identifiers: vec!["a.test".into()] }),
            (1, Event::Presenting { zone: zone(), values: 1 }),
            (2, Event::Presented { zone: zone(), owner: "o".into(), values: 1 }),
            (9, Event::Seen { owner: "o".into(), server: "s".into(), found: 0, wanted: 1 }),
            (10, Event::Removed { zone: zone(), owner: "o".into(), values: 1 }),
        ];
        for (second, event) in &events {
            assert!(progress.apply(at(*second), event));
        }
        assert_eq!(progress.current(), Some(Step::Servers));
        assert_eq!(progress.current_since(), at(2));
        assert_eq!(progress.done.get(&Step::Cleanup), Some(&None));
        assert_eq!(progress.done.get(&Step::Records), Some(&Some(at(1))));
    }
}
