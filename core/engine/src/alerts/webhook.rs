//! Alerts through a webhook: a POST of JSON.

use reqwest::{
    Client,
    header::{HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use url::{Host, Url};

use super::{LIMIT, Notice};
use crate::{engine::Engine, late::LateSecret};

/// Posts a notice. Neither the URL, which often is a secret, nor a header field is in an error.
pub(super) async fn post(
    engine: &Engine,
    url: &LateSecret,
    headers: &[(String, LateSecret)],
    notice: &Notice<'_>,
) -> Result<(), String> {
    let secret = url.resolve().map_err(|error| error.to_string())?;
    let url = address(secret.expose())?;
    let mut fields = HeaderMap::new();
    for (name, value) in headers {
        let field = HeaderName::try_from(name).map_err(|error| format!("`{name}`: {error}"))?;
        let secret = value.resolve().map_err(|error| error.to_string())?;
        let mut value = HeaderValue::from_str(secret.expose())
            .map_err(|_| format!("the value of `{name}` cannot be a header field"))?;
        value.set_sensitive(true);
        fields.insert(field, value);
    }
    let mut builder = Client::builder()
        .user_agent(concat!("wildcert/", env!("CARGO_PKG_VERSION")))
        .tls_certs_only(engine.roots())
        .timeout(LIMIT)
        .redirect(redirect::Policy::none());
    if is_loopback(&url) {
        builder = builder.no_proxy();
    }
    let client = builder.build().map_err(|error| told(&error))?;
    // Its fields go before ours, among them the content type.
    let request = client.post(url).json(notice).headers(fields);
    let answer = request.send().await.map_err(|error| told(&error.without_url()))?;
    let status = answer.status();
    if status.is_success() { Ok(()) } else { Err(format!("it answered with HTTP status {status}")) }
}

/// The URL of a webhook.
pub(crate) fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text.trim()).map_err(|error| format!("it is no URL: {error}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(format!("`{other}` is neither `https` nor `http`")),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// An error with what it comes from.
pub(super) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let more = error.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = error.source();
    }
    text
}
