//! What orders can have besides names, and orders that are taken up again.

use std::time::Duration;

use serde_json::json;

use super::mock::{Behaviour, Fault, Server};
use crate::{Account, Chain, Error, Identifier, NewOrder, Status};

const LIMIT: Duration = Duration::from_secs(20);

fn one_name() -> NewOrder {
    NewOrder::new([Identifier::dns("a.example")])
}

#[tokio::test]
async fn a_profile_is_checked_before_anything_is_ordered() {
    let meta = json!({ "profiles": { "classic": "as ever", "tlsserver": "", "shortlived": "" } });
    let server = Server::start(Behaviour { meta, ..Behaviour::default() }).await;
    let client = server.client();
    let account = server.account(&client).await;
    let with = |profile: &str| NewOrder { profile: Some(profile.to_owned()), ..one_name() };
    let error = account.new_order(&with("tlssrever")).await.unwrap_err();
    assert_eq!(error.to_string(), "`tlssrever` is no profile that the CA offers");
    let hint = error.hint().unwrap();
    assert_eq!(hint, "did you mean `tlsserver`? There are classic, shortlived, tlsserver");
    assert_eq!(client.requests().new_order, 0);
    account.new_order(&with("tlsserver")).await.unwrap();

    let refusal = r#"{"type":"urn:ietf:params:acme:error:invalidProfile","detail":"not for you"}"#;
    server.fail("new-order", [Fault::Answer(400, "X", "y", refusal.to_owned())]);
    let error = account.new_order(&with("shortlived")).await.unwrap_err();
    assert!(error.hint().unwrap().contains("give another or none"), "{error}");
}

#[tokio::test]
async fn a_ca_without_profiles_says_so() {
    let server = Server::start(Behaviour::default()).await;
    let account = server.account(&server.client()).await;
    let new = NewOrder { profile: Some("classic".to_owned()), ..one_name() };
    let error = account.new_order(&new).await.unwrap_err();
    assert!(matches!(&error, Error::Unknown { known, .. } if known.is_empty()), "{error}");
    assert_eq!(error.hint().unwrap(), "there is none: leave it out");
}

#[tokio::test]
async fn dates_are_passed_on() {
    let server = Server::start(Behaviour::default()).await;
    let account = server.account(&server.client()).await;
    let mut new = one_name();
    new.not_before = Some("2030-01-01T00:00:00Z".to_owned());
    new.not_after = Some("2030-01-08T00:00:00Z".to_owned());
    account.new_order(&new).await.unwrap();
    let (_, _, payload) = server.state().posts.pop().unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    let expected = json!({
        "identifiers": [{ "type": "dns", "value": "a.example" }],
        "notBefore": "2030-01-01T00:00:00Z", "notAfter": "2030-01-08T00:00:00Z",
    });
    assert_eq!(payload, expected);
}

/// An order at each of its statuses, as a later run finds it by its URL.
#[tokio::test]
async fn an_order_is_taken_up_again_at_every_status() {
    let server = Server::start(Behaviour { signs_later: true, ..Behaviour::default() }).await;
    let client = server.client();
    let account = server.account(&client).await;
    let url = account.new_order(&one_name()).await.unwrap().url;
    // Each step by a client that knows nothing but key and URLs.
    let later = || server.client().account(account.key().clone(), account.url().clone());

    let order = later().order(&url).await.unwrap();
    assert_eq!(order.status, Status::Pending);
    let authorizations = later().authorizations(&order).await.unwrap();
    later().answer(&[authorizations[0].challenge("dns-01").unwrap()]).await.unwrap();

    let order = later().order(&url).await.unwrap();
    assert_eq!(order.status, Status::Ready);
    assert_eq!(order.identifiers, [Identifier::dns("a.example")]);
    later().finalize(&order, b"csr").await.unwrap();

    let order = later().order(&url).await.unwrap();
    assert_eq!(order.status, Status::Processing);
    later().wait_valid(&order, LIMIT).await.unwrap();

    let order = later().order(&url).await.unwrap();
    assert_eq!(order.status, Status::Valid);
    assert!(later().certificate(&order).await.is_ok());
}

#[tokio::test]
async fn an_order_that_is_gone_is_told_from_a_ca_that_is_busy() {
    let server = Server::start(Behaviour::default()).await;
    let account = server.account(&server.client()).await;
    let url = account.new_order(&one_name()).await.unwrap().url;
    let gone = r#"{"type":"urn:ietf:params:acme:error:malformed","detail":"it has expired"}"#;
    server.fail("order/0", [Fault::Answer(400, "X", "y", gone.to_owned())]);
    assert!(account.order(&url).await.unwrap_err().is_refusal());
    server.fail("order/0", [Fault::Answer(404, "X", "y", String::new())]);
    assert!(account.order(&url).await.unwrap_err().is_refusal());
    server.fail("order/0", [Fault::Answer(503, "Retry-After", "3600", String::new())]);
    let busy = account.order(&url).await.unwrap_err();
    assert!(!busy.is_refusal() && busy.is_rate_limited());
}

/// What CAs for organisation validation add to the resources of RFC 8555.
#[tokio::test]
async fn members_of_the_ca_s_own_break_nothing() {
    let server = Server::start(Behaviour::default()).await;
    let account = server.account(&server.client()).await;
    let (finalize, authorization) = (server.mock.at("finalize/0"), server.mock.at("a/0"));
    let body = json!({
        "status": "awaiting-approval", "finalize": finalize, "authorizations": [authorization],
        "orderId": 4711, "organization": { "id": 12, "units": ["IT", null] },
        "validityYears": 1.5, "profile": "ov", "notBefore": "2030-01-01T00:00:00Z",
        "identifiers": [{ "type": "dns", "value": "a.example", "approved": true }],
    });
    server.fail("order/0", [Fault::Answer(200, "X", "y", body.to_string())]);
    let order = account.order(&server.mock.url("order/0")).await.unwrap();
    assert_eq!(order.status, Status::Unknown("awaiting-approval".to_owned()));
    assert_eq!(order.identifiers, [Identifier::dns("a.example")]);
}

const LEAF: &str = include_str!("certificates/rfc9773.pem");

/// The mock's certificate with two alternates.
async fn issued(server: &Server) -> (Account, Chain) {
    let account = server.account(&server.client()).await;
    let old = format!("{LEAF}{}", include_str!("certificates/issued-by-old.pem"));
    let new = format!("{LEAF}{}", include_str!("certificates/issued-by-new.pem"));
    let root = format!("{old}{}", include_str!("certificates/root.pem"));
    let links = r#"</certificate/0-new>;rel="alternate", </certificate/0-root>;rel="alternate""#;
    server.fail("certificate/0", [Fault::Answer(200, "Link", links, old)]);
    server.fail("certificate/0-new", [Fault::Answer(200, "X", "y", new)]);
    server.fail("certificate/0-root", [Fault::Answer(200, "X", "y", root)]);
    let chain = account.alternate(&server.mock.url("certificate/0")).await.unwrap();
    assert_eq!(chain.alternates.len(), 2);
    (account, chain)
}

#[tokio::test]
async fn the_preferred_chain_is_the_one_whose_top_was_issued_by_the_name() {
    let downloads = [("Example Root Old", 0), ("Example Root New", 1), ("Example Root", 2)];
    for (name, downloads) in downloads {
        let server = Server::start(Behaviour::default()).await;
        let (account, chain) = issued(&server).await;
        let found = account.preferred(&chain, name).await.unwrap().unwrap();
        assert_eq!(found.top_issuer().as_deref(), Some(name));
        let posts = server.state().posts.len();
        // Faults are answers that the mock has not counted among its own.
        assert_eq!(posts, 1, "newAccount");
        let asked = account.core().transport.counters.snapshot().certificate;
        assert_eq!(asked, 1 + downloads, "no more alternates than needed");
    }
}

#[tokio::test]
async fn without_such_a_chain_there_is_no_preferred_one() {
    let server = Server::start(Behaviour::default()).await;
    let (account, chain) = issued(&server).await;
    // The issuer of the leaf is not that of the top.
    assert!(account.preferred(&chain, "Example Issuing CA").await.unwrap().is_none());
    let odd = Chain { pem: super::mock::CHAIN.to_owned(), alternates: vec![] };
    assert_eq!(odd.top_issuer(), None);
    assert!(account.preferred(&odd, "Example Root").await.unwrap().is_none());
}
