//! The only writer: results go to stdout, everything else to stderr.

use std::{
    io::{self, IsTerminal, Write},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use console::Term;
use wildcert::{Event, Observer, RolloverStep, acme::Secret};

use crate::{
    args::{Color, OutputArgs},
    env::{self, Lookup},
    error::Error,
    lang::{Lang, Text},
    report::{Explained, Report},
    show::{Live, Paint, Plain, duration, hanging, printable, spinner},
};

/// Writes for everybody; clones write to the same streams.
#[derive(Clone)]
pub(crate) struct Printer(Arc<Shared>);

struct Shared {
    quiet: bool,
    live: bool,
    text: Text,
    out: Paint,
    err: Paint,
    screen: Mutex<Screen>,
}

/// What stderr shows of a run.
struct Screen {
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
    /// A printer as the options and the terminals want it.
    pub(crate) fn new(args: &OutputArgs, env: Lookup<'_>) -> Self {
        let colors = |terminal: bool| match args.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && env(env::NO_COLOR).is_none() && !dumb(env),
        };
        let err_terminal = io::stderr().is_terminal();
        // Traces between the lines of the live view would be overwritten.
        let live = err_terminal
            && !args.quiet
            && args.verbose == 0
            && env(env::CI).is_none()
            && !dumb(env);
        let screen = Screen { view: View::Nothing, started: Instant::now(), drawn: 0 };
        Self(Arc::new(Shared {
            quiet: args.quiet,
            live,
            text: Text::new(Lang::choose(args.lang, env)),
            out: Paint(colors(io::stdout().is_terminal())),
            err: Paint(colors(err_terminal)),
            screen: Mutex::new(screen),
        }))
    }

    /// The words for people.
    pub(crate) fn text(&self) -> Text {
        self.0.text
    }

    /// The colours of stdout.
    pub(crate) fn paint(&self) -> Paint {
        self.0.out
    }

    /// The colours of stderr.
    pub(crate) fn err_paint(&self) -> Paint {
        self.0.err
    }

    /// How wide results may be: as the terminal, or 80 where there is none.
    pub(crate) fn width(&self) -> usize {
        Term::stdout().size_checked().map_or(80, |(_, columns)| columns.into()).min(100)
    }

    /// Whether somebody can be asked.
    pub(crate) fn can_ask(&self) -> bool {
        !self.0.quiet && io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Writes a result to stdout; a reader that has gone away is no failure.
    ///
    /// # Errors
    /// When stdout cannot be written for another reason.
    pub(crate) fn result(&self, text: &str) -> Result<(), Error> {
        let mut out = io::stdout().lock();
        match out.write_all(format!("{text}\n").as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Output(error)),
            _ => Ok(()),
        }
    }

    /// Asks on stderr and gives the line that is typed in answer; none when stdin ends.
    ///
    /// # Errors
    /// When stdin cannot be read.
    pub(crate) async fn ask(&self, question: &str) -> io::Result<Option<String>> {
        write_err(&format!("{question} "));
        let answer = tokio::task::spawn_blocking(|| {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map(|length| (length > 0).then_some(line))
        });
        answer.await?
    }

    /// Asks on stderr for something that must not be seen while it is typed; none for an empty line.
    ///
    /// # Errors
    /// When the terminal cannot be read.
    pub(crate) async fn ask_secret(&self, question: &str) -> io::Result<Option<Secret>> {
        write_err(&format!("{question} "));
        let answer = tokio::task::spawn_blocking(|| Term::stderr().read_secure_line()).await??;
        Ok((!answer.is_empty()).then(|| Secret::from(answer)))
    }

    /// Writes a line for people, unless they want quiet.
    pub(crate) fn note(&self, text: &str) {
        if !self.0.quiet {
            self.above(text);
        }
    }

    /// Writes a warning.
    pub(crate) fn warning(&self, text: &str) {
        let label = self.0.err.warn(&self.0.text.say("word-warning", &[]));
        self.above(&labelled(&label, text, err_width()));
    }

    /// Writes an error and what to do about it.
    pub(crate) fn error(&self, message: &str, hints: &[String]) {
        let mut lines = vec![self.error_line(message)];
        lines.extend(hints.iter().map(|hint| self.hint_line(hint, None)));
        self.above(&lines.join("\n"));
    }

    /// Writes an error of the engine with its explanation: how it comes about, what to do.
    pub(crate) fn failure(&self, error: &wildcert::Error) {
        self.above(&self.report_text(&Report::new(self.0.text, error)));
    }

    fn report_text(&self, report: &Report) -> String {
        let mut lines = vec![self.error_line(&report.message)];
        let several = report.explained.len() > 1;
        for Explained { acme_type, cause, remedy } in &report.explained {
            let about = acme_type.as_deref().filter(|_| several);
            let label = self.0.err.hint(&self.label("word-cause", "word-cause-of", about));
            lines.push(labelled(&label, cause, err_width()));
            // What is known of this very case goes before what holds for its kind.
            if acme_type.is_some() || report.hints.is_empty() {
                lines.push(self.hint_line(remedy, about));
            }
        }
        lines.extend(report.hints.iter().map(|hint| self.hint_line(hint, None)));
        lines.join("\n")
    }

    fn error_line(&self, message: &str) -> String {
        let label = self.0.err.bad(&self.0.text.say("word-error", &[]));
        labelled(&label, message, err_width())
    }

    fn hint_line(&self, hint: &str, about: Option<&str>) -> String {
        let label = self.0.err.hint(&self.label("word-hint", "word-hint-of", about));
        labelled(&label, hint, err_width())
    }

    fn label(&self, alone: &str, of: &str, about: Option<&str>) -> String {
        match about {
            Some(about) => self.0.text.say(of, &[("type", about.into())]),
            None => self.0.text.say(alone, &[]),
        }
    }

    /// Tells what is done until `work` has ended; on a terminal with a clock, and only so long.
    pub(crate) async fn during<T>(&self, doing: &str, work: impl Future<Output = T>) -> T {
        if !self.0.live {
            self.note(doing);
            return work.await;
        }
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
            Event::Rollover(RolloverStep::Resumed) => {
                return self.note(&self.0.text.say("account-resumed", &[]));
            }
            Event::Rollover(RolloverStep::Dropped) => {
                return self.note(&self.0.text.say("account-dropped", &[]));
            }
            Event::Compiling { id } => {
                let id = [("id", id.as_str().into())];
                return self.note(&self.0.text.say("note-compiling", &id));
            }
            _ => {}
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
    fn above(&self, text: &str) {
        let mut screen = self.screen();
        screen.erase();
        write_err(&format!("{text}\n"));
        screen.draw();
    }

    fn screen(&self) -> MutexGuard<'_, Screen> {
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

/// Nothing can be done when stderr is gone.
fn write_err(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

fn dumb(env: Lookup<'_>) -> bool {
    env(env::TERM).is_some_and(|term| term == "dumb")
}

/// The label in front of the first line, the others indented; no line wider than `width`.
fn labelled(label: &str, text: &str, width: usize) -> String {
    let text = printable(text);
    let mut lines = text.lines();
    let mut labelled = hanging(&format!("{label} {}", lines.next().unwrap_or_default()), 2, width);
    for line in lines {
        labelled.push('\n');
        labelled.push_str(&hanging(&format!("  {}", line.trim_start()), 4, width));
    }
    labelled
}

/// How wide lines on stderr may be: as the terminal; programs and files get them whole.
fn err_width() -> usize {
    let size = Term::stderr().size_checked().filter(|_| io::stderr().is_terminal());
    size.map_or(usize::MAX, |(_, columns)| columns.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn further_lines_of_a_message_are_indented() {
        let text = "2 things:\n- one\n  two";
        assert_eq!(labelled("error:", text, 80), "error: 2 things:\n  - one\n  two");
    }
}
