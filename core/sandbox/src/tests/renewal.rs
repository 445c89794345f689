//! Renewal information and `replaces`.

use std::time::{Duration, SystemTime};

use rcgen::KeyPair;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use x509_parser::extensions::ParsedExtension;
use x509_parser::pem::Pem;

use super::acme_client::{Client, base64url};
use super::issuance::{csr, leaf, obtain};
use crate::{Problem, ProblemType, RenewalWindow, Sandbox, SandboxOptions};

/// The identifier of the certificate at a URL (RFC 9773 §4.1), and its serial.
async fn identify(client: &Client, url: &str) -> (String, Vec<u8>) {
    let chain = client.fetch(url).await.ok().text;
    let pem = Pem::iter_from_buffer(chain.as_bytes()).next().unwrap().unwrap();
    let leaf = pem.parse_x509().unwrap();
    let key = leaf.extensions().iter().find_map(|extension| match extension.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(key) => key.key_identifier.clone(),
        _ => None,
    });
    let serial = leaf.raw_serial().to_vec();
    (format!("{}.{}", base64url(key.unwrap().0), base64url(&serial)), serial)
}

fn window(info: &Value) -> [OffsetDateTime; 2] {
    ["start", "end"].map(|side| {
        let moment = info["suggestedWindow"][side].as_str().unwrap();
        OffsetDateTime::parse(moment, &Rfc3339).unwrap()
    })
}

async fn setup() -> (Sandbox, Client, String, Vec<u8>) {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let certificate = obtain(&client, &sandbox, &["example.test", "a.example.test"]).await;
    let (id, serial) = identify(&client, &certificate).await;
    (sandbox, client, id, serial)
}

#[tokio::test]
async fn the_window_is_in_the_last_third() {
    let (sandbox, client, id, _) = setup().await;
    let url = client.url("renewalInfo");
    let info = client.get(&format!("{url}/{id}")).await.ok();
    assert_eq!(info.retry_after.as_deref(), Some("21600"));
    assert!(info.body.get("explanationURL").is_none());
    let [start, end] = window(&info.body);
    assert_eq!((start - OffsetDateTime::now_utc()).whole_days(), 59);
    assert_eq!((end - start).whole_days(), 3);
    let unknown = format!("{url}/{}.AAAA", id.split('.').next().unwrap());
    assert_eq!(client.get(&unknown).await.problem(), ("malformed", 404));
    for wrong in [url.clone(), format!("{url}/"), format!("{url}/AAAA"), format!("{url}/{id}=")] {
        assert_eq!(client.get(&wrong).await.problem(), ("malformed", 400), "{wrong}");
    }
    assert_eq!(client.fetch(&format!("{url}/{id}")).await.problem(), ("malformed", 405));
    assert!(sandbox.requests().iter().any(|request| request.operation == "renewalInfo"));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_window_can_be_set() {
    let (sandbox, client, id, serial) = setup().await;
    let url = format!("{}/{id}", client.url("renewalInfo"));
    let moment = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    let mut set = RenewalWindow::new(moment(1_000_000_000), moment(1_000_003_600));
    set.explanation_url = Some("https://example.test/why".into());
    set.retry_after = Duration::from_secs(7);
    assert!(sandbox.set_renewal_window(&id, set.clone()));
    let info = client.get(&url).await.ok();
    let expected = json!({ "start": "2001-09-09T01:46:40Z", "end": "2001-09-09T02:46:40Z" });
    assert_eq!(info.body["suggestedWindow"], expected);
    assert_eq!(info.body["explanationURL"], "https://example.test/why");
    assert_eq!(info.retry_after.as_deref(), Some("7"));
    let hexadecimal: Vec<String> = serial.iter().map(|octet| format!("{octet:02X}")).collect();
    for serial in [hexadecimal.join(":"), hexadecimal.join("").to_lowercase()] {
        set.start += Duration::from_secs(60);
        assert!(sandbox.set_renewal_window(&serial, set.clone()));
        let [start, _] = window(&client.get(&url).await.ok().body);
        assert_eq!(SystemTime::from(start), set.start);
    }
    assert!(!sandbox.set_renewal_window("00", set.clone()));
    assert!(!sandbox.set_renewal_window("", set));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_revoked_certificate_is_to_be_renewed_at_once() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let certificate = obtain(&client, &sandbox, &["example.test"]).await;
    let (id, _) = identify(&client, &certificate).await;
    let revocation = leaf(&client, &certificate).await;
    client.post(&client.url("revokeCert"), revocation).await.ok();
    let info = client.get(&format!("{}/{id}", client.url("renewalInfo"))).await.ok();
    let [start, end] = window(&info.body);
    assert!(start < end && end <= OffsetDateTime::now_utc());
    sandbox.shutdown().await;
}

fn replacing(id: &str, name: &str) -> Value {
    json!({ "identifiers": [{ "type": "dns", "value": name }], "replaces": id })
}

#[tokio::test]
async fn an_order_replaces_a_certificate_of_the_account_with_a_name_in_common() {
    let (sandbox, client, id, _) = setup().await;
    let url = client.url("newOrder");
    let unknown = client.post(&url, replacing("AAAA.AAAA", "example.test")).await;
    assert_eq!(unknown.problem(), ("malformed", 404));
    let disjoint = client.post(&url, replacing(&id, "b.example.test")).await;
    assert_eq!(disjoint.problem(), ("malformed", 400));
    let stranger = Client::registered(&sandbox).await;
    let foreign = stranger.post(&url, replacing(&id, "example.test")).await;
    assert_eq!(foreign.problem(), ("unauthorized", 403));
    let order = client.post(&url, replacing(&id, "example.test")).await;
    assert_eq!((order.status, &order.body["replaces"]), (201, &json!(id)));
    let order = client.fetch(&order.location.unwrap()).await.ok();
    assert_eq!(order.body["replaces"], json!(id));
    // The predecessor's information stays.
    client.get(&format!("{}/{id}", client.url("renewalInfo"))).await.ok();
    sandbox.shutdown().await;
}

#[tokio::test]
async fn one_order_only_replaces_a_certificate_unless_it_failed() {
    let (sandbox, client, id, _) = setup().await;
    let url = client.url("newOrder");
    let first = client.post(&url, replacing(&id, "example.test")).await.ok();
    let second = client.post(&url, replacing(&id, "a.example.test")).await;
    assert_eq!(second.problem(), ("alreadyReplaced", 409));
    let [authorization] = &first.body["authorizations"].as_array().unwrap()[..] else { panic!() };
    let given_up = json!({ "status": "deactivated" });
    client.post(authorization.as_str().unwrap(), given_up).await.ok();
    let third = client.post(&url, replacing(&id, "example.test")).await;
    assert_eq!(third.status, 201);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn profiles_are_named_in_directory_and_order() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let profiles = client.directory["meta"]["profiles"].as_object().unwrap();
    assert_eq!(profiles.keys().collect::<Vec<_>>(), ["classic", "shortlived"]);
    let order = client.order(&["example.test"]).await;
    assert_eq!(order["profile"], "classic");
    let request = |profile: &str| {
        let identifiers = json!([{ "type": "dns", "value": "example.test" }]);
        json!({ "identifiers": identifiers, "profile": profile })
    };
    let url = client.url("newOrder");
    let unknown = client.post(&url, request("eternal")).await;
    assert_eq!(unknown.problem(), ("invalidProfile", 400));
    let order = client.post(&url, request("shortlived")).await.ok();
    assert_eq!(order.body["profile"], "shortlived");
    super::issuance::prove(&client, &sandbox, &order.body).await;
    let csr = csr(&["example.test"], &KeyPair::generate().unwrap());
    let order = client.finalize(&order.body, &csr).await.ok().body;
    let chain = client.fetch(order["certificate"].as_str().unwrap()).await.ok().text;
    let pem = Pem::iter_from_buffer(chain.as_bytes()).next().unwrap().unwrap();
    let validity = pem.parse_x509().unwrap().validity().clone();
    assert_eq!((validity.not_after - validity.not_before).unwrap().whole_days(), 6);
    sandbox.shutdown().await;
}

#[tokio::test]
async fn renewal_information_can_fail() {
    let (sandbox, client, id, _) = setup().await;
    let problem = Problem::new(ProblemType::ServerInternal, "later");
    sandbox.fail_next("renewalInfo", problem.with_status(503).with_retry_after(9));
    let url = format!("{}/{id}", client.url("renewalInfo"));
    let answer = client.get(&url).await;
    assert_eq!(answer.problem(), ("serverInternal", 503));
    assert_eq!(answer.retry_after.as_deref(), Some("9"));
    client.get(&url).await.ok();
    sandbox.shutdown().await;
}
