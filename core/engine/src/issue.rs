//! One issuance: the sequence from the order to the stored certificate.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::future::{join_all, try_join_all};
use rcgen::KeyPair;
use wildcert_acme::{Account, Authorization, Challenge, Client, NewOrder, Order, Status};
use wildcert_dns::{Dns, Location, OwnerName};
use wildcert_plugin::DnsProvider;

use crate::{
    account,
    certificate::{Csr, Issued},
    engine::{Chosen, Engine},
    error::Error,
    event::Event,
    journal::{Header, Journal, Outstanding},
    key::KeyType,
    plan::Plan,
    records::Records,
    request::CertificateRequest,
    stop::Stop,
    store::{CertificateInfo, Store},
};

/// Gets a certificate and stores it. Whatever happens, records and authorizations that this run
/// made are withdrawn before it returns.
pub(crate) async fn issue(
    engine: &Engine,
    request: &CertificateRequest,
    key_type: KeyType,
    chosen: Chosen,
    stop: &Stop,
) -> Result<CertificateInfo, Error> {
    let attempt = Attempt {
        engine,
        request,
        key_type,
        provider_id: chosen.id().to_owned(),
        ttl: chosen.ttl,
        propagation_limit: request.propagation_timeout.unwrap_or(chosen.propagation_timeout),
        header: Header {
            certificate: request.store_name(),
            provider: chosen.named.clone(),
            settings: chosen.plain_settings.clone(),
        },
        stop,
        dns: Dns::new(engine.options().dns.clone())?,
        pending: Mutex::new(None),
    };
    let result = attempt.run(chosen).await;
    if result.is_err() {
        attempt.give_up_authorizations().await;
    }
    result
}

struct Attempt<'a> {
    engine: &'a Engine,
    request: &'a CertificateRequest,
    key_type: KeyType,
    provider_id: String,
    ttl: u32,
    propagation_limit: Duration,
    header: Header,
    stop: &'a Stop,
    dns: Dns,
    /// What the CA holds open for us.
    pending: Mutex<Option<(Account, Vec<Authorization>)>>,
}

/// What no step needs another for.
struct Prepared {
    opened: Opened,
    places: BTreeMap<OwnerName, Location>,
    provider: Arc<dyn DnsProvider>,
    csr: Csr,
}

/// What the CA gave for the order.
struct Opened {
    client: Client,
    account: Account,
    order: Order,
    authorizations: Vec<Authorization>,
}

impl Attempt<'_> {
    async fn run(&self, chosen: Chosen) -> Result<CertificateInfo, Error> {
        let prepared = self.stoppable(self.prepare(chosen)).await?;
        let Prepared { opened, places, provider, csr } = prepared;
        let Opened { client, account, order, authorizations } = opened;

        let waiting: Vec<&Authorization> =
            authorizations.iter().filter(|found| found.status != Status::Valid).collect();
        let plan = Plan::new(&account, &waiting, &places, self.ttl)?;
        // Who was asked to stop by now adds nothing any more.
        self.stoppable(async { Ok(()) }).await?;
        let records = self.journaled(&plan, provider)?;

        let proved = match &records {
            None => Ok(order),
            Some(records) => self.prove(&account, order, &plan, records).await,
        };
        let order = match proved {
            Ok(order) => order,
            Err(error) => {
                self.remove(records.as_ref()).await;
                return Err(error);
            }
        };
        // The CA has looked: the records are of no use to the rest.
        let finish = self.stoppable(self.finish(&account, &order, &csr));
        let (finished, ()) = tokio::join!(finish, self.remove(records.as_ref()));
        let counts = client.requests().rows();
        self.observe(Event::Requests {
            counts: counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
        });
        finished
    }

    /// The order, the places of the records, the provider and the key, side by side.
    async fn prepare(&self, chosen: Chosen) -> Result<Prepared, Error> {
        let (key_type, identifiers) = (self.key_type, self.request.identifiers.clone());
        let csr = tokio::task::spawn_blocking(move || Csr::new(key_type, &identifiers));
        let provider = self.engine.load(chosen);
        // All to their end, even when one fails: an order that is being made must be known to be
        // given up.
        let (opened, places, provider, csr) =
            tokio::join!(self.open_order(), self.locate(), provider, csr);
        let csr = csr.map_err(|error| Error::Crypto {
            doing: "make the certificate's key",
            reason: error.to_string(),
        })?;
        Ok(Prepared { provider: provider?, opened: opened?, places: places?, csr: csr? })
    }

    async fn open_order(&self) -> Result<Opened, Error> {
        let client = self.engine.client()?;
        let (account, registered) = account::open(self.engine.options(), &client).await?;
        let new = NewOrder::new(
            self.request
                .identifiers
                .iter()
                .map(|name| wildcert_acme::Identifier::dns(name.ascii())),
        );
        let (account, order) = match account.new_order(&new).await {
            // The CA has forgotten the account, as test CAs do: the key registers anew.
            Err(error) if !registered && is_unknown_account(&error) => {
                let account = account::reopen(self.engine.options(), &client).await?;
                let order = account.new_order(&new).await;
                (account, order)
            }
            order => (account, order),
        };
        self.observe(Event::Account { url: account.url().to_string(), registered });
        let order = order.map_err(self.acme("create the order"))?;
        self.observe(Event::Order {
            url: order.url.to_string(),
            identifiers: order.identifiers.iter().map(|name| name.value.clone()).collect(),
        });
        let authorizations =
            account.authorizations(&order).await.map_err(self.acme("fetch the authorizations"))?;
        *self.pending() = Some((account.clone(), authorizations.clone()));
        Ok(Opened { client, account, order, authorizations })
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

    /// The records that answer the authorizations, in a journal; none when all are valid already.
    fn journaled(
        &self,
        plan: &Plan,
        provider: Arc<dyn DnsProvider>,
    ) -> Result<Option<Records>, Error> {
        if plan.records.is_empty() {
            return Ok(None);
        }
        let state = &self.engine.options().path;
        let journal = Journal::create(state, &self.header, &plan.records)?;
        let outstanding = plan.records.iter().cloned();
        let outstanding = outstanding.map(|record| Outstanding { record, handle: None }).collect();
        let observer = self.engine.observer().clone();
        Ok(Some(Records::new(provider, journal, outstanding, observer)))
    }

    /// From the records to the order that is ready.
    async fn prove(
        &self,
        account: &Account,
        order: Order,
        plan: &Plan,
        records: &Records,
    ) -> Result<Order, Error> {
        records.present().await?;
        let proved = async {
            let seen = |look: &wildcert_dns::Sighting| {
                self.observe(Event::Seen {
                    owner: look.owner.to_string(),
                    server: look.server.to_string(),
                    found: look.found,
                    wanted: look.wanted,
                });
            };
            self.dns.wait(&plan.expected, self.propagation_limit, seen).await?;
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
    ) -> Result<CertificateInfo, Error> {
        let doing = "get the certificate";
        let order = account.finalize(order, &csr.der).await.map_err(self.acme(doing))?;
        self.observe(Event::Finalized);
        let order = account.wait_valid(&order, ISSUANCE_LIMIT).await.map_err(self.acme(doing))?;
        let chain = account.certificate(&order).await.map_err(self.acme(doing))?;
        let url = order.certificate.as_ref().map(ToString::to_string).unwrap_or_default();
        self.store(&chain.pem, &csr.key, url)
    }

    fn store(&self, chain: &str, key: &KeyPair, url: String) -> Result<CertificateInfo, Error> {
        let name = self.request.store_name();
        let identifiers = &self.request.identifiers;
        let issued = Issued::check(&name, chain, key, identifiers)?;
        let domains: Vec<String> =
            identifiers.iter().map(|identifier| identifier.ascii().to_owned()).collect();
        let mut info = CertificateInfo {
            domain: domains.first().cloned().unwrap_or_default(),
            name,
            domains,
            serial: issued.serial.clone(),
            not_before: issued.not_before,
            not_after: issued.not_after,
            key_type: self.key_type,
            issuer: issued.issuer.clone(),
            fingerprint_sha256: issued.fingerprint.clone(),
            server: account::server_url(self.engine.options())?.to_string(),
            provider: self.provider_id.clone(),
            certificate_url: url,
            path: Default::default(),
        };
        let key_pem = wildcert_acme::Secret::new(key.serialize_pem());
        let store = Store::new(&self.engine.options().path);
        info.path = store.save(&info, &issued, key_pem.expose())?;
        self.observe(Event::Stored { path: info.path.clone() });
        Ok(info)
    }

    async fn remove(&self, records: Option<&Records>) {
        let Some(records) = records else { return };
        if let Err(error) = records.remove().await {
            self.observe(Event::Warning(error.to_string()));
        }
    }

    /// Tells the CA that the pending authorizations will not be used, so that none counts against
    /// the account's limits.
    async fn give_up_authorizations(&self) {
        let Some((account, authorizations)) = self.pending().take() else { return };
        let pending = authorizations.iter().filter(|found| found.status == Status::Pending);
        let given_up = join_all(pending.map(|found| account.deactivate_authorization(&found.url)));
        match tokio::time::timeout(GIVING_UP_LIMIT, given_up).await {
            Ok(results) => {
                for error in results.into_iter().filter_map(Result::err) {
                    tracing::debug!("an authorization could not be given up: {error}");
                }
            }
            Err(_) => tracing::debug!("the CA did not take the authorizations back in time"),
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

    fn pending(&self) -> std::sync::MutexGuard<'_, Option<(Account, Vec<Authorization>)>> {
        self.pending.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

fn is_unknown_account(error: &wildcert_acme::Error) -> bool {
    error.problem().is_some_and(|problem| problem.short_type() == "accountDoesNotExist")
}

const GIVING_UP_LIMIT: Duration = Duration::from_secs(10);
const ISSUANCE_LIMIT: Duration = Duration::from_secs(180);
const VALIDATION_LIMIT: Duration = Duration::from_secs(180);
