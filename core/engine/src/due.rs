//! Whether a certificate shall be got anew.

use std::{collections::BTreeSet, fmt};

use serde::Serialize;
use time::{Duration, OffsetDateTime};

use crate::{
    ca::CaAccount, request::CertificateRequest, store::CertificateInfo, suggestion::Window,
};

/// Why a stored certificate does not do.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Due {
    /// The user wants it.
    Forced,
    /// It is for other domains.
    Domains,
    /// It is from a CA that is not among those named.
    Ca,
    /// Its key is of another kind.
    Key,
    /// It is of another profile.
    Profile,
    /// It was revoked.
    Revoked,
    /// Its time is running out.
    Ending,
    /// The CA suggests it.
    Suggested,
}

impl fmt::Display for Due {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Forced => "it was asked for by --force",
            Self::Domains => "it is for other domains",
            Self::Ca => "it is from another CA",
            Self::Key => "its key is of another kind",
            Self::Profile => "it is of another profile",
            Self::Revoked => "it was revoked",
            Self::Ending => "its time is running out",
            Self::Suggested => "the CA suggests it",
        })
    }
}

/// How a stored certificate differs from what is asked for.
pub(crate) fn changed(request: &CertificateRequest, stored: &CertificateInfo) -> Option<Due> {
    let wanted: BTreeSet<&str> = request.identifiers.iter().map(|name| name.ascii()).collect();
    let has: BTreeSet<&str> = stored.domains.iter().map(String::as_str).collect();
    let is_of = |ca: &CaAccount| ca.directory().is_ok_and(|url| url.as_str() == stored.server);
    if request.force {
        Some(Due::Forced)
    } else if wanted != has {
        Some(Due::Domains)
    } else if !request.cas.iter().any(is_of) {
        Some(Due::Ca)
    } else if request.key_type.is_some() && request.key_type != stored.key_type {
        Some(Due::Key)
    } else if request.profile.is_some() && request.profile != stored.renewal.profile {
        Some(Due::Profile)
    } else {
        None
    }
}

/// Whether it is time.
pub(crate) fn by_time(
    days: Option<u32>,
    stored: &CertificateInfo,
    window: Option<&Window>,
    now: OffsetDateTime,
) -> Option<Due> {
    let (time, due) = begins(days, stored, window);
    (time <= now).then_some(due)
}

/// From when on a certificate is renewed, and why. The CA's window goes before the lifetime; `days`,
/// which the user named, before both where it is earlier.
pub(crate) fn begins(
    days: Option<u32>,
    stored: &CertificateInfo,
    window: Option<&Window>,
) -> (OffsetDateTime, Due) {
    let ending = (stored.not_after - margin(days, stored), Due::Ending);
    // A window that begins when the certificate has ended is no help.
    let window = window.filter(|window| window.moment < stored.not_after);
    match window {
        Some(window) if days.is_none() || window.moment <= ending.0 => {
            (window.moment, Due::Suggested)
        }
        _ => ending,
    }
}

/// How long before its end a certificate is renewed: the days that the user named, else a third of its
/// lifetime, half of a short one.
pub(crate) fn margin(days: Option<u32>, stored: &CertificateInfo) -> Duration {
    let lifetime = stored.not_after - stored.not_before;
    match days {
        Some(days) => Duration::days(days.into()),
        None if lifetime < Duration::days(10) => lifetime / 2,
        None => lifetime / 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{instance::ProviderInstance, key::KeyType};

    const DAY: Duration = Duration::DAY;

    fn stored() -> CertificateInfo {
        CertificateInfo::sample("example.test")
    }

    fn due(change: impl FnOnce(&mut CertificateRequest), day: i32) -> Option<Due> {
        let names = ["*.example.test", "example.test"].map(|name| name.parse().unwrap()).to_vec();
        let ca = CaAccount::new("https://ca.test/dir");
        let mut request = CertificateRequest::new(names, ca, ProviderInstance::new("rfc2136"));
        change(&mut request);
        let now = OffsetDateTime::UNIX_EPOCH + day * DAY;
        changed(&request, &stored()).or_else(|| by_time(request.days, &stored(), None, now))
    }

    #[test]
    fn a_certificate_is_left_alone_until_it_is_due() {
        assert_eq!(due(|_| {}, 59), None);
        assert_eq!(due(|_| {}, 60), Some(Due::Ending));
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
        assert_eq!(due(|request| request.profile = Some("short".into()), 0), Some(Due::Profile));
    }

    #[test]
    fn any_of_the_cas_that_may_issue_it_will_do() {
        let other = || CaAccount::new("letsencrypt");
        assert_eq!(due(|request| request.cas.insert(0, other()), 0), None);
        assert_eq!(due(|request| request.cas = vec![other()], 0), Some(Due::Ca));
    }

    #[test]
    fn the_cas_window_goes_before_the_lifetime() {
        let at = |day: i32| OffsetDateTime::UNIX_EPOCH + day * DAY;
        let window = |day| Window {
            start: at(day),
            end: at(day + 2),
            moment: at(day + 1),
            explanation: None,
        };
        let due = |days, first, today| by_time(days, &stored(), Some(&window(first)), at(today));
        assert_eq!(due(None, 10, 10), None);
        assert_eq!(due(None, 10, 11), Some(Due::Suggested));
        // A third is left, and the CA says later.
        assert_eq!(due(None, 70, 65), None);
        assert_eq!(due(Some(30), 70, 65), Some(Due::Ending));
        assert_eq!(due(Some(10), 70, 65), None);
        assert_eq!(due(Some(10), 50, 65), Some(Due::Suggested));
        // Too late a window does not count.
        assert_eq!(due(None, 100, 65), Some(Due::Ending));
    }

    #[test]
    fn a_third_is_left_or_half_of_a_short_life() {
        let stored = |days| CertificateInfo {
            not_after: OffsetDateTime::UNIX_EPOCH + Duration::days(days),
            ..stored()
        };
        assert_eq!(margin(None, &stored(90)), Duration::days(30));
        assert_eq!(margin(None, &stored(6)), Duration::days(3));
        assert_eq!(margin(Some(20), &stored(90)), Duration::days(20));
    }
}
