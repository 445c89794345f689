//! How everything stands, read from the state folder alone: certificates, results, what was left
//! behind.

use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    config::Settings,
    deploy::{TargetState, record},
    due::{self, Due},
    engine::Engine,
    error::Error,
    journal::Journal,
    limits::Limit,
    maintenance::Maintenance,
    results::Results,
    store::CertificateInfo,
    suggestion::Window,
    window::Windows,
};

/// How everything in a state folder stands.
#[derive(Debug, Default)]
pub struct Overview {
    /// The certificates, by name: those in the store, and those that are configured or were tried for
    /// in vain.
    pub certificates: Vec<Standing>,
    /// What could not be read; the rest is told nevertheless.
    pub damaged: Vec<Error>,
    /// What CAs asked us to wait for, each with its account.
    pub limits: Vec<(String, Limit)>,
    /// The records of runs that died.
    pub left: Vec<LeftBehind>,
}

/// How a certificate stands.
#[derive(Debug)]
pub struct Standing {
    /// Its name in the store.
    pub name: String,
    /// The newest; none when none was ever got.
    pub certificate: Option<CertificateInfo>,
    /// What came of the attempts; none when nothing is known of any.
    pub results: Option<Results>,
    /// When it is renewed; never when it was revoked.
    pub renewal: Option<NextRenewal>,
    /// How its targets stand.
    pub targets: Vec<TargetState>,
}

/// When a certificate is renewed.
#[derive(Clone, Debug, Serialize)]
pub struct NextRenewal {
    /// From when on a run renews it.
    #[serde(with = "time::serde::rfc3339")]
    pub time: OffsetDateTime,
    /// Why then: the CA suggests it, or the time is running out.
    pub reason: Due,
    /// The window that the CA suggests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<Window>,
    /// The maintenance window that it waits for then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintenance_window: Option<String>,
    /// Until when it waits: the window opens, or too little time is left.
    #[serde(skip_serializing_if = "Option::is_none", with = "time::serde::rfc3339::option")]
    pub waits_until: Option<OffsetDateTime>,
}

impl NextRenewal {
    /// When the next run after it renews the certificate.
    pub fn comes(&self) -> OffsetDateTime {
        self.waits_until.unwrap_or(self.time)
    }
}

/// A TXT record that a run which died may have left in the DNS.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct LeftBehind {
    /// The certificate that it was for.
    pub certificate: String,
    /// The provider instance that added it.
    pub provider: String,
    /// The zone.
    pub zone: String,
    /// The owner name.
    pub owner: String,
}

impl Standing {
    /// Since when no attempt has got it; none when the last one did.
    pub fn failing_since(&self) -> Option<OffsetDateTime> {
        self.results.as_ref()?.failing_since
    }

    /// When the last attempt got it, as far as that is known.
    pub fn succeeded(&self) -> Option<OffsetDateTime> {
        let kept = self.results.as_ref().and_then(|results| results.success.as_ref());
        let stored = || self.certificate.as_ref().map(CertificateInfo::came);
        kept.map(|success| success.time).or_else(stored)
    }
}

impl Engine {
    /// How the certificates of these names stand, or all; nobody is asked, and nothing is written.
    ///
    /// `settings` are those of the configuration: what it says of a certificate's renewal goes before
    /// what the certificate was got with. Names that nothing is known of are passed over.
    ///
    /// # Errors
    /// When a folder cannot be read; a file that cannot be is told in [`Overview::damaged`].
    pub fn overview(&self, names: &[String], settings: &Settings) -> Result<Overview, Error> {
        let mut overview = Overview { limits: self.limits()?, ..Overview::default() };
        let (attempted, deployed) = (self.attempted()?, record::names(&self.options().path)?);
        let described: Vec<String> = settings.certificates.keys().cloned().collect();
        let mut wanted = match names {
            [] => [self.store().names()?, attempted.clone(), described].concat(),
            names => names.to_vec(),
        };
        wanted.sort_unstable();
        wanted.dedup();
        for name in wanted {
            let mut standing = self.standing(&name, settings, &mut overview.damaged);
            // Most certificates of many have no such files.
            if attempted.binary_search(&name).is_ok() {
                standing.results = told(self.results(&name), &mut overview.damaged);
            }
            if deployed.binary_search(&name).is_ok() {
                standing.targets = told(self.deployments(&name), &mut overview.damaged);
            }
            let known = standing.certificate.is_some() || standing.results.is_some();
            if known || settings.certificates.contains_key(&standing.name) {
                overview.certificates.push(standing);
            }
        }
        for orphan in Journal::orphans(&self.options().path)? {
            match orphan {
                Ok(orphan) => overview.left.extend(orphan.outstanding.iter().map(|entry| {
                    let header = &orphan.header;
                    LeftBehind {
                        certificate: header.certificate.clone(),
                        provider: header.recipe.instance().name,
                        zone: entry.record.zone.clone(),
                        owner: entry.record.owner.clone(),
                    }
                })),
                Err(error) => overview.damaged.push(error),
            }
        }
        Ok(overview)
    }

    /// What the store says of a certificate.
    fn standing(&self, name: &str, settings: &Settings, damaged: &mut Vec<Error>) -> Standing {
        let certificate = told(self.store().read(name), damaged);
        let renewal = certificate.as_ref().filter(|stored| stored.revoked.is_none());
        let renewal = renewal.map(|stored| self.next_renewal(stored, settings));
        let (results, targets) = (None, Vec::new());
        Standing { name: name.to_owned(), certificate, results, renewal, targets }
    }

    fn next_renewal(&self, stored: &CertificateInfo, settings: &Settings) -> NextRenewal {
        let described = settings.certificates.get(&stored.name).map(|described| &described.options);
        let days = described.map_or(stored.renewal.days, |options| options.days);
        let maintenance = described.map_or_else(
            || stored.renewal.maintenance(),
            |options| Maintenance {
                windows: Windows(options.windows.clone()),
                emergency_days: options.emergency_days,
            },
        );
        let window = self.suggestion(stored).and_then(|told| told.window);
        let (time, reason) = due::begins(days, stored, window.as_ref());
        let waiting = maintenance.waiting(stored, days, time.max(OffsetDateTime::now_utc()));
        let (waits_until, maintenance_window) =
            waiting.map(|waiting| (waiting.until, waiting.window)).unzip();
        NextRenewal { time, reason, window, maintenance_window, waits_until }
    }
}

/// What was read; what could not be is put with the rest of it.
fn told<T: Default>(read: Result<T, Error>, damaged: &mut Vec<Error>) -> T {
    read.unwrap_or_else(|error| {
        damaged.push(error);
        T::default()
    })
}
