//! One issuance: the sequence from the order to the stored certificate.

mod order;
mod team;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use futures_util::future::{join_all, try_join_all};
use rcgen::KeyPair;
use url::Url;
use wildcert_acme::{Account, Authorization, Challenge, Order, RevocationReason, Secret, Status};
use wildcert_dns::{Dns, Location, OwnerName};
use wildcert_plugin::TxtRecord;

use crate::{
    ca::CaAccount,
    certificate::Issued,
    csr::Csr,
    engine::Engine,
    error::Error,
    event::Event,
    instance::Chosen,
    journal::{Header, Journal, Outstanding},
    key::{self, KeyType},
    orders::OpenOrder,
    plan::Plan,
    records::Records,
    renewal::Renewal,
    request::CertificateRequest,
    stop::Stop,
    store::{CertificateInfo, NewCertificate},
    suggestion,
};

use self::{order::Opened, team::Members};

/// Gets a certificate from `ca` and stores it. Whatever happens, the records that this run made are
/// withdrawn before it returns; its authorizations too, unless the order can be taken up again.
pub(crate) async fn issue(
    engine: &Engine,
    request: &CertificateRequest,
    ca: &CaAccount,
    stored: Option<&CertificateInfo>,
    stop: &Stop,
) -> Result<CertificateInfo, Error> {
    let key_type = request.key_type(stored).unwrap_or_default();
    let directory = ca.directory()?;
    let attempt = Attempt {
        engine,
        request,
        ca,
        key_type,
        stored,
        // A CA takes this only for its own certificates.
        replaces: stored
            .filter(|stored| stored.server == directory.as_str())
            .and_then(|stored| suggestion::certificate_id(stored).ok()),
        open: OpenOrder::of(engine.store().folder(), &request.store_name()),
        directory,
        stop,
        dns: Dns::new(engine.dns_options(request).clone())?,
        pending: Mutex::new(None),
        in_vain: AtomicBool::new(false),
    };
    let result = attempt.run().await;
    match &result {
        Ok(_) => attempt.open.forget(),
        Err(Error::Stopped(_)) => {}
        Err(_) if attempt.in_vain.load(Ordering::Relaxed) => {
            attempt.open.forget();
            attempt.give_up_authorizations().await;
        }
        Err(_) => {}
    }
    result
}

struct Attempt<'a> {
    engine: &'a Engine,
    request: &'a CertificateRequest,
    ca: &'a CaAccount,
    directory: Url,
    key_type: KeyType,
    stored: Option<&'a CertificateInfo>,
    /// The certificate that the new one takes the place of, by its identifier of RFC 9773.
    replaces: Option<String>,
    open: OpenOrder,
    stop: &'a Stop,
    dns: Dns,
    /// What the CA holds open for us.
    pending: Mutex<Option<(Account, Vec<Authorization>)>>,
    /// Whether the order is of no use after a failure: it is open, and the CA cannot have issued.
    in_vain: AtomicBool,
}

/// What no step needs another for.
struct Prepared {
    opened: Opened,
    places: BTreeMap<OwnerName, Location>,
    members: Members,
    csr: Csr,
}

impl Attempt<'_> {
    async fn run(&self) -> Result<CertificateInfo, Error> {
        let chosen = self.choose()?;
        let prepared = self.stoppable(self.prepare(chosen)).await?;
        let Prepared { opened, places, members, csr } = prepared;
        let Opened { client, before, account, order, authorizations } = opened;

        let waiting: Vec<&Authorization> =
            authorizations.iter().filter(|found| found.status != Status::Valid).collect();
        let plan = Plan::new(&account, &waiting, &places, |owner| {
            let at = self.responsible(owner)?;
            Ok((at, members.get(&at).map_or(0, |member| member.ttl)))
        })?;
        // Who was asked to stop by now adds nothing any more.
        self.stoppable(async { Ok(()) }).await?;
        let records = self.journaled(&plan, &members)?;

        let proved = match records.as_slice() {
            [] => Ok(order),
            records => self.prove(&account, order, &plan, &members, records).await,
        };
        let order = match proved {
            Ok(order) => order,
            Err(error) => {
                self.remove(&records).await;
                return Err(error);
            }
        };
        // The CA has looked: the records are of no use to the rest.
        let finish = self.stoppable(self.finish(&account, &order, &csr, &members));
        let (finished, ()) = tokio::join!(finish, self.remove(&records));
        let (counts, before) = (client.requests().rows(), before.rows());
        let counts = counts
            .iter()
            .zip(before)
            .map(|((name, now), (_, before))| ((*name).to_owned(), now.saturating_sub(before)));
        self.observe(Event::Requests { counts: counts.collect() });
        if let Ok(info) = &finished {
            self.engine.note_without(info, &client).await;
        }
        finished
    }

    /// The order, the places of the records, the providers and the key, side by side.
    async fn prepare(&self, chosen: Vec<(usize, Chosen)>) -> Result<Prepared, Error> {
        let resumed = self.resumed();
        let kept = resumed.as_ref().and_then(|(_, key)| key.as_ref());
        let kept = kept.map(|key| key::load(key.expose())).transpose()?;
        let (key_type, identifiers) = (self.key_type, self.request.identifiers.clone());
        let kept = match kept {
            None if self.request.reuse_key => self.stored_key()?,
            kept => kept,
        };
        let external = self.request.csr.clone();
        let csr = tokio::task::spawn_blocking(move || match (external, kept) {
            (Some(external), _) => Ok(Csr::from(&external)),
            (None, Some(kept)) => Csr::with_key(kept, &identifiers),
            (None, None) => Csr::new(key_type, &identifiers),
        });
        let members = join_all(chosen.into_iter().map(|(at, chosen)| self.load(at, chosen)));
        // All to their end, even when one fails: an order that is being made must be known to be
        // given up.
        let (opened, places, members, csr) =
            tokio::join!(self.open_order(resumed), self.locate(), members, csr);
        let csr = csr.map_err(|error| Error::Crypto {
            doing: "make the certificate's key",
            reason: error.to_string(),
        })?;
        let mut members: Members = members.into_iter().collect::<Result<_, _>>()?;
        let (opened, places, csr) = (opened?, places?, csr?);
        for place in places.values() {
            let at = self.responsible(&place.target)?;
            if !members.contains_key(&at) {
                let chosen = self.engine.choose(self.instance(at)?)?;
                members.extend([self.load(at, chosen).await?]);
            }
        }
        Ok(Prepared { members, opened, places, csr })
    }

    /// The private key of the stored certificate, where it is of the kind that is wanted and still
    /// secret.
    fn stored_key(&self) -> Result<Option<KeyPair>, Error> {
        let Some(stored) = self.stored else { return Ok(None) };
        let reason = stored.revoked.as_ref().and_then(|revoked| revoked.reason.as_deref());
        let secret = reason != Some(RevocationReason::KeyCompromise.as_str());
        match secret && stored.key_type == Some(self.key_type) {
            true => self.engine.store().key(&stored.name),
            false => Ok(None),
        }
    }

    /// Where the challenge record of each identifier goes.
    async fn locate(&self) -> Result<BTreeMap<OwnerName, Location>, Error> {
        let owners: BTreeSet<OwnerName> =
            self.request.identifiers.iter().map(|name| name.challenge_owner()).collect();
        let located = try_join_all(owners.iter().map(|owner| self.dns.locate(owner))).await?;
        let places: BTreeMap<OwnerName, Location> = owners.into_iter().zip(located).collect();
        for identifier in &self.request.identifiers {
            if let Some(place) = places.get(&identifier.challenge_owner()) {
                self.observe(Event::Located {
                    identifier: identifier.ascii().to_owned(),
                    owner: place.target.to_string(),
                    zone: place.zone.to_string(),
                    servers: place.servers.iter().map(ToString::to_string).collect(),
                });
            }
        }
        Ok(places)
    }

    /// The records that answer the authorizations, each provider's in a journal of its own; none
    /// when all are valid already.
    fn journaled(&self, plan: &Plan, members: &Members) -> Result<Vec<Records>, Error> {
        let mut all = Vec::new();
        for (at, member) in members {
            let own = plan.records.iter().filter(|(instance, _)| instance == at);
            let records: Vec<TxtRecord> = own.map(|(_, record)| record.clone()).collect();
            if records.is_empty() {
                continue;
            }
            let header =
                Header { certificate: self.request.store_name(), recipe: member.recipe.clone() };
            let journal = Journal::create(&self.engine.options().path, &header, &records)?;
            let outstanding =
                records.into_iter().map(|record| Outstanding { record, handle: None }).collect();
            let (instance, provider) =
                (member.recipe.instance.clone(), Arc::clone(&member.provider));
            let observer = self.engine.observer().clone();
            all.push(Records::new(instance, provider, journal, outstanding, observer));
        }
        Ok(all)
    }

    /// From the records to the order that is ready.
    async fn prove(
        &self,
        account: &Account,
        order: Order,
        plan: &Plan,
        members: &Members,
        records: &[Records],
    ) -> Result<Order, Error> {
        // All to their end, even when one fails: what is being added must be known to be removed.
        let presented = join_all(records.iter().map(Records::present)).await;
        presented.into_iter().collect::<Result<(), Error>>()?;
        let limit = members.values().map(|member| member.propagation_limit).max();
        let proved = async {
            let seen = |look: &wildcert_dns::Sighting| {
                self.observe(Event::Seen {
                    owner: look.owner.to_string(),
                    server: look.server.to_string(),
                    found: look.found,
                    wanted: look.wanted,
                });
            };
            self.dns.wait(&plan.expected, limit.unwrap_or_default(), seen).await?;
            self.observe(Event::Propagated);

            let challenges: Vec<&Challenge> = plan.challenges.iter().collect();
            account.answer(&challenges).await.map_err(self.acme("answer the challenges"))?;
            self.observe(Event::Answered { challenges: challenges.len() });
            let order = account
                .wait_ready(&order, VALIDATION_LIMIT)
                .await
                .map_err(self.acme("have the names validated"))?;
            self.observe(Event::Authorized { identifiers: plan.names.clone() });
            Ok(order)
        };
        self.stoppable(proved).await
    }

    /// From the order that is ready to the stored certificate.
    async fn finish(
        &self,
        account: &Account,
        order: &Order,
        csr: &Csr,
        members: &Members,
    ) -> Result<CertificateInfo, Error> {
        let doing = "get the certificate";
        let mut order = order.clone();
        let to_finalize = order::is_open(&order);
        if let (true, Some(key)) = (to_finalize, csr.key()) {
            self.open.keep_key(&Secret::new(key.serialize_pem()))?;
        }
        // From here on the CA may have the certificate, or has it since an earlier run.
        self.in_vain.store(false, Ordering::Relaxed);
        if to_finalize {
            let finalized = account.finalize(&order, csr.der()).await;
            order = finalized.inspect_err(|error| self.refused(error)).map_err(self.acme(doing))?;
            self.observe(Event::Finalized);
        }
        let valid = account.wait_valid(&order, ISSUANCE_LIMIT).await;
        let order = valid.inspect_err(|error| self.refused(error)).map_err(self.acme(doing))?;
        let mut chain = account.certificate(&order).await.map_err(self.acme(doing))?;
        if let Some(issuer) = &self.request.preferred_chain {
            match account.preferred(&chain, issuer).await {
                Ok(Some(preferred)) => chain = preferred,
                Ok(None) => self.observe(Event::Warning(format!(
                    "the CA offers no chain to `{issuer}`; the one it prefers is stored"
                ))),
                Err(error) => self.observe(Event::Warning(format!(
                    "the chain to `{issuer}` cannot be had, the CA's own is stored: {error}"
                ))),
            }
        }
        let url = order.certificate.as_ref().map(ToString::to_string).unwrap_or_default();
        self.store(&chain.pem, csr, account.url(), url, members)
    }

    /// An order that the CA refuses is of no use any more.
    fn refused(&self, error: &wildcert_acme::Error) {
        let lost = error.is_refusal() || matches!(error, wildcert_acme::Error::Order { .. });
        if lost {
            self.in_vain.store(true, Ordering::Relaxed);
        }
    }

    fn store(
        &self,
        chain: &str,
        csr: &Csr,
        account: &Url,
        url: String,
        members: &Members,
    ) -> Result<CertificateInfo, Error> {
        let name = self.request.store_name();
        let identifiers = &self.request.identifiers;
        let issued = Issued::check(&name, chain, csr, identifiers)?;
        let ids: BTreeSet<&str> = members.values().map(|member| member.id.as_str()).collect();
        let recipes = members.values().map(|member| member.recipe.clone()).collect();
        let info = self.engine.store().save(&NewCertificate {
            name: &name,
            identifiers,
            issued: &issued,
            csr,
            outputs: &self.request.outputs,
            server: self.directory.to_string(),
            account: account.to_string(),
            provider: ids.into_iter().collect::<Vec<_>>().join(", "),
            certificate_url: url,
            renewal: Renewal::of(self.request, recipes, self.engine.dns_options(self.request)),
        })?;
        self.observe(Event::Stored { path: info.path.clone() });
        Ok(info)
    }

    async fn remove(&self, records: &[Records]) {
        for result in join_all(records.iter().map(Records::remove)).await {
            if let Err(error) = result {
                self.observe(Event::Warning(error.to_string()));
            }
        }
        // Removing is the last that a provider is called for.
        for (instance, calls) in records.iter().map(Records::calls_made) {
            self.engine.count_calls(&self.request.store_name(), instance, calls);
        }
    }

    /// The work, unless somebody asks to stop before it is done; it is then dropped where it stands.
    async fn stoppable<T>(&self, work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        tokio::select! {
            biased;
            signal = self.stop.asked() => Err(Error::Stopped(signal)),
            result = work => result,
        }
    }

    fn acme(&self, doing: &str) -> impl FnOnce(wildcert_acme::Error) -> Error + use<> {
        let doing = format!("failed to {doing}");
        move |source| Error::Acme { doing, source }
    }

    fn observe(&self, event: Event) {
        (self.engine.observer())(event);
    }
}

const ISSUANCE_LIMIT: Duration = Duration::from_secs(180);
const VALIDATION_LIMIT: Duration = Duration::from_secs(180);
