//! What a server showed.

use std::net::SocketAddr;

use time::OffsetDateTime;

use super::verdict::{Finding, Verdict, chain_findings};
use crate::{
    engine::Engine, error::Error, files, leaf::LeafFacts, outputs::FULLCHAIN, pem,
    store::CertificateInfo,
};

/// What a server showed to a client that believes everything.
#[derive(Clone, Debug)]
pub struct Served {
    /// The server name that was asked for; none when the endpoint was an address.
    pub name: Option<String>,
    /// Where the connection went.
    pub address: Option<SocketAddr>,
    /// `TLS 1.2` or `TLS 1.3`; none when the handshake did not come so far.
    pub version: Option<&'static str>,
    /// Whether it signed with another key than the certificate's.
    pub other_key: bool,
    /// What the first certificate says.
    pub leaf: LeafFacts,
    /// All certificates, DER, in the server's order; the first is that of the server.
    pub chain: Vec<Vec<u8>>,
}

impl Served {
    /// Sees whether it is `wanted`, the newest stored under its name, with its chain.
    ///
    /// # Errors
    /// When the stored chain cannot be read.
    pub fn judge(&self, wanted: &CertificateInfo) -> Result<Verdict, Error> {
        match self.leaf.fingerprint_sha256 == wanted.fingerprint_sha256 {
            true => self.verdict(None, Some(wanted), Some(wanted.clone())),
            false => self.verdict(Some(self.foreign(wanted)), None, Some(wanted.clone())),
        }
    }

    /// `identity` is what is wrong with which certificate it is, `found` the same certificate in the
    /// store.
    fn verdict(
        &self,
        identity: Option<Finding>,
        found: Option<&CertificateInfo>,
        certificate: Option<CertificateInfo>,
    ) -> Result<Verdict, Error> {
        let mut findings = Vec::from_iter(identity);
        let LeafFacts { not_before, not_after, domains, .. } = &self.leaf;
        let now = OffsetDateTime::now_utc();
        if *not_after < now {
            findings.push(Finding::Expired { since: *not_after });
        } else if *not_before > now {
            findings.push(Finding::Early { from: *not_before });
        }
        if let Some(name) = self.name.as_ref().filter(|name| !covers(domains, name)) {
            findings.push(Finding::Name { asked: name.clone(), names: domains.clone() });
        }
        if let Some(revocation) = found.and_then(|info| info.revoked.as_ref()) {
            findings.push(Finding::Revoked { on: revocation.time });
        }
        if self.other_key {
            findings.push(Finding::Key);
        }
        if let Some(info) = found {
            findings.extend(chain_findings(&self.chain[1..], &stored_chain(info)?));
        }
        Ok(Verdict { certificate, findings })
    }

    fn foreign(&self, wanted: &CertificateInfo) -> Finding {
        Finding::Other { certificate: self.leaf.clone(), wanted: Some(wanted.serial.clone()) }
    }
}

impl Engine {
    /// Sees whether what is served is what the store holds.
    ///
    /// The certificate that is meant is the one with the served fingerprint, however old; else the
    /// one for the name that was asked for.
    ///
    /// # Errors
    /// When a file of the store cannot be read.
    pub fn judge(&self, served: &Served) -> Result<Verdict, Error> {
        let store = self.store();
        let mut old = None;
        for found in store.by_fingerprint(&served.leaf.fingerprint_sha256)? {
            match store.read(&found.name)? {
                Some(newest) if newest.fingerprint_sha256 == found.fingerprint_sha256 => {
                    return served.judge(&newest);
                }
                newest => old = Some((found, newest)),
            }
        }
        if let Some((found, newest)) = old {
            let finding = Finding::Older {
                name: found.name.clone(),
                serial: found.serial.clone(),
                newest: newest.as_ref().map(|info| info.serial.clone()),
            };
            return served.verdict(Some(finding), Some(&found), newest);
        }
        let name = served.name.as_deref().unwrap_or_default();
        let all = store.list()?.certificates;
        let of = |info: &&CertificateInfo| info.domains.iter().any(|domain| domain == name);
        let covering = |info: &&CertificateInfo| covers(&info.domains, name);
        match all.iter().find(of).or_else(|| all.iter().find(covering)) {
            Some(wanted) => served.judge(wanted),
            None => {
                let certificate = served.leaf.clone();
                served.verdict(Some(Finding::Other { certificate, wanted: None }), None, None)
            }
        }
    }
}

/// Whether a certificate for `domains` is good for a server called `name` (RFC 9525 §6.3).
pub(super) fn covers(domains: &[String], name: &str) -> bool {
    let above = name.split_once('.').map(|(_, above)| above);
    domains.iter().any(|domain| match domain.strip_prefix("*.") {
        Some(base) => above.is_some_and(|above| above.eq_ignore_ascii_case(base)),
        None => domain.eq_ignore_ascii_case(name),
    })
}

/// What should follow the certificate, DER each.
fn stored_chain(info: &CertificateInfo) -> Result<Vec<Vec<u8>>, Error> {
    let path = info.path.join(FULLCHAIN);
    let text = files::read_if_there(&path)?.unwrap_or_default();
    let mut all =
        pem::decode(&text).map_err(|error| Error::Damaged { path, reason: error.to_string() })?;
    Ok(all.split_off(all.len().min(1)))
}
