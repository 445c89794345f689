//! Whole issuances, and what is checked of the CSR.

use rcgen::{CertificateParams, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::{Value, json};
use x509_parser::pem::Pem;
use x509_parser::prelude::X509Certificate;

use super::acme_client::{Client, Key, base64url};
use super::dns_client::{empty, txt, update};
use crate::{Sandbox, SandboxOptions};
use hickory_proto::rr::{DNSClass, RecordType};

const OWNER: &str = "_acme-challenge.example.test.";
const ZONE: &str = "example.test.";
const NAMES: [&str; 2] = ["example.test", "*.example.test"];

pub(super) fn csr(names: &[&str], key: &KeyPair) -> Vec<u8> {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.serialize_request(key).unwrap().der().to_vec()
}

/// Puts the records up and answers the challenges; returns the order, ready.
pub(super) async fn ready(client: &Client, sandbox: &Sandbox, names: &[&str]) -> Value {
    let order = client.order(names).await;
    prove(client, sandbox, &order).await;
    order
}

/// Puts the records of an order up and answers its challenges.
pub(super) async fn prove(client: &Client, sandbox: &Sandbox, order: &Value) {
    let authorizations = client.authorizations(order).await;
    for authorization in &authorizations {
        let (_, value) = client.challenge(authorization, "dns-01");
        let owner =
            format!("_acme-challenge.{}.", authorization["identifier"]["value"].as_str().unwrap());
        update(sandbox, ZONE, vec![txt(&owner, &value)]).await;
    }
    for authorization in &authorizations {
        assert_eq!(client.answer(authorization).await["status"], "valid");
    }
}

/// Obtains a certificate; returns its URL.
pub(super) async fn obtain(client: &Client, sandbox: &Sandbox, names: &[&str]) -> String {
    let order = ready(client, sandbox, names).await;
    let csr = csr(names, &KeyPair::generate().unwrap());
    let order = client.finalize(&order, &csr).await.ok().body;
    assert_eq!(order["status"], "valid");
    order["certificate"].as_str().unwrap().to_owned()
}

/// The payload that revokes the certificate at a URL.
pub(super) async fn leaf(client: &Client, url: &str) -> Value {
    let chain = client.fetch(url).await.ok().text;
    let pem = Pem::iter_from_buffer(chain.as_bytes()).next().unwrap().unwrap();
    json!({ "certificate": base64url(&pem.contents) })
}

/// Checks signatures from the leaf to a root; returns the leaf's DER.
fn verify(chain: &str, root: &str) -> Vec<u8> {
    let pems: Vec<Pem> = Pem::iter_from_buffer(chain.as_bytes())
        .chain(Pem::iter_from_buffer(root.as_bytes()))
        .map(Result::unwrap)
        .collect();
    let certificates: Vec<X509Certificate<'_>> =
        pems.iter().map(|pem| pem.parse_x509().unwrap()).collect();
    assert_eq!(certificates.len(), 3);
    for pair in certificates.windows(2) {
        assert_eq!(pair[0].issuer(), pair[1].subject());
        pair[0].verify_signature(Some(pair[1].public_key())).unwrap();
        assert!(pair[1].is_ca());
    }
    pems[0].contents.clone()
}

#[tokio::test]
async fn apex_and_wildcard_from_newaccount_to_the_chain() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let mut client = Client::new(&sandbox).await;
    client.register(json!({ "termsOfServiceAgreed": true })).await.ok();
    let order = client.order(&NAMES).await;
    assert_eq!(order["status"], "pending");
    let authorizations = client.authorizations(&order).await;
    assert_eq!(authorizations.len(), 2);
    let mut values = Vec::new();
    for authorization in &authorizations {
        let wildcard = authorization.get("wildcard").is_some();
        assert_eq!(authorization["identifier"]["value"], "example.test");
        assert_eq!(
            authorization["challenges"].as_array().unwrap().len(),
            2 - usize::from(wildcard)
        );
        values.push(client.challenge(authorization, "dns-01").1);
    }
    update(&sandbox, ZONE, values.iter().map(|value| txt(OWNER, value)).collect()).await;
    assert_eq!(sandbox.txt(OWNER), values);
    for authorization in &authorizations {
        let decided = client.answer(authorization).await;
        assert_eq!(decided["status"], "valid");
        let challenges = decided["challenges"].as_array().unwrap();
        assert_eq!((challenges.len(), &challenges[0]["type"]), (1, &json!("dns-01")));
        assert!(challenges[0]["validated"].is_string());
    }
    let order_url = order["url"].as_str().unwrap();
    assert_eq!(client.fetch(order_url).await.ok().body["status"], "ready");
    let key = KeyPair::generate().unwrap();
    let done = client.finalize(&order, &csr(&NAMES, &key)).await.ok().body;
    let chain = client.fetch(done["certificate"].as_str().unwrap()).await.ok();
    assert_eq!(chain.content_type, "application/pem-certificate-chain");
    let leaf = verify(&chain.text, sandbox.issuer_root_pem());
    check_leaf(&leaf, &key);

    let alternate = chain.links.iter().find(|link| link.contains("\"alternate\"")).unwrap();
    let alternate = alternate[1..].split('>').next().unwrap();
    let alternate = client.fetch(alternate).await.ok();
    assert_eq!(verify(&alternate.text, sandbox.alternate_root_pem()), leaf);
    assert_ne!(alternate.text, chain.text);

    update(&sandbox, ZONE, vec![empty(OWNER, RecordType::TXT, DNSClass::ANY)]).await;
    assert!(sandbox.txt(OWNER).is_empty());
    let requests = sandbox.requests();
    let count =
        |operation: &str| requests.iter().filter(|request| request.operation == operation).count();
    let operations = ["directory", "newNonce", "newAccount", "newOrder", "challenge", "finalize"];
    assert_eq!(operations.map(count), [1, 0, 1, 1, 2, 1]);
    assert!(requests.iter().all(|request| request.problem.is_none() && request.status < 300));
    sandbox.shutdown().await;
}

fn check_leaf(der: &[u8], key: &KeyPair) {
    let (_, leaf) = x509_parser::parse_x509_certificate(der).unwrap();
    assert_eq!(leaf.public_key().subject_public_key.data, key.public_key_raw());
    let alternatives = leaf.subject_alternative_name().unwrap().unwrap();
    let mut names: Vec<String> =
        alternatives.value.general_names.iter().map(ToString::to_string).collect();
    names.sort();
    assert_eq!(names, ["DNSName(*.example.test)", "DNSName(example.test)"]);
    assert_eq!(leaf.subject().to_string(), "CN=example.test");
    assert!(!leaf.is_ca() && leaf.validity().is_valid());
    let days = (leaf.validity().not_after - leaf.validity().not_before).unwrap().whole_days();
    assert_eq!(days, 90);
    assert!(leaf.raw_serial().len() == 16 && leaf.raw_serial()[0] < 0x80);
}

#[tokio::test]
async fn accounts_and_certificates_of_every_key_type() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    for key in [Key::es384(), Key::rs256()] {
        let mut client = Client::with_key(&sandbox, key).await;
        client.register(json!({ "termsOfServiceAgreed": true })).await.ok();
        obtain(&client, &sandbox, &["a.example.test"]).await;
    }
    let client = Client::registered(&sandbox).await;
    for algorithm in [&rcgen::PKCS_ECDSA_P384_SHA384, &rcgen::PKCS_RSA_SHA256] {
        let order = ready(&client, &sandbox, &["a.example.test"]).await;
        let key = KeyPair::generate_for(algorithm).unwrap();
        let answer = client.finalize(&order, &csr(&["a.example.test"], &key)).await;
        assert_eq!(answer.ok().body["status"], "valid");
    }
    sandbox.shutdown().await;
}

#[tokio::test]
async fn a_hundred_names_and_no_more() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let names: Vec<String> = (0..101).map(|i| format!("n{i}.example.test")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    obtain(&client, &sandbox, &names[..100]).await;
    let identifiers: Vec<Value> =
        names.iter().map(|name| json!({ "type": "dns", "value": name })).collect();
    let answer = client.post(&client.url("newOrder"), json!({ "identifiers": identifiers })).await;
    assert_eq!(answer.problem(), ("malformed", 400));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn only_the_right_csr_is_accepted_and_only_once() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let key = KeyPair::generate().unwrap();
    let pending = client.order(&NAMES).await;
    let answer = client.finalize(&pending, &csr(&NAMES, &key)).await;
    assert_eq!(answer.problem(), ("orderNotReady", 403));

    let order = ready(&client, &sandbox, &NAMES).await;
    let mut forged = csr(&NAMES, &key);
    *forged.last_mut().unwrap() ^= 1;
    let mut trailing = csr(&NAMES, &key);
    trailing.push(0);
    let account_key = PrivatePkcs8KeyDer::from(client.key.pkcs8.clone());
    let account_key =
        KeyPair::from_pkcs8_der_and_sign_algo(&account_key, &rcgen::PKCS_ECDSA_P256_SHA256);
    let mut with_address = CertificateParams::new(vec!["127.0.0.1".into()]).unwrap();
    with_address.distinguished_name = rcgen::DistinguishedName::new();
    let with_address = with_address.serialize_request(&key).unwrap().der().to_vec();
    let ed25519 = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    for (what, wrong) in [
        ("nothing", Vec::new()),
        ("no DER", vec![0x30, 0x03, 0x01]),
        ("signature", forged),
        ("trailing octet", trailing),
        ("too few names", csr(&NAMES[..1], &key)),
        ("too many names", csr(&["example.test", "*.example.test", "a.example.test"], &key)),
        ("an address", with_address),
        ("key of the account", csr(&NAMES, &account_key.unwrap())),
        ("unsupported key", csr(&NAMES, &ed25519)),
    ] {
        let answer = client.finalize(&order, &wrong).await;
        assert_eq!(answer.problem(), ("badCSR", 400), "{what}: {answer:?}");
    }
    // None of that has spoilt the order.
    client.finalize(&order, &csr(&NAMES, &key)).await.ok();
    let again = client.finalize(&order, &csr(&NAMES, &key)).await;
    assert_eq!(again.problem(), ("orderNotReady", 403));
    sandbox.shutdown().await;
}

#[tokio::test]
async fn the_common_name_counts_as_a_name() {
    let sandbox = Sandbox::start(SandboxOptions::default()).await.unwrap();
    let client = Client::registered(&sandbox).await;
    let order = ready(&client, &sandbox, &NAMES).await;
    let key = KeyPair::generate().unwrap();
    let with_common_name = |common_name: &str| {
        let mut params = CertificateParams::new(vec!["*.example.test".into()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, common_name);
        params.serialize_request(&key).unwrap().der().to_vec()
    };
    let wrong = client.finalize(&order, &with_common_name("example.org")).await;
    assert_eq!(wrong.problem(), ("badCSR", 400));
    client.finalize(&order, &with_common_name("Example.test")).await.ok();
    sandbox.shutdown().await;
}
