//! Certificate requests (PKCS#10, RFC 2986): ours, and those that somebody else made.

use std::{fs, path::Path};

use aws_lc_rs::digest::SHA256;
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PublicKeyData};
use wildcert_dns::Identifier;
use x509_parser::{
    certification_request::X509CertificationRequest,
    extensions::{GeneralName, ParsedExtension},
    pem::Pem,
    prelude::FromDer,
};

use crate::{
    certificate::fingerprint,
    error::Error,
    files,
    key::{KeyFacts, KeyType},
    pem,
    request::Faults,
};

/// The request that a certificate is issued for.
pub(crate) struct Csr {
    der: Vec<u8>,
    /// The subject public key info.
    public_key: Vec<u8>,
    /// None when the request came from outside.
    key: Option<KeyPair>,
}

impl Csr {
    /// A new key and a request for these names; RSA takes a while, so call it off the async threads.
    pub(crate) fn new(key_type: KeyType, identifiers: &[Identifier]) -> Result<Self, Error> {
        let key = key_type.generate().map_err(|error| Error::Crypto {
            doing: "make the certificate's key",
            reason: error.to_string(),
        })?;
        Self::with_key(key, identifiers)
    }

    /// A request for these names over a key that there is already.
    pub(crate) fn with_key(key: KeyPair, identifiers: &[Identifier]) -> Result<Self, Error> {
        let failed = |error: rcgen::Error| Error::Crypto {
            doing: "make the certificate request",
            reason: error.to_string(),
        };
        let names: Vec<String> = identifiers.iter().map(|name| name.ascii().to_owned()).collect();
        let mut params = CertificateParams::new(names).map_err(failed)?;
        // No common name: it is limited to 64 characters, and the names are all in the SAN.
        params.distinguished_name = DistinguishedName::new();
        let csr = params.serialize_request(&key).map_err(failed)?;
        let public_key = key.subject_public_key_info();
        Ok(Self { der: csr.der().to_vec(), public_key, key: Some(key) })
    }

    /// The request as ACME's `finalize` wants it.
    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    /// The request in PEM.
    pub(crate) fn pem(&self) -> String {
        pem::encode("CERTIFICATE REQUEST", &self.der)
    }

    /// The subject public key info of the certificate to come.
    pub(crate) fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    /// The private key; none when the request came from outside.
    pub(crate) fn key(&self) -> Option<&KeyPair> {
        self.key.as_ref()
    }
}

impl From<&ExternalCsr> for Csr {
    fn from(external: &ExternalCsr) -> Self {
        let ExternalCsr { der, public_key, .. } = external.clone();
        Self { der, public_key, key: None }
    }
}

/// A certificate request from outside, checked; its private key is never seen.
#[derive(Clone, Debug)]
pub struct ExternalCsr {
    der: Vec<u8>,
    public_key: Vec<u8>,
    facts: KeyFacts,
    identifiers: Vec<Identifier>,
}

impl ExternalCsr {
    /// Reads and checks the file of a certificate request, PEM or DER.
    ///
    /// # Errors
    /// When the file cannot be read; otherwise everything that is wrong with it at once: it is no
    /// certificate request, its signature is not by its key, it asks for something else than
    /// domains, its RSA key is shorter than 2048 bits.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let content = fs::read(path).map_err(|source| files::file_error("read", path, source))?;
        Self::parse(&content).map_err(|faults| {
            let told = |fault| format!("certificate request `{}`: {fault}", path.display());
            Error::Input(Faults(faults.into_iter().map(told).collect()))
        })
    }

    /// The domains that it asks for, without repetition: the common name first, if it is one.
    pub fn identifiers(&self) -> &[Identifier] {
        &self.identifiers
    }

    /// SHA-256 over it, in lower-case hexadecimal.
    pub(crate) fn digest(&self) -> String {
        fingerprint(&SHA256, &self.der)
    }

    /// The kind of its key; none when it is one that wildcert does not make.
    pub fn key_type(&self) -> Option<KeyType> {
        self.facts.key_type()
    }

    fn parse(content: &[u8]) -> Result<Self, Vec<String>> {
        let der = der(content).map_err(|fault| vec![fault])?;
        let csr = match X509CertificationRequest::from_der(&der) {
            Ok(([], csr)) => csr,
            Ok(_) => return Err(vec!["something follows the request".to_owned()]),
            Err(_) => {
                let fault = "it holds no certificate request (PKCS#10) in PEM or DER";
                return Err(vec![fault.to_owned()]);
            }
        };
        let key = &csr.certification_request_info.subject_pki;
        let facts = KeyFacts::of(key);
        let mut faults = Vec::new();
        if facts.algorithm == "RSA" && facts.bits < RSA_MINIMUM {
            let bits = facts.bits;
            faults.push(format!("its RSA key has {bits} bits, and CAs want {RSA_MINIMUM}"));
        } else if let Err(error) = csr.verify_signature() {
            faults.push(format!("its signature could not be verified with its own key ({error})"));
        }
        let identifiers = identifiers(&csr, &mut faults);
        let public_key = key.raw.to_vec();
        match faults.is_empty() {
            true => Ok(Self { der, public_key, facts, identifiers }),
            false => Err(faults),
        }
    }
}

/// The request's DER, out of the first such section when it is PEM.
fn der(content: &[u8]) -> Result<Vec<u8>, String> {
    if !content.windows(BEGIN.len()).any(|window| window == BEGIN) {
        return Ok(content.to_vec());
    }
    let sections: Vec<Pem> = Pem::iter_from_buffer(content)
        .collect::<Result<_, _>>()
        .map_err(|error| format!("its PEM cannot be read: {error}"))?;
    let labels: Vec<String> = sections.iter().map(|pem| format!("`{}`", pem.label)).collect();
    let found = sections.into_iter().find(|pem| LABELS.contains(&pem.label.as_str()));
    let other = || format!("it holds {} and no certificate request", labels.join(", "));
    found.map(|pem| pem.contents).ok_or_else(other)
}

/// The names in common name and SAN: CAs want just these ordered (RFC 8555 §7.4).
fn identifiers(csr: &X509CertificationRequest<'_>, faults: &mut Vec<String>) -> Vec<Identifier> {
    let mut found: Vec<Identifier> = Vec::new();
    let subject = &csr.certification_request_info.subject;
    let common = subject.iter_common_name().filter_map(|name| name.as_str().ok());
    let common: Vec<&str> = common.collect();
    let mut add = |identifier: Identifier| {
        if !found.iter().any(|other| other.ascii() == identifier.ascii()) {
            found.push(identifier);
        }
    };
    // A common name beside a SAN may be anything: `www server of the sales department`.
    for identifier in common.iter().filter_map(|name| name.parse().ok()) {
        add(identifier);
    }
    let mut alternatives = 0;
    for extension in csr.requested_extensions().into_iter().flatten() {
        match extension {
            ParsedExtension::SubjectAlternativeName(names) => {
                for name in &names.general_names {
                    alternatives += 1;
                    match domain(name).and_then(|name| name.parse().map_err(said)) {
                        Ok(identifier) => add(identifier),
                        Err(fault) => faults.push(fault),
                    }
                }
            }
            ParsedExtension::ParseError { error } => {
                faults.push(format!("one of the extensions it asks for cannot be read ({error})"));
            }
            _ => {}
        }
    }
    if alternatives == 0 && found.is_empty() {
        faults.push(match common.as_slice() {
            [] => "it names no domain, neither as subject alternative name nor as common name"
                .to_owned(),
            names => format!("its common name `{}` is no domain", names.join("`, `")),
        });
    }
    found
}

fn said(error: wildcert_dns::Error) -> String {
    error.to_string()
}

fn domain<'a>(name: &'a GeneralName<'_>) -> Result<&'a str, String> {
    let refused = |what: &str| Err(format!("it asks for {what}, which dns-01 cannot prove"));
    match name {
        GeneralName::DNSName(name) => Ok(name),
        GeneralName::IPAddress(bytes) => refused(&format!("the IP address {}", address(bytes))),
        GeneralName::RFC822Name(name) => refused(&format!("the e-mail address `{name}`")),
        GeneralName::URI(uri) => refused(&format!("the URI `{uri}`")),
        other => refused(&format!("`{other}`")),
    }
}

fn address(bytes: &[u8]) -> String {
    let v4 = <[u8; 4]>::try_from(bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
    let v6 = <[u8; 16]>::try_from(bytes).map(|bytes| std::net::IpAddr::from(bytes).to_string());
    v4.or(v6).unwrap_or_else(|_| "of an unknown form".to_owned())
}

const BEGIN: &[u8] = b"-----BEGIN ";
/// The second is what Microsoft's tools write.
const LABELS: [&str; 2] = ["CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"];
/// What the Baseline Requirements §6.1.5 demand.
const RSA_MINIMUM: u32 = 2048;

#[cfg(test)]
mod tests;
