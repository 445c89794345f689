//! One HTTP exchange: sends a request, reads the answer up to a limit, names what went wrong.

use std::error::Error as StdError;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, LOCATION};
use reqwest::{Client, Method, StatusCode, redirect};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use serde::de::DeserializeOwned;
use url::{Host, Url};

use crate::count::Counters;
use crate::nonce::{NoncePool, nonce};
use crate::problem::printable;
use crate::retry::{Retries, retry_after};
use crate::{ClientOptions, Error, Operation, Problem};

/// The longest answer that is read; a chain has a few kilobytes.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// The addresses of `localhost`; the port is the URL's.
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

/// The pooled connections to one CA, its nonces, and the count of requests sent.
pub(crate) struct Transport {
    pub(crate) counters: Counters,
    pub(crate) nonces: NoncePool,
    client: Client,
    timeout: Duration,
}

/// A request, signed already if it is a POST.
pub(crate) struct Request<'a> {
    pub(crate) operation: Operation,
    pub(crate) method: Method,
    pub(crate) url: &'a Url,
    pub(crate) accept: Option<&'static str>,
    pub(crate) body: Vec<u8>,
    /// Whether the same was sent before: it is counted as a retry.
    pub(crate) again: bool,
}

/// An answer that says that the request succeeded.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) body: Vec<u8>,
    pub(crate) headers: HeaderMap,
    operation: Operation,
    url: Url,
}

impl Transport {
    pub(crate) fn new(options: &ClientOptions, patience: Duration) -> Result<Transport, Error> {
        // reqwest is built without a provider of its own and would panic without a default one.
        if CryptoProvider::get_default().is_none() {
            let _ = aws_lc_rs::default_provider().install_default();
        }
        let mut builder = Client::builder()
            .user_agent(&options.user_agent)
            .timeout(options.timeout)
            .connect_timeout(options.timeout.min(Duration::from_secs(10)))
            // A signed request names its URL, so it cannot follow a redirect.
            .redirect(redirect::Policy::none());
        if !options.roots.is_empty() {
            builder = builder.tls_certs_only(options.roots.iter().cloned());
        }
        if is_loopback(&options.directory) {
            // As curl's and Go's users expect: a proxy could not reach this machine's servers.
            builder = builder.no_proxy();
            // RFC 6761 §6.3; a new Debian has no /etc/hosts that would say it.
            builder = builder.resolve_to_addrs("localhost", &LOOPBACK);
        }
        let client =
            builder.build().map_err(|error| Error::Client { reason: innermost(&error) })?;
        Ok(Transport {
            counters: Counters::default(),
            nonces: NoncePool::new(patience),
            client,
            timeout: options.timeout,
        })
    }

    /// Sends a request once; an answer that is no success is an error.
    pub(crate) async fn exchange(&self, request: Request<'_>) -> Result<Answer, Error> {
        let Request { operation, method, url, accept, body, again } = request;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(url)) {
            return Err(Error::Insecure { url: url.to_string() });
        }
        self.counters.sent(operation, again);
        tracing::debug!(%operation, %method, %url, again, "request");

        let failed = |error: reqwest::Error| self.failure(operation, url, &error);
        let mut builder = self.client.request(method.clone(), url.clone());
        if let Some(accept) = accept {
            builder = builder.header(ACCEPT, accept);
        }
        if method == Method::POST {
            builder = builder.header(CONTENT_TYPE, "application/jose+json").body(body);
        }
        let mut response = builder.send().await.map_err(failed)?;
        if method == Method::POST {
            self.nonces.keep(response.headers());
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(failed)? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                let reason = format!("it is longer than {LONGEST_ANSWER} bytes");
                return Err(Error::Answer { operation, url: url.to_string(), reason });
            }
            body.extend_from_slice(&chunk);
        }
        let status = response.status();
        tracing::debug!(%operation, %url, %status, "answer");
        let headers = response.headers().clone();
        let answer = Answer { body, headers, operation, url: url.clone() };
        if status.is_success() { Ok(answer) } else { Err(answer.refusal(status)) }
    }

    /// Sends a request without a signature, again where that may help.
    pub(crate) async fn plain(
        &self,
        operation: Operation,
        method: Method,
        url: &Url,
    ) -> Result<Answer, Error> {
        let mut retries = Retries::new();
        let mut again = false;
        loop {
            let method = method.clone();
            let request = Request { operation, method, url, accept: None, body: vec![], again };
            let error = match self.exchange(request).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let Some(pause) = retries.pause_after(&error) else { return Err(error) };
            tracing::warn!(?pause, "trying again: {error}");
            tokio::time::sleep(pause).await;
            again = true;
        }
    }

    fn failure(&self, operation: Operation, url: &Url, error: &reqwest::Error) -> Error {
        let (url, reason) = (url.to_string(), innermost(error));
        if causes(error).any(|cause| cause.is::<rustls::Error>()) {
            Error::Tls { url, reason }
        } else if error.is_timeout() {
            Error::Timeout { operation, url, limit: self.timeout }
        } else if error.is_connect() {
            Error::Connect { url, reason }
        } else {
            Error::Broken { operation, url, reason }
        }
    }
}

impl Answer {
    /// The body as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|error| self.unusable(error.to_string()))
    }

    /// The URL of what was created, which the CA must name.
    pub(crate) fn location(&self) -> Result<Url, Error> {
        let text = self.headers.get(LOCATION).and_then(|value| value.to_str().ok());
        let url = text.and_then(|text| self.url.join(text).ok());
        url.ok_or_else(|| self.unusable("it has no `Location` that is a URL".to_owned()))
    }

    /// How long the CA wants to be left alone.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        retry_after(&self.headers, SystemTime::now())
    }

    pub(crate) fn nonce(&self) -> Result<String, Error> {
        nonce(&self.headers)
            .ok_or_else(|| self.unusable("it has no `Replay-Nonce` in base64url".to_owned()))
    }

    /// `text/html` and the like, for errors.
    pub(crate) fn content_type(&self) -> String {
        let value = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        printable(value.unwrap_or("no content type"))
    }

    pub(crate) fn unusable(&self, reason: String) -> Error {
        Error::Answer { operation: self.operation, url: self.url.to_string(), reason }
    }

    fn refusal(self, status: StatusCode) -> Error {
        if status.is_redirection() {
            let target = self.headers.get(LOCATION).and_then(|value| value.to_str().ok());
            let target = printable(target.unwrap_or("an unnamed place"));
            return self.unusable(format!("it redirects to `{target}` (HTTP status {status})"));
        }
        // How a CA says whose key the new one is already (RFC 8555 §7.3.5).
        if self.operation == Operation::KeyChange
            && status == StatusCode::CONFLICT
            && let Ok(account) = self.location()
        {
            return Error::KeyInUse { account };
        }
        let retry_after = self.retry_after();
        let (operation, url) = (self.operation, self.url.to_string());
        let Some(problem) = Problem::parse(&self.body) else {
            return Error::Status { operation, url, status: status.as_u16(), retry_after };
        };
        // The status of the answer itself decides; a copy in the document could contradict it.
        let problem = Box::new(Problem { status: Some(status.as_u16()), ..problem });
        Error::Problem { operation, url, problem, retry_after }
    }
}

/// Whether a URL names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// An error and what caused it; unlike `source`, it also looks into an `io::Error`'s inside.
fn causes<'a>(
    error: &'a (dyn StdError + 'static),
) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| {
        let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        inside.map(|inside| inside as &(dyn StdError + 'static)).or_else(|| error.source())
    })
}

/// The first cause says what happened; those around it only repeat that something failed.
fn innermost(error: &(dyn StdError + 'static)) -> String {
    causes(error).last().map(|cause| printable(&cause.to_string())).unwrap_or_default()
}
