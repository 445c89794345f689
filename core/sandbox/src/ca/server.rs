//! The HTTP side: from requests to replies.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as AxumState};
use axum::handler::Handler;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, LINK};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use super::authenticate::Caller;
use super::external_account::ExternalAccounts;
use super::issuer::Issuer;
use super::problem::Problem;
use super::problem_type::ProblemType;
use super::reply::Reply;
use super::resource::Resource;
use super::state::State;
use super::validate::Resolver;
use crate::dns::DnsServer;
use crate::events::{AcmeRequest, Events, lock};
use crate::tls::{TlsListener, server_config};
use crate::{Error, Policy};

/// A running CA.
pub(crate) struct Ca {
    base: String,
    directory_url: String,
    events: Arc<Events>,
    pub(super) policy: Policy,
    pub(super) external_accounts: ExternalAccounts,
    pub(super) issuer: Issuer,
    pub(super) resolver: Arc<Resolver>,
    pub(super) state: Arc<Mutex<State>>,
    /// The validations under way; they end with the CA.
    pub(super) validations: Mutex<JoinSet<()>>,
}

impl Ca {
    /// Binds a port and serves until `tasks` ends or `stopped` hears that its sender is gone.
    ///
    /// Returns the CA and the root, in PEM, of its HTTPS endpoint.
    pub(crate) async fn start(
        policy: Policy,
        resolver: Option<SocketAddr>,
        dns: DnsServer,
        events: Arc<Events>,
        tasks: &mut JoinSet<()>,
        stopped: oneshot::Receiver<()>,
    ) -> Result<(Arc<Self>, String), Error> {
        let bind_error = |source| Error::Bind { server: "ACME server", source };
        let (tls, https_root_pem) = server_config()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(bind_error)?;
        let port = listener.local_addr().map_err(bind_error)?.port();
        let listener = TlsListener::new(listener, tls).map_err(bind_error)?;
        let base = format!("https://localhost:{port}");
        let ca = Arc::new(Self {
            directory_url: format!("{base}{}", Resource::Directory.path()),
            base,
            events,
            external_accounts: ExternalAccounts::new(&policy.external_accounts)?,
            policy,
            issuer: Issuer::new()?,
            resolver: Arc::new(Resolver::new(dns, resolver)),
            state: Arc::default(),
            validations: Mutex::default(),
        });
        let service = handle.with_state(ca.clone()).into_make_service();
        let served = axum::serve(listener, service).with_graceful_shutdown(async {
            let _ = stopped.await;
        });
        tasks.spawn(async {
            let _ = served.await;
        });
        Ok((ca, https_root_pem))
    }

    pub(crate) fn directory_url(&self) -> &str {
        &self.directory_url
    }

    pub(crate) fn root_pem(&self) -> &str {
        self.issuer.root_pem()
    }

    pub(crate) fn alternate_root_pem(&self) -> &str {
        self.issuer.alternate_root_pem()
    }

    pub(super) fn url(&self, resource: Resource) -> String {
        format!("{}{}", self.base, resource.path())
    }

    /// The resource a URL of this server names.
    pub(super) fn resource(&self, url: &str) -> Option<Resource> {
        Resource::parse(url.strip_prefix(&self.base)?)
    }

    /// Answers the next request for an operation, or every one, with a problem.
    pub(crate) fn fail(&self, operation: &str, problem: Problem, always: bool) {
        lock(&self.state).faults.add(operation, problem, always);
    }

    pub(crate) fn clear_failures(&self) {
        lock(&self.state).faults.clear();
    }

    /// Puts new terms of service in the place of those that accounts have agreed to.
    pub(crate) fn change_terms(&self) {
        lock(&self.state).terms_version += 1;
    }

    async fn answer(&self, request: Request) -> Result<Reply, Problem> {
        let path = request.uri().path_and_query().map_or("", |path| path.as_str());
        let resource = Resource::parse(path).ok_or_else(Problem::not_found)?;
        lock(&self.state).faults.take(resource.operation())?;
        let method = request.method();
        if !resource.methods().contains(&method.as_str()) {
            let detail = format!("{method} is not for this resource");
            return Err(Problem::malformed(detail).with_status(405));
        }
        match resource {
            Resource::Directory => self.directory(),
            Resource::RenewalInfo => self.renewal_info(path),
            Resource::NewNonce if method == Method::HEAD => Ok(Reply::empty(200)),
            Resource::NewNonce => Ok(Reply::empty(204)),
            Resource::Terms(_) => Ok(Reply::body(200, "text/plain; charset=utf-8", TERMS.into())),
            _ => self.post(resource, request).await,
        }
    }

    async fn post(&self, resource: Resource, request: Request) -> Result<Reply, Problem> {
        let (parts, body) = request.into_parts();
        let content_type = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if content_type != Some(JOSE) {
            let detail = format!("requests have the content type `{JOSE}`");
            return Err(Problem::malformed(detail).with_status(415));
        }
        let body = to_bytes(body, MAX_BODY)
            .await
            .map_err(|_| Problem::malformed("the body is too long").with_status(413))?;
        let (caller, payload) = self.authenticate(resource, &body)?;
        let payload = payload.as_slice();
        match (resource, caller) {
            (Resource::NewAccount, Caller::Key(key)) => self.new_account(key, payload),
            (Resource::RevokeCert, caller) => self.revoke(&caller, payload),
            (resource, Caller::Account(account)) => match resource {
                Resource::NewOrder => self.new_order(account, payload),
                Resource::KeyChange => self.key_change(account, payload),
                Resource::Account(id) => self.account(account, id, payload),
                Resource::Orders(id) => self.orders(account, id, payload),
                Resource::Order(id) => self.order(account, id, payload),
                Resource::Finalize(id) => self.finalize(account, id, payload),
                Resource::Authorization(id) => self.authorization(account, id, payload),
                Resource::Challenge(id) => self.challenge(account, id, payload),
                Resource::Certificate(id) => self.certificate(account, id, false, payload),
                Resource::AlternateCertificate(id) => self.certificate(account, id, true, payload),
                _ => Err(Problem::not_found()),
            },
            (_, Caller::Key(_)) => Err(Problem::malformed("this request is signed with a `kid`")),
        }
    }
}

/// Answers one request and writes it into the log.
async fn handle(AxumState(ca): AxumState<Arc<Ca>>, request: Request) -> Response {
    let (method, path) = (request.method().to_string(), request.uri().path().to_owned());
    let resource = Resource::parse(&path);
    let (reply, problem) = match ca.answer(request).await {
        Ok(reply) => (reply, None),
        Err(problem) => (ca.problem_reply(&problem, resource), Some(problem.kind)),
    };
    ca.events.request(AcmeRequest {
        operation: resource.map_or("unknown", Resource::operation),
        method,
        path,
        status: reply.status,
        problem: problem.map(ProblemType::name),
    });
    ca.http(reply)
}

impl Ca {
    fn problem_reply(&self, problem: &Problem, resource: Option<Resource>) -> Reply {
        let body = problem.to_json().to_string();
        let mut reply = Reply::body(problem.status, "application/problem+json", body)
            .retry_after(problem.retry_after);
        if let Some(location) = &problem.location {
            reply = reply.location(location.clone());
        }
        if problem.kind == ProblemType::UserActionRequired {
            reply = reply.link("terms-of-service", &self.terms_url(&lock(&self.state)));
        }
        if let (405, Some(resource)) = (problem.status, resource) {
            reply = reply.allow(&resource.methods().join(", "));
        }
        reply
    }

    /// Adds what every answer has: a nonce, the link to the directory, a word against caches.
    fn http(&self, reply: Reply) -> Response {
        let mut response = Response::new(Body::from(reply.body));
        *response.status_mut() =
            StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        let mut append = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.append(name, value);
            }
        };
        if let Ok(nonce) = lock(&self.state).nonces.give() {
            append(HeaderName::from_static("replay-nonce"), &nonce);
        }
        append(CACHE_CONTROL, "no-store");
        append(LINK, &format!("<{}>;rel=\"index\"", self.directory_url));
        if let Some(content_type) = reply.content_type {
            append(CONTENT_TYPE, content_type);
        }
        for (name, value) in reply.headers {
            append(name, &value);
        }
        response
    }
}

const JOSE: &str = "application/jose+json";
const MAX_BODY: usize = 256 * 1024;
const TERMS: &str = "This CA is a sandbox. Nobody trusts it, and its keys are gone when it ends.\n";
