//! Changes of an account's key, and what is left when one is interrupted.

use super::mock::{Behaviour, Fault, Server};
use crate::{AccountKey, AccountKeyType, Client, Error, Status};

fn key() -> AccountKey {
    AccountKey::generate(AccountKeyType::Ec256).unwrap()
}

fn gateway_timeout() -> Fault {
    Fault::Answer(504, "Retry-After", "0", "<html>gateway</html>".to_owned())
}

/// Which of two keys the CA takes for an account: what is asked after an interruption.
async fn is_known(client: &Client, key: &AccountKey) -> bool {
    match client.find_account(key.clone()).await {
        Ok(_) => true,
        Err(error) if error.is_problem("accountDoesNotExist") => false,
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test]
async fn keys_of_several_types_follow_one_another() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let mut account = server.account(&client).await;
    let kinds = [AccountKeyType::Rsa2048, AccountKeyType::Ec384, AccountKeyType::Ed25519];
    for kind in kinds {
        let (old, new) = (account.key().clone(), AccountKey::generate(kind).unwrap());
        let changed = account.change_key(new.clone()).await.unwrap();
        assert_eq!(changed.url(), account.url());
        assert_eq!(changed.key().thumbprint(), new.thumbprint());
        assert_eq!(changed.refresh().await.unwrap().status(), Some(&Status::Valid));
        assert!(account.refresh().await.unwrap_err().is_problem("unauthorized"));
        assert!(is_known(&client, &new).await && !is_known(&client, &old).await);
        account = changed;
    }
    assert_eq!(client.requests().key_change, 3);
}

#[tokio::test]
async fn a_lost_answer_to_a_change_of_keys_does_no_harm() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let account = server.account(&client).await;
    server.fail("key-change", [Fault::Lost]);
    let changed = account.change_key(key()).await.unwrap();
    assert!(changed.refresh().await.is_ok());
    assert_eq!(client.requests().retries, 1);
}

#[tokio::test]
async fn after_a_lost_answer_and_an_outage_the_ca_is_asked_which_key_it_has() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let account = server.account(&client).await;
    // The first try is carried out; the others never arrive.
    let outage = std::iter::repeat_n(gateway_timeout(), 4);
    server.fail("key-change", std::iter::once(Fault::Lost).chain(outage));
    let changed = account.change_key(key()).await.unwrap();
    assert!(changed.refresh().await.is_ok());

    // None arrives: the old key stays, and the error says what happened.
    server.fail("key-change", std::iter::repeat_n(gateway_timeout(), 5));
    let new = key();
    let error = changed.change_key(new.clone()).await.unwrap_err();
    assert_eq!(error.status(), Some(504), "{error}");
    assert!(!error.is_refusal());
    assert!(changed.refresh().await.is_ok());
    assert!(!is_known(&client, &new).await);
}

#[tokio::test]
async fn a_key_that_has_an_account_is_refused_and_the_account_is_named() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let (account, other) = (server.account(&client).await, server.account(&client).await);
    let error = account.change_key(other.key().clone()).await.unwrap_err();
    assert!(matches!(&error, Error::KeyInUse { account } if account == other.url()), "{error}");
    assert!(error.is_refusal());
    assert!(error.to_string().contains("account/1"), "{error}");
    assert!(account.refresh().await.is_ok());

    let own = account.change_key(account.key().clone()).await.unwrap_err();
    assert!(matches!(own, Error::Key { .. }), "{own}");
    assert_eq!(client.requests().key_change, 1);
}

/// Pebble says `serverInternal` where RFC 8555 wants 409 with the account's URL.
#[tokio::test]
async fn the_account_of_a_key_in_use_is_found_out_where_the_ca_does_not_name_it() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let (account, other) = (server.account(&client).await, server.account(&client).await);
    let refusal = r#"{"type":"urn:ietf:params:acme:error:serverInternal","detail":"in use"}"#;
    server.fail("key-change", [Fault::Answer(500, "X", "y", refusal.to_owned())]);
    let error = account.change_key(other.key().clone()).await.unwrap_err();
    assert!(matches!(&error, Error::KeyInUse { account } if account == other.url()), "{error}");
    server.fail("key-change", [Fault::Answer(500, "X", "y", refusal.to_owned())]);
    let error = account.change_key(key()).await.unwrap_err();
    assert!(error.is_problem("serverInternal"), "{error}");
}

/// The last run stopped between the answer and the switch: the old key is still taken for the
/// account's.
#[tokio::test]
async fn a_change_that_was_made_already_is_found_out() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let account = server.account(&client).await;
    let new = key();
    account.change_key(new.clone()).await.unwrap();
    assert!(is_known(&client, &new).await);
    assert!(!is_known(&client, account.key()).await);
    assert!(account.change_key(key()).await.unwrap_err().is_problem("unauthorized"));
}

#[tokio::test]
async fn a_ca_without_key_change_says_so() {
    let server = Server::start(Behaviour::default()).await;
    let directory = r#"{"newNonce":"/nonce","newAccount":"/new-account","newOrder":"/new-order"}"#;
    server.fail("dir", [Fault::Answer(200, "X", "y", directory.to_owned())]);
    let client = server.client();
    let account = server.account(&client).await;
    let error = account.change_key(key()).await.unwrap_err();
    assert!(error.to_string().starts_with("the CA offers no keyChange"), "{error}");
    assert!(error.hint().unwrap().contains("register another account"));
    let error = account.revoke(b"certificate", None).await.unwrap_err();
    assert!(error.to_string().starts_with("the CA offers no revokeCert"), "{error}");
    assert!(error.hint().is_some());
    assert_eq!(client.renewal_info("a.b").await.unwrap(), None);
}
