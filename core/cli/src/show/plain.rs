//! The steps of a run as lines, for logs and pipes.

use std::time::Duration;

use console::{Alignment, measure_text_width, pad_str};
use wildcert::Event;

use super::{progress::Progress, text::duration};
use crate::lang::Text;

/// Turns events into lines.
#[derive(Debug)]
pub(crate) struct Plain {
    text: Text,
    progress: Progress,
}

/// With more names than this, records are told by number and not one by one.
const SINGLY: usize = 10;

impl Plain {
    /// Nothing has happened yet.
    pub(crate) fn new(text: Text) -> Self {
        Self { text, progress: Progress::default() }
    }

    /// The line for an event that came `at` after the beginning, if it deserves one.
    pub(crate) fn line(&mut self, at: Duration, event: &Event) -> Option<String> {
        let news = self.progress.apply(at, event);
        let (label, words) = news.then(|| self.words(event)).flatten()?;
        let label = self.text.say(label, &[]);
        let label = pad_str(&label, self.label_width(), Alignment::Left, None);
        Some(format!("{:>7}  {label} {words}", duration(at)))
    }

    fn label_width(&self) -> usize {
        let widths = LABELS.iter().map(|label| measure_text_width(&self.text.say(label, &[])));
        widths.max().unwrap_or_default()
    }

    /// The label's message, and what is said behind it.
    fn words(&self, event: &Event) -> Option<(&'static str, String)> {
        let (text, progress) = (self.text, &self.progress);
        let singly = progress.identifiers.len() <= SINGLY;
        Some(match event {
            Event::Provider { path, .. } => {
                let provider = progress.provider.as_str().into();
                let path = path.display().to_string().into();
                let values = [("provider", provider), ("path", path)];
                ("label-provider", text.say("run-provider", &values))
            }
            Event::Account { .. } => ("label-account", progress.account(text)),
            Event::Order { url, identifiers } if singly => {
                let values =
                    [("url", url.as_str().into()), ("names", identifiers.join(", ").into())];
                ("label-order", text.say("run-order", &values))
            }
            Event::Order { url, identifiers } => {
                let values = [("url", url.as_str().into()), ("count", identifiers.len().into())];
                ("label-order", text.say("run-order-many", &values))
            }
            Event::Located { owner, zone, servers, .. } if singly => {
                let servers = servers.join(", ").into();
                let values = [
                    ("zone", zone.as_str().into()),
                    ("owner", owner.as_str().into()),
                    ("servers", servers),
                ];
                ("label-zone", text.say("run-located", &values))
            }
            Event::Presenting { zone, values } => {
                let values = [("zone", zone.as_str().into()), ("count", (*values).into())];
                ("label-records", text.say("run-presenting", &values))
            }
            Event::Presented { owner, values, .. } if singly => {
                let values = [("owner", owner.as_str().into()), ("count", (*values).into())];
                ("label-records", text.say("run-presented", &values))
            }
            Event::Seen { owner, server, found, wanted } if singly => {
                let values = [
                    ("server", server.as_str().into()),
                    ("found", (*found).into()),
                    ("wanted", (*wanted).into()),
                    ("owner", owner.as_str().into()),
                ];
                ("label-server", text.say("run-seen", &values))
            }
            Event::Propagated => {
                let values = [
                    ("values", progress.presented.into()),
                    ("owners", progress.owners.len().into()),
                    ("servers", progress.servers().1.into()),
                ];
                ("label-servers", text.say("run-propagated", &values))
            }
            Event::Answered { challenges } => {
                let values = [("count", (*challenges).into())];
                ("label-validation", text.say("run-answered", &values))
            }
            Event::Authorized { identifiers } if singly => {
                let values = [("names", identifiers.join(", ").into())];
                ("label-validation", text.say("run-authorized", &values))
            }
            Event::Authorized { .. } => {
                let all = progress.identifiers.len();
                let values = [("valid", progress.authorized.into()), ("all", all.into())];
                ("label-validation", text.say("run-authorized-many", &values))
            }
            Event::Finalized => ("label-certificate", text.say("run-finalized", &[])),
            Event::Stored { path } => {
                let values = [("path", path.display().to_string().into())];
                ("label-certificate", text.say("run-stored", &values))
            }
            Event::Removed { owner, values, .. } if singly => {
                let values = [("owner", owner.as_str().into()), ("count", (*values).into())];
                ("label-cleanup", text.say("run-removed", &values))
            }
            Event::Removed { .. } if progress.removed >= progress.presented => {
                let values = [("count", progress.removed.into())];
                ("label-cleanup", text.say("run-removed-many", &values))
            }
            Event::Replaying { records } => {
                let values = [("count", (*records).into())];
                ("label-cleanup", text.say("run-replaying", &values))
            }
            Event::Requests { counts } => {
                let each: Vec<String> = counts
                    .iter()
                    .filter(|(_, count)| *count > 0)
                    .map(|(name, count)| format!("{name} {count}"))
                    .collect();
                let values =
                    [("count", progress.requests.into()), ("each", each.join(", ").into())];
                ("label-requests", text.say("run-requests", &values))
            }
            _ => return None,
        })
    }
}

/// The labels of all lines.
const LABELS: &[&str] = &[
    "label-provider",
    "label-account",
    "label-order",
    "label-zone",
    "label-records",
    "label-server",
    "label-servers",
    "label-validation",
    "label-certificate",
    "label-cleanup",
    "label-requests",
];

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::lang::Lang;

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
        lines_in(Lang::En, names)
    }

    fn lines_in(lang: Lang, names: usize) -> Vec<String> {
        let mut plain = Plain::new(Text::new(lang));
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

    #[test]
    fn japanese_labels_fill_a_column_of_their_width() {
        let lines = lines_in(Lang::Ja, 1);
        assert_eq!(lines.len(), 15);
        assert_eq!(lines[0], "  0.00s  プロバイダー rfc2136 (wasm)(/p/rfc2136.wasm)");
        assert_eq!(lines[1], "  0.01s  アカウント   登録しました: https://ca.test/account/1");
    }
}
