//! How everything stands, read from the state folder alone: certificates, results, what was left
//! behind.

use serde::Serialize;
use time::OffsetDateTime;

use crate::{
    config::Settings,
    due::{self, Due},
    engine::Engine,
    error::Error,
    journal::Journal,
    limits::Limit,
    results::Results,
    store::CertificateInfo,
    suggestion::Window,
};

/// How everything in a state folder stands.
#[derive(Debug, Default)]
pub struct Overview {
    /// The certificates, by name: those in the store, and those that were tried for in vain.
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
        let attempted = self.attempted()?;
        let mut wanted = match names {
            [] => [self.store().names()?, attempted.clone()].concat(),
            names => names.to_vec(),
        };
        wanted.sort_unstable();
        wanted.dedup();
        for name in wanted {
            let tried = attempted.binary_search(&name).is_ok();
            self.standing(name, tried, settings, &mut overview);
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

    fn standing(&self, name: String, tried: bool, settings: &Settings, overview: &mut Overview) {
        let certificate = self.store().read(&name);
        let certificate = certificate.unwrap_or_else(|error| {
            overview.damaged.push(error);
            None
        });
        // Most certificates of many have no such file.
        let results = if tried { self.results(&name) } else { Ok(None) };
        let results = results.unwrap_or_else(|error| {
            overview.damaged.push(error);
            None
        });
        if certificate.is_none() && results.is_none() {
            return;
        }
        let renewal = certificate.as_ref().filter(|stored| stored.revoked.is_none());
        let renewal = renewal.map(|stored| self.next_renewal(stored, settings));
        overview.certificates.push(Standing { name, certificate, results, renewal });
    }

    fn next_renewal(&self, stored: &CertificateInfo, settings: &Settings) -> NextRenewal {
        let described = settings.certificates.get(&stored.name);
        let days = described.map_or(stored.renewal.days, |described| described.options.days);
        let window = self.suggestion(stored).and_then(|told| told.window);
        let (time, reason) = due::begins(days, stored, window.as_ref());
        NextRenewal { time, reason, window }
    }
}
