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

    #[test]
    fn a_third_is_left_or_half_of_a_short_life() {
        assert_eq!(margin(Duration::days(90)), Duration::days(30));
        assert_eq!(margin(Duration::days(6)), Duration::days(3));
    }
}
