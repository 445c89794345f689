//! SIGINT and SIGTERM: the first asks to stop, the second ends the process.

use std::process;

use wildcert::{Signal, Stop};

use crate::{error::Error, exit, printer::Printer};

/// Listens from now on; the first signal says `message` and asks whoever holds the stop.
///
/// # Errors
/// When the system lets nobody listen.
pub(crate) fn listen(printer: &Printer, message: &str) -> Result<Stop, Error> {
    let mut signals =
        Signals::new().map_err(|source| Error::System { doing: "listen for signals", source })?;
    let (handle, stop) = Stop::new();
    let (printer, message) = (printer.clone(), message.to_owned());
    tokio::spawn(async move {
        let first = signals.next().await;
        printer.note(&message);
        handle.ask(first);
        let second = signals.next().await;
        printer.abandon();
        printer.warning(&printer.text().say("signal-quit", &[]));
        process::exit(exit::of_signal(second).into());
    });
    Ok(stop)
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[cfg(windows)]
struct Signals(tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    async fn next(&mut self) -> Signal {
        let _ = self.0.recv().await;
        Signal::Interrupt
    }
}
