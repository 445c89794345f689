//! What a policy asks of accounts.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::accounts::binding;
use super::acme_client::{Client, base64url};
use super::issuance::{leaf, obtain};
use crate::{Contacts, ExternalAccount, Policy, Sandbox, SandboxOptions};

async fn start(policy: Policy) -> Sandbox {
    Sandbox::start(SandboxOptions { policy, ..SandboxOptions::default() }).await.unwrap()
}

fn contacts(contacts: &[&str]) -> Value {
    json!({ "termsOfServiceAgreed": true, "contact": contacts })
}

#[tokio::test]
async fn one_to_six_distinct_contacts() {
    let sandbox = start(Policy { contacts: Contacts::OneToSix, ..Policy::default() }).await;
    let mut client = Client::new(&sandbox).await;
    let seven: Vec<String> = (0..7).map(|i| format!("mailto:{i}@example.test")).collect();
    let seven: Vec<&str> = seven.iter().map(String::as_str).collect();
    for (wrong, expected) in [
        (contacts(&[]), "malformed"),
        (contacts(&seven), "malformed"),
        (contacts(&["mailto:a@example.test", "mailto:A@example.test"]), "malformed"),
        (contacts(&["mailto:a@example.test", "tel:+1"]), "unsupportedContact"),
        (contacts(&["mailto:a@example.test", "mailto:b"]), "invalidContact"),
    ] {
        assert_eq!(client.register(wrong.clone()).await.problem(), (expected, 400), "{wrong}");
    }
    assert_eq!(client.register(contacts(&seven[..6])).await.status, 201);
    let kid = client.kid.clone().unwrap();
    let refused = client.post(&kid, json!({ "status": "deactivated", "contact": [] })).await;
    assert_eq!(refused.problem(), ("malformed", 400));
    // Nothing of a request that is refused takes effect.
    assert_eq!(client.fetch(&kid).await.ok().body["contact"], json!(seven[..6]));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn without_terms_none_are_agreed_to() {
    let sandbox = start(Policy { terms_of_service: false, ..Policy::default() }).await;
    let mut client = Client::new(&sandbox).await;
    assert!(client.directory["meta"].get("termsOfService").is_none());
    assert_eq!(client.register(json!({})).await.status, 201);
    client.order(&["example.test"]).await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn several_external_accounts_one_of_them_expired() {
    let key = |octet| base64url(&[octet; 32]);
    let ended = SystemTime::now() - Duration::from_secs(60);
    let later = SystemTime::now() + Duration::from_secs(60);
    let external_accounts = vec![
        ExternalAccount { expires: Some(later), ..ExternalAccount::new("kid-1", key(1)) },
        ExternalAccount::new("kid-2", key(2)),
        ExternalAccount { expires: Some(ended), ..ExternalAccount::new("kid-3", key(3)) },
    ];
    let sandbox = start(Policy { external_accounts, ..Policy::default() }).await;
    for (kid, octet, expected) in [
        ("kid-1", 1, ("ok", 201)),
        ("kid-2", 2, ("ok", 201)),
        ("kid-2", 1, ("unauthorized", 403)),
        ("kid-3", 3, ("malformed", 400)),
        ("kid-3", 1, ("unauthorized", 403)),
    ] {
        let mut client = Client::new(&sandbox).await;
        let binding = binding(kid, &[octet; 32], &client.url("newAccount"), &client.key.jwk);
        let request = json!({ "termsOfServiceAgreed": true, "externalAccountBinding": binding });
        assert_eq!(client.register(request).await.problem(), expected, "{kid} {octet}");
    }
    assert!(!format!("{:?}", ExternalAccount::new("kid", "secret")).contains("secret"));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn only_some_reasons_may_be_given() {
    let sandbox = start(Policy::default()).await;
    let client = Client::registered(&sandbox).await;
    let url = client.url("revokeCert");
    for reason in 0..=11 {
        let certificate = obtain(&client, &sandbox, &["example.test"]).await;
        let mut request = leaf(&client, &certificate).await;
        request["reason"] = reason.into();
        let expected = match reason {
            0 | 1 | 3 | 4 | 5 => ("ok", 200),
            _ => ("badRevocationReason", 400),
        };
        assert_eq!(client.post(&url, request).await.problem(), expected, "{reason}");
    }
    sandbox.shutdown().await;
}
