//! What `run` does: leave a certificate alone, or get a new one from the first CA that is free.

use std::time::Instant;

use time::OffsetDateTime;

use crate::{
    account,
    ca::CaAccount,
    due::{self, Due},
    engine::Engine,
    error::Error,
    event::Event,
    files, issue,
    limits::{Limit, Limits},
    request::{CertificateRequest, Faults, Outcome, Status},
    stop::Stop,
    store::CertificateInfo,
};

impl Engine {
    /// Obtains a certificate, renews it when it is due, or leaves it alone.
    ///
    /// Whatever the outcome, no TXT record of this run is left when it returns, or the journal
    /// holds what could not be removed.
    pub async fn run(&self, request: &CertificateRequest, stop: &Stop) -> Outcome {
        let begun = Instant::now();
        let mut outcome = request.untried();
        match self.obtain(request, stop, &mut outcome).await {
            Ok(status) => outcome.status = status,
            Err(error) => outcome.error = Some(error),
        }
        self.keep_result(&outcome, begun.elapsed());
        outcome
    }

    async fn obtain(
        &self,
        request: &CertificateRequest,
        stop: &Stop,
        outcome: &mut Outcome,
    ) -> Result<Status, Error> {
        let faults = request.faults();
        if !faults.0.is_empty() {
            return Err(Error::Input(faults));
        }
        for ca in &request.cas {
            ca.directory()?;
        }
        files::private_folder(&self.options().path)?;
        let _lock = self.store().lock(&outcome.name)?;
        outcome.certificate = self.store().read(&outcome.name)?;
        if let Some(kind) = request.key_type(outcome.certificate.as_ref()) {
            request.cas.iter().try_for_each(|ca| ca.check_key(kind))?;
        }
        for error in self.cleanup().await?.left {
            (self.observer())(Event::Warning(format!("records of an earlier run: {error}")));
        }
        if let Some(stored) = &outcome.certificate {
            let now = OffsetDateTime::now_utc();
            outcome.due = self.due(request, stored, now).await;
            let Some(due) = outcome.due else { return Ok(Status::Unchanged) };
            outcome.waiting = self.waiting(request, stored, due, now);
            if outcome.waiting.is_some() {
                return Ok(Status::Unchanged);
            }
            tracing::info!("{} is renewed: {due}", outcome.name);
        }
        if !request.lacking.is_empty() {
            return Err(Error::Input(Faults(request.lacking.clone())));
        }
        let request = &request.clone().with_secrets()?;
        self.before(request, stop).await?;
        let issued = self.get(request, outcome.certificate.as_ref(), stop).await?;
        let first = outcome.certificate.replace(issued).is_none();
        Ok(if first { Status::Issued } else { Status::Renewed })
    }

    /// Why a stored certificate does not do. The CA is asked only when nothing else decides, and no
    /// more often than it likes.
    pub(crate) async fn due(
        &self,
        request: &CertificateRequest,
        stored: &CertificateInfo,
        now: OffsetDateTime,
    ) -> Option<Due> {
        if let Some(due) = due::changed(request, stored) {
            return Some(due);
        }
        if stored.revoked.is_some() {
            return Some(Due::Revoked);
        }
        let named = request.days.and_then(|days| due::by_time(Some(days), stored, None, now));
        if named.is_some() {
            return named;
        }
        let window = if request.ari { self.window(stored, now).await } else { None };
        due::by_time(request.days, stored, window.as_ref(), now)
    }

    /// A certificate from the first CA that does not limit us.
    async fn get(
        &self,
        request: &CertificateRequest,
        stored: Option<&CertificateInfo>,
        stop: &Stop,
    ) -> Result<CertificateInfo, Error> {
        let names = request.domains();
        let mut first_free: Option<(&CaAccount, Limit)> = None;
        let mut refused = None;
        for (index, ca) in request.cas.iter().enumerate() {
            let ledger = Limits::of(&account::folder(&self.options().path, ca)?);
            let limit = match ledger.on(&names, OffsetDateTime::now_utc())? {
                Some(limit) => limit,
                None => match issue::issue(self, request, ca, stored, stop).await {
                    Err(error) if error.is_limit() => {
                        let told = ledger.hear(&error, &names)?;
                        refused = Some(error);
                        let Some(limit) = told else { continue };
                        limit
                    }
                    result => return result,
                },
            };
            if index + 1 < request.cas.len() {
                (self.observer())(Event::Limited {
                    server: ca.server.clone(),
                    until: limit.end(),
                    said: limit.said.clone(),
                });
            }
            if first_free.as_ref().is_none_or(|(_, earlier)| limit.until < earlier.until) {
                first_free = Some((ca, limit));
            }
        }
        match (refused, first_free) {
            (Some(error), _) => Err(error),
            (None, Some((ca, limit))) => Err(limit.error(ca)),
            (None, None) => Err(Error::Input(Faults(vec![
                "no CA is named that may issue the certificate".to_owned(),
            ]))),
        }
    }
}

impl Error {
    /// Whether a CA has had too much of us.
    pub(crate) fn is_limit(&self) -> bool {
        matches!(self, Self::Acme { source, .. } if source.is_rate_limited())
    }
}
