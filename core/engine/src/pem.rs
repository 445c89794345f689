//! PEM with lines of 64 characters (RFC 7468), whatever the source's looked like.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use x509_parser::{error::PEMError, pem::Pem};

/// One section.
pub(crate) fn encode(label: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = format!("-----BEGIN {label}-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = tail;
    }
    pem.push_str(&format!("-----END {label}-----\n"));
    pem
}

/// What the sections hold, in their order.
///
/// # Errors
/// When a section is no PEM.
pub(crate) fn decode(text: &str) -> Result<Vec<Vec<u8>>, PEMError> {
    Pem::iter_from_buffer(text.as_bytes()).map(|pem| pem.map(|pem| pem.contents)).collect()
}
