//! ACME Renewal Information (RFC 9773).

use serde_json::json;
use time::{Duration, OffsetDateTime};
use x509_parser::extensions::ParsedExtension;

use super::account::owned;
use super::jws::{from_base64url, to_base64url};
use super::order::rfc3339;
use super::problem::Problem;
use super::problem_type::ProblemType;
use super::reply::Reply;
use super::server::Ca;
use super::state::{Certificate, Order, State, Status};
use crate::RenewalWindow;
use crate::events::lock;

impl Ca {
    /// Shows anybody when a certificate should be renewed; `path` is that of the request.
    pub(super) fn renewal_info(&self, path: &str) -> Result<Reply, Problem> {
        let id = path.rsplit('/').next().unwrap_or_default();
        let parts = id.split_once('.').map(|(key, serial)| [key, serial].map(from_base64url));
        if parts.is_none_or(|parts| parts.contains(&None)) {
            let detail = format!("`{id}` is no certificate identifier");
            return Err(Problem::malformed(detail));
        }
        let state = lock(&self.state);
        let certificate = state.certificate_ids.get(id).and_then(|id| state.certificates.get(*id));
        let certificate = certificate.ok_or_else(|| unknown(id))?;
        let window = window(certificate);
        let mut body = json!({
            "suggestedWindow": {
                "start": rfc3339(window.start.into())?,
                "end": rfc3339(window.end.into())?,
            },
        });
        if let Some(url) = window.explanation_url {
            body["explanationURL"] = url.into();
        }
        Ok(Reply::json(200, body)?.retry_after(Some(window.retry_after.as_secs())))
    }

    /// Sets the window of a certificate, named by its identifier or by its serial in hexadecimal;
    /// returns whether there is one.
    pub(crate) fn set_renewal_window(&self, certificate: &str, window: RenewalWindow) -> bool {
        let mut state = lock(&self.state);
        let serial = serial_suffix(certificate);
        let mut ids = state.certificate_ids.iter();
        let found = ids.find(|(id, _)| {
            *id == certificate || serial.as_ref().is_some_and(|serial| id.ends_with(serial))
        });
        let Some(id) = found.map(|(_, id)| *id) else { return false };
        let certificate = state.certificates.get_mut(id);
        certificate.map(|certificate| certificate.renewal_window = Some(window)).is_some()
    }
}

impl State {
    /// The certificate that an order replaces, after the checks of RFC 9773 §5.
    pub(super) fn predecessor(&self, order: &Order) -> Result<Option<usize>, Problem> {
        let Some(name) = &order.replaces else { return Ok(None) };
        let id = *self.certificate_ids.get(name).ok_or_else(|| unknown(name))?;
        let certificate = self.certificates.get(id).ok_or_else(|| unknown(name))?;
        owned(order.account, certificate.account)?;
        if !certificate.identifiers.iter().any(|known| order.identifiers.contains(known)) {
            let detail = "the order has no identifier of the certificate which it replaces";
            return Err(Problem::malformed(detail));
        }
        let successor = certificate.replaced_by.and_then(|id| self.orders.get(id));
        if successor.is_some_and(|order| self.order_status(order) != Status::Invalid) {
            let detail = format!("another order replaces the certificate `{name}`");
            return Err(Problem::new(ProblemType::AlreadyReplaced, detail));
        }
        Ok(Some(id))
    }
}

/// The identifier of a certificate in DER: authority key identifier and serial number (RFC 9773
/// §4.1).
pub(super) fn certificate_id(der: &[u8]) -> Option<String> {
    let (_, certificate) = x509_parser::parse_x509_certificate(der).ok()?;
    let key = certificate.extensions().iter().find_map(|extension| {
        match extension.parsed_extension() {
            ParsedExtension::AuthorityKeyIdentifier(key) => key.key_identifier.as_ref(),
            _ => None,
        }
    })?;
    Some(format!("{}.{}", to_base64url(key.0), to_base64url(certificate.raw_serial())))
}

/// The window somebody set; at once for a revoked certificate; else the beginning of the last third.
fn window(certificate: &Certificate) -> RenewalWindow {
    if let Some(window) = &certificate.renewal_window {
        return window.clone();
    }
    if certificate.revoked {
        let now = OffsetDateTime::now_utc();
        return RenewalWindow::new((now - Duration::HOUR).into(), now.into());
    }
    let lifetime: Duration = certificate.not_after - certificate.not_before;
    let start = certificate.not_after - lifetime / 3_i32;
    // Windows are told in whole seconds, and may not be empty.
    let width = (lifetime / 30_i32).max(Duration::SECOND);
    RenewalWindow::new(start.into(), (start + width).into())
}

/// What the identifier of a certificate with this serial, in hexadecimal, ends in.
fn serial_suffix(serial: &str) -> Option<String> {
    let digits: String = serial.chars().filter(|c| *c != ':').collect();
    let octet = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let octets: Option<Vec<u8>> = (0..digits.len()).step_by(2).map(octet).collect();
    octets.filter(|octets| !octets.is_empty()).map(|octets| format!(".{}", to_base64url(&octets)))
}

fn unknown(id: &str) -> Problem {
    Problem::malformed(format!("this CA has not issued the certificate `{id}`")).with_status(404)
}
