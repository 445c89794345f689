//! Seeing that a server took its new certificate up.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use super::error::{DeployError, Unserved};
use crate::{
    error::Error,
    probe::{Endpoint, probe},
    stop::Stop,
    store::CertificateInfo,
};

/// Looks at once, then at growing intervals, until `endpoint` serves the certificate with its chain.
pub(super) async fn see(
    endpoint: &Endpoint,
    info: &CertificateInfo,
    stop: &Stop,
) -> Result<(), Error> {
    let begun = Instant::now();
    let name = name(endpoint, info);
    let mut pause = FIRST_PAUSE;
    loop {
        let look = tokio::select! {
            look = probe(endpoint, name.as_deref(), LOOK) => look,
            signal = stop.asked() => return Err(Error::Stopped(signal)),
        };
        let source = match look {
            Err(error) => Unserved::Nothing(error),
            Ok(served) => {
                let verdict = served.judge(info)?;
                if verdict.is_good() {
                    return Ok(());
                }
                Unserved::Other(verdict.findings)
            }
        };
        if begun.elapsed() + pause > PATIENCE {
            let endpoint = endpoint.to_string();
            return Err(DeployError::Probe { endpoint, source }.into());
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            signal = stop.asked() => return Err(Error::Stopped(signal)),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The server name to ask for: the endpoint's own, else its host where the certificate is for that,
/// else a name that the certificate is for.
fn name(endpoint: &Endpoint, info: &CertificateInfo) -> Option<String> {
    let host = endpoint.host.as_str();
    let is_name = host.parse::<IpAddr>().is_err();
    if endpoint.name.is_some() || is_name && info.domains.iter().any(|domain| is_for(domain, host))
    {
        return None;
    }
    let plain = info.domains.iter().find(|domain| !domain.starts_with("*."));
    let first = plain.or(info.domains.first())?;
    Some(first.replacen('*', "www", 1))
}

fn is_for(domain: &str, host: &str) -> bool {
    match domain.strip_prefix("*.") {
        Some(base) => host.split_once('.').is_some_and(|(_, above)| above == base),
        None => domain == host,
    }
}

/// How long a server may take to serve the new certificate.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a look may take.
const LOOK: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_asked_for_a_name_that_the_certificate_has() {
        let asked = |endpoint: &str, domains: &[&str]| {
            let domains = domains.iter().map(|domain| (*domain).to_owned()).collect();
            let info = CertificateInfo { domains, ..CertificateInfo::sample("example.test") };
            let endpoint: Endpoint = endpoint.parse().unwrap();
            let name = name(&endpoint, &info);
            endpoint.server_name(name.as_deref()).map(str::to_owned).unwrap_or_default()
        };
        let both = ["*.example.test", "example.test"];
        assert_eq!(asked("192.0.2.1:443", &both), "example.test");
        assert_eq!(asked("192.0.2.1:443", &["*.example.test"]), "www.example.test");
        assert_eq!(asked("mail.example.test:443", &both), "mail.example.test");
        assert_eq!(asked("server.internal.test:443", &both), "example.test");
        assert_eq!(asked("a.example.test@192.0.2.1:443", &both), "a.example.test");
    }
}
