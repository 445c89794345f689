//! What the demo saw at the CA and the DNS server, and whether the outcome is right.

use std::{fs, path::Path, sync::Arc};

use rustls::{
    RootCertStore,
    client::WebPkiServerVerifier,
    crypto::CryptoProvider,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    sign::CertifiedKey,
};
use wildcert_sandbox::{Sandbox, ZoneRecord};

use super::demo::DOMAIN;
use crate::show::{Paint, count, facts};

/// One thing that should be so.
#[derive(Debug)]
pub(crate) struct Check {
    /// What should be so.
    pub(crate) what: String,
    /// Why it is not.
    pub(crate) fault: Option<String>,
}

/// What the servers of the sandbox were asked for.
pub(super) fn story(sandbox: &Sandbox, paint: Paint) -> String {
    let requests = sandbox.requests();
    let mut operations: Vec<(&str, usize)> = Vec::new();
    for request in &requests {
        match operations.iter_mut().find(|(operation, _)| *operation == request.operation) {
            Some((_, times)) => *times += 1,
            None => operations.push((request.operation, 1)),
        }
    }
    let operations: Vec<String> = operations
        .iter()
        .map(|(operation, times)| match times {
            1 => (*operation).to_owned(),
            times => format!("{operation} ×{times}"),
        })
        .collect();
    let updates: Vec<String> = sandbox
        .updates()
        .iter()
        .map(|update| {
            format!(
                "{} in {}: {} added, {} deleted",
                update.response_code,
                update.zone,
                count(update.adds.len(), "record"),
                update.deletes.len()
            )
        })
        .collect();
    facts(
        paint,
        &[
            ("CA got", format!("{}:\n{}", count(requests.len(), "request"), in_rows(&operations))),
            ("DNS got", format!("{}:\n{}", count(updates.len(), "update"), updates.join("\n"))),
        ],
    )
}

/// Everything that should be so after the demo.
pub(super) fn checks(sandbox: &Sandbox, certificate: &Path) -> Vec<Check> {
    let owner = format!("_acme-challenge.{DOMAIN}.");
    let left = sandbox.txt(&owner);
    let at_once = sandbox.updates().iter().any(|update| {
        let ours = |record: &&ZoneRecord| record.owner == owner && record.kind == "TXT";
        update.adds.iter().filter(ours).count() == 2
    });
    let check = |what: String, fault: Option<String>| Check { what, fault };
    vec![
        check(
            "both names were proved by two TXT values at one name, added by one update".to_owned(),
            (!at_once).then(|| format!("no update added two TXT records at `{owner}`")),
        ),
        check("certificate and key match".to_owned(), key_matches(certificate).err()),
        check(
            format!("TLS clients that trust this CA accept it for {DOMAIN} and any.{DOMAIN}"),
            accepted(certificate, sandbox.issuer_root_pem()).err(),
        ),
        check(
            format!("no TXT record is left at {owner}"),
            (!left.is_empty()).then(|| format!("there is {}", left.join(", "))),
        ),
    ]
}

fn key_matches(certificate: &Path) -> Result<(), String> {
    let provider = CryptoProvider::get_default().ok_or("no crypto provider is installed")?;
    let key = PrivateKeyDer::from_pem_slice(&read(certificate, "privkey.pem")?).map_err(text)?;
    CertifiedKey::from_der(chain(certificate)?, key, provider).map_err(text)?;
    Ok(())
}

fn accepted(certificate: &Path, root_pem: &str) -> Result<(), String> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(root_pem.as_bytes()).map_err(text)?).map_err(text)?;
    let verifier = WebPkiServerVerifier::builder(Arc::new(roots)).build().map_err(text)?;
    let chain = chain(certificate)?;
    let (leaf, others) = chain.split_first().ok_or("the chain is empty")?;
    for name in [DOMAIN.to_owned(), format!("any.{DOMAIN}")] {
        let name = ServerName::try_from(name).map_err(text)?;
        rustls::client::danger::ServerCertVerifier::verify_server_cert(
            verifier.as_ref(),
            leaf,
            others,
            &name,
            &[],
            UnixTime::now(),
        )
        .map_err(text)?;
    }
    Ok(())
}

fn chain(certificate: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = read(certificate, "fullchain.pem")?;
    CertificateDer::pem_slice_iter(&pem).collect::<Result<_, _>>().map_err(text)
}

fn read(folder: &Path, name: &str) -> Result<Vec<u8>, String> {
    let path = folder.join(name);
    fs::read(&path).map_err(|error| format!("failed to read `{}`: {error}", path.display()))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Words in rows of a readable width.
fn in_rows(words: &[String]) -> String {
    let mut rows: Vec<String> = Vec::new();
    for row in words.chunks(5) {
        rows.push(row.join(", "));
    }
    rows.join(",\n")
}
