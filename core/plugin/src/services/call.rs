//! The state behind the services: of a loaded provider, and of one call.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{sync::OwnedSemaphorePermit, time::Instant};
use wildcert_plugin_sdk::{Error, manifest::Manifest};

use super::{cache::Cache, client::Clients, dns, pace::Pace, reach::Reach, redact::Redactor};
use crate::settings::Settings;

/// What a loaded provider is served with, under one set of settings.
pub(crate) struct Services {
    pub(super) id: String,
    pub(super) reach: Reach,
    pub(super) servers: Vec<String>,
    pub(super) clients: Arc<Clients>,
    pub(super) cache: Cache,
    pub(super) pace: Option<Pace>,
    /// How long the user wants one answer waited for, over HTTP or DNS.
    pub(super) answer_timeout: Option<Duration>,
    redactor: Redactor,
}

/// One call: what it may still use up, and the zones that it holds until it ends.
pub(crate) struct Call {
    pub(super) services: Arc<Services>,
    pub(super) deadline: Instant,
    budget: u32,
    requests: AtomicU32,
    lines: AtomicU32,
    last_words: Mutex<Option<String>>,
    _zones: Vec<OwnedSemaphorePermit>,
}

impl Services {
    pub(crate) fn new(manifest: &Manifest, settings: &Settings, clients: Arc<Clients>) -> Self {
        Self {
            id: manifest.id.clone(),
            reach: Reach::new(&manifest.reach.http, |name| {
                let default = manifest.setting(name).and_then(|known| known.default.as_deref());
                settings.get(name).map(|value| (value, default != Some(value)))
            }),
            servers: dns::servers(&manifest.reach.dns, |name| settings.get(name)),
            pace: manifest
                .limits
                .requests_per_second
                .filter(|_| !clients.is_simulated())
                .map(Pace::new),
            clients,
            cache: Cache::default(),
            answer_timeout: settings.http_timeout(),
            redactor: Redactor::new(settings.secrets()),
        }
    }

    /// `text` on one line, without secrets, not longer than `limit` octets.
    pub(crate) fn presentable(&self, text: &str, limit: usize) -> String {
        self.redactor.presentable(text, limit)
    }

    /// Whether a secret, in any form, is part of `text`.
    pub(crate) fn betrays(&self, text: &str) -> bool {
        self.redactor.betrays(text)
    }
}

impl Call {
    /// A call that ends at `deadline`, may send `requests` HTTP requests and DNS messages, and holds
    /// `zones`.
    pub(crate) fn new(
        services: Arc<Services>,
        deadline: Instant,
        requests: u32,
        zones: Vec<OwnedSemaphorePermit>,
    ) -> Self {
        Self {
            services,
            deadline,
            budget: requests,
            requests: AtomicU32::new(requests),
            lines: AtomicU32::new(0),
            last_words: Mutex::new(None),
            _zones: zones,
        }
    }

    /// The provider's id.
    pub(crate) fn provider(&self) -> &str {
        &self.services.id
    }

    /// `text` on one line, without secrets, not longer than `limit` octets.
    pub(crate) fn presentable(&self, text: &str, limit: usize) -> String {
        self.services.presentable(text, limit)
    }

    /// The last line that the provider logged: where a panic's message stands.
    pub(crate) fn last_words(&self) -> Option<String> {
        self.last_words.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes one request or message out of the budget.
    ///
    /// # Errors
    /// When none is left, or the call's time is over: a native module runs on after it was given
    /// up, and shall then change nothing any more.
    pub(super) fn take_request(&self) -> Result<(), Error> {
        if Instant::now() >= self.deadline {
            return Err(Error::transient("refused to send: the time of this call is over"));
        }
        let less = |left: u32| left.checked_sub(1);
        let taken = self.requests.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        taken.map(|_| ()).map_err(|_| {
            let budget = self.budget;
            Error::permanent(format!("refused to send: this call has sent its {budget} requests"))
        })
    }

    /// How many lines were logged before this one.
    pub(super) fn count_line(&self) -> u32 {
        self.lines.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn remember(&self, line: &str) {
        *self.last_words.lock().unwrap_or_else(PoisonError::into_inner) = Some(line.to_owned());
    }

    /// Whether the call will still run after waiting for `pause`.
    pub(super) fn has_time_for(&self, pause: Duration) -> bool {
        pause < self.deadline.saturating_duration_since(Instant::now())
    }
}

/// A call to test services with.
#[cfg(test)]
pub(super) mod tests_support {
    use super::*;

    /// A provider whose manifest holds `more`, with a secret setting for each of `settings`.
    pub(in super::super) fn call(more: &str, settings: &[(&str, &str)]) -> Call {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let config: String = settings
            .iter()
            .map(|(name, _)| format!("[[config]]\nname = '{name}'\nsecret = true\nhelp = ''\n"))
            .collect();
        let text = format!(
            "id = 'test'\nname = 'Test'\nhomepage = ''\nabi = '0.1'\nmodel = 'record'\n\
             {config}{more}"
        );
        let (manifest, _) = Manifest::parse(&text).unwrap();
        let overrides: Vec<(String, String)> = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let settings = Settings::resolve(&manifest, &overrides, &|_| None, &[]).unwrap();
        let services =
            Services::new(&manifest, &settings, Arc::new(Clients::new(Vec::new(), None)));
        let deadline = Instant::now() + Duration::from_secs(30);
        Call::new(Arc::new(services), deadline, 8, Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_whose_time_is_over_sends_nothing() {
        let call = tests_support::call("", &[]);
        assert_eq!(call.take_request(), Ok(()));
        let call = Call { deadline: Instant::now(), ..call };
        let error = call.take_request().unwrap_err();
        assert_eq!(error.message, "refused to send: the time of this call is over");
    }
}
