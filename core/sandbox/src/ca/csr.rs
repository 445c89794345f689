//! Certificate signing requests (RFC 2986, RFC 8555 §7.4).

use std::collections::BTreeSet;

use x509_parser::certification_request::X509CertificationRequest;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::{
    OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA,
    OID_SIG_ECDSA_WITH_SHA256, OID_SIG_ECDSA_WITH_SHA384, OID_SIG_ED25519,
};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;

use super::jwk::Jwk;
use super::problem::Problem;
use super::problem_type::ProblemType;

/// What the CA takes from a request: nothing but the key.
pub(super) struct Csr {
    /// The DER of the SubjectPublicKeyInfo.
    pub(super) spki: Vec<u8>,
    /// What that holds in its BIT STRING.
    pub(super) subject_public_key: Vec<u8>,
    /// Whether the key is an RSA key, which may also encipher keys.
    pub(super) rsa: bool,
}

impl Csr {
    /// Checks signature, key and names of a CSR in DER.
    ///
    /// `names` are those of the order; the CSR must have exactly these. Its key must not be the
    /// account's (RFC 8555 §11.1). `ed25519` says whether it may be an Ed25519 key.
    pub(super) fn check(
        der: &[u8],
        names: &BTreeSet<String>,
        account_key: &Jwk,
        ed25519: bool,
    ) -> Result<Self, Problem> {
        let (rest, csr) = X509CertificationRequest::from_der(der)
            .map_err(|_| bad_csr("the CSR cannot be read as DER"))?;
        if !rest.is_empty() {
            return Err(bad_csr("octets follow the CSR"));
        }
        let algorithm = &csr.signature_algorithm.algorithm;
        if csr.signature_value.unused_bits != 0 {
            return Err(bad_csr("the signature of the CSR is not of whole octets"));
        }
        let rsa = [OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA]
            .contains(algorithm);
        let ecdsa = [OID_SIG_ECDSA_WITH_SHA256, OID_SIG_ECDSA_WITH_SHA384].contains(algorithm);
        let ed25519 = ed25519 && *algorithm == OID_SIG_ED25519;
        if !rsa && !ecdsa && !ed25519 {
            return Err(bad_csr(format!("the CSR is signed with `{algorithm}`")));
        }
        if let Ok(PublicKey::RSA(key)) = csr.certification_request_info.subject_pki.parsed()
            && key.key_size() < MIN_RSA_BITS
        {
            let size = key.key_size();
            let detail = format!("the RSA key has {size} bits, at least {MIN_RSA_BITS} are wanted");
            return Err(bad_csr(detail));
        }
        csr.verify_signature()
            .map_err(|_| bad_csr("the signature of the CSR is wrong, or its key not supported"))?;
        let requested = requested_names(&csr)?;
        if requested != *names {
            let list = |names: &BTreeSet<String>| {
                names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
            };
            let detail = format!(
                "the CSR is for other names than the order: {} instead of {}",
                list(&requested),
                list(names)
            );
            return Err(bad_csr(detail));
        }
        let key = &csr.certification_request_info.subject_pki;
        let subject_public_key = key.subject_public_key.data.to_vec();
        if account_key.is_subject_key(&subject_public_key) {
            return Err(bad_csr("the key of the CSR is the key of the account"));
        }
        Ok(Self { spki: key.raw.to_vec(), subject_public_key, rsa })
    }
}

/// The names in common name and subject alternative names, in lower case.
fn requested_names(csr: &X509CertificationRequest<'_>) -> Result<BTreeSet<String>, Problem> {
    let mut names = BTreeSet::new();
    for common_name in csr.certification_request_info.subject.iter_common_name() {
        let name = common_name.as_str();
        let name = name.map_err(|_| bad_csr("the common name of the CSR cannot be read"))?;
        names.insert(name.to_ascii_lowercase());
    }
    for extension in csr.requested_extensions().into_iter().flatten() {
        match extension {
            ParsedExtension::SubjectAlternativeName(alternatives) => {
                for name in &alternatives.general_names {
                    let GeneralName::DNSName(name) = name else {
                        return Err(bad_csr(format!("the CSR has a name of another type: {name}")));
                    };
                    names.insert(name.to_ascii_lowercase());
                }
            }
            ParsedExtension::BasicConstraints(constraints) if constraints.ca => {
                return Err(bad_csr("the CSR asks for a CA certificate"));
            }
            ParsedExtension::ParseError { .. } => {
                return Err(bad_csr("an extension in the CSR cannot be read"));
            }
            _ => {}
        }
    }
    Ok(names)
}

fn bad_csr(detail: impl Into<String>) -> Problem {
    Problem::new(ProblemType::BadCsr, detail)
}

const MIN_RSA_BITS: usize = 2048;

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand;
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    #[test]
    fn no_bytes_make_it_panic_or_pass() {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec!["example.test".into()]).unwrap();
        let good = params.serialize_request(&key).unwrap().der().to_vec();
        let (_, parsed) = X509CertificationRequest::from_der(&good).unwrap();
        let common_name = "rcgen self signed cert";
        let names = BTreeSet::from(["example.test".to_owned(), common_name.to_owned()]);
        let account = Jwk::Rsa { n: vec![1], e: vec![3] };
        let csr = Csr::check(&good, &names, &account, false).unwrap();
        assert_eq!(csr.spki, parsed.certification_request_info.subject_pki.raw);
        let info = parsed.certification_request_info.raw;
        let start = good.windows(info.len()).position(|octets| octets == info).unwrap();
        let signed = start..start + info.len();
        let mut random = [0; 64];
        for round in 0..4_000 {
            rand::fill(&mut random).unwrap();
            assert!(Csr::check(&random, &names, &account, false).is_err());
            assert!(Csr::check(&good[..round % good.len()], &names, &account, false).is_err());
            let mut damaged = good.clone();
            let at = usize::from(u16::from_be_bytes([random[0], random[1]])) % damaged.len();
            damaged[at] ^= random[2] | 1;
            let outcome = Csr::check(&damaged, &names, &account, false);
            // Outside of them DER has more than one spelling that parsers take.
            assert!(!signed.contains(&at) || outcome.is_err(), "octet {at}");
        }
    }
}
