//! What callers and users can learn from an error.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::mock::{Behaviour, Fault, Server};
use crate::{AccountKey, AccountKeyType, Error, ExternalAccount, Identifier, NewAccount, NewOrder};

fn refusal(status: u16, retry_after: &'static str, kind: &str, more: Value) -> Fault {
    let mut body = json!({ "type": format!("urn:ietf:params:acme:error:{kind}"), "detail": "no" });
    body["subproblems"] = more;
    Fault::Answer(status, "Retry-After", retry_after, body.to_string())
}

async fn refused(fault: Fault) -> Error {
    let server = Server::start(Behaviour::default()).await;
    let account = server.account(&server.client()).await;
    server.fail("new-order", std::iter::repeat_n(fault, 5));
    account.new_order(&NewOrder::new([Identifier::dns("a.example")])).await.unwrap_err()
}

#[tokio::test]
async fn rate_limits_are_known_by_type_and_by_status() {
    let by_type = refused(refusal(400, "7200", "rateLimited", Value::Null)).await;
    let by_status = refused(Fault::Answer(429, "Retry-After", "7200", String::new())).await;
    let unavailable = refused(Fault::Answer(503, "Retry-After", "7200", String::new())).await;
    let now = SystemTime::UNIX_EPOCH;
    for error in [by_type, by_status, unavailable] {
        assert!(error.is_rate_limited() && !error.is_refusal(), "{error}");
        assert!(error.exceeds_patience());
        assert_eq!(error.retry_at(now), Some(now + Duration::from_secs(7200)));
    }
    let short = refused(refusal(429, "0", "rateLimited", Value::Null)).await;
    assert!(short.is_rate_limited() && !short.exceeds_patience());
    let other = refused(refusal(403, "7200", "rejectedIdentifier", Value::Null)).await;
    assert!(other.is_refusal() && !other.is_rate_limited());
    assert_eq!(refused(Fault::Answer(500, "X", "y", String::new())).await.retry_at(now), None);
}

#[tokio::test]
async fn all_types_of_problems_are_told_once() {
    let part = |kind: &str, name: &str| {
        json!({ "type": format!("urn:ietf:params:acme:error:{kind}"), "detail": "no",
                "identifier": { "type": "dns", "value": name } })
    };
    let parts = [part("caa", "a.example"), part("rejectedIdentifier", "b.example"), json!({})];
    let parts = parts.into_iter().chain([part("caa", "c.example")]).collect();
    let error = refused(refusal(403, "x", "compound", parts)).await;
    assert_eq!(error.problem_types(), ["compound", "caa", "rejectedIdentifier"]);

    let behaviour = Behaviour { bad_names: vec!["a.example"], ..Behaviour::default() };
    let server = Server::start(behaviour).await;
    let account = server.account(&server.client()).await;
    let order = account.new_order(&NewOrder::new([Identifier::dns("a.example")])).await.unwrap();
    let authorizations = account.authorizations(&order).await.unwrap();
    account.answer(&[authorizations[0].challenge("dns-01").unwrap()]).await.unwrap();
    let failed = account.wait_ready(&order, Duration::from_secs(5)).await.unwrap_err();
    assert_eq!(failed.problem_types(), ["dns"]);
}

/// JPRS and others say no more than `unauthorized` or `malformed` to credentials that are used up.
#[tokio::test]
async fn a_refused_registration_tells_about_credentials_that_are_good_for_some_days() {
    for kind in ["unauthorized", "malformed", "externalAccountRequired"] {
        let server = Server::start(Behaviour::default()).await;
        server.fail("new-account", [refusal(400, "x", kind, Value::Null)]);
        let external = Some(ExternalAccount::new("kid-1", "c2VjcmV0".into()));
        let new = NewAccount { terms_agreed: true, external, ..NewAccount::default() };
        let key = AccountKey::generate(AccountKeyType::Ec256).unwrap();
        let hint = server.client().register(key, new).await.unwrap_err().hint().unwrap();
        assert!(hint.contains("14 days"), "{kind}: {hint}");
        let elsewhere = refused(refusal(400, "x", kind, Value::Null)).await.hint();
        assert!(!elsewhere.is_some_and(|hint| hint.contains("14 days")), "{kind}");
    }
}
