//! Accounts: registration, external accounts, changes, key rollover.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::acme_client::{Client, Key, base64url};
use crate::{Error, ExternalAccount, Policy, Sandbox, SandboxOptions};

#[tokio::test]
async fn registration_and_changes() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let mut client = Client::new(&sandbox).await;
    let answer = client.register(json!({ "onlyReturnExisting": true })).await;
    assert_eq!(answer.problem(), ("accountDoesNotExist", 400));
    assert_eq!(client.register(json!({})).await.problem(), ("malformed", 400));
    let contact = |contact: &str| json!({ "termsOfServiceAgreed": true, "contact": [contact] });
    let answer = client.register(contact("tel:+1")).await;
    assert_eq!(answer.problem(), ("unsupportedContact", 400));
    let answer = client.register(contact("mailto:nobody")).await;
    assert_eq!(answer.problem(), ("invalidContact", 400));
    let created = client.register(contact("mailto:a@example.test")).await;
    assert_eq!((created.status, &created.body["status"]), (201, &json!("valid")));
    let found = client.register(json!({ "onlyReturnExisting": true })).await;
    assert_eq!((found.status, found.location), (200, created.location));

    let kid = client.kid.clone().unwrap();
    let changed = client.post(&kid, json!({ "contact": ["mailto:b@example.test"] })).await.ok();
    assert_eq!(changed.body["contact"], json!(["mailto:b@example.test"]));
    assert_eq!(
        client.post(&kid, json!({ "status": "revoked" })).await.problem(),
        ("malformed", 400)
    );
    let order = client.order(&["example.test"]).await;
    let orders = client.fetch(changed.body["orders"].as_str().unwrap()).await.ok();
    assert_eq!(orders.body["orders"], json!([order["url"]]));

    let gone = client.post(&kid, json!({ "status": "deactivated" })).await.ok();
    assert_eq!(gone.body["status"], "deactivated");
    assert_eq!(client.fetch(&kid).await.problem(), ("unauthorized", 401));
    let again = client.register(json!({ "termsOfServiceAgreed": true })).await;
    assert_eq!(again.problem(), ("unauthorized", 401));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn weak_and_malformed_keys() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let mut client = Client::new(&sandbox).await;
    client.key.jwk = json!({ "kty": "RSA", "n": base64url(&[0xff; 128]), "e": "AQAB" });
    let answer = client.register(json!({ "termsOfServiceAgreed": true })).await;
    assert_eq!(answer.problem(), ("badPublicKey", 400));
    // A point that is on no curve verifies nothing.
    let (x, y) = (base64url(&[1; 32]), base64url(&[1; 32]));
    client.key.jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y });
    let answer = client.register(json!({ "termsOfServiceAgreed": true })).await;
    assert_eq!(answer.problem(), ("malformed", 400));
    sandbox.shutdown().await;
}

pub(super) fn binding(kid: &str, secret: &[u8], url: &str, key: &Value) -> Value {
    let header = json!({ "alg": "HS256", "kid": kid, "url": url });
    let protected = base64url(header.to_string().as_bytes());
    let payload = base64url(key.to_string().as_bytes());
    let mac_key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let mac = hmac::sign(&mac_key, format!("{protected}.{payload}").as_bytes());
    json!({ "protected": protected, "payload": payload, "signature": base64url(mac.as_ref()) })
}

#[tokio::test]
async fn external_accounts() {
    let secret = [3; 32];
    let options = |key: String| SandboxOptions {
        policy: Policy {
            external_accounts: vec![ExternalAccount::new("kid-1", key)],
            ..Policy::default()
        },
        ..SandboxOptions::default()
    };
    let error = Sandbox::start(options("a+b".into())).await.err().unwrap();
    assert!(matches!(error, Error::ExternalAccountKey { .. }));
    let sandbox = Sandbox::start(options(base64url(&secret))).await.unwrap();
    let mut client = Client::new(&sandbox).await;
    assert_eq!(client.directory["meta"]["externalAccountRequired"], true);
    let answer = client.register(json!({ "termsOfServiceAgreed": true })).await;
    assert_eq!(answer.problem(), ("externalAccountRequired", 403));
    let (url, jwk) = (client.url("newAccount"), client.key.jwk.clone());
    let order_url = client.url("newOrder");
    let other = Key::es256().jwk;
    let with = |binding: &Value| json!({ "termsOfServiceAgreed": true, "externalAccountBinding": binding });
    for (wrong, expected) in [
        (json!("text"), ("malformed", 400)),
        (binding("kid-2", &secret, &url, &jwk), ("unauthorized", 403)),
        (binding("kid-1", &[4; 32], &url, &jwk), ("unauthorized", 403)),
        (binding("kid-1", &secret, &order_url, &jwk), ("malformed", 400)),
        (binding("kid-1", &secret, &url, &other), ("malformed", 400)),
    ] {
        assert_eq!(client.register(with(&wrong)).await.problem(), expected, "{wrong}");
    }
    let right = binding("kid-1", &secret, &url, &jwk);
    let created = client.register(with(&right)).await;
    assert_eq!((created.status, &created.body["externalAccountBinding"]), (201, &right));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn key_rollover() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let mut client = Client::registered(&sandbox).await;
    let other = Client::registered(&sandbox).await;
    let (url, kid) = (client.url("keyChange"), client.kid.clone().unwrap());
    let new_key = Key::es256();
    let request = |key: &Key, url: &str, account: &str, old_key: &Value| {
        let header = json!({ "alg": key.alg, "jwk": key.jwk, "url": url });
        let payload = json!({ "account": account, "oldKey": old_key });
        key.jws(&header, payload.to_string().as_bytes())
    };
    let old = client.key.jwk.clone();
    let mut forged = request(&new_key, &url, &kid, &old);
    forged["signature"] = base64url(&[1; 64]).into();
    for wrong in [
        json!({ "account": kid, "oldKey": old }),
        forged,
        request(&new_key, &kid, &kid, &old),
        request(&new_key, &url, &other.kid.clone().unwrap(), &old),
        request(&new_key, &url, &kid, &new_key.jwk),
    ] {
        assert_eq!(client.post(&url, wrong.clone()).await.problem(), ("malformed", 400), "{wrong}");
    }
    let taken = client.post(&url, request(&other.key, &url, &kid, &old)).await;
    assert_eq!((taken.status, &taken.location), (409, &other.kid));
    client.post(&url, request(&new_key, &url, &kid, &old)).await.ok();
    // From now on the old key is nobody's.
    assert_eq!(client.fetch(&kid).await.problem(), ("malformed", 400));
    client.key = new_key;
    client.fetch(&kid).await.ok();
    sandbox.shutdown().await;
}
