//! Fetching a file over HTTPS.

use std::{error::Error as _, time::Duration};

use reqwest::{Response, header::LOCATION};
use tokio::time::timeout;
use url::{Host, Url};

use super::error::InstallError;
use crate::services::{Clients, is_public};

/// How many redirects are followed.
const REDIRECTS: usize = 5;

/// For how long a server may take for a whole file.
const PATIENCE: Duration = Duration::from_secs(300);

/// The content at `url`, at most `limit` octets.
///
/// Redirects are followed over https only. What the user named may be in a private network; what a
/// server leads to must be public, unless it is the same server.
///
/// # Errors
/// When the server cannot be reached, answers anything but 200, or leads elsewhere.
pub(super) async fn fetch(
    clients: &Clients,
    url: &Url,
    limit: u64,
) -> Result<Vec<u8>, InstallError> {
    let fetching = async {
        let response = follow(clients, url).await?;
        read(response, url, limit).await
    };
    timeout(PATIENCE, fetching).await.unwrap_or_else(|_| {
        let reason = format!("it takes longer than {} s", PATIENCE.as_secs());
        Err(InstallError::Fetch { url: shown(url), reason })
    })
}

/// A URL for messages: without what may be secret, the query and the user's name and password.
pub(super) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Both fail only for URLs that have no place for them.
    let _ = (url.set_username(""), url.set_password(None));
    url.to_string()
}

/// Checks that modules may be fetched from there.
pub(super) fn check(url: &Url) -> Result<(), &'static str> {
    match url.scheme() {
        "https" if !url.username().is_empty() || url.password().is_some() => {
            Err("it holds a user's name or password")
        }
        "https" => Ok(()),
        _ => Err("it is not https"),
    }
}

async fn follow(clients: &Clients, url: &Url) -> Result<Response, InstallError> {
    let mut here = url.clone();
    for _ in 0..=REDIRECTS {
        let named = here.origin() == url.origin();
        if !named && leads_to_private_address(&here) {
            return Err(refused(url, &here, "it is a private address"));
        }
        let answer = async { clients.get(named)?.get(here.clone()).send().await }.await;
        let response = answer.map_err(|error| failed(&here, &error))?;
        if !response.status().is_redirection() {
            return Ok(response);
        }
        let location = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
        let next = location.and_then(|location| here.join(location).ok());
        // Other answers of the 3xx range, such as 304, lead nowhere.
        let Some(next) = next else { return Ok(response) };
        check(&next).map_err(|reason| refused(url, &next, reason))?;
        here = next;
    }
    Err(InstallError::Redirects { url: shown(url), limit: REDIRECTS })
}

async fn read(mut response: Response, url: &Url, limit: u64) -> Result<Vec<u8>, InstallError> {
    let status = response.status().as_u16();
    if status != 200 {
        return Err(InstallError::Status { url: shown(url), status });
    }
    let too_large = || InstallError::TooLarge { url: shown(url), limit };
    if response.content_length().is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    let mut content = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| failed(url, &error))? {
        if (content.len() + chunk.len()) as u64 > limit {
            return Err(too_large());
        }
        content.extend_from_slice(&chunk);
    }
    Ok(content)
}

/// Names are looked at when they are resolved.
fn leads_to_private_address(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => !is_public(address.into()),
        Some(Host::Ipv6(address)) => !is_public(address.into()),
        Some(Host::Domain(_)) => false,
        None => true,
    }
}

fn refused(url: &Url, to: &Url, reason: &'static str) -> InstallError {
    InstallError::Redirect { url: shown(url), to: shown(to), reason }
}

fn failed(url: &Url, error: &reqwest::Error) -> InstallError {
    // The innermost words say what happened; those around them repeat the URL.
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        reason = inner.to_string();
        cause = inner.source();
    }
    InstallError::Fetch { url: shown(url), reason }
}
