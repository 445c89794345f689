//! The roots, the intermediate, and the certificates it signs.

use std::collections::BTreeSet;
use std::time::Duration;

use aws_lc_rs::rand;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SanType, SerialNumber,
    SubjectPublicKeyInfo,
};
use time::OffsetDateTime;

use super::csr::Csr;
use super::problem::Problem;
use super::problem_type::ProblemType;
use crate::Error;

/// A CA hierarchy: two roots, and one intermediate that both have certified.
pub(super) struct Issuer {
    root_pem: String,
    alternate_root_pem: String,
    intermediate: rcgen::Issuer<'static, KeyPair>,
    intermediate_pem: String,
    alternate_intermediate_pem: String,
}

/// A certificate just issued.
pub(super) struct Issued {
    pub(super) der: Vec<u8>,
    pub(super) pem: String,
}

impl Issuer {
    pub(super) fn new() -> Result<Self, Error> {
        let mut suffix = [0; 3];
        rand::fill(&mut suffix).map_err(|_| Error::Random)?;
        let suffix: String = suffix.iter().map(|byte| format!("{byte:02x}")).collect();
        let root = |name| {
            root(&format!("wildcert sandbox {name} {suffix}"))
                .map_err(|source| Error::Certificate { what: "issuing root", source })
        };
        let (first, second) = (root("root")?, root("alternate root")?);
        intermediate(&format!("wildcert sandbox intermediate {suffix}"), &first, &second)
            .map_err(|source| Error::Certificate { what: "intermediate", source })
    }

    pub(super) fn root_pem(&self) -> &str {
        &self.root_pem
    }

    pub(super) fn alternate_root_pem(&self) -> &str {
        &self.alternate_root_pem
    }

    /// Certifies the key of a CSR for names that have been authorized.
    pub(super) fn issue(
        &self,
        csr: &Csr,
        names: &BTreeSet<String>,
        not_before: OffsetDateTime,
        not_after: OffsetDateTime,
    ) -> Result<Issued, Problem> {
        let key = SubjectPublicKeyInfo::from_der(&csr.spki)
            .map_err(|error| Problem::new(ProblemType::BadCsr, error.to_string()))?;
        let internal = |error: rcgen::Error| Problem::internal(error.to_string());
        let mut params = leaf_params(names, csr.rsa)?;
        (params.not_before, params.not_after) = (not_before, not_after);
        let certificate = params.signed_by(&key, &self.intermediate).map_err(internal)?;
        Ok(Issued { der: certificate.der().to_vec(), pem: certificate.pem() })
    }

    /// The chain of a certificate up to, and without, one of the two roots.
    pub(super) fn chain(&self, certificate_pem: &str, alternate: bool) -> String {
        let intermediate =
            if alternate { &self.alternate_intermediate_pem } else { &self.intermediate_pem };
        // RFC 8555 §9.1: no blank lines between the certificates, one line feed after each.
        let lines = certificate_pem.lines().chain(intermediate.lines());
        lines.map(str::trim_end).flat_map(|line| [line, "\n"]).collect()
    }
}

fn root(name: &str) -> Result<CertifiedIssuer<'static, KeyPair>, rcgen::Error> {
    CertifiedIssuer::self_signed(authority_params(name), KeyPair::generate()?)
}

fn intermediate(
    name: &str,
    first: &CertifiedIssuer<'static, KeyPair>,
    second: &CertifiedIssuer<'static, KeyPair>,
) -> Result<Issuer, rcgen::Error> {
    let mut params = authority_params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate()?;
    let by_first: Certificate = params.signed_by(&key, first)?;
    // Two certificates of one subject and key, by different issuers.
    let by_second: Certificate = params.signed_by(&key, second)?;
    Ok(Issuer {
        root_pem: first.pem(),
        alternate_root_pem: second.pem(),
        intermediate: rcgen::Issuer::new(params, key),
        intermediate_pem: by_first.pem(),
        alternate_intermediate_pem: by_second.pem(),
    })
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name = common_name(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let now = OffsetDateTime::now_utc();
    params.not_before = now - BACKDATING;
    params.not_after = now + time::Duration::days(10 * 365);
    params
}

fn leaf_params(names: &BTreeSet<String>, rsa: bool) -> Result<CertificateParams, Problem> {
    let mut serial = [0; 16];
    rand::fill(&mut serial).map_err(|_| Problem::internal("the system has no random bytes"))?;
    // Positive, and of constant length (RFC 5280 §4.1.2.2).
    serial[0] = (serial[0] & 0x7f) | 0x40;
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    // Common names hold 64 characters; where all names are longer, the subject stays empty.
    let short = names.iter().filter(|name| name.len() <= 64);
    params.distinguished_name = match short.min_by_key(|name| name.starts_with("*.")) {
        Some(name) => common_name(name),
        None => DistinguishedName::new(),
    };
    for name in names {
        let name = name.as_str().try_into();
        let name = name.map_err(|error: rcgen::Error| Problem::internal(error.to_string()))?;
        params.subject_alt_names.push(SanType::DnsName(name));
    }
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    if rsa {
        params.key_usages.push(KeyUsagePurpose::KeyEncipherment);
    }
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// When what begins at `start` ends.
pub(super) fn end_of_validity(
    start: OffsetDateTime,
    lifetime: Duration,
) -> Result<OffsetDateTime, Problem> {
    let lifetime = time::Duration::try_from(lifetime).ok();
    let end = lifetime.and_then(|lifetime| start.checked_add(lifetime));
    end.ok_or_else(|| Problem::malformed("the validity ends after all years that can be written"))
}

fn common_name(name: &str) -> DistinguishedName {
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject
}

/// For clients whose clocks are behind.
pub(super) const BACKDATING: time::Duration = time::Duration::MINUTE;
