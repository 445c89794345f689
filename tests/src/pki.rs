//! The certificate of a test server's own HTTPS.

use std::{fs, path::Path};

use rcgen::{CertificateParams, KeyPair};

/// Writes `certificate.pem` and `key.pem` for `localhost` into `folder`; clients trust the former.
pub(crate) fn write(folder: &Path) {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let params = CertificateParams::new(names).expect("valid names");
    let key = KeyPair::generate().expect("a key");
    let certificate = params.self_signed(&key).expect("a certificate");
    fs::write(folder.join("certificate.pem"), certificate.pem()).expect("certificate.pem");
    fs::write(folder.join("key.pem"), key.serialize_pem()).expect("key.pem");
}
