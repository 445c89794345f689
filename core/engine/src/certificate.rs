//! What the CA sent: a chain that belongs to our request and our names.

use std::collections::BTreeSet;

use aws_lc_rs::digest;
use time::OffsetDateTime;
use wildcert_dns::Identifier;
use x509_parser::{
    certificate::X509Certificate, extensions::GeneralName, prelude::FromDer, time::ASN1Time,
};

use crate::{csr::Csr, error::Error, key::KeyFacts, pem};

/// A chain, checked.
pub(crate) struct Issued {
    /// The end entity's certificate, DER.
    pub(crate) leaf: Vec<u8>,
    /// What leads to the root, DER each; may be empty.
    pub(crate) issuers: Vec<Vec<u8>>,
    /// Lower-case hexadecimal digits, leading zeros kept.
    pub(crate) serial: String,
    pub(crate) subject: String,
    pub(crate) issuer: String,
    pub(crate) not_before: OffsetDateTime,
    pub(crate) not_after: OffsetDateTime,
    /// Over the DER, lower-case hexadecimal.
    pub(crate) fingerprint_sha1: String,
    /// Over the DER, lower-case hexadecimal.
    pub(crate) fingerprint_sha256: String,
    pub(crate) key: KeyFacts,
}

impl Issued {
    /// Reads a PEM chain and sees that its first certificate is over the request's key and for
    /// exactly `identifiers`.
    pub(crate) fn check(
        name: &str,
        chain: &str,
        csr: &Csr,
        identifiers: &[Identifier],
    ) -> Result<Self, Error> {
        let unusable = |reason: String| Error::Certificate { name: name.to_owned(), reason };
        let mut certificates = pem::decode(chain)
            .map_err(|error| unusable(format!("the chain is no PEM: {error}")))?;
        if certificates.is_empty() {
            return Err(unusable("the chain is empty".to_owned()));
        }
        let issuers = certificates.split_off(1);
        let der = certificates.concat();
        let (_, leaf) = X509Certificate::from_der(&der)
            .map_err(|error| unusable(format!("it is no certificate: {error}")))?;

        if leaf.public_key().raw != csr.public_key() {
            return Err(unusable("it is for another key".to_owned()));
        }
        let wanted: BTreeSet<&str> = identifiers.iter().map(Identifier::ascii).collect();
        let names = subject_names(&leaf);
        if names.iter().map(String::as_str).collect::<BTreeSet<_>>() != wanted {
            return Err(unusable(format!("it is for {}", names.join(", "))));
        }
        let date = |time: ASN1Time| time.to_datetime();
        Ok(Self {
            issuers,
            serial: hex(leaf.raw_serial()),
            subject: leaf.subject().to_string(),
            issuer: leaf.issuer().to_string(),
            not_before: date(leaf.validity().not_before),
            not_after: date(leaf.validity().not_after),
            fingerprint_sha1: fingerprint(&digest::SHA1_FOR_LEGACY_USE_ONLY, &der),
            fingerprint_sha256: fingerprint(&digest::SHA256, &der),
            key: KeyFacts::of(leaf.public_key()),
            leaf: der,
        })
    }

    /// The end entity's certificate, PEM.
    pub(crate) fn leaf_pem(&self) -> String {
        pem::encode(LABEL, &self.leaf)
    }

    /// What leads to the root, PEM; may be empty.
    pub(crate) fn issuers_pem(&self) -> String {
        self.issuers.iter().map(|der| pem::encode(LABEL, der)).collect()
    }
}

/// The DNS names of a certificate, in lower case.
pub(crate) fn subject_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let names = extension.value.general_names.iter().filter_map(|name| match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        _ => None,
    });
    names.collect()
}

/// A digest in lower-case hexadecimal.
pub(crate) fn fingerprint(algorithm: &'static digest::Algorithm, der: &[u8]) -> String {
    hex(digest::digest(algorithm, der).as_ref())
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

const LABEL: &str = "CERTIFICATE";

#[cfg(test)]
pub(crate) mod tests {
    use rcgen::{CertificateParams, DnType, Issuer, KeyPair};
    use time::Duration;

    use super::*;
    use crate::key::KeyType;

    /// The chain that a CA of the test makes for this request: valid since ten days for ninety.
    pub(crate) fn chain(csr: &Csr) -> String {
        let ca_key = KeyPair::generate().unwrap();
        let mut ca = CertificateParams::default();
        ca.distinguished_name.push(DnType::CommonName, "Example Issuing CA");
        let root = ca.self_signed(&ca_key).unwrap();
        let mut request =
            rcgen::CertificateSigningRequestParams::from_der(&csr.der().into()).unwrap();
        let now = OffsetDateTime::now_utc();
        request.params.not_before = now - Duration::days(10);
        request.params.not_after = now + Duration::days(80);
        let leaf = request.signed_by(&Issuer::new(ca, ca_key)).unwrap();
        format!("{}{}", leaf.pem(), root.pem())
    }

    fn names(names: &[&str]) -> Vec<Identifier> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    fn error(chain: &str, csr: &Csr, wanted: &[&str]) -> String {
        let checked = Issued::check("example.com", chain, csr, &names(wanted));
        checked.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn the_chain_is_for_our_key_and_our_names() {
        let wanted = ["example.com", "*.example.com"];
        let csr = Csr::new(KeyType::Ec256, &names(&wanted)).unwrap();
        let chain = chain(&csr);
        let issued = Issued::check("example.com", &chain, &csr, &names(&wanted)).unwrap();
        assert_eq!(issued.issuers.len(), 1);
        assert_eq!(issued.issuer, "CN=Example Issuing CA");
        assert_eq!((issued.key.algorithm.as_str(), issued.key.bits), ("EC P-256", 256));
        assert_eq!(issued.fingerprint_sha1.len(), 40);
        assert_eq!(issued.not_after - issued.not_before, Duration::days(90));

        let other = Csr::new(KeyType::Ec256, &names(&wanted)).unwrap();
        assert!(error(&chain, &other, &wanted).ends_with("it is for another key"));
        assert!(error(&chain, &csr, &["example.com"]).ends_with("example.com, *.example.com"));
        assert!(error("", &csr, &wanted).ends_with("the chain is empty"));
    }

    #[test]
    fn openssl_tells_the_same_facts() {
        use crate::openssl::openssl;
        let csr = Csr::new(KeyType::Rsa2048, &names(&["example.com"])).unwrap();
        let chain = chain(&csr);
        let issued = Issued::check("x", &chain, &csr, &names(&["example.com"])).unwrap();
        let fact = |arguments: &[&str]| {
            let all = [&["x509", "-noout"], arguments].concat();
            let text = openssl(&all, issued.leaf_pem().as_bytes());
            text.trim().rsplit('=').next().unwrap().replace(':', "").to_ascii_lowercase()
        };
        assert_eq!(fact(&["-fingerprint", "-sha1"]), issued.fingerprint_sha1);
        assert_eq!(fact(&["-fingerprint", "-sha256"]), issued.fingerprint_sha256);
        assert_eq!(fact(&["-serial"]), issued.serial.trim_start_matches("00"));
        assert_eq!(issued.key.bits, 2048);
    }
}
