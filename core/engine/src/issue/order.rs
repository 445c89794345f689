//! The order at the CA: a new one, or that of a run that was stopped.

use std::{
    sync::{MutexGuard, atomic::Ordering},
    time::Duration,
};

use futures_util::future::join_all;
use time::format_description::well_known::Rfc3339;
use url::Url;
use wildcert_acme::{
    Account, Authorization, Client, NewOrder, Order, RequestCounts, Secret, Status,
};

use super::Attempt;
use crate::{account, error::Error, event::Event, orders::Ordered};

/// What the CA gave for the order.
pub(super) struct Opened {
    pub(super) client: Client,
    pub(super) before: RequestCounts,
    pub(super) account: Account,
    pub(super) order: Order,
    pub(super) authorizations: Vec<Authorization>,
}

impl Attempt<'_> {
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
    pub(super) fn resumed(&self) -> Option<(Url, Option<Secret>)> {
        let account = account::info(&self.engine.options().path, self.ca).ok()??;
        self.open.find(&self.ordered(account.url?))
    }

    /// The account, and the order with what the CA wants proved.
    pub(super) async fn open_order(
        &self,
        resumed: Option<(Url, Option<Secret>)>,
    ) -> Result<Opened, Error> {
        let client = self.engine.client(&self.directory)?;
        let before = client.requests();
        let (account, registered) = account::open(self.engine, self.ca, &client).await?;
        let taken_up = self.take_up(&account, resumed).await?;
        let is_new = taken_up.is_none();
        let (account, order) = match taken_up {
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
        self.in_vain.store(is_open(&order), Ordering::Relaxed);
        self.observe(Event::Order {
            url: order.url.to_string(),
            identifiers: order.identifiers.iter().map(|name| name.value.clone()).collect(),
        });
        // One that was taken up is noted, with the key that its certificate may be over.
        if is_new {
            let ordered = self.ordered(account.url().to_string());
            if let Err(error) = self.open.note(&order.url, &ordered) {
                tracing::warn!("the order could not be taken up again: {error}");
            }
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
    ) -> Result<Option<Order>, Error> {
        let Some((url, key)) = resumed else { return Ok(None) };
        let order = match account.order(&url).await {
            Ok(order) => order,
            // Whatever the CA says, it does not have the order any more.
            Err(error) if error.status().is_some() => return Ok(None),
            Err(error) => return Err(self.acme("take the order up again")(error)),
        };
        // Its certificate is over a key that must be ours.
        let issued = matches!(order.status, Status::Processing | Status::Valid) && key.is_some();
        if !is_open(&order) && !issued {
            return Ok(None);
        }
        self.observe(Event::Resumed { url: url.to_string() });
        Ok(Some(order))
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

    /// Tells the CA that the pending authorizations will not be used, so that none counts against
    /// the account's limits.
    pub(super) async fn give_up_authorizations(&self) {
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

    fn pending(&self) -> MutexGuard<'_, Option<(Account, Vec<Authorization>)>> {
        self.pending.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Whether the CA still waits for us.
pub(super) fn is_open(order: &Order) -> bool {
    matches!(order.status, Status::Pending | Status::Ready)
}

/// Whether an order was refused for the certificate that it replaces, and not for what it is.
fn is_about_predecessor(error: &wildcert_acme::Error) -> bool {
    ["alreadyReplaced", "malformed", "unauthorized"].iter().any(|kind| error.is_problem(kind))
}

const GIVING_UP_LIMIT: Duration = Duration::from_secs(10);
