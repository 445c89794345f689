//! What the CA sent: a chain that belongs to our key and our names.

use std::collections::BTreeSet;

use aws_lc_rs::digest;
use base64::{Engine, engine::general_purpose::STANDARD};
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PublicKeyData};
use time::OffsetDateTime;
use wildcert_dns::Identifier;
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, pem::Pem, prelude::FromDer,
    time::ASN1Time,
};

use crate::{error::Error, key::KeyType};

/// A key and the request for a certificate over it.
pub(crate) struct Csr {
    pub(crate) key: KeyPair,
    pub(crate) der: Vec<u8>,
}

/// A chain, checked.
pub(crate) struct Issued {
    /// The end entity's certificate, PEM.
    pub(crate) leaf: String,
    /// What leads to the root, PEM; may be empty.
    pub(crate) issuers: String,
    /// Lower-case hexadecimal digits, leading zeros kept.
    pub(crate) serial: String,
    pub(crate) issuer: String,
    pub(crate) not_before: OffsetDateTime,
    pub(crate) not_after: OffsetDateTime,
    /// SHA-256 over the DER, lower-case hexadecimal.
    pub(crate) fingerprint: String,
}

impl Csr {
    /// A new key and a request for these names; RSA takes a while, so call it off the async threads.
    pub(crate) fn new(key_type: KeyType, identifiers: &[Identifier]) -> Result<Self, Error> {
        let crypto =
            |doing| move |error: rcgen::Error| Error::Crypto { doing, reason: error.to_string() };
        let key = key_type.generate().map_err(crypto("make the certificate's key"))?;
        let names: Vec<String> = identifiers.iter().map(|name| name.ascii().to_owned()).collect();
        let request = crypto("make the certificate request");
        let mut params = CertificateParams::new(names).map_err(&request)?;
        // No common name: it is limited to 64 characters, and the names are all in the SAN.
        params.distinguished_name = DistinguishedName::new();
        let csr = params.serialize_request(&key).map_err(&request)?;
        Ok(Self { der: csr.der().to_vec(), key })
    }
}

impl Issued {
    /// Reads a PEM chain and sees that its first certificate is over `key` and for exactly
    /// `identifiers`.
    pub(crate) fn check(
        name: &str,
        chain: &str,
        key: &KeyPair,
        identifiers: &[Identifier],
    ) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Certificate { name: name.to_owned(), reason };
        let certificates: Vec<Vec<u8>> = Pem::iter_from_buffer(chain.as_bytes())
            .map(|pem| pem.map(|pem| pem.contents))
            .collect::<Result<_, _>>()
            .map_err(|error| unusable(format!("the chain is no PEM: {error}")))?;
        let [leaf_der, issuers @ ..] = certificates.as_slice() else {
            return Err(unusable("the chain is empty".to_owned()));
        };
        let (_, leaf) = X509Certificate::from_der(leaf_der)
            .map_err(|error| unusable(format!("it is no certificate: {error}")))?;

        if leaf.public_key().raw != key.subject_public_key_info() {
            return Err(unusable("it is for another key".to_owned()));
        }
        let wanted: BTreeSet<&str> = identifiers.iter().map(Identifier::ascii).collect();
        let names = subject_names(&leaf);
        if names.iter().map(String::as_str).collect::<BTreeSet<_>>() != wanted {
            return Err(unusable(format!("it is for {}", names.join(", "))));
        }
        let date = |time: ASN1Time| time.to_datetime();
        Ok(Self {
            leaf: to_pem(leaf_der),
            issuers: issuers.iter().map(|der| to_pem(der)).collect(),
            serial: hex(leaf.raw_serial()),
            issuer: leaf.issuer().to_string(),
            not_before: date(leaf.validity().not_before),
            not_after: date(leaf.validity().not_after),
            fingerprint: hex(digest::digest(&digest::SHA256, leaf_der).as_ref()),
        })
    }
}

fn subject_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let names = extension.value.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    names.collect()
}

/// PEM with lines of 64 characters (RFC 7468), whatever the CA's looked like.
fn to_pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, tail) = rest.split_at(rest.len().min(64));
        pem.push_str(line);
        pem.push('\n');
        rest = tail;
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
