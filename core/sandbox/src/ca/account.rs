//! Accounts (RFC 8555 §7.3).

use std::collections::VecDeque;

use serde::Deserialize;
use serde_json::{Value, json};

use super::contact::check_contacts;
use super::jwk::Jwk;
use super::jws::parse_payload;
use super::problem::Problem;
use super::problem_type::ProblemType;
use super::reply::Reply;
use super::resource::Resource;
use super::server::Ca;
use super::state::{Account, Status};
use crate::events::lock;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct NewAccount {
    contact: Vec<String>,
    terms_of_service_agreed: bool,
    only_return_existing: bool,
    external_account_binding: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Update {
    contact: Option<Vec<String>>,
    status: Option<String>,
    terms_of_service_agreed: bool,
}

impl Ca {
    pub(super) fn new_account(&self, key: Jwk, payload: &[u8]) -> Result<Reply, Problem> {
        let request: NewAccount = parse_payload(payload)?;
        let mut state = lock(&self.state);
        if let Some(id) = state.accounts.iter().position(|account| account.key == key) {
            usable(state.accounts.get(id))?;
            return self.account_reply(200, id, &state.accounts);
        }
        if request.only_return_existing {
            let detail = "no account has this key";
            return Err(Problem::new(ProblemType::AccountDoesNotExist, detail));
        }
        if self.policy.terms_of_service && !request.terms_of_service_agreed {
            return Err(Problem::malformed("the terms of service are not agreed to"));
        }
        check_contacts(&request.contact, self.policy.contacts)?;
        let required = !self.external_accounts.is_empty();
        if required {
            let url = self.url(Resource::NewAccount);
            self.external_accounts.check(request.external_account_binding.as_ref(), &key, &url)?;
        }
        let agreed_terms = state.terms_version;
        state.accounts.push(Account {
            key,
            contact: request.contact,
            deactivated: false,
            external_account_binding: request.external_account_binding.filter(|_| required),
            agreed_terms,
            orders: Vec::new(),
            recent_orders: VecDeque::new(),
        });
        self.account_reply(201, state.accounts.len() - 1, &state.accounts)
    }

    pub(super) fn account(
        &self,
        caller: usize,
        id: usize,
        payload: &[u8],
    ) -> Result<Reply, Problem> {
        owned(caller, id)?;
        let mut state = lock(&self.state);
        if !payload.is_empty() {
            let update: Update = parse_payload(payload)?;
            if let Some(contact) = &update.contact {
                check_contacts(contact, self.policy.contacts)?;
            }
            let terms_version = state.terms_version;
            let account = state.accounts.get_mut(id).ok_or_else(Problem::not_found)?;
            match update.status.as_deref() {
                None => {}
                Some("deactivated") => account.deactivated = true,
                Some(_) => {
                    let detail = "an account's status can be changed to `deactivated` only";
                    return Err(Problem::malformed(detail));
                }
            }
            if let Some(contact) = update.contact {
                account.contact = contact;
            }
            if update.terms_of_service_agreed {
                account.agreed_terms = terms_version;
            }
        }
        self.account_reply(200, id, &state.accounts)
    }

    /// The list of orders that an account object points to (RFC 8555 §7.1.2.1).
    pub(super) fn orders(
        &self,
        caller: usize,
        id: usize,
        payload: &[u8],
    ) -> Result<Reply, Problem> {
        owned(caller, id)?;
        post_as_get(payload)?;
        let state = lock(&self.state);
        let account = state.accounts.get(id).ok_or_else(Problem::not_found)?;
        let valid = |id: &&usize| {
            let order = state.orders.get(**id);
            order.is_some_and(|order| state.order_status(order) != Status::Invalid)
        };
        let orders = account.orders.iter().filter(valid);
        let orders: Vec<_> = orders.map(|id| self.url(Resource::Order(*id))).collect();
        Reply::json(200, json!({ "orders": orders }))
    }

    pub(super) fn account_reply(
        &self,
        status: u16,
        id: usize,
        accounts: &[Account],
    ) -> Result<Reply, Problem> {
        let account = accounts.get(id).ok_or_else(Problem::not_found)?;
        let mut body = json!({
            "status": if account.deactivated { "deactivated" } else { "valid" },
            "contact": account.contact,
            "termsOfServiceAgreed": true,
            "orders": self.url(Resource::Orders(id)),
        });
        if let Some(binding) = &account.external_account_binding {
            body["externalAccountBinding"] = binding.clone();
        }
        Ok(Reply::json(status, body)?.location(self.url(Resource::Account(id))))
    }
}

/// Refuses every request of a deactivated account (RFC 8555 §7.3.6).
pub(super) fn usable(account: Option<&Account>) -> Result<&Account, Problem> {
    match account {
        None => Err(Problem::not_found()),
        Some(account) if account.deactivated => {
            Err(Problem::unauthorized("the account is deactivated").with_status(401))
        }
        Some(account) => Ok(account),
    }
}

/// Refuses what belongs to another account.
pub(super) fn owned(caller: usize, owner: usize) -> Result<(), Problem> {
    if caller == owner {
        Ok(())
    } else {
        Err(Problem::unauthorized("this belongs to another account"))
    }
}

/// Refuses a payload where there is nothing to say (RFC 8555 §6.3).
pub(super) fn post_as_get(payload: &[u8]) -> Result<(), Problem> {
    if payload.is_empty() {
        Ok(())
    } else {
        Err(Problem::malformed("this resource takes POST-as-GET requests, without payload"))
    }
}
