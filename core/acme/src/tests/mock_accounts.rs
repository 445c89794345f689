//! The accounts of the mock, and what is revoked.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::mock::{Mock, MockState, Reply, problem};
use super::signatures::is_signed;

#[derive(Default)]
pub(super) struct MockAccount {
    pub(super) jwk: Value,
    pub(super) deactivated: bool,
    contact: Value,
    bound: bool,
}

pub(super) fn new_account(
    mock: &Mock,
    state: &mut MockState,
    jwk: Value,
    payload: &Value,
) -> Reply {
    let known = state.accounts.iter().position(|one| one.jwk == jwk);
    if known.is_none() && payload["onlyReturnExisting"] == true {
        return problem(400, "accountDoesNotExist");
    }
    let number = known.unwrap_or_else(|| {
        let contact = payload["contact"].clone();
        let bound = !payload["externalAccountBinding"].is_null();
        state.accounts.push(MockAccount { jwk, contact, bound, deactivated: false });
        state.accounts.len() - 1
    });
    let location = vec![("Location", mock.at(&format!("account/{number}")))];
    (if known.is_some() { 200 } else { 201 }, location, body(mock, state, number))
}

pub(super) fn account_post(
    mock: &Mock,
    state: &mut MockState,
    number: usize,
    payload: &Value,
) -> Reply {
    let account = &mut state.accounts[number];
    if !payload["contact"].is_null() {
        account.contact = payload["contact"].clone();
    }
    account.deactivated |= payload["status"] == "deactivated";
    (200, vec![], body(mock, state, number))
}

/// The checks of RFC 8555 §7.3.5.
pub(super) fn key_change(
    mock: &Mock,
    state: &mut MockState,
    number: usize,
    inner: &Value,
) -> Reply {
    let text = |name: &str| inner[name].as_str().unwrap();
    let part = |name: &str| URL_SAFE_NO_PAD.decode(text(name)).unwrap();
    let protected: Value = serde_json::from_slice(&part("protected")).unwrap();
    let new = protected["jwk"].clone();
    let signed = format!("{}.{}", text("protected"), text("payload"));
    let alg = protected["alg"].as_str().unwrap();
    assert!(is_signed(&new, alg, signed.as_bytes(), &part("signature")), "by the new key");
    assert_eq!(protected["url"], mock.at("key-change"));
    assert!(protected["nonce"].is_null() && protected["kid"].is_null());
    let payload: Value = serde_json::from_slice(&part("payload")).unwrap();
    let account = mock.at(&format!("account/{number}"));
    assert_eq!(payload, json!({ "account": account, "oldKey": state.accounts[number].jwk }));
    if let Some(other) = state.accounts.iter().position(|one| one.jwk == new) {
        let (status, mut headers, body) = problem(409, "malformed");
        headers.push(("Location", mock.at(&format!("account/{other}"))));
        return (status, headers, body);
    }
    state.accounts[number].jwk = new;
    (200, vec![], body(mock, state, number))
}

pub(super) fn revoke_cert(state: &mut MockState, payload: &Value) -> Reply {
    let (certificate, reason) = (payload["certificate"].clone(), payload["reason"].clone());
    if state.revoked.iter().any(|(known, _)| *known == certificate) {
        return problem(400, "alreadyRevoked");
    }
    if reason == 6 {
        return problem(400, "badRevocationReason");
    }
    state.revoked.push((certificate, reason));
    (200, vec![], Value::Null)
}

fn body(mock: &Mock, state: &MockState, number: usize) -> Value {
    let account = &state.accounts[number];
    let mut body = json!({
        "status": if account.deactivated { "deactivated" } else { "valid" }, "odd": [],
        "termsOfServiceAgreed": true, "orders": mock.at("orders"),
    });
    if !account.contact.is_null() {
        body["contact"] = account.contact.clone();
    }
    if account.bound {
        body["externalAccountBinding"] = json!({ "payload": "" });
    }
    body
}
