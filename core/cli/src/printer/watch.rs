//! The view of a run on stderr: drawn again and again on a terminal, else lines.

use std::{
    sync::{
        Arc, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use console::Term;
use wildcert::{Event, Observer, RolloverStep};

use super::{Printer, write_err};
use crate::show::{Live, Plain, duration, spinner};

/// What stderr shows of a run.
pub(super) struct Screen {
    view: View,
    started: Instant,
    /// How many lines of the live view stand above the cursor.
    drawn: usize,
}

enum View {
    Nothing,
    Plain(Plain),
    Live(Live),
}

/// A run that is being shown; ends with [`Watch::end`] or [`Watch::discard`].
pub(crate) struct Watch {
    printer: Printer,
    over: Arc<AtomicBool>,
    ticker: Option<JoinHandle<()>>,
}

impl Printer {
    /// Tells what is done until `work` has ended; on a terminal with a clock, and only so long.
    pub(crate) async fn during<T>(&self, doing: &str, work: impl Future<Output = T>) -> T {
        if !self.0.live {
            self.note(doing);
        }
        self.turning(doing, work).await
    }

    /// Tells on a terminal what is done, with a clock, until `work` has ended.
    pub(crate) async fn turning<T>(&self, doing: &str, work: impl Future<Output = T>) -> T {
        if !self.0.live {
            return work.await;
        }
        self.log(doing);
        let started = Instant::now();
        let mut work = std::pin::pin!(work);
        let mut ticks = tokio::time::interval(TICK);
        loop {
            tokio::select! {
                result = &mut work => {
                    write_err(&format!("\r{CLEAR_LINE}"));
                    return result;
                }
                _ = ticks.tick() => {
                    let now = started.elapsed();
                    let time = self.0.err.dim(&duration(now));
                    write_err(&format!("\r{} {doing} {time}{CLEAR_LINE}", spinner(now)));
                }
            }
        }
    }

    /// Shows the events of a run from now on.
    pub(crate) fn watch(&self) -> Watch {
        {
            if let Some(log) = &self.0.log {
                log.begin(self.0.text);
            }
            let mut screen = self.screen();
            screen.started = Instant::now();
            screen.view = match (self.0.quiet, self.0.live) {
                (true, _) => View::Nothing,
                (false, true) => View::Live(Live::new(self.0.err, self.0.text)),
                (false, false) => View::Plain(Plain::new(self.0.text)),
            };
        }
        let over = Arc::new(AtomicBool::new(false));
        let ticker = self.0.live.then(|| {
            let (printer, over) = (self.clone(), over.clone());
            write_err(HIDE_CURSOR);
            std::thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    std::thread::park_timeout(TICK);
                    printer.screen().draw();
                }
            })
        });
        Watch { printer: self.clone(), over, ticker }
    }

    /// Receives the events of a run.
    pub(crate) fn observer(&self) -> Observer {
        let printer = self.clone();
        Arc::new(move |event| printer.event(&event))
    }

    /// Leaves the terminal usable, before the process ends in the middle of a run.
    pub(crate) fn abandon(&self) {
        let mut screen = self.screen();
        if let View::Live(_) = screen.view {
            screen.view = View::Nothing;
            write_err(SHOW_CURSOR);
        }
    }

    fn event(&self, event: &Event) {
        match event {
            Event::Warning(text) => return self.warning(text),
            Event::Limited { server, until, said } => {
                let values = [("server", server), ("until", until), ("said", said)];
                let values = values.map(|(name, value)| (name, value.as_str().into()));
                return self.warning(&self.0.text.say("limits-passed-over", &values));
            }
            Event::FirstUse { id, path, reach } => {
                let say =
                    |message, value: &str, name| self.0.text.say(message, &[(name, value.into())]);
                return self.note(&format!(
                    "{}\n  {}\n  {}",
                    say("note-first-use", id, "id"),
                    say("note-first-use-path", &path.display().to_string(), "path"),
                    say("note-first-use-reach", &reach.join(", "), "reach"),
                ));
            }
            Event::Delayed { name, target, seconds } => {
                let time = duration(Duration::from_secs(*seconds)).into();
                let (name, target) = (name.as_str().into(), target.as_str().into());
                let values = [("name", name), ("target", target), ("time", time)];
                return self.note(&self.0.text.say("deploy-delayed", &values));
            }
            Event::Deployed { name, target, failed } => {
                let values = [("name", name.as_str().into()), ("target", target.as_str().into())];
                let (mark, id) = match failed {
                    true => (self.0.err.bad("✗"), "deploy-undone"),
                    false => (self.0.err.good("✓"), "deploy-done"),
                };
                return self.note(&format!("{mark} {}", self.0.text.say(id, &values)));
            }
            Event::Rollover(RolloverStep::Resumed) => {
                return self.note(&self.0.text.say("accounts-resumed", &[]));
            }
            Event::Rollover(RolloverStep::Dropped) => {
                return self.note(&self.0.text.say("accounts-dropped", &[]));
            }
            Event::Compiling { id } => {
                let id = [("id", id.as_str().into())];
                return self.note(&self.0.text.say("note-compiling", &id));
            }
            _ => {}
        }
        if let Some(log) = &self.0.log {
            log.step(event);
        }
        let mut screen = self.screen();
        let at = screen.started.elapsed();
        let line = match &mut screen.view {
            View::Nothing => None,
            View::Plain(plain) => plain.line(at, event),
            View::Live(live) => {
                live.apply(at, event);
                None
            }
        };
        if let Some(line) = line {
            write_err(&format!("{line}\n"));
        }
    }

    /// Writes lines to stderr, above the live view if there is one.
    pub(super) fn above(&self, text: &str) {
        let mut screen = self.screen();
        screen.erase();
        // What turns has a line of its own, which is drawn again.
        let start = if self.0.live { format!("\r{CLEAR_LINE}") } else { String::new() };
        write_err(&format!("{start}{text}\n"));
        screen.draw();
    }

    pub(super) fn screen(&self) -> MutexGuard<'_, Screen> {
        self.0.screen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watch {
    /// Ends the view; what is shown then stays.
    pub(crate) fn end(self, failed: bool) {
        self.close(|screen| {
            if let View::Live(live) = &mut screen.view {
                live.end(failed);
            }
            screen.draw();
            if screen.drawn > 0 {
                write_err("\n");
            }
        });
    }

    /// Ends the view and takes it away, because the run begins anew.
    pub(crate) fn discard(self) {
        self.close(Screen::erase);
    }

    fn close(mut self, last: impl FnOnce(&mut Screen)) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(ticker) = self.ticker.take() {
            ticker.thread().unpark();
            let _ = ticker.join();
            write_err(SHOW_CURSOR);
        }
        let mut screen = self.printer.screen();
        last(&mut screen);
        screen.view = View::Nothing;
        screen.drawn = 0;
    }
}

impl Screen {
    /// Nothing is shown yet.
    pub(super) fn new() -> Self {
        Self { view: View::Nothing, started: Instant::now(), drawn: 0 }
    }

    /// Draws the live view in place of what was drawn before.
    fn draw(&mut self) {
        let View::Live(live) = &self.view else { return };
        let (rows, columns) = Term::stderr().size();
        let lines = live.lines(self.started.elapsed(), usize::from(columns).saturating_sub(1));
        // What has left the top of a low terminal cannot be drawn again.
        let skipped = lines.len().saturating_sub(usize::from(rows).saturating_sub(1));
        let mut text = self.back();
        for line in lines.iter().skip(skipped) {
            text.push_str(line);
            text.push_str(CLEAR_LINE);
            text.push('\n');
        }
        text.push_str(CLEAR_BELOW);
        self.drawn = lines.len() - skipped;
        write_err(&text);
    }

    fn erase(&mut self) {
        if self.drawn > 0 {
            write_err(&format!("{}{CLEAR_BELOW}", self.back()));
            self.drawn = 0;
        }
    }

    /// Moves the cursor to where the live view begins.
    fn back(&self) -> String {
        if self.drawn == 0 { String::new() } else { format!("\u{1b}[{}F", self.drawn) }
    }
}

const TICK: Duration = Duration::from_millis(100);
const HIDE_CURSOR: &str = "\u{1b}[?25l";
const SHOW_CURSOR: &str = "\u{1b}[?25h";
const CLEAR_LINE: &str = "\u{1b}[K";
const CLEAR_BELOW: &str = "\u{1b}[J";
