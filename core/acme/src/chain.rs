//! Choosing among the chains that a CA offers for one certificate (RFC 8555 §7.4.2).

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::{Account, Chain, Error};

impl Chain {
    /// The common name of who issued the chain's topmost certificate, mostly a root; `None` if the
    /// chain cannot be read or the issuer has no such name.
    pub fn top_issuer(&self) -> Option<String> {
        let top = CertificateDer::pem_slice_iter(self.pem.as_bytes()).last()?.ok()?;
        let (_, certificate) = x509_parser::parse_x509_certificate(&top).ok()?;
        let name = certificate.issuer().iter_common_name().next()?.as_str().ok()?;
        Some(name.to_owned())
    }
}

impl Account {
    /// The chain whose [topmost issuer](Chain::top_issuer) has this common name: `chain` itself or
    /// the first of its alternates, of which no more are downloaded than needed. `None` if there
    /// is no such chain.
    ///
    /// # Errors
    /// What prevents an alternate from being downloaded; `chain` is as good as before.
    pub async fn preferred(&self, chain: &Chain, issuer: &str) -> Result<Option<Chain>, Error> {
        let is_it = |chain: &Chain| chain.top_issuer().as_deref() == Some(issuer);
        if is_it(chain) {
            return Ok(Some(chain.clone()));
        }
        for url in &chain.alternates {
            let other = self.alternate(url).await?;
            if is_it(&other) {
                return Ok(Some(other));
            }
        }
        Ok(None)
    }
}
