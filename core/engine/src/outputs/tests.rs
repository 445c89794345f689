use std::fs;

use super::*;
use crate::{certificate::tests::chain, csr::ExternalCsr, key::KeyType, openssl::openssl};

fn made(kind: KeyType) -> (Issued, Csr) {
    let identifiers = ["example.com", "*.example.com"].map(|name| name.parse().unwrap());
    let csr = Csr::new(kind, &identifiers).unwrap();
    let issued = Issued::check("example.com", &chain(&csr), &csr, &identifiers).unwrap();
    (issued, csr)
}

fn all(format: PfxFormat) -> Outputs {
    let pfx = Pfx { password: Secret::new("correct horse").into(), format };
    Outputs { pem: true, der: true, pfx: Some(pfx) }
}

fn file<'a>(files: &'a [Output], name: &str) -> &'a [u8] {
    &files.iter().find(|(file, _)| *file == name).unwrap_or_else(|| panic!("no {name}")).1
}

fn text<'a>(files: &'a [Output], name: &str) -> &'a str {
    std::str::from_utf8(file(files, name)).unwrap()
}

/// What `openssl pkcs12` makes of a file, and says about it.
fn pkcs12(pfx: &[u8], password: &str, arguments: &[&str]) -> (bool, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bundle.pfx");
    fs::write(&path, pfx).unwrap();
    let output = std::process::Command::new("openssl")
        .args(["pkcs12", "-info", "-in"])
        .arg(&path)
        .args(["-passin", &format!("pass:{password}")])
        .args(arguments)
        .output()
        .unwrap();
    let words = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), words(&output.stdout), words(&output.stderr))
}

#[test]
fn every_form_holds_the_same_key_and_chain() {
    let (issued, csr) = made(KeyType::Rsa2048);
    let files = all(PfxFormat::Sha256).files("example.com", &issued, &csr).unwrap();
    let (key, chain) = (text(&files, "privkey.pem"), text(&files, "fullchain.pem"));
    assert_eq!(chain.matches("BEGIN CERTIFICATE").count(), 2);
    assert_eq!(text(&files, "combined.pem"), format!("{key}{chain}"));
    assert_eq!(text(&files, "csr.pem"), csr.pem());

    let certificate =
        openssl(&["x509", "-inform", "DER", "-in", "/dev/stdin"], file(&files, "certificate.der"));
    assert_eq!(certificate, text(&files, "cert.pem"));
    let private = openssl(&["pkey", "-inform", "DER"], file(&files, "privkey.der"));
    assert_eq!(private, key);
}

#[test]
fn openssl_reads_both_kinds_of_pfx_whatever_the_key() {
    for kind in [KeyType::Ec256, KeyType::Ec384, KeyType::Rsa2048, KeyType::Ed25519] {
        for (format, words) in [
            (PfxFormat::Sha256, ["MAC: sha256", "AES-256-CBC"]),
            (PfxFormat::Des, ["MAC: sha1", "pbeWithSHA1And3-KeyTripleDES-CBC"]),
        ] {
            let (issued, csr) = made(kind);
            let files = all(format).files("example.com", &issued, &csr).unwrap();
            let bundle = file(&files, "bundle.pfx");
            let (read, content, told) = pkcs12(bundle, "correct horse", &["-nodes"]);
            assert!(read, "{kind} {format}: {told}");
            for word in words {
                assert!(told.contains(word), "{kind} {format}: no {word} in {told}");
            }
            let key = openssl(&["pkey"], content.as_bytes());
            assert_eq!(key, text(&files, "privkey.pem"), "{kind} {format}");
            let plain: String = content.lines().filter(|line| !line.contains(':')).collect();
            let certificates = text(&files, "fullchain.pem").replace('\n', "");
            for certificate in certificates.split_inclusive("-----END CERTIFICATE-----") {
                assert!(plain.contains(certificate), "{kind} {format}: {content}");
            }

            let (read, _, told) = pkcs12(bundle, "wrong", &["-nodes"]);
            assert!(!read && told.contains("invalid password"), "{told}");
        }
    }
}

#[test]
fn a_request_from_outside_has_no_form_with_a_key() {
    let (issued, csr) = made(KeyType::Ec256);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.csr");
    fs::write(&path, csr.der()).unwrap();
    let outside = Csr::from(&ExternalCsr::read(&path).unwrap());

    let error = all(PfxFormat::Des).files("x", &issued, &outside).unwrap_err();
    assert_eq!(error.kind(), "usage");
    let told = error.to_string();
    assert!(told.contains("the combined PEM file") && told.contains("a PFX file"), "{told}");
    assert_eq!(all(PfxFormat::Des).faults(true).0, Vec::<String>::new());

    let der = Outputs { der: true, ..Outputs::default() };
    let files = der.files("x", &issued, &outside).unwrap();
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["cert.pem", "chain.pem", "csr.pem", "fullchain.pem", "certificate.der"]);
}

#[test]
fn the_words_of_lego_name_a_format() {
    for (text, format) in
        [("RC2", PfxFormat::Des), ("DES", PfxFormat::Des), ("sha256", PfxFormat::Sha256)]
    {
        assert_eq!(text.parse(), Ok(format));
    }
    assert_eq!("aes".parse::<PfxFormat>(), Err("`aes` is not one of sha256, des".to_owned()));
}

#[test]
fn nothing_tells_or_keeps_the_password() {
    let outputs = all(PfxFormat::Des);
    assert!(!format!("{outputs:?}").contains("horse"));
    let kept = serde_json::to_value(outputs.kinds()).unwrap();
    assert_eq!(kept, serde_json::json!({"pem": true, "der": true, "pfx": "des"}));
}
