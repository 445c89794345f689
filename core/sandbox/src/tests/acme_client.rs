//! An ACME client made by hand, so that it can also do things wrong.

use std::sync::Mutex;
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use aws_lc_rs::{digest, rsa};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::events::lock;

pub(super) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

type Sign = Box<dyn Fn(&[u8]) -> Vec<u8> + Send + Sync>;

/// An account key.
pub(super) struct Key {
    pub(super) alg: &'static str,
    pub(super) jwk: Value,
    pub(super) pkcs8: Vec<u8>,
    sign: Sign,
}

impl Key {
    pub(super) fn es256() -> Self {
        Self::ecdsa("ES256", "P-256", &ECDSA_P256_SHA256_FIXED_SIGNING)
    }

    pub(super) fn es384() -> Self {
        Self::ecdsa("ES384", "P-384", &ECDSA_P384_SHA384_FIXED_SIGNING)
    }

    pub(super) fn rs256() -> Self {
        let key = rsa::KeyPair::generate(rsa::KeySize::Rsa2048).unwrap();
        let spki: PublicKeyX509Der<'_> = key.public_key().as_der().unwrap();
        use x509_parser::prelude::FromDer as _;
        let spki = spki.as_ref();
        let (_, spki) = x509_parser::x509::SubjectPublicKeyInfo::from_der(spki).unwrap();
        let x509_parser::public_key::PublicKey::RSA(public) = spki.parsed().unwrap() else {
            panic!("an RSA key is an RSA key");
        };
        let number =
            |bytes: &[u8]| base64url(&bytes[bytes.iter().position(|b| *b != 0).unwrap()..]);
        let jwk =
            json!({ "kty": "RSA", "n": number(public.modulus), "e": number(public.exponent) });
        let sign = move |message: &[u8]| {
            let key: &RsaKeyPair = &key;
            let mut signature = vec![0; key.public_modulus_len()];
            key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).unwrap();
            signature
        };
        Self { alg: "RS256", jwk, pkcs8: Vec::new(), sign: Box::new(sign) }
    }

    fn ecdsa(alg: &'static str, curve: &str, signing: &'static EcdsaSigningAlgorithm) -> Self {
        let key = EcdsaKeyPair::generate(signing).unwrap();
        let (x, y) = key.public_key().as_ref()[1..].split_at(key.public_key().as_ref().len() / 2);
        let jwk = json!({ "kty": "EC", "crv": curve, "x": base64url(x), "y": base64url(y) });
        let pkcs8 = key.to_pkcs8v1().unwrap().as_ref().to_vec();
        let sign = move |message: &[u8]| {
            key.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec()
        };
        Self { alg, jwk, pkcs8, sign: Box::new(sign) }
    }

    /// The thumbprint of an EC key, spelled out independently of the server's code.
    fn thumbprint(&self) -> String {
        let member = |name: &str| self.jwk[name].as_str().unwrap();
        let text = if self.alg == "RS256" {
            format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, member("e"), member("n"))
        } else {
            format!(
                r#"{{"crv":"{}","kty":"EC","x":"{}","y":"{}"}}"#,
                member("crv"),
                member("x"),
                member("y")
            )
        };
        base64url(digest::digest(&digest::SHA256, text.as_bytes()).as_ref())
    }

    pub(super) fn jws(&self, header: &Value, payload: &[u8]) -> Value {
        let protected = base64url(header.to_string().as_bytes());
        let payload = base64url(payload);
        let signature = (self.sign)(format!("{protected}.{payload}").as_bytes());
        json!({ "protected": protected, "payload": payload, "signature": base64url(&signature) })
    }
}

/// An answer of the server.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) location: Option<String>,
    pub(super) links: Vec<String>,
    pub(super) allow: Option<String>,
    pub(super) retry_after: Option<String>,
    pub(super) content_type: String,
    pub(super) text: String,
    pub(super) body: Value,
}

impl Answer {
    /// The problem type without its prefix, and the status; `ok` where there is no problem.
    pub(super) fn problem(&self) -> (&str, u16) {
        if self.content_type != "application/problem+json" {
            return ("ok", self.status);
        }
        assert_eq!(self.body["status"], self.status);
        let kind = self.body["type"].as_str().unwrap();
        (kind.strip_prefix("urn:ietf:params:acme:error:").unwrap(), self.status)
    }

    pub(super) fn ok(self) -> Self {
        assert!((200..300).contains(&self.status), "{self:?}");
        self
    }
}

/// A client with one account key.
pub(super) struct Client {
    http: reqwest::Client,
    pub(super) key: Key,
    pub(super) directory: Value,
    pub(super) kid: Option<String>,
    nonce: Mutex<Option<String>>,
}

impl Client {
    pub(super) async fn new(sandbox: &Sandbox) -> Self {
        Self::with_key(sandbox, Key::es256()).await
    }

    pub(super) async fn with_key(sandbox: &Sandbox, key: Key) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let root = reqwest::Certificate::from_pem(sandbox.ca_pem().as_bytes()).unwrap();
        let http = reqwest::Client::builder().tls_certs_only([root]).no_proxy().build().unwrap();
        let nonce = Mutex::new(None);
        let mut client = Self { http, key, directory: Value::Null, kid: None, nonce };
        client.directory = client.get(sandbox.directory_url()).await.ok().body;
        client
    }

    /// A client that has an account.
    pub(super) async fn registered(sandbox: &Sandbox) -> Self {
        let mut client = Self::new(sandbox).await;
        client.register(json!({ "termsOfServiceAgreed": true })).await.ok();
        client
    }

    pub(super) async fn register(&mut self, payload: Value) -> Answer {
        let url = self.url("newAccount");
        let answer = self.post_signed(&url, &payload, |header| {
            header["jwk"] = self.key.jwk.clone();
        });
        let answer = answer.await;
        if answer.status < 300 {
            self.kid = answer.location.clone();
        }
        answer
    }

    pub(super) fn url(&self, operation: &str) -> String {
        self.directory[operation].as_str().unwrap().to_owned()
    }

    pub(super) async fn post(&self, url: &str, payload: Value) -> Answer {
        self.post_signed(url, &payload, |header| header["kid"] = json!(self.kid)).await
    }

    /// POST-as-GET.
    pub(super) async fn fetch(&self, url: &str) -> Answer {
        self.post(url, Value::Null).await
    }

    /// Signs whatever header `edit` leaves; a null payload is none.
    pub(super) async fn post_signed(
        &self,
        url: &str,
        payload: &Value,
        edit: impl FnOnce(&mut Value),
    ) -> Answer {
        let nonce = self.nonce().await;
        let mut header = json!({ "alg": self.key.alg, "nonce": nonce, "url": url });
        edit(&mut header);
        let payload = if payload.is_null() { String::new() } else { payload.to_string() };
        let jws = self.key.jws(&header, payload.as_bytes());
        self.send(Method::POST, url, "application/jose+json", jws.to_string()).await
    }

    pub(super) async fn get(&self, url: &str) -> Answer {
        self.send(Method::GET, url, "", String::new()).await
    }

    /// Whether anything answers at a URL.
    pub(super) async fn reaches(&self, url: &str) -> bool {
        self.http.get(url).send().await.is_ok()
    }

    pub(super) async fn nonce(&self) -> String {
        if let Some(nonce) = lock(&self.nonce).take() {
            return nonce;
        }
        self.send(Method::HEAD, &self.url("newNonce"), "", String::new()).await;
        lock(&self.nonce).take().unwrap()
    }

    pub(super) async fn send(
        &self,
        method: Method,
        url: &str,
        content_type: &str,
        body: String,
    ) -> Answer {
        let request = self.http.request(method, url).header("content-type", content_type);
        let response = request.body(body).send().await.unwrap();
        let all = |name: &str| -> Vec<String> {
            let values = response.headers().get_all(name).iter();
            values.map(|value| value.to_str().unwrap().to_owned()).collect()
        };
        let [nonce] = all("replay-nonce").try_into().unwrap();
        *lock(&self.nonce) = Some(nonce);
        let status = response.status().as_u16();
        let (location, links) = (all("location").pop(), all("link"));
        let (allow, retry_after) = (all("allow").pop(), all("retry-after").pop());
        let content_type = all("content-type").pop().unwrap_or_default();
        let text = response.text().await.unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, location, links, allow, retry_after, content_type, text, body }
    }

    /// Orders names; returns the order with its own URL as `url`.
    pub(super) async fn order(&self, names: &[&str]) -> Value {
        let identifiers: Vec<Value> =
            names.iter().map(|name| json!({ "type": "dns", "value": name })).collect();
        let answer = self.post(&self.url("newOrder"), json!({ "identifiers": identifiers })).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        let mut order = answer.body;
        order["url"] = answer.location.unwrap().into();
        order
    }

    pub(super) async fn authorizations(&self, order: &Value) -> Vec<Value> {
        let mut authorizations = Vec::new();
        for url in order["authorizations"].as_array().unwrap() {
            let mut authorization = self.fetch(url.as_str().unwrap()).await.ok().body;
            authorization["url"] = url.clone();
            authorizations.push(authorization);
        }
        authorizations
    }

    /// The URL of a challenge of an authorization, and the TXT value that answers it.
    pub(super) fn challenge(&self, authorization: &Value, kind: &str) -> (String, String) {
        let challenges = authorization["challenges"].as_array().unwrap();
        let challenge = challenges.iter().find(|challenge| challenge["type"] == kind).unwrap();
        let token = challenge["token"].as_str().unwrap();
        let key_authorization = format!("{token}.{}", self.key.thumbprint());
        let value = digest::digest(&digest::SHA256, key_authorization.as_bytes());
        (challenge["url"].as_str().unwrap().to_owned(), base64url(value.as_ref()))
    }

    /// Answers the dns-01 challenge and waits until the authorization is no longer pending.
    pub(super) async fn answer(&self, authorization: &Value) -> Value {
        let (url, _) = self.challenge(authorization, "dns-01");
        self.answer_challenge(&url, authorization).await
    }

    pub(super) async fn answer_challenge(&self, url: &str, authorization: &Value) -> Value {
        self.post(url, json!({})).await.ok();
        loop {
            let answer = self.fetch(authorization["url"].as_str().unwrap()).await.ok();
            if answer.body["status"] != "pending" {
                return answer.body;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }

    pub(super) async fn finalize(&self, order: &Value, csr: &[u8]) -> Answer {
        let url = order["finalize"].as_str().unwrap();
        self.post(url, json!({ "csr": base64url(csr) })).await
    }
}
