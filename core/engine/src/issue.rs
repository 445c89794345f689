//! One issuance: the sequence from the order to the stored certificate.

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
use time::format_description::well_known::Rfc3339;
use url::Url;
use wildcert_acme::{
    Account, Authorization, Challenge, Client, NewOrder, Order, RequestCounts, Secret, Status,
};
use wildcert_dns::{Dns, Location, OwnerName};
use wildcert_plugin::{DnsProvider, TxtRecord};

use crate::{
    account,
    ca::CaAccount,
    certificate::Issued,
    csr::Csr,
    engine::Engine,
    error::Error,
    event::Event,
    instance::{self, Chosen, ProviderInstance, Recipe},
    journal::{Header, Journal, Outstanding},
    key::{self, KeyType},
    orders::{OpenOrder, Ordered},
    plan::Plan,
    records::Records,
    renewal::Renewal,
    request::CertificateRequest,
    stop::Stop,
    store::{CertificateInfo, NewCertificate},
    suggestion,
};

/// Gets a certificate from `ca` and stores it. Whatever happens, the records that this run made are
/// withdrawn before it returns; its authorizations too, unless the order can be taken up again.
pub(crate) async fn issue(
    engine: &Engine,
    request: &CertificateRequest,
    ca: &CaAccount,
    stored: Option<&CertificateInfo>,
    stop: &Stop,
) -> Result<CertificateInfo, Error> {
    let key_type =
        request.key_type.or(stored.and_then(|stored| stored.key_type)).unwrap_or_default();
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
        finalized: AtomicBool::new(false),
    };
    let result = attempt.run().await;
    match &result {
        Ok(_) => attempt.open.forget(),
        Err(Error::Stopped(_)) => {}
        Err(_) if attempt.finalized.load(Ordering::Relaxed) => {}
        Err(_) => {
            attempt.open.forget();
            attempt.give_up_authorizations().await;
        }
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
    /// Whether the CA may have the certificate, so that the order is worth keeping.
    finalized: AtomicBool,
}

/// A provider that takes part.
struct Member {
    provider: Arc<dyn DnsProvider>,
    id: String,
    recipe: Recipe,
    /// The TTL of its records, in seconds.
    ttl: u32,
    propagation_limit: Duration,
}

/// The providers that take part, under the place of their instance in the request.
type Members = BTreeMap<usize, Member>;

/// What no step needs another for.
struct Prepared {
    opened: Opened,
    places: BTreeMap<OwnerName, Location>,
    members: Members,
    csr: Csr,
}

/// What the CA gave for the order.
struct Opened {
    client: Client,
    before: RequestCounts,
    account: Account,
    order: Order,
    authorizations: Vec<Authorization>,
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
        finished
    }

    /// The instances that the names themselves lead to; those that only a CNAME leads to are found
    /// when it is known.
    fn choose(&self) -> Result<Vec<(usize, Chosen)>, Error> {
        let owners = self.request.identifiers.iter().map(|name| name.challenge_owner());
        let wanted: Result<BTreeSet<usize>, Error> =
            owners.map(|owner| self.responsible(&owner)).filter(|at| self.may_fail(at)).collect();
        let choose = |at: usize| Ok((at, self.engine.choose(self.instance(at)?)?));
        wanted?.into_iter().map(choose).collect()
    }

    /// Where a CNAME may lead elsewhere, a name that nobody takes is no fault yet.
    fn may_fail(&self, at: &Result<usize, Error>) -> bool {
        at.is_ok() || self.request.providers.len() < 2
    }

    fn instance(&self, at: usize) -> Result<&ProviderInstance, Error> {
        self.request.providers.get(at).ok_or_else(|| self.nobody("_acme-challenge"))
    }

    /// Which instance takes the records at `owner`.
    fn responsible(&self, owner: &OwnerName) -> Result<usize, Error> {
        instance::responsible(&self.request.providers, owner)
            .ok_or_else(|| self.nobody(owner.as_str()))
    }

    fn nobody(&self, owner: &str) -> Error {
        let zones = self.request.providers.iter().map(|instance| {
            (instance.name.clone(), instance.zones.iter().map(ToString::to_string).collect())
        });
        Error::NoProvider { owner: owner.to_owned(), zones: zones.collect() }
    }

    async fn load(&self, at: usize, chosen: Chosen) -> Result<(usize, Member), Error> {
        let wished = self.request.propagation_timeout;
        let wished = wished.or(self.instance(at)?.propagation_timeout);
        let (id, recipe, ttl) =
            (chosen.artifact.manifest.id.clone(), chosen.recipe.clone(), chosen.ttl);
        let propagation_limit = wished.unwrap_or(chosen.propagation_timeout);
        let provider = self.engine.load(chosen).await?;
        Ok((at, Member { provider, id, recipe, ttl, propagation_limit }))
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

    /// The private key of the stored certificate, where it is of the kind that is wanted.
    fn stored_key(&self) -> Result<Option<KeyPair>, Error> {
        match self.stored {
            Some(stored) if stored.key_type == Some(self.key_type) => {
                self.engine.store().key(&stored.name)
            }
            _ => Ok(None),
        }
    }

    /// What is ordered from the account with this URL.
    fn ordered(&self, account: String) -> Ordered {
        let mut names = self.request.domains();
        names.sort();
        Ordered {
            server: self.directory.to_string(),
            account,
            names,
            profile: self.request.profile.clone(),
            not_after: self.not_after(),
            replaces: self.replaces.clone(),
            key: match &self.request.csr {
                Some(external) => external.digest(),
                None => self.key_type.to_string(),
            },
        }
    }

    fn not_after(&self) -> Option<String> {
        self.request.not_after.and_then(|end| end.format(&Rfc3339).ok())
    }

    /// The order of a run that was stopped, and the key whose certificate it may have got.
    fn resumed(&self) -> Option<(Url, Option<Secret>)> {
        let account = account::info(&self.engine.options().path, self.ca).ok()??;
        self.open.find(&self.ordered(account.url?))
    }

    async fn open_order(&self, resumed: Option<(Url, Option<Secret>)>) -> Result<Opened, Error> {
        let client = self.engine.client(&self.directory)?;
        let before = client.requests();
        let (account, registered) = account::open(self.engine, self.ca, &client).await?;
        let (account, order) = match self.take_up(&account, resumed).await {
            Some(order) => (account, Ok(order)),
            None => match self.order(&client, &account).await {
                // The CA has forgotten the account, as test CAs do: the key registers anew.
                Err(error) if !registered && error.is_problem("accountDoesNotExist") => {
                    let account = account::reopen(self.engine, self.ca, &client).await?;
                    let order = self.order(&client, &account).await;
                    (account, order)
                }
                order => (account, order),
            },
        };
        self.observe(Event::Account { url: account.url().to_string(), registered });
        let order = order.map_err(self.acme("create the order"))?;
        self.observe(Event::Order {
            url: order.url.to_string(),
            identifiers: order.identifiers.iter().map(|name| name.value.clone()).collect(),
        });
        if let Err(error) = self.open.note(&order.url, &self.ordered(account.url().to_string())) {
            tracing::warn!("the order could not be taken up again: {error}");
        }
        let authorizations = match order.status {
            Status::Pending => account
                .authorizations(&order)
                .await
                .map_err(self.acme("fetch the authorizations"))?,
            _ => Vec::new(),
        };
        *self.pending() = Some((account.clone(), authorizations.clone()));
        Ok(Opened { client, before, account, order, authorizations })
    }

    /// The order of a run that was stopped, while the CA still has it.
    async fn take_up(
        &self,
        account: &Account,
        resumed: Option<(Url, Option<Secret>)>,
    ) -> Option<Order> {
        let (url, key) = resumed?;
        let order = account.order(&url).await.ok()?;
        let usable = match order.status {
            Status::Pending | Status::Ready => true,
            // Its certificate is over a key that must be ours.
            Status::Processing | Status::Valid => key.is_some(),
            _ => false,
        };
        if !usable {
            return None;
        }
        self.observe(Event::Resumed { url: url.to_string() });
        Some(order)
    }

    /// Creates the order.
    async fn order(
        &self,
        client: &Client,
        account: &Account,
    ) -> Result<Order, wildcert_acme::Error> {
        let mut new = NewOrder::new(
            self.request
                .identifiers
                .iter()
                .map(|name| wildcert_acme::Identifier::dns(name.ascii())),
        );
        new.profile = self.request.profile.clone();
        new.not_after = self.not_after();
        if client.directory().await?.renewal_info.is_some() {
            new.replaces = self.replaces.clone();
        }
        match account.new_order(&new).await {
            // A CA that does not see a predecessor in it (RFC 9773 §5) still makes the order.
            Err(error) if new.replaces.is_some() && is_about_predecessor(&error) => {
                tracing::info!("ordered without naming the certificate replaced: {error}");
                new.replaces = None;
                account.new_order(&new).await
            }
            result => result,
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
        if order.status == Status::Ready || order.status == Status::Pending {
            if let Some(key) = csr.key() {
                self.open.keep_key(&Secret::new(key.serialize_pem()))?;
            }
            self.finalized.store(true, Ordering::Relaxed);
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
            self.finalized.store(false, Ordering::Relaxed);
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

/// Whether an order was refused for the certificate that it replaces, and not for what it is.
fn is_about_predecessor(error: &wildcert_acme::Error) -> bool {
    ["alreadyReplaced", "malformed", "unauthorized"].iter().any(|kind| error.is_problem(kind))
}

const GIVING_UP_LIMIT: Duration = Duration::from_secs(10);
const ISSUANCE_LIMIT: Duration = Duration::from_secs(180);
const VALIDATION_LIMIT: Duration = Duration::from_secs(180);
