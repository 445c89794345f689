//! Accounts (RFC 8555 §7.3).

use serde::Deserialize;
use serde_json::{Value, json};

use super::jwk::Jwk;
use super::jws::parse_payload;
use super::problem::{Problem, ProblemType};
use super::reply::Reply;
use super::resource::Resource;
use super::server::Ca;
use super::state::Account;
use crate::events::lock;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct NewAccount {
    contact: Vec<String>,
    terms_of_service_agreed: bool,
    only_return_existing: bool,
    external_account_binding: Option<Value>,
}

#[derive(Deserialize)]
struct Update {
    contact: Option<Vec<String>>,
    status: Option<String>,
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
        if !request.terms_of_service_agreed {
            return Err(Problem::malformed("the terms of service are not agreed to"));
        }
        check_contact(&request.contact)?;
        if let Some(external_account) = &self.external_account {
            let url = self.url(Resource::NewAccount);
            external_account.check(request.external_account_binding.as_ref(), &key, &url)?;
        }
        let required = self.external_account.is_some();
        state.accounts.push(Account {
            key,
            contact: request.contact,
            deactivated: false,
            external_account_binding: request.external_account_binding.filter(|_| required),
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
                check_contact(&contact)?;
                account.contact = contact;
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
        let orders = state.orders.iter().enumerate().filter(|(_, order)| order.account == id);
        let orders: Vec<_> = orders.map(|(id, _)| self.url(Resource::Order(id))).collect();
        Ok(Reply::json(200, &json!({ "orders": orders })))
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
        Ok(Reply::json(status, &body).location(self.url(Resource::Account(id))))
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

/// Contacts are `mailto:` URLs with one address and no header fields (RFC 8555 §7.3).
fn check_contact(contact: &[String]) -> Result<(), Problem> {
    for url in contact {
        let Some(address) = url.strip_prefix("mailto:") else {
            let detail = format!("the contact `{url}` is no mailto URL");
            return Err(Problem::new(ProblemType::UnsupportedContact, detail));
        };
        let parts: Vec<&str> = address.split('@').collect();
        let one_address = matches!(parts.as_slice(), [user, domain] if !user.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.'));
        if !one_address || address.contains([',', '?', ' ']) || !address.is_ascii() {
            let detail = format!("the contact `{url}` is not one mail address");
            return Err(Problem::new(ProblemType::InvalidContact, detail));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contacts() {
        let kind = |contact: &str| check_contact(&[contact.into()]).map_err(|p| p.kind.name());
        assert_eq!(kind("mailto:a@example.test"), Ok(()));
        assert_eq!(kind("tel:+1"), Err("unsupportedContact"));
        for contact in ["mailto:", "mailto:a", "mailto:a@b.c,d@e.f", "mailto:a@b.c?subject=x"] {
            assert_eq!(kind(contact), Err("invalidContact"), "{contact}");
        }
    }
}
