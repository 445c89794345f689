//! What is said of an endpoint, a chain, a name; a server with the wrong key.

use std::{sync::Arc, time::Duration};

use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ServerConfig,
    crypto::aws_lc_rs::{default_provider, sign::any_supported_type},
    pki_types::{CertificateDer, PrivateKeyDer},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Endpoint, Finding, Protocol, Served, probe, served::covers, verdict::chain_findings};

#[test]
fn endpoints_parse_and_print() {
    let table = [
        ("www.example.com", "www.example.com:443", None),
        ("https://www.example.com/", "www.example.com:443", None),
        ("WWW.Example.com.:8443", "www.example.com:8443", None),
        ("[2001:db8::1]:444", "[2001:db8::1]:444", None),
        ("2001:db8::1", "[2001:db8::1]:443", None),
        ("a.example.com@192.0.2.1", "a.example.com@192.0.2.1:443", Some("a.example.com")),
        ("smtp://mx.example.com", "smtp://mx.example.com:25", None),
        ("IMAP://x.example.com@mx:144", "imap://x.example.com@mx:144", Some("x.example.com")),
        ("pop3://mx", "pop3://mx:110", None),
        ("ftp://mx", "ftp://mx:21", None),
        ("münchen.example:443", "xn--mnchen-3ya.example:443", None),
    ];
    for (given, shown, name) in table {
        let endpoint: Endpoint = given.parse().unwrap();
        assert_eq!(endpoint.to_string(), shown, "{given}");
        assert_eq!(endpoint.name.as_deref(), name, "{given}");
        assert_eq!(shown.parse::<Endpoint>().unwrap(), endpoint, "{given}");
    }
}

#[test]
fn wrong_endpoints_say_what_is_wrong() {
    let table = [
        ("", "`` is no endpoint: HOST is missing"),
        ("http://a.example.com", "`http` is none of tls, https, smtp, imap, pop3, ftp"),
        ("a.example.com:x", "`x` is not a port (1 to 65535)"),
        ("*.example.com@192.0.2.1:443", "`*.example.com` is no server name"),
        ("192.0.2.7@192.0.2.1:443", "`192.0.2.7` is no server name"),
        ("a b:443", "`a b` is neither an IP address nor a name"),
    ];
    for (given, expected) in table {
        let error = given.parse::<Endpoint>().unwrap_err().to_string();
        assert!(error.ends_with(expected), "{given}: {error}");
    }
}

#[test]
fn the_server_name_is_the_endpoints_own_then_the_option_then_the_host() {
    let name = |text: &str, option| {
        text.parse::<Endpoint>().unwrap().server_name(option).map(str::to_owned)
    };
    assert_eq!(name("a.test@b.test", Some("c.test")).as_deref(), Some("a.test"));
    assert_eq!(name("b.test", Some("c.test")).as_deref(), Some("c.test"));
    assert_eq!(name("b.test", None).as_deref(), Some("b.test"));
    assert_eq!(name("192.0.2.1", None), None);
}

#[test]
fn a_server_is_asked_for_a_name_that_the_certificate_has() {
    let asked = |endpoint: &str, domains: &[&str]| {
        let domains: Vec<String> = domains.iter().map(|domain| (*domain).to_owned()).collect();
        let endpoint: Endpoint = endpoint.parse().unwrap();
        let name = endpoint.name_for(&domains);
        endpoint.server_name(name.as_deref()).map(str::to_owned).unwrap_or_default()
    };
    let both = ["*.example.com", "example.com"];
    assert_eq!(asked("192.0.2.1:443", &both), "example.com");
    assert_eq!(asked("192.0.2.1:443", &["*.example.com"]), "www.example.com");
    assert_eq!(asked("mail.example.com:443", &both), "mail.example.com");
    assert_eq!(asked("server.internal.test:443", &both), "example.com");
    assert_eq!(asked("a.example.com@192.0.2.1:443", &both), "a.example.com");
}

#[test]
fn a_wildcard_covers_one_label() {
    let domains = ["example.com".to_owned(), "*.example.com".to_owned()];
    for (name, covered) in [
        ("example.com", true),
        ("www.example.com", true),
        ("WWW.Example.COM", true),
        ("a.www.example.com", false),
        ("example.org", false),
        ("com", false),
    ] {
        assert_eq!(covers(&domains, name), covered, "{name}");
    }
    assert!(!covers(&domains[1..], "example.com"), "not the name above");
}

#[test]
fn chains_differ_in_what_is_missing_what_is_extra_and_in_order() {
    let der = |name: &str| {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        params.self_signed(&key).unwrap().der().to_vec()
    };
    let (a, b) = (der("a"), der("b"));
    let told = |served: &[&Vec<u8>], stored: &[&Vec<u8>]| {
        let owned = |list: &[&Vec<u8>]| list.iter().map(|der| der.to_vec()).collect::<Vec<_>>();
        let findings = chain_findings(&owned(served), &owned(stored));
        findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(told(&[&a, &b], &[&a, &b]), "");
    assert_eq!(told(&[&b, &a], &[&a, &b]), "the chain is in another order than the stored one");
    assert_eq!(told(&[&a], &[&a, &b]), "the chain lacks `CN=b`");
    assert_eq!(told(&[&a, &b], &[&a]), "the chain has `CN=b` too many");
    assert_eq!(told(&[&a, &a], &[&a]), "the chain has `CN=a` too many");
    assert_eq!(told(&[&b], &[&a]), "the chain lacks `CN=a`; the chain has `CN=b` too many");
}

/// Serves a certificate with whatever key.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

async fn look_at(certificate: CertificateDer<'static>, key: &KeyPair) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint: Endpoint =
        format!("www.example.com@{}", listener.local_addr().unwrap()).parse().unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let key = CertifiedKey::new(vec![certificate], any_supported_type(&key).unwrap());
    let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(Always(Arc::new(key))));
    let server = async {
        let (stream, _) = listener.accept().await.unwrap();
        let _ = TlsAcceptor::from(Arc::new(config)).accept(stream).await;
    };
    let (served, ()) = tokio::join!(probe(&endpoint, None, Duration::from_secs(5)), server);
    served.unwrap()
}

#[tokio::test]
async fn a_server_without_the_key_of_its_certificate_is_found_out() {
    let (own, other) = (KeyPair::generate().unwrap(), KeyPair::generate().unwrap());
    let params = CertificateParams::new(["www.example.com".to_owned()]).unwrap();
    let certificate = params.self_signed(&own).unwrap();
    let good = look_at(certificate.der().clone(), &own).await;
    assert!(!good.other_key);
    assert_eq!((good.version, good.leaf.domains.len()), (Some("TLS 1.3"), 1));
    let bad = look_at(certificate.der().clone(), &other).await;
    assert!(bad.other_key);
    assert_eq!(Finding::Key.to_string(), "it does not have the key of its certificate");
}

#[test]
fn protocols_print_as_they_are_written() {
    for protocol in [Protocol::Tls, Protocol::Smtp, Protocol::Imap, Protocol::Pop3, Protocol::Ftp] {
        let text = format!("{protocol}://a.test");
        assert_eq!(text.parse::<Endpoint>().unwrap().protocol, protocol);
    }
}
