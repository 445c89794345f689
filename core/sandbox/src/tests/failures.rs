//! Rate limits, changed terms, and failures that were asked for.

use std::time::Duration;

use rcgen::KeyPair;
use serde_json::json;

use super::acme_client::Client;
use super::issuance::{csr, ready};
use crate::{Policy, Problem, ProblemType, RateLimit, Sandbox, SandboxOptions};

async fn setup(policy: Policy) -> (Sandbox, Client) {
    let options = SandboxOptions { policy, ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let client = Client::registered(&sandbox).await;
    (sandbox, client)
}

#[tokio::test]
async fn too_many_orders_have_to_wait() {
    let window = Duration::from_millis(1500);
    let rate_limit = Some(RateLimit { orders: 2, window });
    let (sandbox, client) = setup(Policy { rate_limit, ..Policy::default() }).await;
    let request = json!({ "identifiers": [{ "type": "dns", "value": "example.test" }] });
    let url = client.url("newOrder");
    for _ in 0..2 {
        assert_eq!(client.post(&url, request.clone()).await.status, 201);
    }
    let refused = client.post(&url, request.clone()).await;
    assert_eq!(refused.problem(), ("rateLimited", 429));
    let wait: u64 = refused.retry_after.unwrap().parse().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    // Each account has its own limit, and an order refused does not count.
    Client::registered(&sandbox).await.order(&["example.test"]).await;
    tokio::time::sleep(window).await;
    assert_eq!(client.post(&url, request).await.status, 201);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn every_type_can_be_asked_for_once() {
    use ProblemType as T;
    let (sandbox, client) = setup(Policy::default()).await;
    let kid = client.kid.clone().unwrap();
    for (kind, name, status) in [
        (T::AccountDoesNotExist, "accountDoesNotExist", 400),
        (T::AlreadyReplaced, "alreadyReplaced", 409),
        (T::AlreadyRevoked, "alreadyRevoked", 400),
        (T::BadCsr, "badCSR", 400),
        (T::BadNonce, "badNonce", 400),
        (T::BadPublicKey, "badPublicKey", 400),
        (T::BadRevocationReason, "badRevocationReason", 400),
        (T::BadSignatureAlgorithm, "badSignatureAlgorithm", 400),
        (T::Caa, "caa", 403),
        (T::Compound, "compound", 400),
        (T::Connection, "connection", 400),
        (T::Dns, "dns", 400),
        (T::ExternalAccountRequired, "externalAccountRequired", 403),
        (T::IncorrectResponse, "incorrectResponse", 400),
        (T::InvalidContact, "invalidContact", 400),
        (T::InvalidProfile, "invalidProfile", 400),
        (T::Malformed, "malformed", 400),
        (T::OrderNotReady, "orderNotReady", 403),
        (T::RateLimited, "rateLimited", 429),
        (T::RejectedIdentifier, "rejectedIdentifier", 400),
        (T::ServerInternal, "serverInternal", 500),
        (T::Tls, "tls", 400),
        (T::Unauthorized, "unauthorized", 403),
        (T::UnsupportedContact, "unsupportedContact", 400),
        (T::UnsupportedIdentifier, "unsupportedIdentifier", 400),
        (T::UserActionRequired, "userActionRequired", 403),
    ] {
        sandbox.fail_next("account", Problem::new(kind, "asked for"));
        assert_eq!(client.fetch(&kid).await.problem(), (name, status));
        client.fetch(&kid).await.ok();
    }
    sandbox.shutdown().await;
}

#[tokio::test]
async fn failures_last_until_they_are_cleared() {
    let (sandbox, client) = setup(Policy::default()).await;
    let limited = Problem::new(ProblemType::RateLimited, "too many").with_retry_after(3600);
    sandbox.fail_always("newOrder", limited);
    for _ in 0..3 {
        let answer = client.post(&client.url("newOrder"), json!({})).await;
        assert_eq!(answer.problem(), ("rateLimited", 429));
        assert_eq!(answer.retry_after.as_deref(), Some("3600"));
    }
    client.fetch(&client.kid.clone().unwrap()).await.ok();
    sandbox.clear_failures();
    client.order(&["example.test"]).await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn failures_come_in_their_order_with_subproblems() {
    let (sandbox, client) = setup(Policy::default()).await;
    let compound = Problem::new(ProblemType::Compound, "several")
        .with_subproblem("a.example.test", ProblemType::Caa, "forbidden")
        .with_subproblem("*.b.example.test", ProblemType::RejectedIdentifier, "not here");
    sandbox.fail_next("newOrder", compound);
    sandbox.fail_next("newOrder", Problem::new(ProblemType::ServerInternal, "then"));
    let url = client.url("newOrder");
    let answer = client.post(&url, json!({})).await;
    assert_eq!(answer.problem(), ("compound", 400));
    let subproblems = json!([
        {
            "type": "urn:ietf:params:acme:error:caa",
            "detail": "forbidden",
            "identifier": { "type": "dns", "value": "a.example.test" },
        },
        {
            "type": "urn:ietf:params:acme:error:rejectedIdentifier",
            "detail": "not here",
            "identifier": { "type": "dns", "value": "*.b.example.test" },
        },
    ]);
    assert_eq!(answer.body["subproblems"], subproblems);
    assert_eq!(client.post(&url, json!({})).await.problem(), ("serverInternal", 500));
    client.order(&["example.test"]).await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn validation_and_issuance_fail_on_demand() {
    let (sandbox, client) = setup(Policy::default()).await;
    sandbox.fail_next("validation", Problem::new(ProblemType::IncorrectResponse, "odd"));
    let order = client.order(&["example.test"]).await;
    let authorization = client.authorizations(&order).await.remove(0);
    let decided = client.answer(&authorization).await;
    let error = &decided["challenges"][0]["error"]["type"];
    assert_eq!(error, "urn:ietf:params:acme:error:incorrectResponse");

    let order = ready(&client, &sandbox, &["example.test"]).await;
    sandbox.fail_next("issuance", Problem::new(ProblemType::Caa, "meanwhile forbidden"));
    let csr = csr(&["example.test"], &KeyPair::generate().unwrap());
    let failed = client.finalize(&order, &csr).await.ok().body;
    assert_eq!((&failed["status"], &failed["error"]["status"]), (&json!("invalid"), &json!(403)));
    assert!(failed.get("certificate").is_none());
    assert_eq!(client.finalize(&order, &csr).await.problem(), ("orderNotReady", 403));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn changed_terms_have_to_be_agreed_to() {
    let (sandbox, client) = setup(Policy::default()).await;
    sandbox.change_terms();
    let request = json!({ "identifiers": [{ "type": "dns", "value": "example.test" }] });
    let url = client.url("newOrder");
    let refused = client.post(&url, request.clone()).await;
    assert_eq!(refused.problem(), ("userActionRequired", 403));
    let terms = refused.body["instance"].as_str().unwrap();
    assert!(refused.links.contains(&format!("<{terms}>;rel=\"terms-of-service\"")));
    assert_eq!(client.get(terms).await.status, 200);
    let directory = client.get(sandbox.directory_url()).await.ok().body;
    assert_eq!(directory["meta"]["termsOfService"], terms);
    assert_ne!(client.directory["meta"]["termsOfService"], terms);
    let kid = client.kid.clone().unwrap();
    client.post(&kid, json!({ "contact": [] })).await.ok();
    assert_eq!(client.post(&url, request).await.status, 403);
    client.post(&kid, json!({ "termsOfServiceAgreed": true })).await.ok();
    client.order(&["example.test"]).await;
    sandbox.shutdown().await;
}
