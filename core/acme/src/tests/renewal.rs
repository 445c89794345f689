//! Renewal information as a CA answers it.

use std::time::Duration;

use time::macros::datetime;

use super::mock::{Behaviour, Fault, Server};
use crate::{Error, Identifier, NewOrder};

const ID: &str = "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE";

fn answer(retry_after: &'static str, body: &str) -> Fault {
    Fault::Answer(200, "Retry-After", retry_after, body.to_owned())
}

fn window(start: &str, end: &str) -> String {
    format!(r#"{{"suggestedWindow":{{"start":"{start}","end":"{end}"}},"x":1}}"#)
}

#[tokio::test]
async fn the_window_is_asked_for_without_an_account() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let path = format!("renewal-info/{ID}");
    let body = r#"{"suggestedWindow":{"start":"2030-01-02T04:00:00Z","end":"2030-01-03T04:00:00+01:00"},
        "explanationURL":"https://ca.example/why"}"#;
    server.fail(&path, [answer("21600", body)]);
    let info = client.renewal_info(ID).await.unwrap().unwrap();
    assert_eq!(info.start, datetime!(2030-01-02 4:00 UTC));
    assert_eq!(info.end, datetime!(2030-01-03 3:00 UTC));
    assert_eq!(info.explanation_url.as_deref(), Some("https://ca.example/why"));
    assert_eq!(info.retry_after, Duration::from_secs(21_600));
    assert!(server.state().posts.is_empty());
    assert_eq!(client.requests().to_string(), "2 requests: directory 1, renewalInfo 1");
}

#[tokio::test]
async fn retry_after_is_kept_from_a_minute_to_a_day() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let path = format!("renewal-info/{ID}");
    let cases = [("1", 60), ("60", 60), ("900", 900), ("9999999", 86_400), ("soon", 21_600)];
    for (asked, kept) in cases {
        let body = window("2030-01-02T04:00:00Z", "2030-01-03T04:00:00Z");
        server.fail(&path, [answer(asked, &body)]);
        let info = client.renewal_info(ID).await.unwrap().unwrap();
        assert_eq!(info.retry_after, Duration::from_secs(kept), "{asked}");
    }
}

#[tokio::test]
async fn windows_that_cannot_be_used_are_errors() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let path = format!("renewal-info/{ID}");
    let same = window("2030-01-02T04:00:00Z", "2030-01-02T04:00:00Z");
    let turned = window("2030-01-03T04:00:00Z", "2030-01-02T04:00:00Z");
    for body in [&same, &turned, &window("then", "now"), "{}", "<html>"] {
        server.fail(&path, [answer("1", body)]);
        let error = client.renewal_info(ID).await.unwrap_err();
        assert!(matches!(error, Error::Answer { .. }), "{error}");
    }
    let unknown = client.renewal_info(ID).await.unwrap_err();
    assert_eq!(unknown.status(), Some(404));
    assert!(unknown.is_refusal());
}

#[tokio::test]
async fn a_certificate_that_was_replaced_already_is_told_from_other_refusals() {
    let server = Server::start(Behaviour::default()).await;
    let account = server.account(&server.client()).await;
    let mut new = NewOrder::new([Identifier::dns("a.example")]);
    new.replaces = Some(ID.to_owned());
    let refusal = r#"{"type":"urn:ietf:params:acme:error:alreadyReplaced","detail":"by another"}"#;
    server.fail("new-order", [Fault::Answer(409, "X", "y", refusal.to_owned())]);
    let error = account.new_order(&new).await.unwrap_err();
    assert!(error.is_problem("alreadyReplaced"), "{error}");
    assert_eq!(error.status(), Some(409));
    account.new_order(&NewOrder { replaces: None, ..new.clone() }).await.unwrap();
    account.new_order(&new).await.unwrap();
    let (_, _, payload) = server.state().posts.pop().unwrap();
    let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(payload["replaces"], ID);
}
