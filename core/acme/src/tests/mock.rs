//! A small CA on loopback that checks every signature, nonce and URL it is sent.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::stream;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use url::Url;

use super::mock_accounts::{MockAccount, account_post, key_change, new_account, revoke_cert};
use super::mock_orders::{MockOrder, authorization, challenge, order};
use super::signatures::is_signed;
use crate::{Account, AccountKey, Client, ClientOptions, KeyAlgorithm, NewAccount};

pub(super) const CHAIN: &str = "-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n";

/// How the CA behaves; set before the client is used.
#[derive(Default)]
pub(super) struct Behaviour {
    /// Nine of ten nonces are refused although they are good.
    pub(super) refuses_nonces: bool,
    /// Answers take this long.
    pub(super) latency: Duration,
    /// Finalize answers `processing`, as CAs do that sign later.
    pub(super) signs_later: bool,
    /// Names that cannot be validated.
    pub(super) bad_names: Vec<&'static str>,
    /// Orders stay pending.
    pub(super) never_validates: bool,
    /// Members, challenges and states that RFC 8555 does not have.
    pub(super) odd: bool,
    /// What stands in the directory's `meta`.
    pub(super) meta: Value,
}

/// An answer in place of the right one.
#[derive(Clone)]
pub(super) enum Fault {
    /// Before the request is looked at.
    Answer(u16, &'static str, &'static str, String),
    /// The request is carried out, but its answer breaks off.
    Lost,
}

pub(super) struct Mock {
    pub(super) base: Url,
    pub(super) behaviour: Behaviour,
    state: Mutex<MockState>,
}

#[derive(Default)]
pub(super) struct MockState {
    /// Path, protected header and payload of every POST that was carried out.
    pub(super) posts: Vec<(String, Value, Vec<u8>)>,
    /// How many requests were under way at the same time, at most.
    pub(super) widest: usize,
    faults: HashMap<String, VecDeque<Fault>>,
    under_way: usize,
    nonces: HashSet<String>,
    issued_nonces: u64,
    pub(super) accounts: Vec<MockAccount>,
    pub(super) orders: Vec<MockOrder>,
    /// Certificates in base64url, with the reason that was given.
    pub(super) revoked: Vec<(Value, Value)>,
}

/// The mock and the task that serves it, which ends with it.
pub(super) struct Server {
    pub(super) mock: Arc<Mock>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub(super) async fn start(behaviour: Behaviour) -> Server {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/", listener.local_addr().unwrap());
        let state = Mutex::default();
        let mock = Arc::new(Mock { base: Url::parse(&base).unwrap(), behaviour, state });
        let router = axum::Router::new().fallback(serve).with_state(Arc::clone(&mock));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Server { mock, task }
    }

    /// A client that never asks for a second nonce, so that numbers of requests are exact.
    pub(super) fn client(&self) -> Client {
        self.client_with_patience(Duration::from_secs(3600))
    }

    pub(super) fn client_with_patience(&self, patience: Duration) -> Client {
        let mut options = ClientOptions::new(self.mock.url("dir"));
        options.timeout = Duration::from_secs(5);
        Client::with_patience(options, patience).unwrap()
    }

    pub(super) async fn account(&self, client: &Client) -> Account {
        let key = AccountKey::generate(KeyAlgorithm::Es256).unwrap();
        let new = NewAccount { terms_agreed: true, ..NewAccount::default() };
        client.register(key, new).await.unwrap()
    }

    /// Lets the next requests for `path` fail.
    pub(super) fn fail(&self, path: &str, faults: impl IntoIterator<Item = Fault>) {
        self.mock.lock().faults.entry(path.to_owned()).or_default().extend(faults);
    }

    pub(super) fn state(&self) -> MutexGuard<'_, MockState> {
        self.mock.lock()
    }
}

impl Mock {
    pub(super) fn url(&self, path: &str) -> Url {
        self.base.join(path).unwrap()
    }

    fn lock(&self) -> MutexGuard<'_, MockState> {
        self.state.lock().unwrap()
    }

    pub(super) fn at(&self, path: &str) -> String {
        self.url(path).to_string()
    }
}

impl MockState {
    fn nonce(&mut self) -> String {
        self.issued_nonces += 1;
        let nonce = format!("nonce-{}", self.issued_nonces);
        self.nonces.insert(nonce.clone());
        nonce
    }
}

/// A status, headers and a body.
pub(super) type Reply = (u16, Vec<(&'static str, String)>, Value);

async fn serve(State(mock): State<Arc<Mock>>, request: Request) -> Response<Body> {
    let path = request.uri().path().trim_start_matches('/').to_owned();
    let method = request.method().as_str().to_owned();
    let body = to_bytes(request.into_body(), 1 << 20).await.unwrap();
    {
        let mut state = mock.lock();
        state.under_way += 1;
        state.widest = state.widest.max(state.under_way);
    }
    tokio::time::sleep(mock.behaviour.latency).await;
    let mut state = mock.lock();
    state.under_way -= 1;

    let fault = state.faults.get_mut(&path).and_then(VecDeque::pop_front);
    let mut response = Response::builder();
    if method == "POST" || path == "nonce" {
        response = response.header("Replay-Nonce", state.nonce());
    }
    if let Some(Fault::Answer(status, name, value, body)) = fault {
        return response.status(status).header(name, value).body(Body::from(body)).unwrap();
    }
    let (status, headers, body) = match (method.as_str(), path.as_str()) {
        ("GET", "dir") => (200, vec![], directory(&mock)),
        ("GET", path) if path.starts_with("renewal-info/") => (404, vec![], Value::Null),
        ("HEAD", "nonce") => (200, vec![], Value::Null),
        ("POST", _) => post(&mock, &mut state, &path, &body),
        _ => panic!("{method} {path}"),
    };
    for (name, value) in headers {
        response = response.header(name, value);
    }
    let body = match body {
        Value::String(text) => text,
        Value::Null => String::new(),
        json => json.to_string(),
    };
    let body = match fault {
        Some(_) => Body::from_stream(stream::iter([
            Ok(body[..body.len() / 2].to_owned()),
            Err(io::Error::from(io::ErrorKind::ConnectionReset)),
        ])),
        None => Body::from(body),
    };
    response.status(StatusCode::from_u16(status).unwrap()).body(body).unwrap()
}

pub(super) fn problem(status: u16, kind: &str) -> Reply {
    let kind = format!("urn:ietf:params:acme:error:{kind}");
    let headers = vec![("Content-Type", "application/problem+json".to_owned())];
    (status, headers, json!({ "type": kind, "detail": "no", "status": status }))
}

fn directory(mock: &Mock) -> Value {
    json!({
        "newNonce": mock.at("nonce"), "newAccount": mock.at("new-account"),
        "newOrder": mock.at("new-order"), "random": "https://community.example/",
        "renewalInfo": mock.at("renewal-info"), "keyChange": mock.at("key-change"),
        "revokeCert": mock.at("revoke-cert"), "meta": mock.behaviour.meta,
    })
}

fn post(mock: &Mock, state: &mut MockState, path: &str, body: &[u8]) -> Reply {
    let jws: Value = serde_json::from_slice(body).unwrap();
    let part = |name: &str| URL_SAFE_NO_PAD.decode(jws[name].as_str().unwrap()).unwrap();
    let protected: Value = serde_json::from_slice(&part("protected")).unwrap();
    assert_eq!(protected["url"], mock.at(path), "the signed URL is the one asked for");

    let spent = state.nonces.remove(protected["nonce"].as_str().unwrap());
    if !spent || mock.behaviour.refuses_nonces && !state.issued_nonces.is_multiple_of(10) {
        return problem(400, "badNonce");
    }
    let (jwk, account) = match protected["kid"].as_str() {
        Some(kid) => {
            assert!(path != "new-account" && protected["jwk"].is_null());
            let number = kid.strip_prefix(&mock.at("account/")).unwrap().parse::<usize>().unwrap();
            (state.accounts[number].jwk.clone(), Some(number))
        }
        None => {
            let with_key = ["new-account", "revoke-cert"].contains(&path);
            assert!(with_key, "only newAccount and revokeCert carry a key");
            (protected["jwk"].clone(), None)
        }
    };
    let signed =
        format!("{}.{}", jws["protected"].as_str().unwrap(), jws["payload"].as_str().unwrap());
    let payload = part("payload");
    let alg = protected["alg"].as_str().unwrap();
    if !is_signed(&jwk, alg, signed.as_bytes(), &part("signature")) {
        return problem(403, "unauthorized");
    }
    if account.is_some_and(|number| state.accounts[number].deactivated) {
        return problem(401, "unauthorized");
    }
    state.posts.push((path.to_owned(), protected, payload.clone()));
    let payload = serde_json::from_slice(&payload).unwrap_or(Value::Null);

    let (resource, id) = path.split_once('/').unwrap_or((path, ""));
    let numbers: Vec<usize> = id.split('-').filter_map(|part| part.parse().ok()).collect();
    match resource {
        "new-account" => new_account(mock, state, jwk, &payload),
        "account" => account_post(mock, state, numbers[0], &payload),
        "key-change" => key_change(mock, state, account.unwrap(), &payload),
        "revoke-cert" => revoke_cert(state, &payload),
        "new-order" => {
            let names = payload["identifiers"].as_array().unwrap().iter();
            let names = names.map(|one| one["value"].as_str().unwrap().to_owned()).collect();
            state.orders.push(MockOrder { names, ..MockOrder::default() });
            let number = state.orders.len() - 1;
            let location = vec![("Location", mock.at(&format!("order/{number}")))];
            (201, location, order(mock, state, number))
        }
        "order" => {
            if let Some(looks) = &mut state.orders[numbers[0]].looks_since_finalize {
                *looks += 1;
            }
            (200, vec![], order(mock, state, numbers[0]))
        }
        "authorization" => {
            if payload["status"] == "deactivated" {
                state.orders[numbers[0]].deactivated.insert(numbers[1]);
            }
            (200, vec![], authorization(mock, state, numbers[0], numbers[1]))
        }
        "challenge" => {
            let first = state.orders[numbers[0]].answered.contains(&numbers[1]);
            if first && !payload.is_null() {
                return problem(400, "malformed");
            }
            if !payload.is_null() {
                assert_eq!(payload, json!({}));
                state.orders[numbers[0]].answered.insert(numbers[1]);
            }
            (200, vec![], challenge(mock, state, numbers[0], numbers[1]))
        }
        "finalize" => {
            let body = order(mock, state, numbers[0]);
            if body["status"] != "ready" {
                return problem(403, "orderNotReady");
            }
            assert_eq!(payload["csr"], URL_SAFE_NO_PAD.encode(b"csr"));
            state.orders[numbers[0]].looks_since_finalize = Some(0);
            (200, vec![], order(mock, state, numbers[0]))
        }
        "certificate" => {
            let link = |target: &str, rel: &str| ("Link", format!("<{target}>;rel=\"{rel}\""));
            let links =
                vec![link(&mock.at("dir"), "index"), link("/certificate/0-other", "alternate")];
            (200, links, Value::from(CHAIN))
        }
        _ => panic!("POST {path}"),
    }
}
