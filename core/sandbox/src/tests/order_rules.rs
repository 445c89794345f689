//! Validity, lifetimes, reuse and processing of orders; what keys certificates may have.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::KeyPair;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use x509_parser::pem::Pem;

use super::acme_client::Client;
use super::issuance::{csr, prove, ready};
use crate::{Policy, Sandbox, SandboxOptions};

async fn setup(policy: Policy) -> (Sandbox, Client) {
    let options = SandboxOptions { policy, ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let client = Client::registered(&sandbox).await;
    (sandbox, client)
}

fn csr_of(name: &str) -> Vec<u8> {
    csr(&[name], &KeyPair::generate().unwrap())
}

#[tokio::test]
async fn a_validity_within_the_lifetime_is_honoured() {
    let (sandbox, client) = setup(Policy::default()).await;
    let at = |days: i64| {
        let moment = OffsetDateTime::now_utc() + time::Duration::days(days);
        moment.replace_nanosecond(0).unwrap().format(&Rfc3339).unwrap()
    };
    let url = client.url("newOrder");
    let request = |members: Value| {
        let mut request = members;
        request["identifiers"] = json!([{ "type": "dns", "value": "example.test" }]);
        request
    };
    for wrong in [
        json!({ "notAfter": at(91) }),
        json!({ "notAfter": at(-1) }),
        json!({ "notBefore": at(-1) }),
        json!({ "notBefore": at(2), "notAfter": at(1) }),
        json!({ "notBefore": at(2), "notAfter": at(93) }),
        json!({ "notAfter": at(7), "profile": "shortlived" }),
        json!({ "notAfter": "tomorrow" }),
    ] {
        let answer = client.post(&url, request(wrong.clone())).await;
        assert_eq!(answer.problem(), ("malformed", 400), "{wrong}");
    }
    let (start, end) = (at(1), at(31));
    let right = request(json!({ "notBefore": start, "notAfter": end }));
    let order = client.post(&url, right).await.ok().body;
    assert_eq!((&order["notBefore"], &order["notAfter"]), (&json!(start), &json!(end)));
    prove(&client, &sandbox, &order).await;
    let order = client.finalize(&order, &csr_of("example.test")).await.ok().body;
    let chain = client.fetch(order["certificate"].as_str().unwrap()).await.ok().text;
    let pem = Pem::iter_from_buffer(chain.as_bytes()).next().unwrap().unwrap();
    let validity = pem.parse_x509().unwrap().validity().clone();
    let seconds = |text: &str| OffsetDateTime::parse(text, &Rfc3339).unwrap().unix_timestamp();
    assert_eq!(validity.not_before.timestamp(), seconds(&start));
    assert_eq!(validity.not_after.timestamp(), seconds(&end));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn orders_and_authorizations_expire() {
    let order_lifetime = Duration::from_millis(400);
    let (sandbox, client) = setup(Policy { order_lifetime, ..Policy::default() }).await;
    let order = client.order(&["example.test"]).await;
    let authorization = client.authorizations(&order).await.remove(0);
    let (challenge, _) = client.challenge(&authorization, "dns-01");
    tokio::time::sleep(order_lifetime).await;
    for url in [order["url"].as_str().unwrap(), authorization["url"].as_str().unwrap()] {
        let answer = client.fetch(url).await;
        assert_eq!(answer.problem(), ("malformed", 404));
        assert!(answer.body["detail"].as_str().unwrap().contains("expired at"), "{answer:?}");
    }
    assert_eq!(client.post(&challenge, json!({})).await.problem(), ("malformed", 404));
    assert_eq!(client.finalize(&order, b"").await.problem(), ("malformed", 404));
    let account = client.fetch(&client.kid.clone().unwrap()).await.ok().body;
    let orders = client.fetch(account["orders"].as_str().unwrap()).await.ok().body;
    assert_eq!(orders["orders"], json!([]));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_valid_authorization_expires() {
    let authorization_lifetime = Duration::from_millis(400);
    let (sandbox, client) = setup(Policy { authorization_lifetime, ..Policy::default() }).await;
    let order = ready(&client, &sandbox, &["example.test"]).await;
    let url = order["url"].as_str().unwrap();
    assert_eq!(client.fetch(url).await.ok().body["status"], "ready");
    tokio::time::sleep(authorization_lifetime).await;
    assert_eq!(client.fetch(url).await.ok().body["status"], "invalid");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn valid_authorizations_are_reused_where_the_policy_has_it() {
    let (sandbox, client) = setup(Policy::default()).await;
    let first = ready(&client, &sandbox, &["example.test"]).await;
    let second = client.order(&["example.test"]).await;
    assert_ne!(second["authorizations"], first["authorizations"]);
    sandbox.shutdown().await;

    let policy = Policy { reuse_authorizations: true, ..Policy::default() };
    let (sandbox, client) = setup(policy).await;
    let first = ready(&client, &sandbox, &["example.test"]).await;
    let second = client.order(&["example.test"]).await;
    assert_eq!(second["authorizations"], first["authorizations"]);
    assert_eq!(second["status"], "ready");
    client.finalize(&second, &csr_of("example.test")).await.ok();
    let other = Client::registered(&sandbox).await;
    assert_eq!(other.order(&["example.test"]).await["status"], "pending");
    assert_eq!(client.order(&["*.example.test"]).await["status"], "pending");
    let given_up = json!({ "status": "deactivated" });
    client.post(first["authorizations"][0].as_str().unwrap(), given_up).await.ok();
    assert_eq!(client.order(&["example.test"]).await["status"], "pending");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn open_orders_are_taken_up_again_where_the_policy_has_it() {
    let (sandbox, client) = setup(Policy { reuse_orders: true, ..Policy::default() }).await;
    let first = client.order(&["a.example.test", "example.test"]).await;
    let again = client.order(&["example.test", "a.example.test"]).await;
    assert_eq!(again["url"], first["url"]);
    assert_ne!(client.order(&["example.test"]).await["url"], first["url"]);
    let identifiers = first["identifiers"].clone();
    let other_profile = json!({ "identifiers": identifiers, "profile": "shortlived" });
    let answer = client.post(&client.url("newOrder"), other_profile).await.ok();
    assert_ne!(json!(answer.location), first["url"]);
    let other = Client::registered(&sandbox).await;
    assert_ne!(other.order(&["a.example.test", "example.test"]).await["url"], first["url"]);
    let done = ready(&client, &sandbox, &["b.example.test"]).await;
    client.finalize(&done, &csr_of("b.example.test")).await.ok();
    assert_ne!(client.order(&["b.example.test"]).await["url"], done["url"]);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn processing_takes_its_time() {
    let processing = Duration::from_millis(1200);
    let (sandbox, client) = setup(Policy { processing, ..Policy::default() }).await;
    let order = client.order(&["example.test"]).await;
    let authorization = client.authorizations(&order).await.remove(0);
    let (challenge, value) = client.challenge(&authorization, "dns-01");
    let owner = "_acme-challenge.example.test.";
    let records = vec![super::dns_client::txt(owner, &value)];
    super::dns_client::update(&sandbox, "example.test.", records).await;
    let begun = client.post(&challenge, json!({})).await.ok();
    assert_eq!(
        (&begun.body["status"], begun.retry_after.as_deref()),
        (&json!("processing"), Some("2"))
    );
    tokio::time::sleep(processing + Duration::from_millis(200)).await;
    let finalized = Instant::now();
    let answer = client.finalize(&order, &csr_of("example.test")).await.ok();
    assert_eq!(answer.body["status"], "processing");
    assert_eq!(answer.retry_after.as_deref(), Some("2"));
    assert!(answer.body.get("certificate").is_none());
    let url = order["url"].as_str().unwrap();
    loop {
        let answer = client.fetch(url).await.ok();
        if answer.body["status"] == "valid" {
            assert!(answer.body["certificate"].is_string() && answer.retry_after.is_none());
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(finalized.elapsed() >= processing);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn ed25519_where_the_policy_has_it() {
    let (sandbox, client) = setup(Policy { ed25519: true, ..Policy::default() }).await;
    let order = ready(&client, &sandbox, &["example.test"]).await;
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let order = client.finalize(&order, &csr(&["example.test"], &key)).await.ok().body;
    let chain = client.fetch(order["certificate"].as_str().unwrap()).await.ok().text;
    let pem = Pem::iter_from_buffer(chain.as_bytes()).next().unwrap().unwrap();
    let leaf = pem.parse_x509().unwrap();
    assert_eq!(leaf.public_key().subject_public_key.data, key.public_key_raw());
    sandbox.shutdown().await;
}

#[tokio::test]
async fn short_rsa_keys_are_refused() {
    let (sandbox, client) = setup(Policy::default()).await;
    let order = ready(&client, &sandbox, &["example.test"]).await;
    let answer = client.finalize(&order, &STANDARD.decode(RSA_1024).unwrap()).await;
    assert_eq!(answer.problem(), ("badCSR", 400));
    assert!(answer.body["detail"].as_str().unwrap().contains("1024 bits"), "{answer:?}");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn objects_have_members_that_no_client_knows() {
    let (sandbox, client) = setup(Policy::default()).await;
    let order = client.order(&["example.test"]).await;
    let authorization = client.authorizations(&order).await.remove(0);
    let account = client.fetch(&client.kid.clone().unwrap()).await.ok().body;
    for object in [&client.directory, &client.directory["meta"], &order, &authorization, &account] {
        let known = |text: &Value| text.as_str().is_some_and(|text| text.contains("passes over"));
        assert!(object.as_object().unwrap().values().any(known), "{object}");
    }
    sandbox.shutdown().await;
}

/// A CSR for `example.test` by a key of 1024 bits:
/// `openssl req -new -newkey rsa:1024 -subj / -addext subjectAltName=DNS:example.test`.
const RSA_1024: &str = "MIIBaTCB0wIBADAAMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC9F49/fcbs971F8h+kMljhatz\
    ahTY4LkD9brLlEcEMlSv5eNw9kQtPyLaj2l1hBFIat6hQ88UGHj7353tRJPQs5p3uJYFkzgr/v0EenslOt7l/WsZVHkCgcq\
    riMqgNClHS535fuwAIqleIR+tnZV+TnL+1Rt63lgE09vaamJeuIwIDAQABoCowKAYJKoZIhvcNAQkOMRswGTAXBgNVHREEE\
    DAOggxleGFtcGxlLnRlc3QwDQYJKoZIhvcNAQELBQADgYEAbhTddz9ii0tQFZxX5HWYsqX1EVO5culpMVLHW9uaorxYeTW4\
    c0Lt9hWnLWnIS5c1CBAyG/YJwKRKGI5AyJSqljFi4mowa07djiF5T/jJiebrfghrNP4cARqKHvZyPE9DV+qzS5jUNFnqebB\
    qdAHZTFYJdaAdUpj+SvTll+uXPk8=";
