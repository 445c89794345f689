//! Asking the CA when a certificate shall be renewed: ACME Renewal Information (RFC 9773).

use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use reqwest::Method;
use serde::Deserialize;
use time::OffsetDateTime;
use url::Url;
use x509_parser::extensions::ParsedExtension;

use crate::jws::base64url;
use crate::{Client, Error, Operation};

/// How often a certificate may be asked about, whatever the CA says (RFC 9773 §4.3.2).
const PAUSES: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(60)..=Duration::from_secs(86_400);

/// When to ask again where the CA does not say (RFC 9773 §4.3.3).
const USUAL_PAUSE: Duration = Duration::from_secs(6 * 3600);

/// When a CA wants a certificate to be renewed (RFC 9773 §4.2).
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RenewalInfo {
    /// The beginning of the window.
    pub start: OffsetDateTime,
    /// Its end, after the beginning.
    pub end: OffsetDateTime,
    /// A page that tells why.
    pub explanation_url: Option<String>,
    /// When to ask again: from a minute to a day.
    pub retry_after: Duration,
}

impl RenewalInfo {
    /// The time to renew: somewhere in the window, evenly spread over all certificates, but the
    /// same at each call for one (RFC 9773 §4.2 wants a random time, so that renewals do not come
    /// together). One that is past means now.
    ///
    /// `id` is the certificate's [identifier](certificate_id).
    pub fn moment(&self, id: &str) -> OffsetDateTime {
        let hash = digest(&SHA256, id.as_bytes());
        let place =
            hash.as_ref().iter().take(4).fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
        let window = self.end - self.start;
        self.start + window * (f64::from(place) / f64::from(u32::MAX))
    }
}

/// The identifier under which a CA keeps renewal information on a certificate, given in DER
/// (RFC 9773 §4.1).
///
/// # Errors
/// [`Error::Certificate`] if it is no certificate, or has no authority key identifier.
pub fn certificate_id(certificate_der: &[u8]) -> Result<String, Error> {
    let wrong = |reason: String| Error::Certificate { reason };
    let (_, certificate) = x509_parser::parse_x509_certificate(certificate_der)
        .map_err(|error| wrong(format!("it is no certificate in DER ({error})")))?;
    let issuer = certificate.extensions().iter().find_map(|one| match one.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(found) => found.key_identifier.as_ref(),
        _ => None,
    });
    let issuer = issuer.ok_or_else(|| wrong("it has no authority key identifier".to_owned()))?;
    Ok(format!("{}.{}", base64url(issuer.0), base64url(certificate.raw_serial())))
}

impl Client {
    /// Asks when the certificate with this [identifier](certificate_id) shall be renewed; `None`
    /// if the CA has no renewal information at all.
    ///
    /// Needs no account. RFC 9773 §4.3 wants it to be asked again after
    /// [`RenewalInfo::retry_after`], and not about certificates that have expired.
    ///
    /// # Errors
    /// [`Error::Problem`] or [`Error::Status`] if the CA does not know the certificate,
    /// [`Error::Answer`] if the window cannot be used, or what prevents the request. None of them
    /// keeps a certificate from being renewed in time by its lifetime.
    pub async fn renewal_info(&self, id: &str) -> Result<Option<RenewalInfo>, Error> {
        let directory = self.directory().await?;
        let Some(base) = &directory.renewal_info else { return Ok(None) };
        let operation = Operation::RenewalInfo;
        let url = format!("{}/{id}", base.as_str().trim_end_matches('/'));
        let url = Url::parse(&url).map_err(|error| Error::Answer {
            operation,
            url,
            reason: error.to_string(),
        })?;
        let answer = self.core().transport.plain(operation, Method::GET, &url).await?;
        let body: Body = answer.json()?;
        let Window { start, end } = body.suggested_window;
        if end <= start {
            return Err(answer.unusable("its window ends before it begins".to_owned()));
        }
        let asked = answer.retry_after().unwrap_or(USUAL_PAUSE);
        Ok(Some(RenewalInfo {
            start,
            end,
            explanation_url: body.explanation_url,
            retry_after: asked.clamp(*PAUSES.start(), *PAUSES.end()),
        }))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    suggested_window: Window,
    #[serde(default, rename = "explanationURL")]
    explanation_url: Option<String>,
}

#[derive(Deserialize)]
struct Window {
    #[serde(with = "time::serde::rfc3339")]
    start: OffsetDateTime,
    #[serde(with = "time::serde::rfc3339")]
    end: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject;
    use time::macros::datetime;

    use super::*;

    /// RFC 9773 appendix A and §4.1; the serial number has a leading zero byte, which counts.
    #[test]
    fn the_identifier_is_that_of_the_rfc() {
        let pem = include_bytes!("tests/certificates/rfc9773.pem");
        let der = CertificateDer::from_pem_slice(pem).unwrap();
        assert_eq!(certificate_id(&der).unwrap(), "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE");
    }

    #[test]
    fn what_has_no_identifier_is_an_error() {
        let root = include_bytes!("tests/certificates/root.pem");
        let error = certificate_id(&CertificateDer::from_pem_slice(root).unwrap()).unwrap_err();
        assert!(error.to_string().ends_with("no authority key identifier"), "{error}");
        let error = certificate_id(b"0").unwrap_err();
        assert!(error.to_string().contains("no certificate in DER"), "{error}");
    }

    #[test]
    fn the_moment_is_in_the_window_spread_and_always_the_same() {
        let info = RenewalInfo {
            start: datetime!(2030-01-01 0:00 UTC),
            end: datetime!(2030-01-03 0:00 UTC),
            explanation_url: None,
            retry_after: USUAL_PAUSE,
        };
        let moments: Vec<_> = (0..200).map(|number| info.moment(&format!("a.{number}"))).collect();
        assert!(moments.iter().all(|moment| (info.start..=info.end).contains(moment)));
        let early = moments.iter().filter(|moment| **moment < datetime!(2030-01-02 0:00 UTC));
        assert!((70..130).contains(&early.count()));
        assert_eq!(info.moment("a.7"), moments[7]);
    }
}
