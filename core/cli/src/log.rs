//! The log file: what is told of every run, whatever the terminal shows.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    path::Path,
    process,
    sync::{Arc, Mutex, PoisonError},
    time::Instant,
};

use time::{OffsetDateTime, macros::format_description};
use wildcert::Event;

use crate::{
    lang::Text,
    show::{Plain, printable},
};

/// A file that lines are added to, each with its time and the process; clones write to the same.
#[derive(Clone)]
pub(crate) struct Log(Arc<Mutex<Lines>>);

struct Lines {
    file: File,
    started: Instant,
    /// What it knows of the certificate that is being got.
    steps: Plain,
}

impl Log {
    /// Opens a file, made if it is not there, and readable by its owner alone then.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn open(path: &Path, text: Text) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path)?;
        Ok(Self(Arc::new(Mutex::new(Lines {
            file,
            started: Instant::now(),
            steps: Plain::new(text),
        }))))
    }

    /// Adds a text, on one line.
    pub(crate) fn add(&self, text: &str) {
        self.lines(|lines| lines.add(text));
    }

    /// Adds a step of a run, if it deserves a line.
    pub(crate) fn step(&self, event: &Event) {
        self.lines(|lines| {
            let at = lines.started.elapsed();
            if let Some(line) = lines.steps.line(at, event) {
                lines.add(&line);
            }
        });
    }

    /// That the steps of another certificate follow.
    pub(crate) fn begin(&self, text: Text) {
        self.lines(|lines| {
            lines.started = Instant::now();
            lines.steps = Plain::new(text);
        });
    }

    fn lines(&self, work: impl FnOnce(&mut Lines)) {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

impl Lines {
    fn add(&mut self, text: &str) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (text, time, id) = (printable(&words.join(" ")), now(), process::id());
        // A disk that is full stops no renewal.
        let _ = self.file.write_all(format!("{time} wildcert[{id}]: {text}\n").as_bytes());
    }
}

/// Takes each write for an event, as the formatter of traces does it.
impl Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.add(&String::from_utf8_lossy(octets));
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The time in RFC 3339, to the millisecond.
fn now() -> String {
    let format =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    OffsetDateTime::now_utc().format(format).unwrap_or_default()
}
