//! CAA records, looked up as for any CA.

use serde_json::Value;

use super::acme_client::Client;
use super::dns_client::{cname, txt, update};
use crate::{Sandbox, SandboxOptions};

const ZONE: &str = "example.test.";

/// Proves control of a name; returns the type of the error, or the status.
async fn outcome(client: &Client, sandbox: &Sandbox, name: &str) -> String {
    let order = client.order(&[name]).await;
    let authorization = client.authorizations(&order).await.remove(0);
    let (_, value) = client.challenge(&authorization, "dns-01");
    let owner = format!("_acme-challenge.{}.", name.trim_start_matches("*."));
    update(sandbox, ZONE, vec![txt(&owner, &value)]).await;
    let decided = client.answer(&authorization).await;
    match &decided["challenges"][0]["error"] {
        Value::Null => decided["status"].as_str().unwrap().to_owned(),
        error => {
            assert_eq!(error["status"], 403, "{error}");
            assert_eq!(error["identifier"]["value"], name);
            error["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned()
        }
    }
}

#[tokio::test]
async fn the_nearest_records_decide() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    assert_eq!(client.directory["meta"]["caaIdentities"][0], "sandbox.test");
    assert!(sandbox.add_caa("example.test.", 0, "issue", "other.test"));
    assert!(sandbox.add_caa("ours.example.test.", 0, "issue", "sandbox.test"));
    assert!(!sandbox.add_caa("example.org.", 0, "issue", "sandbox.test"));
    assert_eq!(outcome(&client, &sandbox, "example.test").await, "caa");
    assert_eq!(outcome(&client, &sandbox, "a.b.example.test").await, "caa");
    assert_eq!(outcome(&client, &sandbox, "ours.example.test").await, "valid");
    assert_eq!(outcome(&client, &sandbox, "a.ours.example.test").await, "valid");
    // Behind an alias are the records of its target (RFC 8659 §3).
    update(&sandbox, ZONE, vec![cname("alias.example.test.", "ours.example.test.")]).await;
    assert_eq!(outcome(&client, &sandbox, "alias.example.test").await, "valid");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn wildcards_have_records_of_their_own() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    sandbox.add_caa("example.test.", 0, "issue", "sandbox.test");
    assert_eq!(outcome(&client, &sandbox, "*.example.test").await, "valid");
    sandbox.add_caa("example.test.", 0, "issuewild", ";");
    assert_eq!(outcome(&client, &sandbox, "*.example.test").await, "caa");
    assert_eq!(outcome(&client, &sandbox, "example.test").await, "valid");
    sandbox.add_caa("example.test.", 128, "future", "x");
    assert_eq!(outcome(&client, &sandbox, "example.test").await, "caa");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn accounts_and_methods_can_be_named() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let other = Client::registered(&sandbox).await;
    let account = format!("sandbox.test; accounturi={}", client.kid.as_deref().unwrap());
    sandbox.add_caa("example.test.", 0, "issue", &account);
    assert_eq!(outcome(&client, &sandbox, "example.test").await, "valid");
    assert_eq!(outcome(&other, &sandbox, "example.test").await, "caa");
    let method = "sandbox.test; validationmethods=http-01";
    sandbox.add_caa("a.example.test.", 0, "issue", method);
    assert_eq!(outcome(&client, &sandbox, "a.example.test").await, "caa");
    sandbox.shutdown().await;
}
