//! Download and revocation of certificates (RFC 8555 §7.4.2, §7.6).

use serde::Deserialize;

use super::account::{owned, post_as_get};
use super::authenticate::Caller;
use super::jws::{from_base64url, parse_payload};
use super::problem::{Problem, ProblemType};
use super::reply::Reply;
use super::resource::Resource;
use super::server::Ca;
use crate::events::lock;

#[derive(Deserialize)]
struct Revocation {
    certificate: String,
    reason: Option<u64>,
}

impl Ca {
    /// The chain of a certificate, with a link to the other one.
    pub(super) fn certificate(
        &self,
        caller: usize,
        id: usize,
        alternate: bool,
        payload: &[u8],
    ) -> Result<Reply, Problem> {
        let state = lock(&self.state);
        let certificate = state.certificates.get(id).ok_or_else(Problem::not_found)?;
        owned(caller, certificate.account)?;
        post_as_get(payload)?;
        let other =
            if alternate { Resource::Certificate(id) } else { Resource::AlternateCertificate(id) };
        let chain = self.issuer.chain(&certificate.pem, alternate);
        Ok(Reply::body(200, "application/pem-certificate-chain", chain)
            .link("alternate", &self.url(other)))
    }

    /// Revokes a certificate for whoever may: the account that has it, one authorized for all its
    /// names, or the holder of its key.
    pub(super) fn revoke(&self, caller: &Caller, payload: &[u8]) -> Result<Reply, Problem> {
        let request: Revocation = parse_payload(payload)?;
        let der = from_base64url(&request.certificate)
            .ok_or_else(|| Problem::malformed("the certificate is not base64url"))?;
        let mut state = lock(&self.state);
        let id = state.certificates.iter().position(|certificate| certificate.der == der);
        let (id, certificate) =
            id.and_then(|id| Some((id, state.certificates.get(id)?))).ok_or_else(|| {
                Problem::malformed("the certificate is not one of this CA").with_status(404)
            })?;
        let allowed = match caller {
            Caller::Key(key) => key.is_subject_key(&certificate.subject_public_key),
            Caller::Account(account) => {
                *account == certificate.account
                    || certificate
                        .identifiers
                        .iter()
                        .all(|identifier| state.is_authorized(*account, identifier))
            }
        };
        if !allowed {
            return Err(Problem::unauthorized("the signer may not revoke this certificate"));
        }
        // The reason codes of RFC 5280 §5.3.1; 7 is not used.
        if request.reason.is_some_and(|reason| reason > 10 || reason == 7) {
            let detail = "the reason is none of RFC 5280";
            return Err(Problem::new(ProblemType::BadRevocationReason, detail));
        }
        if certificate.revoked {
            let detail = "the certificate is revoked already";
            return Err(Problem::new(ProblemType::AlreadyRevoked, detail));
        }
        if let Some(certificate) = state.certificates.get_mut(id) {
            certificate.revoked = true;
        }
        Ok(Reply::empty(200))
    }
}
