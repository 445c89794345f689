//! Validation of challenges.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::acme_client::Client;
use super::dns_client::{cname, txt, update};
use crate::{Error, Sandbox, SandboxOptions};

const OWNER: &str = "_acme-challenge.example.test.";
const ZONE: &str = "example.test.";

/// Orders a name and answers its challenge after records are put up; returns the authorization.
async fn attempt(sandbox: &Sandbox, name: &str, kind: &str) -> (Value, Value) {
    let client = Client::registered(sandbox).await;
    let order = client.order(&[name]).await;
    let authorization = client.authorizations(&order).await.remove(0);
    let (url, _) = client.challenge(&authorization, kind);
    let decided = client.answer_challenge(&url, &authorization).await;
    let order = client.fetch(order["url"].as_str().unwrap()).await.ok().body;
    (decided, order)
}

fn error(authorization: &Value) -> (&str, u64, &str) {
    let error = &authorization["challenges"][0]["error"];
    let kind = error["type"].as_str().unwrap().rsplit(':').next().unwrap();
    (kind, error["status"].as_u64().unwrap(), error["detail"].as_str().unwrap())
}

#[tokio::test]
async fn failures_say_what_was_found() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let (decided, order) = attempt(&sandbox, "example.test", "dns-01").await;
    assert_eq!((&decided["status"], &order["status"]), (&json!("invalid"), &json!("invalid")));
    assert!(matches!(error(&decided), ("dns", 400, detail) if detail.contains("Non-Existent")));
    assert_eq!(order["error"], decided["challenges"][0]["error"]);

    update(&sandbox, ZONE, vec![cname(OWNER, "ns1.example.test.")]).await;
    let (decided, _) = attempt(&sandbox, "example.test", "dns-01").await;
    assert!(
        matches!(error(&decided), ("unauthorized", 403, detail) if detail.contains(OWNER.trim_end_matches('.')))
    );

    update(&sandbox, ZONE, vec![txt("_acme-challenge.a.example.test.", "wrong")]).await;
    let (decided, _) = attempt(&sandbox, "*.a.example.test", "dns-01").await;
    assert!(matches!(error(&decided), ("unauthorized", 403, detail) if detail.contains("`wrong`")));

    let (decided, _) = attempt(&sandbox, "example.org", "dns-01").await;
    assert!(matches!(error(&decided), ("dns", 400, detail) if detail.contains("no resolver")));

    let (decided, _) = attempt(&sandbox, "example.test", "http-01").await;
    assert!(matches!(error(&decided), ("connection", 400, _)));
    assert_eq!(decided["challenges"].as_array().unwrap().len(), 1);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_delegated_name_and_a_foreign_value_beside_ours() {
    let zones = vec!["example.test.".into(), "child.example.test.".into()];
    let options = SandboxOptions { zones, ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let order = client.order(&["example.test"]).await;
    let authorization = client.authorizations(&order).await.remove(0);
    let (_, value) = client.challenge(&authorization, "dns-01");
    let target = "proof.child.example.test.";
    update(&sandbox, ZONE, vec![cname(OWNER, target)]).await;
    let records = vec![txt(target, "foreign"), txt(target, &value)];
    update(&sandbox, "child.example.test.", records).await;
    assert_eq!(client.answer(&authorization).await["status"], "valid");
    sandbox.shutdown().await;
}

#[tokio::test]
async fn names_elsewhere_are_asked_of_the_resolver() {
    let zones = vec!["example.org.".into()];
    let options = SandboxOptions { zones, ..SandboxOptions::default() };
    let elsewhere = Sandbox::start(options).await.unwrap();
    let resolver = Some(elsewhere.dns_addr());
    let options = SandboxOptions { resolver, ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let order = client.order(&["example.org", "example.test"]).await;
    let target = "_acme-challenge.example.org.";
    // One name lives there, the other's CNAME leads there.
    update(&sandbox, ZONE, vec![cname(OWNER, target)]).await;
    for authorization in client.authorizations(&order).await {
        let (_, value) = client.challenge(&authorization, "dns-01");
        update(&elsewhere, "example.org.", vec![txt(target, &value)]).await;
        assert_eq!(client.answer(&authorization).await["status"], "valid");
    }
    elsewhere.shutdown().await;
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_slow_resolver_makes_clients_wait() {
    let silent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let resolver = Some(silent.local_addr().unwrap());
    let options = SandboxOptions { resolver, ..SandboxOptions::default() };
    let sandbox = Sandbox::start(options).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let order = client.order(&["example.org"]).await;
    let authorization = client.authorizations(&order).await.remove(0);
    let (challenge, _) = client.challenge(&authorization, "dns-01");
    let begun = client.post(&challenge, json!({})).await.ok();
    assert_eq!((&begun.body["status"], begun.retry_after), (&json!("processing"), None));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    // Told again, it goes on with what it has begun.
    client.post(&challenge, json!({})).await.ok();
    let waiting = client.fetch(authorization["url"].as_str().unwrap()).await.ok();
    assert_eq!(waiting.retry_after.as_deref(), Some("1"));
    assert_eq!(waiting.body["status"], "pending");
    // A validation under way keeps nothing from ending.
    let begun = Instant::now();
    sandbox.shutdown().await;
    assert!(begun.elapsed() < Duration::from_millis(900));

    let resolver = Some("127.0.0.1:0".parse().unwrap());
    let options = SandboxOptions { resolver, ..SandboxOptions::default() };
    assert!(matches!(Sandbox::start(options).await, Err(Error::Resolver(_))));
}

#[tokio::test]
async fn deactivated_and_decided_authorizations() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let order = client.order(&["example.test"]).await;
    let authorization = client.authorizations(&order).await.remove(0);
    let url = authorization["url"].as_str().unwrap();
    let (challenge, _) = client.challenge(&authorization, "dns-01");
    for wrong in [json!([]), json!("text")] {
        assert_eq!(client.post(&challenge, wrong).await.problem(), ("malformed", 400));
    }
    let wrong = client.post(url, json!({ "status": "valid" })).await;
    assert_eq!(wrong.problem(), ("malformed", 400));
    // POST-as-GET of a challenge begins nothing.
    let shown = client.fetch(&challenge).await.ok();
    assert_eq!(shown.body["status"], "pending");
    assert!(shown.links.iter().any(|link| link.contains(url) && link.contains("\"up\"")));

    let gone = client.post(url, json!({ "status": "deactivated" })).await.ok();
    assert_eq!(gone.body["status"], "deactivated");
    let again = client.post(url, json!({ "status": "deactivated" })).await;
    assert_eq!(again.problem(), ("malformed", 400));
    assert_eq!(client.post(&challenge, json!({})).await.problem(), ("malformed", 400));
    let order = client.fetch(order["url"].as_str().unwrap()).await.ok().body;
    assert_eq!(order["status"], "invalid");
    let finalize = client.finalize(&order, b"").await;
    assert_eq!(finalize.problem(), ("orderNotReady", 403));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn nothing_listens_after_the_end() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let dns = sandbox.dns_addr();
    let port = sandbox.directory_url().rsplit(':').next().unwrap().trim_end_matches("/dir");
    let acme = ("127.0.0.1", port.parse::<u16>().unwrap());
    tokio::net::TcpStream::connect(acme).await.unwrap();
    // The client's connection is idle and kept alive; that must not keep the server.
    sandbox.shutdown().await;
    drop(client);
    for address in [acme, ("127.0.0.1", dns.port())] {
        assert!(tokio::net::TcpStream::connect(address).await.is_err(), "{address:?}");
        tokio::net::UdpSocket::bind(address).await.unwrap();
    }
}

#[tokio::test]
async fn dropping_it_ends_it() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let (dns, directory) = (sandbox.dns_addr(), sandbox.directory_url().to_owned());
    drop(sandbox);
    let deadline = Instant::now() + Duration::from_secs(5);
    while tokio::net::TcpStream::connect(dns).await.is_ok() || client.reaches(&directory).await {
        assert!(Instant::now() < deadline);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
