//! The end entity's certificate in a file.

use std::path::Path;

use aws_lc_rs::digest::SHA256;
use serde::Serialize;
use time::{OffsetDateTime, serde::rfc3339};
use x509_parser::{certificate::X509Certificate, pem::parse_x509_pem, prelude::FromDer};

use crate::{
    certificate::{fingerprint, hex, subject_names},
    error::Error,
    files,
};

/// What a certificate says, wherever it was found.
#[derive(Clone, Debug, Serialize)]
pub struct LeafFacts {
    /// The serial number in lower-case hexadecimal, leading zeros kept.
    pub serial: String,
    /// What it is for, as A-labels.
    pub domains: Vec<String>,
    /// Whom it names; often nobody, as the domains stand elsewhere.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// From when it is valid.
    #[serde(with = "rfc3339")]
    pub not_before: OffsetDateTime,
    /// Until when it is valid.
    #[serde(with = "rfc3339")]
    pub not_after: OffsetDateTime,
    /// SHA-256 over the DER, in lower-case hexadecimal.
    pub fingerprint_sha256: String,
}

/// The first certificate in a PEM file, as DER.
///
/// # Errors
/// When the file cannot be read, or holds no certificate first.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let text = std::fs::read(path).map_err(|source| files::file_error("read", path, source))?;
    let damaged = |reason: String| Error::Damaged { path: path.to_owned(), reason };
    let (_, pem) = parse_x509_pem(&text).map_err(|error| damaged(error.to_string()))?;
    match pem.label.as_str() {
        "CERTIFICATE" => Ok(pem.contents),
        other => Err(damaged(format!("it holds `{other}` and no certificate"))),
    }
}

/// What identifies the certificate `der`.
///
/// # Errors
/// Why it is no certificate.
pub(crate) fn facts(der: &[u8]) -> Result<LeafFacts, String> {
    let (_, leaf) = X509Certificate::from_der(der)
        .map_err(|error| format!("it is no certificate ({error})"))?;
    Ok(LeafFacts {
        serial: hex(leaf.raw_serial()),
        domains: subject_names(&leaf),
        subject: leaf.subject().to_string(),
        issuer: leaf.issuer().to_string(),
        not_before: leaf.validity().not_before.to_datetime(),
        not_after: leaf.validity().not_after.to_datetime(),
        fingerprint_sha256: fingerprint(&SHA256, der),
    })
}
