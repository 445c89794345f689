//! When the CA suggests to renew: ACME Renewal Information (RFC 9773), kept until it may be asked for
//! again.
//!
//! `certificates/.renewal/<name>.json`.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Mutex,
};

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};
use wildcert_acme::Client;

use crate::{
    account, ca::CaAccount, engine::Engine, error::Error, files, leaf, limits::Limits,
    store::CertificateInfo,
};

/// What the CA said of a certificate's renewal, or that it said nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Suggestion {
    /// The certificate's serial number, in lower-case hexadecimal.
    pub serial: String,
    /// When the CA may be asked again.
    #[serde(with = "time::serde::rfc3339")]
    pub ask_again: OffsetDateTime,
    /// The window, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
}

/// When a certificate shall be renewed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Window {
    /// Its beginning.
    #[serde(with = "time::serde::rfc3339")]
    pub start: OffsetDateTime,
    /// Its end.
    #[serde(with = "time::serde::rfc3339")]
    pub end: OffsetDateTime,
    /// The time in it that is ours.
    #[serde(with = "time::serde::rfc3339")]
    pub moment: OffsetDateTime,
    /// A page that tells why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<String>,
}

/// CAs that did not answer in this run, and are not asked about further certificates.
#[derive(Debug, Default)]
pub(crate) struct Silent(Mutex<BTreeSet<String>>);

impl Silent {
    fn contains(&self, server: &str) -> bool {
        self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).contains(server)
    }

    fn insert(&self, server: &str) {
        let mut silent = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        silent.insert(server.to_owned());
    }
}

impl Engine {
    /// What is kept of the CA's suggestion for a stored certificate.
    pub fn suggestion(&self, stored: &CertificateInfo) -> Option<Suggestion> {
        let text = files::read_if_there(&path(&self.options().path, &stored.name)).ok()??;
        let kept: Suggestion = serde_json::from_str(&text).ok()?;
        (kept.serial == stored.serial).then_some(kept)
    }

    /// The window in which the CA wants the certificate renewed, as kept or asked for now.
    ///
    /// A CA that cannot be asked stands in nobody's way: the lifetime decides then.
    pub(crate) async fn window(
        &self,
        stored: &CertificateInfo,
        now: OffsetDateTime,
    ) -> Option<Window> {
        let kept = self.suggestion(stored);
        if kept.as_ref().is_some_and(|kept| kept.ask_again > now)
            || stored.not_after <= now
            || self.silent().contains(&stored.server)
            || self.limited(stored, now)
        {
            return kept.and_then(|kept| kept.window);
        }
        let asked = self.ask(stored, now).await.unwrap_or_else(|error| {
            tracing::info!("no renewal information on {}: {error}", stored.name);
            if !matches!(&error, Error::Acme { source, .. } if source.status().is_some()) {
                self.silent().insert(&stored.server);
            }
            // What was known before is better than nothing.
            let window = kept.and_then(|kept| kept.window);
            Suggestion { serial: stored.serial.clone(), ask_again: now + AFTER_FAILURE, window }
        });
        if let Err(error) = self.keep(&stored.name, &asked) {
            tracing::warn!("{error}");
        }
        asked.window
    }

    /// Notes of a certificate that was just got that its CA suggests nothing, where the CA's directory,
    /// which is known by now, says so: the next run need not ask.
    pub(crate) async fn note_without(&self, stored: &CertificateInfo, client: &Client) {
        if client.directory().await.is_ok_and(|directory| directory.renewal_info.is_some()) {
            return;
        }
        let ask_again = OffsetDateTime::now_utc() + WITHOUT;
        let none = Suggestion { serial: stored.serial.clone(), ask_again, window: None };
        if let Err(error) = self.keep(&stored.name, &none) {
            tracing::warn!("{error}");
        }
    }

    /// Whether the CA would not renew the certificate now anyway.
    fn limited(&self, stored: &CertificateInfo, now: OffsetDateTime) -> bool {
        let folder = account::folder(&self.options().path, &CaAccount::of(stored));
        let limit = folder.and_then(|folder| Limits::of(&folder).on(&stored.domains, now));
        limit.is_ok_and(|limit| limit.is_some())
    }

    async fn ask(
        &self,
        stored: &CertificateInfo,
        now: OffsetDateTime,
    ) -> Result<Suggestion, Error> {
        let failed = |source| Error::Acme { doing: "ask when to renew".to_owned(), source };
        let id = certificate_id(stored)?;
        let client = self.client(&CaAccount::of(stored).directory()?)?;
        let info = client.renewal_info(&id).await.map_err(failed)?;
        let window = info.as_ref().map(|info| Window {
            start: info.start,
            end: info.end,
            moment: info.moment(&id),
            explanation: info.explanation_url.clone(),
        });
        let pause = info.map_or(WITHOUT, |info| info.retry_after.try_into().unwrap_or(WITHOUT));
        Ok(Suggestion { serial: stored.serial.clone(), ask_again: now + pause, window })
    }

    fn keep(&self, name: &str, suggestion: &Suggestion) -> Result<(), Error> {
        let path = path(&self.options().path, name);
        files::private_folder(path.parent().unwrap_or(Path::new(".")))?;
        let json = serde_json::to_vec(suggestion).unwrap_or_default();
        // It can be asked for again: nothing waits for the disk.
        files::replace_soon(&path, &json)
    }
}

/// The identifier of a stored certificate (RFC 9773 §4.1).
pub(crate) fn certificate_id(stored: &CertificateInfo) -> Result<String, Error> {
    let path = stored.path.join("cert.pem");
    let der = leaf::read(&path)?;
    wildcert_acme::certificate_id(&der)
        .map_err(|error| Error::Damaged { path, reason: error.to_string() })
}

fn path(state: &Path, name: &str) -> PathBuf {
    state.join("certificates/.renewal").join(format!("{name}.json"))
}

/// When to ask a CA again that has no renewal information.
const WITHOUT: Duration = Duration::days(1);
/// When to ask again after a failure.
const AFTER_FAILURE: Duration = Duration::hours(1);
