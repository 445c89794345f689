//! Requests that RFC 8555 has the server refuse.

use reqwest::Method;
use serde_json::{Value, json};

use super::acme_client::{Client, Key, base64url};
use crate::{Sandbox, SandboxOptions};

const JOSE: &str = "application/jose+json";

async fn setup() -> (Sandbox, Client) {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    (sandbox, client)
}

#[tokio::test]
async fn directory_and_nonces() {
    let (sandbox, client) = setup().await;
    assert!(sandbox.directory_url().starts_with("https://localhost:"));
    let terms = client.directory["meta"]["termsOfService"].as_str().unwrap();
    assert_eq!(client.get(terms).await.status, 200);
    let url = client.url("newNonce");
    assert_eq!(client.send(Method::HEAD, &url, "", String::new()).await.status, 200);
    let answer = client.get(&url).await;
    assert_eq!((answer.status, answer.text.as_str()), (204, ""));
    assert!(answer.links[0].contains("rel=\"index\""));
    assert_ne!(client.nonce().await, client.nonce().await);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn wrong_headers() {
    let (sandbox, client) = setup().await;
    let url = client.url("newOrder");
    let kid = client.kid.clone().unwrap();
    let used = client.nonce().await;
    client
        .post_signed(&kid, &json!({}), |header| {
            header["nonce"] = json!(used);
            header["kid"] = json!(kid);
        })
        .await
        .ok();
    let random = base64url(&[7; 16]);
    let elsewhere = format!("{url}/");
    let nobody = kid.replace("/account/", "/account/9");
    let jwk = &client.key.jwk;
    let cases: Vec<(&str, Value, (&str, u16))> = vec![
        ("used nonce", json!({ "nonce": used }), ("badNonce", 400)),
        ("unknown nonce", json!({ "nonce": random }), ("badNonce", 400)),
        ("malformed nonce", json!({ "nonce": "a=" }), ("malformed", 400)),
        ("no nonce", json!({ "nonce": null }), ("malformed", 400)),
        ("other url", json!({ "url": elsewhere }), ("unauthorized", 401)),
        ("no url", json!({ "url": null }), ("unauthorized", 401)),
        ("no key", json!({ "kid": null }), ("malformed", 400)),
        ("both keys", json!({ "jwk": jwk }), ("malformed", 400)),
        ("jwk", json!({ "kid": null, "jwk": jwk }), ("malformed", 400)),
        ("unknown account", json!({ "kid": nobody }), ("accountDoesNotExist", 400)),
        ("no account URL", json!({ "kid": "1" }), ("accountDoesNotExist", 400)),
        ("none", json!({ "alg": "none" }), ("badSignatureAlgorithm", 400)),
        ("MAC", json!({ "alg": "HS256" }), ("badSignatureAlgorithm", 400)),
        ("other algorithm", json!({ "alg": "ES384" }), ("malformed", 400)),
        ("critical extension", json!({ "crit": ["b64"], "b64": false }), ("malformed", 400)),
    ];
    for (what, edits, expected) in cases {
        let payload = json!({ "identifiers": [{ "type": "dns", "value": "example.test" }] });
        let answer = client.post_signed(&url, &payload, |header| {
            header["kid"] = json!(kid);
            for (member, value) in edits.as_object().unwrap() {
                header[member] = value.clone();
            }
        });
        let answer = answer.await;
        assert_eq!(answer.problem(), expected, "{what}: {answer:?}");
        if expected.0 == "badSignatureAlgorithm" {
            assert_eq!(answer.body["algorithms"], json!(["ES256", "ES384", "RS256"]));
        }
    }
    let new_account = client.post(&client.url("newAccount"), json!({})).await;
    assert_eq!(new_account.problem(), ("malformed", 400));
    assert!(sandbox.requests().iter().any(|request| {
        (request.operation, request.status, request.problem) == ("newOrder", 400, Some("badNonce"))
    }));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn wrong_signatures_and_bodies() {
    let (sandbox, client) = setup().await;
    let url = client.url("newOrder");
    let header =
        |nonce: String| json!({ "alg": "ES256", "nonce": nonce, "url": url, "kid": client.kid });
    // Another key, and a payload exchanged after signing.
    let by_other = Key::es256().jws(&header(client.nonce().await), b"{}");
    let mut exchanged = client.key.jws(&header(client.nonce().await), b"{}");
    exchanged["payload"] = base64url(b"{ }").into();
    for jws in [by_other, exchanged, json!({}), json!([]), json!("text")] {
        let answer = client.send(Method::POST, &url, JOSE, jws.to_string()).await;
        assert_eq!(answer.problem(), ("malformed", 400), "{jws}");
    }
    let jws = client.key.jws(&header(client.nonce().await), b"{}").to_string();
    for content_type in ["application/json", "", "application/jose+json; charset=utf-8"] {
        let answer = client.send(Method::POST, &url, content_type, jws.clone()).await;
        assert_eq!(answer.problem(), ("malformed", 415), "{content_type}");
    }
    let answer = client.send(Method::POST, &url, JOSE, " ".repeat(1 << 20)).await;
    assert_eq!(answer.problem(), ("malformed", 413));
    let get = client.get(&url).await;
    assert_eq!((get.problem(), get.allow.as_deref()), (("malformed", 405), Some("POST")));
    let put = client.send(Method::PUT, &url, JOSE, jws).await;
    assert_eq!(put.problem(), ("malformed", 405));
    let directory = client.fetch(sandbox.directory_url()).await;
    assert_eq!(directory.problem(), ("malformed", 405));
    assert_eq!(directory.allow.as_deref(), Some("GET"));
    assert_eq!(client.get(&format!("{url}/x")).await.problem(), ("malformed", 404));
    let order = client.order(&["example.test"]).await;
    let with_payload = client.post(order["url"].as_str().unwrap(), json!({})).await;
    assert_eq!(with_payload.problem(), ("malformed", 400));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn wrong_orders() {
    let (sandbox, client) = setup().await;
    let url = client.url("newOrder");
    let dns = |value: &str| json!({ "type": "dns", "value": value });
    for (payload, expected) in [
        (Value::Null, "malformed"),
        (json!([]), "malformed"),
        (json!({}), "malformed"),
        (json!({ "identifiers": [] }), "malformed"),
        (json!({ "identifiers": [{ "type": "dns" }] }), "malformed"),
        (
            json!({ "identifiers": [dns("example.test")], "notAfter": "2030-01-01T00:00:00Z" }),
            "malformed",
        ),
        (json!({ "identifiers": [dns("a_b.test")] }), "rejectedIdentifier"),
        (json!({ "identifiers": [{ "type": "ip", "value": "::1" }] }), "unsupportedIdentifier"),
    ] {
        let answer = client.post(&url, payload.clone()).await;
        assert_eq!(answer.problem(), (expected, 400), "{payload}");
    }
    let several = json!({ "identifiers": [dns("a_b.test"), dns("example.test"), dns("*.*.test")] });
    let answer = client.post(&url, several).await;
    assert_eq!(answer.problem(), ("rejectedIdentifier", 400));
    let subproblems = answer.body["subproblems"].as_array().unwrap();
    let names: Vec<_> = subproblems.iter().map(|sub| &sub["identifier"]["value"]).collect();
    assert_eq!(names, [&json!("a_b.test"), &json!("*.*.test")]);
    let mixed = json!({ "identifiers": [dns("a_b.test"), { "type": "ip", "value": "::1" }] });
    let answer = client.post(&url, mixed).await;
    assert_eq!(answer.problem(), ("compound", 400));
    assert_eq!(answer.body["subproblems"].as_array().unwrap().len(), 2);
    // Said twice, a name is one name.
    let order = client.order(&["example.test", "EXAMPLE.test"]).await;
    assert_eq!(order["identifiers"].as_array().unwrap().len(), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn what_belongs_to_another_account() {
    let (sandbox, owner) = setup().await;
    let other = Client::registered(&sandbox).await;
    let order = owner.order(&["example.test"]).await;
    let authorization = owner.authorizations(&order).await.remove(0);
    let (challenge, _) = owner.challenge(&authorization, "dns-01");
    let account = owner.kid.clone().unwrap();
    for url in [
        order["url"].as_str().unwrap(),
        authorization["url"].as_str().unwrap(),
        &challenge,
        &account,
        &format!("{account}/orders"),
    ] {
        assert_eq!(other.fetch(url).await.problem(), ("unauthorized", 403), "{url}");
        owner.fetch(url).await.ok();
    }
    assert_eq!(other.post(&challenge, json!({})).await.problem(), ("unauthorized", 403));
    let finalize = other.finalize(&order, b"").await;
    assert_eq!(finalize.problem(), ("unauthorized", 403));
    let missing = order["url"].as_str().unwrap().replace("/order/", "/order/9");
    assert_eq!(owner.fetch(&missing).await.problem(), ("malformed", 404));
    sandbox.shutdown().await;
}
