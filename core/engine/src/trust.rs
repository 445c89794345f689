//! Whom TLS connections are trusted to: the system's roots, those of `SSL_CERT_FILE` and
//! `SSL_CERT_DIR` besides them, and the files that the user names.

use std::path::{Path, PathBuf};

use reqwest::Certificate;

use crate::{error::Error, files};

/// The roots of the system and of the environment.
///
/// The environment's come besides the system's, not in their place: who works behind an inspecting
/// proxy names the proxy's root there and still reaches hosts that the proxy leaves alone.
pub(crate) fn system_roots() -> Vec<Certificate> {
    let mut found = rustls_native_certs::load_native_certs();
    let from_environment = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if from_environment {
        let bundle = SYSTEM_BUNDLES.iter().map(Path::new).find(|path| path.exists());
        let system = rustls_native_certs::load_certs_from_paths(bundle, None);
        found.certs.extend(system.certs);
        found.errors.extend(system.errors);
    }
    for error in &found.errors {
        tracing::warn!("a root certificate of the system cannot be used: {error}");
    }
    found.certs.sort_by(|one, other| one.as_ref().cmp(other.as_ref()));
    found.certs.dedup();
    found.certs.iter().filter_map(|der| Certificate::from_der(der).ok()).collect()
}

/// The roots in PEM files.
///
/// # Errors
/// When a file cannot be read or holds no certificate.
pub(crate) fn bundle_roots(paths: &[PathBuf]) -> Result<Vec<Certificate>, Error> {
    let mut roots = Vec::new();
    for path in paths {
        let pem = std::fs::read(path)
            .map_err(|source| files::file_error("read the CA bundle", path, source))?;
        let damaged = |reason: String| Error::Damaged { path: path.clone(), reason };
        let found =
            Certificate::from_pem_bundle(&pem).map_err(|error| damaged(error.to_string()))?;
        if found.is_empty() {
            return Err(damaged("it holds no certificate in PEM form".to_owned()));
        }
        roots.extend(found);
    }
    Ok(roots)
}

/// Where systems keep their roots in one file.
const SYSTEM_BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
