//! The steps of a run as lines, for logs and pipes.

use std::time::Duration;

use wildcert::Event;

use super::{
    progress::Progress,
    text::{count, duration},
};

/// Turns events into lines.
#[derive(Debug, Default)]
pub(crate) struct Plain {
    progress: Progress,
}

/// With more names than this, records are told by number and not one by one.
const SINGLY: usize = 10;

impl Plain {
    /// The line for an event that came `at` after the beginning, if it deserves one.
    pub(crate) fn line(&mut self, at: Duration, event: &Event) -> Option<String> {
        let news = self.progress.apply(at, event);
        let (label, text) = news.then(|| self.words(event)).flatten()?;
        Some(format!("{:>7}  {label:<11} {text}", duration(at)))
    }

    fn words(&self, event: &Event) -> Option<(&'static str, String)> {
        let progress = &self.progress;
        let singly = progress.identifiers.len() <= SINGLY;
        Some(match event {
            Event::Provider { path, .. } => {
                ("provider", format!("{} from {}", progress.provider, path.display()))
            }
            Event::Account { .. } => ("account", progress.account.clone()),
            Event::Order { url, identifiers } => {
                let names =
                    if singly { identifiers.join(", ") } else { count(identifiers.len(), "name") };
                ("order", format!("{url} for {names}"))
            }
            Event::Located { owner, zone, servers, .. } if singly => {
                ("zone", format!("{zone} holds {owner}, on {}", servers.join(", ")))
            }
            Event::Presenting { zone, values } => {
                ("records", format!("setting {} in {zone}", count(*values, "value")))
            }
            Event::Presented { owner, values, .. } if singly => {
                ("records", format!("set {} at {owner}", count(*values, "value")))
            }
            Event::Seen { owner, server, found, wanted } if singly => {
                ("server", format!("{server} has {found} of {wanted} at {owner}"))
            }
            Event::Propagated => {
                let (_, servers) = progress.servers();
                let values = count(progress.presented, "value");
                let owners = count(progress.owners.len(), "name");
                ("servers", format!("{values} at {owners}, on {}", count(servers, "server")))
            }
            Event::Answered { challenges } => {
                ("validation", format!("asked for, {}", count(*challenges, "challenge")))
            }
            Event::Authorized { identifiers } if singly => {
                ("validation", format!("passed: {}", identifiers.join(", ")))
            }
            Event::Authorized { .. } => {
                let (valid, all) = (progress.authorized, progress.identifiers.len());
                ("validation", format!("passed: {valid} of {all} names"))
            }
            Event::Finalized => ("certificate", "asked for".to_owned()),
            Event::Stored { path } => ("certificate", format!("stored in {}", path.display())),
            Event::Removed { owner, values, .. } if singly => {
                ("clean-up", format!("removed {} at {owner}", count(*values, "value")))
            }
            Event::Removed { .. } if progress.removed >= progress.presented => {
                ("clean-up", format!("removed {}", count(progress.removed, "value")))
            }
            Event::Replaying { records } => {
                ("clean-up", format!("removing {} of a run that died", count(*records, "record")))
            }
            Event::Requests { counts } => {
                let each: Vec<String> = counts
                    .iter()
                    .filter(|(_, count)| *count > 0)
                    .map(|(name, count)| format!("{name} {count}"))
                    .collect();
                ("requests", format!("{} to the CA: {}", progress.requests, each.join(", ")))
            }
            _ => return None,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What a run for `names` names with one server tells.
    pub(crate) fn events(names: usize) -> Vec<Event> {
        let ids: Vec<String> = (0..names).map(|index| format!("n{index}.example.test")).collect();
        let owner = |id: &String| format!("_acme-challenge.{id}.");
        let zone = || "example.test.".to_owned();
        let server = || "127.0.0.1:5353".to_owned();
        let mut events = vec![
            Event::Provider {
                id: "rfc2136".into(),
                form: "wasm".into(),
                path: "/p/rfc2136.wasm".into(),
            },
            Event::Account { url: "https://ca.test/account/1".into(), registered: true },
            Event::Order { url: "https://ca.test/order/1".into(), identifiers: ids.clone() },
        ];
        for id in &ids {
            events.push(Event::Located {
                identifier: id.clone(),
                owner: owner(id),
                zone: zone(),
                servers: vec![server()],
            });
        }
        events.push(Event::Presenting { zone: zone(), values: names });
        for id in &ids {
            events.push(Event::Presented { zone: zone(), owner: owner(id), values: 1 });
        }
        for found in [0, 0, 1] {
            for id in &ids {
                let (owner, server) = (owner(id), server());
                events.push(Event::Seen { owner, server, found, wanted: 1 });
            }
        }
        events.push(Event::Propagated);
        events.push(Event::Answered { challenges: names });
        events.push(Event::Authorized { identifiers: ids.clone() });
        events.push(Event::Finalized);
        events.push(Event::Stored { path: "/s/certificates/n0.example.test".into() });
        for id in &ids {
            events.push(Event::Removed { zone: zone(), owner: owner(id), values: 1 });
        }
        let counts = vec![("directory".into(), 1), ("newOrder".into(), 1), ("retries".into(), 0)];
        events.push(Event::Requests { counts });
        events
    }

    fn lines(names: usize) -> Vec<String> {
        let mut plain = Plain::default();
        let timed = events(names).into_iter().enumerate();
        timed
            .filter_map(|(at, event)| plain.line(Duration::from_millis(at as u64 * 10), &event))
            .collect()
    }

    #[test]
    fn every_step_has_a_line_and_nothing_is_said_twice() {
        let expected = "  \
  0.00s  provider    rfc2136 (wasm) from /p/rfc2136.wasm
  0.01s  account     registered https://ca.test/account/1
  0.02s  order       https://ca.test/order/1 for n0.example.test
  0.03s  zone        example.test. holds _acme-challenge.n0.example.test., on 127.0.0.1:5353
  0.04s  records     setting 1 value in example.test.
  0.05s  records     set 1 value at _acme-challenge.n0.example.test.
  0.06s  server      127.0.0.1:5353 has 0 of 1 at _acme-challenge.n0.example.test.
  0.08s  server      127.0.0.1:5353 has 1 of 1 at _acme-challenge.n0.example.test.
  0.09s  servers     1 value at 1 name, on 1 server
  0.10s  validation  asked for, 1 challenge
  0.11s  validation  passed: n0.example.test
  0.12s  certificate asked for
  0.13s  certificate stored in /s/certificates/n0.example.test
  0.14s  clean-up    removed 1 value at _acme-challenge.n0.example.test.
  0.15s  requests    2 to the CA: directory 1, newOrder 1";
        let expected: Vec<String> =
            expected.lines().map(|line| format!("  {}", line.trim_start())).collect();
        assert_eq!(lines(1), expected);
    }

    #[test]
    fn many_names_are_told_by_number() {
        let lines = lines(50);
        assert!(lines.len() < 15, "{lines:#?}");
        assert!(lines.iter().any(|line| line.ends_with("50 values at 50 names, on 1 server")));
        assert!(lines.iter().any(|line| line.ends_with("removed 50 values")));
    }
}
