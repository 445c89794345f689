//! Download and revocation of certificates (RFC 8555 §7.4.2, §7.6).

use serde::Deserialize;

use super::account::{owned, post_as_get};
use super::authenticate::Caller;
use super::jws::{from_base64url, parse_payload};
use super::problem::Problem;
use super::problem_type::ProblemType;
use super::renewal::certificate_id;
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
        let id = certificate_id(&der).and_then(|id| state.certificate_ids.get(&id).copied());
        let certificate = id.and_then(|id| state.certificates.get(id));
        let certificate = certificate.filter(|certificate| certificate.der == der);
        let (Some(id), Some(certificate)) = (id, certificate) else {
            let problem = Problem::malformed("the certificate is not one of this CA");
            return Err(problem.with_status(404));
        };
        let allowed = match caller {
            Caller::Key(key) => key.is_subject_key(&certificate.subject_public_key),
            Caller::Account(account) => {
                *account == certificate.account
                    || certificate
                        .identifiers
                        .iter()
                        .all(|identifier| state.authorized(*account, identifier).is_some())
            }
        };
        if !allowed {
            return Err(Problem::unauthorized("the signer may not revoke this certificate"));
        }
        if request.reason.is_some_and(|reason| !REASONS.contains(&reason)) {
            let detail = format!("the reason is none of {REASONS:?}");
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

/// The reasons of RFC 5280 §5.3.1 that an ACME client may give: unspecified, keyCompromise,
/// affiliationChanged, superseded and cessationOfOperation.
const REASONS: [u64; 5] = [0, 1, 3, 4, 5];
