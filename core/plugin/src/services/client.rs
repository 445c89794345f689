//! The HTTP clients that all providers of a host share, and the look at resolved addresses.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
};

use reqwest::{
    Certificate, Client,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect::Policy,
};
use url::{Position, Url};
use wildcert_plugin_sdk::{Error, testing::ORIGIN_HEADER};

use super::address::is_public;

/// The clients, made when they are first needed: one reaches only public addresses, one also what
/// the user's own settings name. Connections are never shared between the two.
pub(crate) struct Clients {
    roots: Vec<Certificate>,
    /// Where every request goes in place of its vendor.
    simulator: Option<SocketAddr>,
    public: OnceLock<Client>,
    private: OnceLock<Client>,
}

/// A name that leads into a private network.
#[derive(Debug, thiserror::Error)]
#[error("`{name}` leads to the private address {address}, which no setting names")]
pub(super) struct PrivateAddress {
    name: String,
    address: std::net::IpAddr,
}

impl Clients {
    /// `roots` are trusted; the system's when there are none. A `simulator` answers in place of every
    /// vendor.
    pub(crate) fn new(roots: Vec<Certificate>, simulator: Option<SocketAddr>) -> Self {
        Self { roots, simulator, public: OnceLock::new(), private: OnceLock::new() }
    }

    /// Whether a simulator answers in place of every vendor: its requests need not be paced.
    pub(super) fn is_simulated(&self) -> bool {
        self.simulator.is_some()
    }

    /// Where a request to `url`, which has passed all checks, really goes; the simulator learns from a
    /// header for whom it was meant.
    ///
    /// # Errors
    /// When the URL cannot be turned into one of the simulator: the vendor is then never asked in
    /// its place.
    pub(super) fn destination(&self, url: &Url, headers: &mut HeaderMap) -> Result<Url, Error> {
        let Some(simulator) = self.simulator else { return Ok(url.clone()) };
        let told = |error: &dyn std::fmt::Display| {
            Error::permanent(format!("refused to send to the simulator: {error}"))
        };
        let origin = HeaderValue::from_str(&url.origin().ascii_serialization());
        headers.insert(HeaderName::from_static(ORIGIN_HEADER), origin.map_err(|e| told(&e))?);
        let rest = &url[Position::BeforePath..];
        Url::parse(&format!("http://{simulator}{rest}")).map_err(|error| told(&error))
    }

    /// The client for a target that a user's setting names, or for any other.
    pub(crate) fn get(&self, named_by_user: bool) -> reqwest::Result<&Client> {
        let cell = if named_by_user { &self.private } else { &self.public };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let mut builder = Client::builder()
            .redirect(Policy::none())
            .referer(false)
            .user_agent(concat!("wildcert/", env!("CARGO_PKG_VERSION")));
        if !self.roots.is_empty() {
            builder = builder.tls_certs_only(self.roots.iter().cloned());
        }
        if !named_by_user {
            builder = builder.dns_resolver(Arc::new(PublicOnly { proxies: proxies() }));
        }
        let client = builder.build()?;
        Ok(cell.get_or_init(|| client))
    }
}

/// Resolves as the system does, and drops addresses that are not public.
struct PublicOnly {
    proxies: Vec<String>,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        // The user's proxy may well be in the user's network; it then resolves the targets.
        let proxy = self.proxies.iter().any(|proxy| proxy.eq_ignore_ascii_case(name.as_str()));
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let (public, private): (Vec<SocketAddr>, Vec<SocketAddr>) =
                found.partition(|address| proxy || is_public(address.ip()));
            match private.first() {
                Some(address) if public.is_empty() => {
                    let name = name.as_str().to_owned();
                    Err(PrivateAddress { name, address: address.ip() }.into())
                }
                _ => Ok(Box::new(public.into_iter()) as Addrs),
            }
        })
    }
}

/// The names of the proxies of the environment.
fn proxies() -> Vec<String> {
    ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]
        .into_iter()
        .filter_map(|variable| std::env::var(variable).ok())
        .filter_map(|value| host_of(&value))
        .collect()
}

fn host_of(proxy: &str) -> Option<String> {
    let with_scheme =
        if proxy.contains("://") { proxy.to_owned() } else { format!("http://{proxy}") };
    Url::parse(&with_scheme).ok()?.host_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn private_results_are_refused_except_for_the_proxy() {
        let resolve = async |proxies: &[&str]| {
            let proxies = proxies.iter().map(|proxy| (*proxy).to_owned()).collect();
            PublicOnly { proxies }.resolve("localhost".parse().unwrap()).await.map(Iterator::count)
        };
        let refused = resolve(&[]).await.err().unwrap();
        assert!(refused.is::<PrivateAddress>(), "{refused}");
        assert!(resolve(&["localhost"]).await.unwrap() > 0);
    }

    #[test]
    fn proxies_are_named_with_or_without_scheme() {
        assert_eq!(host_of("proxy.corp:3128").as_deref(), Some("proxy.corp"));
        assert_eq!(host_of("http://me:pw@proxy.corp:3128/").as_deref(), Some("proxy.corp"));
    }
}
