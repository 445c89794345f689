//! The steps of a run as a block that is drawn again and again on a terminal.

use std::time::Duration;

use console::{Alignment, measure_text_width, pad_str, truncate_str};
use wildcert::Event;

use super::{
    progress::{Owner, Progress, Step},
    text::{Paint, duration},
};
use crate::lang::Text;

/// What the block shows.
#[derive(Debug)]
pub(crate) struct Live {
    paint: Paint,
    text: Text,
    progress: Progress,
    end: Option<End>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Well,
    Badly,
}

impl Live {
    /// An empty block.
    pub(crate) fn new(paint: Paint, text: Text) -> Self {
        Self { paint, text, progress: Progress::default(), end: None }
    }

    /// Takes an event that came `at` after the beginning.
    pub(crate) fn apply(&mut self, at: Duration, event: &Event) {
        self.progress.apply(at, event);
    }

    /// Ends the run; what is drawn afterwards stays.
    pub(crate) fn end(&mut self, failed: bool) {
        self.end = Some(if failed { End::Badly } else { End::Well });
    }

    /// The lines, none wider than `columns`; at most 12.
    pub(crate) fn lines(&self, now: Duration, columns: usize) -> Vec<String> {
        let columns = columns.min(MAX_COLUMNS);
        let current = self.progress.current();
        let mut lines = Vec::new();
        for step in Step::ALL {
            let took = self.progress.done.get(&step).copied();
            let is_current = Some(step) == current;
            // What never happened is not shown once all is over.
            if took.is_none() && self.end.is_some_and(|end| end == End::Well || !is_current) {
                continue;
            }
            let time = match took {
                Some(took) => took.map(duration).unwrap_or_default(),
                None if is_current => duration(now.saturating_sub(self.progress.current_since())),
                None => String::new(),
            };
            lines.push(self.line(step, took.is_some(), is_current, &time, now, columns));
            if is_current && step == Step::Servers {
                lines.extend(self.lacking(columns));
            }
        }
        if self.end == Some(End::Well) && !lines.is_empty() {
            let values =
                [("time", duration(now).into()), ("requests", self.progress.requests.into())];
            let total = self.text.say("live-total", &values);
            lines.push(self.paint.dim(&truncate_str(&format!("  {total}"), columns, "…")));
        }
        lines
    }

    fn line(
        &self,
        step: Step,
        done: bool,
        current: bool,
        time: &str,
        now: Duration,
        columns: usize,
    ) -> String {
        let paint = self.paint;
        let mark = match (done, current, self.end) {
            (true, ..) => paint.good("✓"),
            (_, true, Some(_)) => paint.bad("✗"),
            (_, true, None) => spinner(now).to_owned(),
            _ => paint.dim("·"),
        };
        let width = self.label_width();
        let label = self.text.say(step.label(), &[]);
        let label = pad_str(&label, width, Alignment::Left, None);
        let label = if current { paint.strong(&label) } else { label.into_owned() };
        let label = if done || current { label } else { paint.dim(&label) };
        let room = columns.saturating_sub(width + measure_text_width(time) + 4);
        let text = if done || current { self.words(step, done) } else { String::new() };
        let text = truncate_str(&text, room, "…");
        let text = pad_str(&text, room, Alignment::Left, None);
        format!("{mark} {label} {text} {}", paint.dim(time)).trim_end().to_owned()
    }

    fn label_width(&self) -> usize {
        let labels = Step::ALL.iter().map(|step| self.text.say(step.label(), &[]));
        labels.map(|label| measure_text_width(&label)).max().unwrap_or_default()
    }

    fn words(&self, step: Step, done: bool) -> String {
        let (text, progress) = (self.text, &self.progress);
        match step {
            Step::Provider => progress.provider.clone(),
            Step::Account => progress.account(text),
            Step::Order if progress.identifiers.len() > NAMES => {
                let shown: Vec<&str> =
                    progress.identifiers.iter().take(NAMES).map(String::as_str).collect();
                let more = progress.identifiers.len() - NAMES;
                let values = [("names", shown.join(", ").into()), ("more", more.into())];
                text.say("live-names-more", &values)
            }
            Step::Order => progress.identifiers.join(", "),
            Step::Zones => match progress.zones().as_slice() {
                [] => String::new(),
                [zone] => {
                    let owners = progress.owners.len();
                    text.say("live-zone", &[("zone", (*zone).into()), ("owners", owners.into())])
                }
                zones => {
                    let values =
                        [("count", zones.len().into()), ("zones", zones.join(", ").into())];
                    text.say("live-zones", &values)
                }
            },
            Step::Records if done => {
                text.say("live-records-set", &[("count", progress.presented.into())])
            }
            Step::Records => {
                let values =
                    [("set", progress.presented.into()), ("all", progress.presenting.into())];
                text.say("live-records", &values)
            }
            Step::Servers => {
                let (complete, all) = progress.servers();
                if done {
                    text.say("live-servers-done", &[("count", all.into())])
                } else {
                    let values = [("complete", complete.into()), ("count", all.into())];
                    text.say("live-servers", &values)
                }
            }
            Step::Validation => {
                let all = progress.identifiers.len();
                let values = [("valid", progress.authorized.into()), ("all", all.into())];
                text.say("live-validation", &values)
            }
            Step::Certificate if done => text.say("live-stored", &[]),
            Step::Certificate if progress.finalized => text.say("run-finalized", &[]),
            Step::Certificate => String::new(),
            Step::Cleanup => {
                let values =
                    [("removed", progress.removed.into()), ("all", progress.presented.into())];
                text.say("live-cleanup", &values)
            }
        }
    }

    /// The owner names that servers lack values of.
    fn lacking(&self, columns: usize) -> Vec<String> {
        let lacks = |owner: &&Owner| owner.complete() < owner.servers.len();
        let lacking = self.progress.owners.iter().filter(|(_, owner)| lacks(owner));
        let lines: Vec<String> =
            lacking.map(|(name, owner)| self.owner_line(name, owner)).collect();
        let shown = if lines.len() > DETAILS { DETAILS - 1 } else { lines.len() };
        let more = lines.len() - shown;
        let more = (more > 0).then(|| self.text.say("live-more-names", &[("count", more.into())]));
        let lines = lines.into_iter().take(shown).chain(more);
        lines
            .map(|line| format!("    {}", self.paint.dim(&truncate_str(&line, columns - 4, "…"))))
            .collect()
    }

    fn owner_line(&self, name: &str, owner: &Owner) -> String {
        let servers: Vec<String> = owner
            .servers
            .iter()
            .filter(|(_, (found, wanted))| found < wanted || *wanted == 0)
            .map(|(server, (found, wanted))| {
                let server = ("server", server.as_str().into());
                match wanted {
                    0 => self.text.say("live-not-asked", &[server]),
                    _ => {
                        let (found, wanted) = ((*found).into(), (*wanted).into());
                        let values = [server, ("found", found), ("wanted", wanted)];
                        self.text.say("live-lacking", &values)
                    }
                }
            })
            .collect();
        format!("{name} {}", servers.join(", "))
    }
}

/// Longer lines are hard to read, whatever the terminal could show.
const MAX_COLUMNS: usize = 100;
/// How many owner names are shown at once.
const DETAILS: usize = 3;
/// How many names of an order are shown.
const NAMES: usize = 3;

/// What turns while something goes on.
pub(crate) fn spinner(now: Duration) -> &'static str {
    const FRAMES: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
    let frame = now.as_millis() / 100 % FRAMES.len() as u128;
    FRAMES.get(usize::try_from(frame).unwrap_or_default()).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lang::Lang, show::plain::tests::events};

    fn shown(names: usize, until: impl Fn(&Event) -> bool, failed: Option<bool>) -> Vec<String> {
        let mut live = Live::new(Paint(false), Text::new(Lang::En));
        for event in events(names).iter().take_while(|event| !until(event)) {
            live.apply(Duration::from_millis(10), event);
        }
        if let Some(failed) = failed {
            live.end(failed);
        }
        live.lines(Duration::from_millis(250), 60)
    }

    #[test]
    fn the_current_step_spins_and_tells_what_servers_lack() {
        let lines = shown(
            1,
            |event| matches!(event, Event::Propagated | Event::Seen { found: 1, .. }),
            None,
        );
        assert_eq!(
            lines,
            [
                "✓ provider    rfc2136 (wasm)                           0.01s",
                "✓ account     registered https://ca.test/account/1     0.00s",
                "✓ order       n0.example.test                          0.00s",
                "✓ zones       example.test. holds 1 challenge name     0.00s",
                "✓ records     1 value set                              0.00s",
                "⠹ servers     0 of 1 server with every value           0.24s",
                "    _acme-challenge.n0.example.test. 127.0.0.1:5353 0 of 1",
                "· validation",
                "· certificate",
                "· clean-up",
            ]
        );
    }

    #[test]
    fn fifty_names_never_take_more_than_twelve_lines_of_the_terminals_width() {
        let steps = 0..events(50).len();
        for (stop, lang) in steps.flat_map(|stop| Lang::ALL.map(|lang| (stop, lang))) {
            let mut live = Live::new(Paint(true), Text::new(lang));
            for event in events(50).iter().take(stop) {
                live.apply(Duration::ZERO, event);
            }
            let lines = live.lines(Duration::from_secs(100), 60);
            assert!(lines.len() <= 12, "{lines:#?}");
            assert!(lines.iter().all(|line| measure_text_width(line) <= 60), "{lines:#?}");
        }
    }

    #[test]
    fn the_end_leaves_what_happened() {
        let lines = shown(2, |_| false, Some(false));
        assert_eq!(lines.len(), 10);
        assert!(lines.iter().take(9).all(|line| line.starts_with("✓ ")), "{lines:#?}");
        assert_eq!(lines[9], "  0.25s in all, 2 requests to the CA");
        let lines = shown(2, |event| matches!(event, Event::Propagated), Some(true));
        assert_eq!(lines.len(), 6, "{lines:#?}");
        assert!(lines[5].starts_with("✗ servers"), "{lines:#?}");
        assert!(shown(1, |_| true, Some(false)).is_empty());
    }
}
