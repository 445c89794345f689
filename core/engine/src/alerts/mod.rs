//! Telling people and programs what went wrong: each once.
//!
//! An incident is told for as long as it lasts only once: what was told, and to whom, is in
//! `alerts.json`, and what is over is forgotten there.

mod channel;
mod incident;
mod ledger;
mod mail;
mod program;
mod webhook;

use std::time::Duration;

use futures_util::future::join_all;
use serde::Serialize;
use time::OffsetDateTime;

pub use channel::AlertChannel;
pub use incident::{AlertKind, Incident};
pub(crate) use mail::address as mail_address;
pub use mail::{MailSecurity, MailServer};
pub(crate) use webhook::address as webhook_address;

use self::{incident::incidents, ledger::Ledger};
use crate::{engine::Engine, error::Error, files, status::Overview};

/// What people read.
#[derive(Clone, Debug, Serialize)]
pub struct AlertMessage {
    /// One line.
    pub subject: String,
    /// What happened, and what to do about it.
    pub text: String,
}

/// That nobody could be told.
#[derive(Debug)]
pub struct Unsent {
    /// Who: an address, the host of a webhook, a program.
    pub to: String,
    /// Why not, without secrets.
    pub reason: String,
}

/// What programs read.
#[derive(Serialize)]
struct Notice<'a> {
    #[serde(flatten)]
    message: &'a AlertMessage,
    /// The name of this machine.
    host: String,
    events: &'a [Incident],
}

impl Engine {
    /// Tells each channel what is wrong and was not told to it yet: everything of one call together.
    ///
    /// `compose` makes the words for people. Who could not be told now is told by a later call.
    ///
    /// # Errors
    /// When what was told before cannot be read or written.
    pub async fn alert(
        &self,
        channels: &[AlertChannel],
        overview: &Overview,
        compose: &dyn Fn(&[Incident]) -> AlertMessage,
    ) -> Result<Vec<Unsent>, Error> {
        let state = &self.options().path;
        files::private_folder(state)?;
        // Who runs at the same time tells nothing twice.
        let _lock = files::lock(&state.join(".alerts.lock")).await?;
        let mut ledger = Ledger::read(state)?;
        let now = OffsetDateTime::now_utc();
        let told = join_all(channels.iter().map(|channel| {
            let known = ledger.of(&channel.id);
            async move {
                let current = incidents(overview, channel, now);
                let (old, new): (Vec<Incident>, Vec<Incident>) =
                    current.into_iter().partition(|incident| known.contains(&incident.key));
                let unsent = match new.as_slice() {
                    [] => None,
                    new => self.send(channel, &compose(new), new).await.err(),
                };
                let new = if unsent.is_none() { new } else { Vec::new() };
                let keys = old.into_iter().chain(new).map(|incident| incident.key);
                (channel.id.clone(), keys.collect(), unsent)
            }
        }));
        let mut unsent = Vec::new();
        let mut next = Ledger::default();
        for (id, keys, failed) in told.await {
            next.set(id, keys);
            unsent.extend(failed);
        }
        if next != ledger {
            ledger = next;
            ledger.write(state)?;
        }
        Ok(unsent)
    }

    /// Tells a channel something that is no incident, to see whether it can be told.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn try_alert(
        &self,
        channel: &AlertChannel,
        message: &AlertMessage,
    ) -> Result<(), Unsent> {
        self.send(channel, message, &[]).await
    }

    async fn send(
        &self,
        channel: &AlertChannel,
        message: &AlertMessage,
        events: &[Incident],
    ) -> Result<(), Unsent> {
        let notice = Notice { message, host: host_name(), events };
        let sent = tokio::time::timeout(LIMIT, channel.send(self, &notice)).await;
        let sent = sent.unwrap_or_else(|_| Err(format!("no end after {} s", LIMIT.as_secs())));
        sent.map_err(|reason| Unsent { to: channel.name.clone(), reason })
    }
}

/// The name of this machine; empty when it has none.
pub fn host_name() -> String {
    let name = hostname::get().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

/// How long a channel may take.
const LIMIT: Duration = Duration::from_secs(30);
