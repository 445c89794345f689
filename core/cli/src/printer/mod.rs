//! The only writer: results go to stdout, everything else to stderr.

mod watch;

use std::{
    io::{self, IsTerminal, Write},
    sync::{Arc, Mutex},
};

use console::Term;
use wildcert::acme::Secret;

use self::watch::Screen;
use crate::{
    args::{Color, OutputArgs},
    env::{self, Lookup},
    error::Error,
    lang::Text,
    log::Log,
    report::{Explained, Report},
    show::{Paint, hanging, printable},
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
    log: Option<Log>,
}

impl Printer {
    /// A printer as the options and the terminals want it. Everything but results goes to the `log` too.
    pub(crate) fn new(args: &OutputArgs, env: Lookup<'_>, text: Text, log: Option<Log>) -> Self {
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
        Self(Arc::new(Shared {
            quiet: args.quiet,
            live,
            text,
            out: Paint(colors(io::stdout().is_terminal())),
            err: Paint(colors(err_terminal)),
            screen: Mutex::new(Screen::new()),
            log,
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

    /// Asks on stderr whether somebody agrees; an empty line means what the question says it does.
    pub(crate) async fn agreed(&self, question: &str, empty: bool) -> bool {
        matches!(self.ask(question).await, Ok(Some(line)) if is_yes(&line, empty))
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
        self.log(text);
        if !self.0.quiet {
            self.above(text);
        }
    }

    /// Writes a line into the log file, if there is one.
    pub(crate) fn log(&self, text: &str) {
        if let Some(log) = &self.0.log {
            log.add(text);
        }
    }

    /// Writes a warning.
    pub(crate) fn warning(&self, text: &str) {
        let label = self.0.text.say("word-warning", &[]);
        self.log(&format!("{label} {text}"));
        self.above(&labelled(&self.0.err.warn(&label), text, err_width()));
    }

    /// Writes an error and what to do about it.
    pub(crate) fn error(&self, message: &str, hints: &[String]) {
        self.tell(|paint, width| {
            let mut lines = vec![self.error_line(message, paint, width)];
            lines.extend(hints.iter().map(|hint| self.hint_line(hint, None, paint, width)));
            lines.join("\n")
        });
    }

    /// Writes an error of the engine with its explanation: how it comes about, what to do.
    pub(crate) fn failure(&self, error: &wildcert::Error) {
        let report = Report::new(self.0.text, error);
        self.tell(|paint, width| self.report_text(&report, paint, width));
    }

    /// Writes what `text` makes of colours and a width: to stderr, and plain to the log.
    fn tell(&self, text: impl Fn(Paint, usize) -> String) {
        self.log(&text(Paint(false), usize::MAX));
        self.above(&text(self.0.err, err_width()));
    }

    fn report_text(&self, report: &Report, paint: Paint, width: usize) -> String {
        let mut lines = vec![self.error_line(&report.message, paint, width)];
        let several = report.explained.len() > 1;
        for Explained { acme_type, cause, remedy } in &report.explained {
            let about = acme_type.as_deref().filter(|_| several);
            let label = paint.hint(&self.label("word-cause", "word-cause-of", about));
            lines.push(labelled(&label, cause, width));
            // What is known of this very case goes before what holds for its kind.
            if acme_type.is_some() || report.hints.is_empty() {
                lines.push(self.hint_line(remedy, about, paint, width));
            }
        }
        lines.extend(report.hints.iter().map(|hint| self.hint_line(hint, None, paint, width)));
        lines.join("\n")
    }

    fn error_line(&self, message: &str, paint: Paint, width: usize) -> String {
        let label = paint.bad(&self.0.text.say("word-error", &[]));
        labelled(&label, message, width)
    }

    fn hint_line(&self, hint: &str, about: Option<&str>, paint: Paint, width: usize) -> String {
        let label = paint.hint(&self.label("word-hint", "word-hint-of", about));
        labelled(&label, hint, width)
    }

    fn label(&self, alone: &str, of: &str, about: Option<&str>) -> String {
        match about {
            Some(about) => self.0.text.say(of, &[("type", about.into())]),
            None => self.0.text.say(alone, &[]),
        }
    }
}

/// Whether an answer is a yes; `empty` is what an empty one means.
fn is_yes(line: &str, empty: bool) -> bool {
    match line.trim().to_ascii_lowercase().as_str() {
        "" => empty,
        answer => matches!(answer, "y" | "yes"),
    }
}

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
    fn an_empty_line_means_what_the_question_says() {
        for (line, yes) in
            [("\n", true), ("Y\n", true), ("yes\r\n", true), ("n\n", false), ("?", false)]
        {
            assert_eq!(is_yes(line, true), yes, "{line:?}");
        }
        for (line, yes) in [("y\n", true), ("YES\n", true), ("\n", false), ("n\n", false)] {
            assert_eq!(is_yes(line, false), yes, "{line:?}");
        }
    }

    #[test]
    fn further_lines_of_a_message_are_indented() {
        let text = "2 things:\n- one\n  two";
        assert_eq!(labelled("error:", text, 80), "error: 2 things:\n  - one\n  two");
    }
}
