//! CAs and networks that misbehave.

use std::time::Duration;

use super::issuance::issue;
use super::mock::{Behaviour, CHAIN, Fault, Server};
use crate::{Client, ClientOptions, Error, Identifier, NewOrder, directory_url};

const RATE_LIMITED: &str = r#"{"type":"urn:ietf:params:acme:error:rateLimited",
    "detail":"too many certificates already issued"}"#;

fn busy(retry_after: &'static str) -> Fault {
    Fault::Answer(503, "Retry-After", retry_after, "<html>busy</html>".to_owned())
}

fn one_name() -> Vec<String> {
    vec!["a.example".to_owned()]
}

#[tokio::test]
async fn a_ca_that_refuses_nine_of_ten_nonces_still_issues() {
    let server = Server::start(Behaviour { refuses_nonces: true, ..Behaviour::default() }).await;
    let client = server.client();
    let account = server.account(&client).await;
    let names: Vec<_> = (0..10).map(|number| format!("n{number}.example")).collect();
    assert_eq!(issue(&account, &names).await.pem, CHAIN);
    let requests = client.requests();
    assert!(requests.retries > 100, "{requests}");
    assert_eq!(requests.new_nonce, 1, "every refusal brings the nonce for the next try");
}

#[tokio::test]
async fn busy_servers_are_asked_again_when_they_say() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    server.fail("dir", [busy("0")]);
    server.fail("nonce", [busy("0")]);
    let account = server.account(&client).await;
    server.fail("new-order", [busy("1"), Fault::Answer(429, "X", "y", RATE_LIMITED.to_owned())]);
    let started = std::time::Instant::now();
    issue(&account, &one_name()).await;
    assert!(started.elapsed() >= Duration::from_millis(1500), "1 s as asked, 0.5 s of our own");
    assert_eq!(client.requests().retries, 4);
}

#[tokio::test]
async fn a_server_that_stays_busy_ends_in_an_error() {
    let server = Server::start(Behaviour::default()).await;
    server.fail("dir", std::iter::repeat_n(busy("0"), 5));
    let client = server.client();
    let error = client.directory().await.unwrap_err();
    assert!(matches!(error, Error::Status { status: 503, .. }), "{error}");
    assert_eq!(client.requests().retries, 4);
    assert!(client.directory().await.is_ok(), "a later call starts anew");
}

#[tokio::test]
async fn a_long_rate_limit_comes_back_at_once_and_says_until_when() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let account = server.account(&client).await;
    server.fail("new-order", [Fault::Answer(429, "Retry-After", "7260", RATE_LIMITED.to_owned())]);
    let new = NewOrder::new([Identifier::dns("a.example")]);
    let error = account.new_order(&new).await.unwrap_err();
    assert_eq!(error.problem().unwrap().short_type(), "rateLimited");
    assert_eq!(error.problem().unwrap().status, Some(429));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7260)));
    assert!(error.to_string().ends_with("it may be asked again in 2 h 1 min"), "{error}");
    assert!(error.hint().unwrap().contains("staging"));
    assert_eq!(client.requests().retries, 0);
}

#[tokio::test]
async fn lost_answers_do_no_harm() {
    let server = Server::start(Behaviour { signs_later: true, ..Behaviour::default() }).await;
    let client = server.client();
    server.fail("dir", [Fault::Lost]);
    server.fail("new-account", [Fault::Lost]);
    let account = server.account(&client).await;
    server.fail("new-order", [Fault::Lost]);
    // The first newOrder got through: the order in use is the second.
    for path in ["authorization/1-0", "challenge/1-0", "order/1", "finalize/1", "certificate/1"] {
        server.fail(path, [Fault::Lost]);
    }
    assert_eq!(issue(&account, &one_name()).await.pem, CHAIN);
    assert_eq!(client.requests().retries, 8);
}

#[tokio::test]
async fn a_refused_challenge_that_is_still_open_is_an_error() {
    let server = Server::start(Behaviour::default()).await;
    let account = server.account(&server.client()).await;
    let order = account.new_order(&NewOrder::new([Identifier::dns("a.example")])).await.unwrap();
    let authorizations = account.authorizations(&order).await.unwrap();
    let refusal = r#"{"type":"urn:ietf:params:acme:error:caa","detail":"no","subproblems":[
        {"type":"urn:ietf:params:acme:error:caa",
         "identifier":{"type":"dns","value":"a.example"}}]}"#;
    server.fail("challenge/0-0", [Fault::Answer(403, "X", "y", refusal.to_owned())]);
    let challenge = authorizations[0].challenge("dns-01").unwrap();
    let error = account.answer(&[challenge]).await.unwrap_err();
    assert!(error.to_string().ends_with("caa: no\n  `a.example`: caa"), "{error}");
}

#[tokio::test]
async fn finalizing_too_early_is_an_error() {
    let server = Server::start(Behaviour::default()).await;
    let account = server.account(&server.client()).await;
    let order = account.new_order(&NewOrder::new([Identifier::dns("a.example")])).await.unwrap();
    let error = account.finalize(&order, b"csr").await.unwrap_err();
    assert_eq!(error.problem().unwrap().short_type(), "orderNotReady");
    assert!(matches!(account.certificate(&order).await, Err(Error::Order { .. })));
}

#[tokio::test]
async fn what_is_no_directory_is_named() {
    let server = Server::start(Behaviour::default()).await;
    let html = || "<html>hello</html>".to_owned();
    let answers = [
        (
            Fault::Answer(200, "Content-Type", "text/html", html()),
            "it answered text/html, not JSON",
        ),
        (Fault::Answer(404, "X", "y", html()), "it answered HTTP status 404"),
        (
            Fault::Answer(200, "X", "y", r#"{"newNonce":"/n","newAccount":"/a"}"#.to_owned()),
            "its JSON has no URL for `newOrder`",
        ),
        (
            Fault::Answer(301, "Location", "https://ca.example/", html()),
            "it redirects to `https://ca.example/` (HTTP status 301 Moved Permanently)",
        ),
        (
            Fault::Answer(200, "X", "y", "x".repeat((1 << 20) + 1)),
            "it is longer than 1048576 bytes",
        ),
    ];
    for (answer, reason) in answers {
        server.fail("dir", [answer]);
        let error = server.client().directory().await.unwrap_err();
        assert!(matches!(error, Error::Directory { .. }), "{error}");
        let expected = format!("`{}` is not an ACME directory: {reason}", server.mock.url("dir"));
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test]
async fn other_machines_are_not_asked_without_encryption() {
    let server = Server::start(Behaviour::default()).await;
    let directory = r#"{"newNonce":"http://192.0.2.1/n","newAccount":"/a","newOrder":"/o"}"#;
    server.fail("dir", [Fault::Answer(200, "X", "y", directory.to_owned())]);
    let key = crate::AccountKey::generate(crate::KeyAlgorithm::Es256).unwrap();
    let error = server.client().find_account(key).await.unwrap_err();
    assert!(matches!(error, Error::Insecure { .. }), "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}/dir", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::new(ClientOptions::new(directory_url(&url).unwrap())).unwrap();
    let error = client.directory().await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert!(error.to_string().contains(&url), "{error}");
    assert!(error.hint().unwrap().contains("HTTPS_PROXY"));
}

#[tokio::test]
async fn a_server_that_says_nothing_runs_into_the_timeout() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/dir", listener.local_addr().unwrap());
    let mut options = ClientOptions::new(directory_url(&url).unwrap());
    options.timeout = Duration::from_millis(50);
    let client = Client::new(options).unwrap();
    let error = client.directory().await.unwrap_err();
    assert!(error.to_string().contains("gave no answer to directory within 50 ms"), "{error}");
    assert_eq!(client.requests().total(), 3);
}

/// A server that speaks no TLS stands in for one whose TLS is refused: both end in rustls.
#[tokio::test]
async fn refused_tls_is_told_from_a_missing_server_and_not_tried_again() {
    let server = Server::start(Behaviour::default()).await;
    let mut url = server.mock.url("dir");
    url.set_scheme("https").unwrap();
    let client = Client::new(ClientOptions::new(url.clone())).unwrap();
    let error = client.directory().await.unwrap_err();
    assert!(matches!(error, Error::Tls { .. }), "{error:?}");
    assert!(error.to_string().contains(url.as_str()), "{error}");
    assert!(error.hint().unwrap().contains("--ca-bundle"));
    assert_eq!(client.requests().total(), 1);
}
