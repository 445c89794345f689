//! Whole issuances, and how many requests they take.

use std::time::Duration;

use serde_json::json;

use super::mock::{Behaviour, CHAIN, Server};
use crate::{Account, Authorization, Chain, Error, Identifier, NewOrder, Order, Status};

const LIMIT: Duration = Duration::from_secs(20);

fn order_for(names: &[String]) -> NewOrder {
    NewOrder::new(names.iter().map(Identifier::dns))
}

fn names(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("*.name-{number}.example")).collect()
}

async fn answered(account: &Account, names: &[String]) -> (Order, Vec<Authorization>) {
    let order = account.new_order(&order_for(names)).await.unwrap();
    let authorizations = account.authorizations(&order).await.unwrap();
    let challenges: Vec<_> =
        authorizations.iter().map(|one| one.challenge("dns-01").unwrap()).collect();
    account.answer(&challenges).await.unwrap();
    (order, authorizations)
}

pub(super) async fn issue(account: &Account, names: &[String]) -> Chain {
    let (order, authorizations) = answered(account, names).await;
    let got: Vec<_> = authorizations.iter().map(Authorization::name).collect();
    assert_eq!(got, names, "in the order's sequence");
    let order = account.wait_ready(&order, LIMIT).await.unwrap();
    let order = account.finalize(&order, b"csr").await.unwrap();
    let order = account.wait_valid(&order, LIMIT).await.unwrap();
    account.certificate(&order).await.unwrap()
}

#[tokio::test]
async fn one_name_takes_the_minimum_of_requests() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let account = server.account(&client).await;
    let chain = issue(&account, &names(1)).await;
    assert_eq!(chain.pem, CHAIN);
    assert_eq!(chain.alternates, [server.mock.url("certificate/0-other")]);
    assert_eq!(
        client.requests().to_string(),
        "9 requests: directory 1, newNonce 1, newAccount 1, newOrder 1, authorization 1, \
         challenge 1, order 1, finalize 1, certificate 1"
    );
    assert_eq!(account.alternate(&chain.alternates[0]).await.unwrap().pem, CHAIN);
}

#[tokio::test]
async fn fifty_names_take_the_minimum_of_requests() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let account = server.account(&client).await;
    issue(&account, &names(50)).await;
    assert_eq!(
        client.requests().to_string(),
        "107 requests: directory 1, newNonce 1, newAccount 1, newOrder 1, authorization 50, \
         challenge 50, order 1, finalize 1, certificate 1"
    );
}

#[tokio::test]
async fn with_a_ca_far_away_requests_run_side_by_side() {
    let latency = Duration::from_millis(60);
    let server = Server::start(Behaviour { latency, ..Behaviour::default() }).await;
    let client = server.client_with_patience(Duration::from_millis(5));
    let account = server.account(&client).await;
    let started = std::time::Instant::now();
    answered(&account, &names(16)).await;
    // In a row, these 33 requests would take two seconds.
    assert!(started.elapsed() < latency * 20, "{:?}", started.elapsed());
    let requests = client.requests();
    assert!(server.state().widest >= 4, "{} at once", server.state().widest);
    assert!((2..=8).contains(&requests.new_nonce), "{requests}");
    assert_eq!(requests.retries, 0, "no nonce is used twice");
}

#[tokio::test]
async fn a_ca_that_signs_later_is_polled() {
    let server = Server::start(Behaviour { signs_later: true, ..Behaviour::default() }).await;
    let client = server.client();
    let account = server.account(&client).await;
    assert_eq!(issue(&account, &names(1)).await.pem, CHAIN);
    assert_eq!(client.requests().order, 3, "one until ready, two until valid");
}

#[tokio::test]
async fn every_name_that_failed_is_reported_with_the_cas_words() {
    let behaviour =
        Behaviour { bad_names: vec!["*.name-1.example", "b.example"], ..Behaviour::default() };
    let server = Server::start(behaviour).await;
    let client = server.client();
    let account = server.account(&client).await;
    let mut names = names(3);
    names.push("b.example".to_owned());
    let (order, _) = answered(&account, &names).await;
    let error = account.wait_ready(&order, LIMIT).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the CA could not validate 2 identifiers\n  \
         `*.name-1.example`: dns: NXDOMAIN looking up TXT\n  \
         `b.example`: dns: NXDOMAIN looking up TXT"
    );
    assert_eq!(error.problem().unwrap().short_type(), "dns");
    assert_eq!(client.requests().order, 1, "what is invalid is not waited for");
    assert!(error.hint().is_some());
}

#[tokio::test]
async fn an_order_that_stays_pending_names_what_it_waits_for_and_can_be_given_up() {
    let server = Server::start(Behaviour { never_validates: true, ..Behaviour::default() }).await;
    let client = server.client();
    let account = server.account(&client).await;
    let (order, authorizations) = answered(&account, &names(1)).await;
    let error = account.wait_ready(&order, Duration::from_millis(300)).await.unwrap_err();
    assert!(matches!(error, Error::StillPending { .. }));
    assert!(error.to_string().contains("300 ms; not validated yet: `*.name-0.example`"), "{error}");

    account.deactivate_authorization(&authorizations[0].url).await.unwrap();
    let after = account.authorizations(&order).await.unwrap();
    assert_eq!(after[0].status, Status::Deactivated);
}

#[tokio::test]
async fn what_is_unknown_breaks_nothing() {
    let behaviour = Behaviour {
        odd: true,
        meta: json!({ "caaIdentities": 7, "website": [], "externalAccountRequired": 1 }),
        ..Behaviour::default()
    };
    let server = Server::start(behaviour).await;
    let client = server.client();
    let account = server.account(&client).await;
    assert!(client.directory().await.unwrap().renewal_info.is_some());
    let order = account.new_order(&order_for(&names(1))).await.unwrap();
    let authorization = account.authorizations(&order).await.unwrap().remove(0);
    let odd = authorization.challenge("telepathy-01").unwrap();
    assert_eq!(odd.status, Status::Unknown("dreaming".to_owned()));
    assert_eq!(odd.token, "");
    assert_eq!(issue(&account, &names(1)).await.pem, CHAIN);
}
