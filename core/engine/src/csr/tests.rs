use super::*;
use crate::openssl::openssl;

/// A request by openssl, in PEM.
fn request(key: &str, subject: &str, alternatives: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.pem");
    fs::write(&file, key).unwrap();
    let extension = format!("subjectAltName={alternatives}");
    let mut arguments = vec!["req", "-new", "-subj", subject, "-key", file.to_str().unwrap()];
    if !alternatives.is_empty() {
        arguments.extend(["-addext", &extension]);
    }
    openssl(&arguments, b"")
}

fn ec() -> String {
    openssl(&["ecparam", "-genkey", "-noout", "-name", "prime256v1"], b"")
}

fn names(csr: &ExternalCsr) -> Vec<&str> {
    csr.identifiers().iter().map(Identifier::ascii).collect()
}

fn faults(content: &[u8]) -> String {
    ExternalCsr::parse(content).unwrap_err().join("\n")
}

#[test]
fn names_come_from_common_name_and_san_without_repetition() {
    let all = "DNS:*.example.com,DNS:Example.com,DNS:b.example.com";
    let csr = ExternalCsr::parse(request(&ec(), "/CN=example.com", all).as_bytes()).unwrap();
    assert_eq!(names(&csr), ["example.com", "*.example.com", "b.example.com"]);
    assert_eq!(csr.key_type(), Some(KeyType::Ec256));

    let label = request(&ec(), "/CN=Our old server", "DNS:example.com");
    assert_eq!(names(&ExternalCsr::parse(label.as_bytes()).unwrap()), ["example.com"]);

    let plain = request(&ec(), "/O=Example/CN=example.com", "");
    assert_eq!(names(&ExternalCsr::parse(plain.as_bytes()).unwrap()), ["example.com"]);
}

#[test]
fn der_and_other_labels_are_read_as_well() {
    let pem = request(&ec(), "/CN=example.com", "");
    let der = der(pem.as_bytes()).unwrap();
    let microsoft = pem.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
    let surrounded = format!("Certificate Request:\n    Data:\n{pem}");
    for content in [der.as_slice(), microsoft.as_bytes(), surrounded.as_bytes()] {
        assert_eq!(ExternalCsr::parse(content).unwrap().der, der);
    }
}

#[test]
fn a_request_is_by_the_key_that_it_names() {
    let mut request = der(request(&ec(), "/CN=example.com", "").as_bytes()).unwrap();
    *request.last_mut().unwrap() ^= 1;
    assert!(faults(&request).contains("could not be verified"), "{}", faults(&request));
}

#[test]
fn other_names_and_short_keys_are_refused_all_at_once() {
    let rsa = openssl(&["genrsa", "1024"], b"");
    let names =
        "DNS:example.com,IP:192.0.2.7,IP:2001:db8::7,email:me@example.com,URI:urn:x,DNS:a b";
    let told = faults(request(&rsa, "/CN=example.com", names).as_bytes());
    for part in [
        "1024 bits",
        "the IP address 192.0.2.7",
        "the IP address 2001:db8::7",
        "the e-mail address `me@example.com`",
        "the URI `urn:x`",
        "`a b`",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    assert_eq!(told.lines().count(), 6, "{told}");
}

#[test]
fn what_names_no_domain_is_refused() {
    let nothing = faults(request(&ec(), "/O=Example", "").as_bytes());
    assert!(nothing.contains("names no domain"), "{nothing}");
    let label = faults(request(&ec(), "/CN=Our old server", "").as_bytes());
    assert!(label.contains("`Our old server` is no domain"), "{label}");
}

#[test]
fn what_is_no_request_is_refused() {
    for content in [b"".as_slice(), b"hello", b"0\x82\x01\x02"] {
        assert!(faults(content).contains("no certificate request"), "{}", faults(content));
    }
    let key = faults(ec().as_bytes());
    assert!(key.contains("`EC PRIVATE KEY` and no certificate request"), "{key}");
    assert!(!key.contains("MHcC"));
    let mut twice = der(request(&ec(), "/CN=example.com", "").as_bytes()).unwrap();
    twice.push(0);
    assert!(faults(&twice).contains("follows the request"));
}

#[test]
fn the_file_is_named_in_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("server.csr");
    fs::write(&path, "hello").unwrap();
    let error = ExternalCsr::read(&path).unwrap_err();
    assert_eq!(error.kind(), "usage");
    assert!(error.to_string().contains("server.csr`: it holds no"), "{error}");
}

#[test]
fn our_own_requests_are_good_ones_over_any_key() {
    let identifiers = ["example.com", "*.example.com"].map(|name| name.parse().unwrap());
    for kind in [KeyType::Ec256, KeyType::Ec384, KeyType::Rsa2048, KeyType::Ed25519] {
        let csr = Csr::new(kind, &identifiers).unwrap();
        let read = ExternalCsr::parse(csr.pem().as_bytes()).unwrap();
        assert_eq!(names(&read), ["example.com", "*.example.com"]);
        assert_eq!(read.key_type(), Some(kind));
        assert_eq!(read.public_key, csr.public_key());
        openssl(&["req", "-verify", "-noout"], csr.pem().as_bytes());

        let outside = Csr::from(&read);
        assert!(outside.key().is_none());
        assert_eq!((outside.der(), outside.public_key()), (csr.der(), csr.public_key()));
    }
}
