//! Accounts: new, found again, bound to another.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::mock::{Behaviour, Fault, Server};
use crate::{
    AccountKey, Error, ExternalAccount, KeyAlgorithm, MacAlgorithm, NewAccount, Secret, Status,
};

fn key() -> AccountKey {
    AccountKey::generate(KeyAlgorithm::Es256).unwrap()
}

fn agreed() -> NewAccount {
    NewAccount { terms_agreed: true, ..NewAccount::default() }
}

#[tokio::test]
async fn an_account_is_made_once_and_found_again() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let key = key();
    let missing = client.find_account(key.clone()).await.unwrap_err();
    assert_eq!(missing.problem().unwrap().short_type(), "accountDoesNotExist");

    let contacts = vec!["a@example.com".to_owned(), "mailto:b@example.com".to_owned()];
    let new = NewAccount { contacts, ..agreed() };
    let made = client.register(key.clone(), new).await.unwrap();
    assert_eq!(made.contacts(), ["mailto:a@example.com", "mailto:b@example.com"]);
    assert_eq!(made.status(), Some(&Status::Valid));

    let again = client.register(key.clone(), agreed()).await.unwrap();
    let found = client.find_account(key.clone()).await.unwrap();
    let known = client.account(key, made.url().clone());
    assert_eq!([again.url(), found.url(), known.url()], [made.url(); 3]);
    assert_eq!(known.status(), None);
    let payloads: Vec<Value> = server
        .state()
        .posts
        .iter()
        .map(|(_, _, payload)| serde_json::from_slice(payload).unwrap())
        .collect();
    assert_eq!(payloads[0], json!({ "onlyReturnExisting": true }));
    assert_eq!(payloads[2], json!({ "termsOfServiceAgreed": true }));
}

#[tokio::test]
async fn terms_must_be_agreed_to_before_anything_is_sent() {
    let meta = json!({ "termsOfService": "https://ca.example/terms" });
    let server = Server::start(Behaviour { meta, ..Behaviour::default() }).await;
    let client = server.client();
    let error = client.register(key(), NewAccount::default()).await.unwrap_err();
    assert!(matches!(&error, Error::TermsNotAgreed { terms } if terms.ends_with("/terms")));
    assert_eq!(client.requests().total(), 1);
    assert!(client.register(key(), agreed()).await.is_ok());
}

#[tokio::test]
async fn an_external_account_is_bound_by_its_hmac() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    // Bytes whose base64 differs between the two alphabets, and needs padding.
    let secret = [0xfb_u8, 0xef, 0xff, 0xfe, 7, 0, 1];
    let padded = format!(" {}\n", STANDARD.encode(secret));
    let texts = [URL_SAFE_NO_PAD.encode(secret), padded];
    let algorithms = [
        (MacAlgorithm::Hs256, hmac::HMAC_SHA256),
        (MacAlgorithm::Hs384, hmac::HMAC_SHA384),
        (MacAlgorithm::Hs512, hmac::HMAC_SHA512),
    ];
    for (text, (algorithm, mac)) in texts.iter().cycle().zip(algorithms) {
        let mut external = ExternalAccount::new("kid-1", Secret::new(text));
        external.algorithm = algorithm;
        let new = NewAccount { external: Some(external), ..agreed() };
        client.register(key(), new).await.unwrap();

        let (_, outer, payload) = server.state().posts.pop().unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        let jws = &payload["externalAccountBinding"];
        let text = |name: &str| jws[name].as_str().unwrap();
        let part = |name: &str| URL_SAFE_NO_PAD.decode(text(name)).unwrap();
        let signed = format!("{}.{}", text("protected"), text("payload"));
        let mac_key = hmac::Key::new(mac, &secret);
        hmac::verify(&mac_key, signed.as_bytes(), &part("signature")).unwrap();
        let protected: Value = serde_json::from_slice(&part("protected")).unwrap();
        let url = server.mock.url("new-account").to_string();
        let expected = json!({ "alg": algorithm.as_str(), "kid": "kid-1", "url": url });
        assert_eq!(protected, expected, "no nonce, and the outer URL");
        let bound: Value = serde_json::from_slice(&part("payload")).unwrap();
        assert_eq!(bound, outer["jwk"]);
    }
}

#[tokio::test]
async fn a_broken_hmac_key_is_named_without_being_shown() {
    let server = Server::start(Behaviour::default()).await;
    for text in ["not*base64!", ""] {
        let external = ExternalAccount::new("kid-1", Secret::from(text));
        let new = NewAccount { external: Some(external), ..agreed() };
        let error = server.client().register(key(), new).await.unwrap_err();
        assert!(error.to_string().contains("`kid-1`"), "{error}");
        assert!(!error.to_string().contains("not*base64"), "{error}");
        assert!(error.hint().is_some());
    }
}

#[tokio::test]
async fn an_account_is_looked_at_and_its_contacts_are_replaced() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let external = Some(ExternalAccount::new("kid-1", Secret::from("c2VjcmV0")));
    let contacts = vec!["a@example.com".to_owned()];
    let made = client.register(key(), NewAccount { external, contacts, ..agreed() }).await.unwrap();
    let known = client.account(made.key().clone(), made.url().clone());
    assert_eq!((known.terms_agreed(), known.orders_url()), (None, None));

    let shown = known.refresh().await.unwrap();
    assert_eq!(shown.url(), made.url());
    assert_eq!(shown.status(), Some(&Status::Valid));
    assert_eq!(shown.contacts(), ["mailto:a@example.com"]);
    assert_eq!(shown.terms_agreed(), Some(true));
    assert_eq!(shown.orders_url(), Some(server.mock.url("orders").as_str()));
    assert!(shown.is_externally_bound());
    assert!(server.state().posts.pop().unwrap().2.is_empty(), "a POST-as-GET");

    let two = ["b@example.com", "mailto:c@example.com"].map(str::to_owned);
    let updated = known.update(&two).await.unwrap();
    assert_eq!(updated.contacts(), ["mailto:b@example.com", "mailto:c@example.com"]);
    assert_eq!(known.update(&[]).await.unwrap().contacts(), [""; 0]);
    assert_eq!(server.state().posts.pop().unwrap().2, br#"{"contact":[]}"#);
    assert_eq!(client.requests().account, 3);
}

#[tokio::test]
async fn a_contact_that_the_ca_refuses_is_an_error() {
    let server = Server::start(Behaviour::default()).await;
    let account = server.account(&server.client()).await;
    let refusal = r#"{"type":"urn:ietf:params:acme:error:unsupportedContact","detail":"no tel:"}"#;
    server.fail("account/0", [Fault::Answer(400, "X", "y", refusal.to_owned())]);
    let error = account.update(&["tel:+12025551212".to_owned()]).await.unwrap_err();
    assert!(error.is_problem("unsupportedContact"), "{error}");
    assert!(error.to_string().starts_with("the CA refused account at"), "{error}");
}

#[tokio::test]
async fn an_account_is_given_up_once() {
    let server = Server::start(Behaviour::default()).await;
    let account = server.account(&server.client()).await;
    account.deactivate().await.unwrap();
    let refused = account.refresh().await.unwrap_err();
    assert!(refused.is_problem("unauthorized"), "{refused}");
    assert_eq!(refused.status(), Some(401));
    assert!(account.deactivate().await.unwrap_err().is_problem("unauthorized"));
}

#[tokio::test]
async fn a_lost_answer_to_a_deactivation_does_no_harm() {
    let server = Server::start(Behaviour::default()).await;
    let account = server.account(&server.client()).await;
    server.fail("account/0", [Fault::Lost]);
    account.deactivate().await.unwrap();
    assert!(server.state().accounts[0].deactivated);
}

/// Two keys: who signs with one that is not the account's gets `unauthorized` too.
#[tokio::test]
async fn a_refusal_without_a_lost_answer_is_no_deactivation() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let account = server.account(&client).await;
    let stranger = client.account(key(), account.url().clone());
    assert!(stranger.deactivate().await.unwrap_err().is_problem("unauthorized"));
    assert!(!server.state().accounts[0].deactivated);
}
