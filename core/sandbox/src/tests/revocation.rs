//! Revocation of certificates.

use serde_json::json;

use super::acme_client::Client;
use super::issuance::{csr, leaf, obtain, ready};
use crate::{Sandbox, SandboxOptions};
use rcgen::KeyPair;
use rustls::pki_types::PrivatePkcs8KeyDer;

#[tokio::test]
async fn by_the_account_that_has_it_and_once() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let certificate = obtain(&client, &sandbox, &["example.test"]).await;
    let url = client.url("revokeCert");
    let mut request = leaf(&client, &certificate).await;
    let stranger = Client::registered(&sandbox).await;
    assert_eq!(stranger.post(&url, request.clone()).await.problem(), ("unauthorized", 403));
    assert_eq!(stranger.fetch(&certificate).await.problem(), ("unauthorized", 403));
    request["reason"] = 7.into();
    assert_eq!(client.post(&url, request.clone()).await.problem(), ("badRevocationReason", 400));
    request["reason"] = 4.into();
    client.post(&url, request.clone()).await.ok();
    assert_eq!(client.post(&url, request).await.problem(), ("alreadyRevoked", 400));
    let unknown = client.post(&url, json!({ "certificate": "AAAA" })).await;
    assert_eq!(unknown.problem(), ("malformed", 404));
    let garbage = client.post(&url, json!({ "certificate": "?" })).await;
    assert_eq!(garbage.problem(), ("malformed", 400));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn by_an_account_authorized_for_all_names() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let owner = Client::registered(&sandbox).await;
    let names = ["a.example.test", "b.example.test"];
    let certificate = obtain(&owner, &sandbox, &names).await;
    let request = leaf(&owner, &certificate).await;
    let other = Client::registered(&sandbox).await;
    let url = other.url("revokeCert");
    ready(&other, &sandbox, &names[..1]).await;
    assert_eq!(other.post(&url, request.clone()).await.problem(), ("unauthorized", 403));
    ready(&other, &sandbox, &names[1..]).await;
    other.post(&url, request).await.ok();
    sandbox.shutdown().await;
}

#[tokio::test]
async fn by_the_key_of_the_certificate() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let owner = Client::registered(&sandbox).await;
    // A client without account; its key signs the CSR of the owner's order.
    let holder = Client::new(&sandbox).await;
    let order = ready(&owner, &sandbox, &["example.test"]).await;
    let key = PrivatePkcs8KeyDer::from(holder.key.pkcs8.clone());
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&key, &rcgen::PKCS_ECDSA_P256_SHA256).unwrap();
    let order = owner.finalize(&order, &csr(&["example.test"], &key)).await.ok().body;
    let request = leaf(&owner, order["certificate"].as_str().unwrap()).await;
    let url = holder.url("revokeCert");
    let stranger = Client::new(&sandbox).await;
    for (client, expected) in [(&stranger, ("unauthorized", 403)), (&holder, ("ok", 200))] {
        let jwk = client.key.jwk.clone();
        let answer = client.post_signed(&url, &request, |header| header["jwk"] = jwk).await;
        assert_eq!(answer.problem(), expected);
    }
    sandbox.shutdown().await;
}
