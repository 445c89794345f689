//! Whether a certificate shall be got anew.

use std::collections::BTreeSet;

use time::{Duration, OffsetDateTime};
use url::Url;

use crate::{request::CertificateRequest, store::CertificateInfo};

/// Why a stored certificate does not do, or none when it does.
pub(crate) fn reason(
    request: &CertificateRequest,
    stored: &CertificateInfo,
    server: &Url,
    now: OffsetDateTime,
) -> Option<&'static str> {
    let wanted: BTreeSet<&str> = request.identifiers.iter().map(|name| name.ascii()).collect();
    let has: BTreeSet<&str> = stored.domains.iter().map(String::as_str).collect();
    if request.force {
        return Some("it was asked for by --force");
    }
    if wanted != has {
        return Some("it is for other domains");
    }
    if stored.server != server.as_str() {
        return Some("it is from another CA");
    }
    if request.key_type.is_some_and(|kind| kind != stored.key_type) {
        return Some("its key is of another kind");
    }
    let left = stored.not_after - now;
    let due = match request.days {
        Some(days) => left <= Duration::days(i64::from(days)),
        None => left <= margin(stored.not_after - stored.not_before),
    };
    due.then_some("its time is running out")
}

/// How long before its end a certificate is renewed: a third of its lifetime, half of a short one.
pub(crate) fn margin(lifetime: Duration) -> Duration {
    if lifetime < Duration::days(10) { lifetime / 2 } else { lifetime / 3 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::KeyType;

    const DAY: Duration = Duration::DAY;

    fn stored() -> CertificateInfo {
        let start = OffsetDateTime::UNIX_EPOCH;
        CertificateInfo {
            name: "example.test".to_owned(),
            domains: vec!["example.test".to_owned(), "*.example.test".to_owned()],
            serial: "01".to_owned(),
            not_before: start,
            not_after: start + 90 * DAY,
            key_type: KeyType::Rsa2048,
            issuer: "CN=test".to_owned(),
            fingerprint_sha256: String::new(),
            server: "https://ca.test/dir".to_owned(),
            provider: "rfc2136".to_owned(),
            domain: "example.test".to_owned(),
            certificate_url: String::new(),
            path: Default::default(),
        }
    }

    fn due(change: impl FnOnce(&mut CertificateRequest), day: i32) -> Option<&'static str> {
        let mut request = CertificateRequest {
            name: None,
            identifiers: ["*.example.test", "example.test"].map(|n| n.parse().unwrap()).to_vec(),
            key_type: None,
            provider: "rfc2136".to_owned(),
            provider_options: Vec::new(),
            propagation_timeout: None,
            days: None,
            force: false,
        };
        change(&mut request);
        let server = Url::parse("https://ca.test/dir").unwrap();
        reason(&request, &stored(), &server, OffsetDateTime::UNIX_EPOCH + day * DAY)
    }

    #[test]
    fn a_certificate_is_left_alone_until_it_is_due() {
        assert_eq!(due(|_| {}, 59), None);
        assert_eq!(due(|_| {}, 60), Some("its time is running out"));
        assert_eq!(due(|request| request.days = Some(10), 79), None);
        assert!(due(|request| request.days = Some(10), 80).is_some());
    }

    #[test]
    fn another_wish_makes_it_due() {
        let name = || "other.test".parse().unwrap();
        assert!(due(|request| request.force = true, 0).is_some());
        assert!(due(|request| request.identifiers.push(name()), 0).is_some());
        assert!(due(|request| request.key_type = Some(KeyType::Ec256), 0).is_some());
        assert_eq!(due(|request| request.key_type = Some(KeyType::Rsa2048), 0), None);
    }

    #[test]
    fn a_third_is_left_or_half_of_a_short_life() {
        assert_eq!(margin(Duration::days(90)), Duration::days(30));
        assert_eq!(margin(Duration::days(6)), Duration::days(3));
    }
}
