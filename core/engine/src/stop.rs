//! Asking a run to stop, so that it removes its records first.

use tokio::sync::watch;

/// Which signal asked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signal {
    /// SIGINT, Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// The side that asks.
#[derive(Debug)]
pub struct StopHandle(watch::Sender<Option<Signal>>);

/// The side that is asked; clones see the same request.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<Option<Signal>>);

impl Stop {
    /// A handle and the stop that it controls.
    pub fn new() -> (StopHandle, Self) {
        let (sender, receiver) = watch::channel(None);
        (StopHandle(sender), Self(receiver))
    }

    /// Resolves once somebody asked; never when the handle is gone without asking.
    pub async fn asked(&self) -> Signal {
        let mut receiver = self.0.clone();
        let asked = receiver.wait_for(Option::is_some).await.ok().and_then(|signal| *signal);
        match asked {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }
}

impl StopHandle {
    /// Asks every run with this stop to end after its clean-up.
    pub fn ask(&self, signal: Signal) {
        self.0.send_replace(Some(signal));
    }
}
