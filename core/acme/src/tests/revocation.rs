//! Revocation, by the account and by the certificate's own key.

use serde_json::{Value, json};

use super::mock::{Behaviour, Fault, Server};
use crate::jws::base64url;
use crate::{AccountKey, AccountKeyType, RevocationReason};

const CERTIFICATE_KEYS: [AccountKeyType; 4] = [
    AccountKeyType::Ec256,
    AccountKeyType::Ec384,
    AccountKeyType::Rsa2048,
    AccountKeyType::Ed25519,
];

#[tokio::test]
async fn an_account_revokes_with_or_without_a_reason() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let account = server.account(&client).await;
    account.revoke(b"one", None).await.unwrap();
    account.revoke(b"two", Some(RevocationReason::Superseded)).await.unwrap();
    let expected = [(json!(base64url(b"one")), Value::Null), (json!(base64url(b"two")), json!(4))];
    assert_eq!(server.state().revoked, expected);
    assert_eq!(client.requests().revoke_cert, 2);

    let again = account.revoke(b"one", None).await.unwrap_err();
    assert!(again.is_problem("alreadyRevoked"), "{again}");
    assert!(again.hint().is_some());
    let hold = account.revoke(b"three", Some(RevocationReason::CertificateHold)).await;
    assert!(hold.unwrap_err().hint().unwrap().contains("another one or none"));
}

#[tokio::test]
async fn a_certificate_s_own_key_revokes_without_an_account() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    for (number, kind) in CERTIFICATE_KEYS.into_iter().enumerate() {
        // As it is in the PEM file beside the certificate.
        let pem = AccountKey::generate(kind).unwrap().to_pem();
        let key = AccountKey::from_pem(pem.expose()).unwrap();
        let reason = Some(RevocationReason::KeyCompromise);
        client.revoke_with_key(&key, &[number as u8], reason).await.unwrap();
        let (_, protected, _) = server.state().posts.pop().unwrap();
        assert!(protected["kid"].is_null());
        assert_eq!(protected["jwk"], serde_json::to_value(key.jwk()).unwrap());
    }
    assert_eq!(server.state().revoked.len(), CERTIFICATE_KEYS.len());
    assert_eq!(client.requests().new_account, 0);
}

#[tokio::test]
async fn a_lost_answer_to_a_revocation_does_no_harm() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let account = server.account(&client).await;
    server.fail("revoke-cert", [Fault::Lost]);
    account.revoke(b"one", None).await.unwrap();
    server.fail("revoke-cert", [Fault::Lost]);
    let key = AccountKey::generate(AccountKeyType::Ec256).unwrap();
    client.revoke_with_key(&key, b"two", None).await.unwrap();
    assert_eq!(server.state().revoked.len(), 2);
    assert_eq!(client.requests().retries, 2);
}
