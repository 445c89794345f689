//! What is wrong at a time.

use serde::Serialize;
use time::{Duration, OffsetDateTime};

use super::AlertChannel;
use crate::{
    results::Failure,
    status::{Overview, Standing},
    store::CertificateInfo,
};

/// A kind of what goes wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertKind {
    /// A certificate could not be got.
    Failure,
    /// A certificate ends soon, and was not renewed.
    Expiry,
    /// A certificate did not arrive where it is used.
    Deploy,
}

impl AlertKind {
    /// Every kind with its word.
    pub(crate) const ALL: [(&'static str, Self); 3] =
        [("failure", Self::Failure), ("expiry", Self::Expiry), ("deploy", Self::Deploy)];

    /// The word for programs.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

/// Something that is wrong.
#[derive(Clone, Debug, Serialize)]
pub struct Incident {
    /// What it is.
    pub event: AlertKind,
    /// The certificate's name.
    pub certificate: String,
    /// What it is for, as A-labels; none when it was never got.
    pub domains: Vec<String>,
    /// Until when the stored one is valid.
    #[serde(with = "time::serde::rfc3339::option")]
    pub not_after: Option<OffsetDateTime>,
    /// How many whole days that is; negative when it has ended.
    pub days_left: Option<i64>,
    /// Since when it goes wrong.
    #[serde(with = "time::serde::rfc3339::option")]
    pub since: Option<OffsetDateTime>,
    /// The target that it did not arrive at.
    pub target: Option<String>,
    /// Why.
    pub error: Option<Failure>,
    /// What tells it from others, as long as it lasts.
    #[serde(skip)]
    pub(super) key: String,
}

/// What is wrong at `now` and concerns a channel.
pub(super) fn incidents(
    overview: &Overview,
    channel: &AlertChannel,
    now: OffsetDateTime,
) -> Vec<Incident> {
    let wants = |kind: AlertKind| channel.kinds.contains(&kind);
    let mut found = Vec::new();
    for standing in &overview.certificates {
        found.extend(failure(standing, now).filter(|_| wants(AlertKind::Failure)));
        found.extend(deploy(standing, now).filter(|_| wants(AlertKind::Deploy)));
        found.extend(expiry(standing, channel.days, now).filter(|_| wants(AlertKind::Expiry)));
    }
    found
}

fn failure(standing: &Standing, now: OffsetDateTime) -> Option<Incident> {
    let results = standing.results.as_ref()?;
    let since = results.failing_since?;
    Some(Incident {
        since: Some(since),
        error: results.last.as_ref().and_then(|last| last.error.clone()),
        ..incident(AlertKind::Failure, standing, &since.unix_timestamp().to_string(), now)
    })
}

/// That a certificate ends within `days`; without them, within half of the time that was left when its
/// renewal began, so that one whose renewals succeed is never told of.
fn expiry(standing: &Standing, days: Option<u32>, now: OffsetDateTime) -> Option<Incident> {
    let stored = standing.certificate.as_ref()?;
    // There is none for a certificate that was revoked.
    let renewal = standing.renewal.as_ref()?;
    let margin =
        days.map_or((stored.not_after - renewal.time) / 2, |days| Duration::days(i64::from(days)));
    let threshold = days.map_or_else(|| "half".to_owned(), |days| days.to_string());
    let key = format!("{} {threshold}", stored.serial);
    let ends = stored.not_after - now <= margin;
    ends.then(|| incident(AlertKind::Expiry, standing, &key, now))
}

/// Each target that the certificate did not arrive at.
fn deploy(standing: &Standing, now: OffsetDateTime) -> impl Iterator<Item = Incident> {
    standing.targets.iter().filter_map(move |state| {
        let message = state.error.clone()?;
        Some(Incident {
            target: Some(state.target.clone()),
            error: Some(Failure { kind: "deploy".to_owned(), message, hint: None }),
            ..incident(AlertKind::Deploy, standing, &state.target, now)
        })
    })
}

fn incident(event: AlertKind, standing: &Standing, which: &str, now: OffsetDateTime) -> Incident {
    let stored = standing.certificate.as_ref();
    Incident {
        event,
        certificate: standing.name.clone(),
        domains: stored.map(|stored| stored.domains.clone()).unwrap_or_default(),
        not_after: stored.map(|stored| stored.not_after),
        days_left: stored.map(|stored: &CertificateInfo| (stored.not_after - now).whole_days()),
        since: None,
        target: None,
        error: None,
        key: format!("{} {} {which}", event.as_str(), standing.name),
    }
}
