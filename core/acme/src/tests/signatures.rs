//! Keys and signatures; the mock verifies every signature it gets with the public key.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents, UnparsedPublicKey, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::mock::{Behaviour, Server};
use crate::jws::Jwk;
use crate::key::thumbprint;
use crate::{AccountKey, AccountKeyType, Error, ExternalAccount, KeyAlgorithm, NewAccount, Secret};

#[tokio::test]
async fn each_algorithm_signs_what_its_public_key_verifies() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    for kind in AccountKeyType::ALL {
        let key = AccountKey::generate(kind).unwrap();
        let new = NewAccount { terms_agreed: true, ..NewAccount::default() };
        let account = client.register(key.clone(), new).await.unwrap();
        assert_eq!(client.find_account(key).await.unwrap().url(), account.url());
        let (_, protected, _) = server.state().posts.pop().unwrap();
        assert_eq!(protected["alg"], kind.algorithm().as_str());
    }
}

#[test]
fn keys_survive_pem() {
    for kind in AccountKeyType::ALL {
        let key = AccountKey::generate(kind).unwrap();
        let pem = key.to_pem();
        let again = AccountKey::from_pem(pem.expose()).unwrap();
        assert_eq!(again.algorithm(), kind.algorithm());
        assert_eq!(again.thumbprint(), key.thumbprint());
        assert!(pem.expose().lines().all(|line| line.len() <= 64));
    }
}

/// Keys as `openssl ecparam -genkey` and `openssl genrsa -traditional` write them: other clients
/// keep their account keys so.
#[test]
fn keys_of_other_clients_are_read() {
    let cases = [
        (include_str!("keys/sec1-p256.pem"), KeyAlgorithm::Es256),
        (include_str!("keys/sec1-p384.pem"), KeyAlgorithm::Es384),
        (include_str!("keys/pkcs1-rsa2048.pem"), KeyAlgorithm::Rs256),
        (include_str!("keys/pkcs8-p384.pem"), KeyAlgorithm::Es384),
        (include_str!("keys/pkcs8-ed25519.pem"), KeyAlgorithm::EdDsa),
    ];
    for (pem, algorithm) in cases {
        let key = AccountKey::from_pem(pem).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        let again = AccountKey::from_pem(key.to_pem().expose()).unwrap();
        assert_eq!(again.thumbprint(), key.thumbprint());
    }
}

#[test]
fn other_texts_are_refused_without_a_panic() {
    let p521 = include_str!("keys/pkcs8-p521.pem");
    let rsa1024 = include_str!("keys/pkcs8-rsa1024.pem");
    let cut = include_str!("keys/pkcs1-rsa2048.pem");
    let cut = cut.replace("\nM", "\nA");
    for text in ["", "hello", "-----BEGIN PRIVATE KEY-----\n", &cut, p521, rsa1024] {
        let error = AccountKey::from_pem(text).unwrap_err();
        assert!(matches!(error, Error::Key { .. }));
    }
}

/// RFC 8037 appendix A.3.
#[test]
fn the_thumbprint_of_an_ed25519_key_is_that_of_the_rfc() {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo".to_owned();
    let jwk = Jwk::Okp { crv: "Ed25519", kty: "OKP", x };
    assert_eq!(thumbprint(&jwk).unwrap(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
}

/// RFC 7638 §3.1.
#[test]
fn the_thumbprint_is_that_of_the_rfc() {
    let n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tS\
             oc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65\
             YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyr\
             dkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzK\
             nqDKgw";
    let jwk = Jwk::Rsa { e: "AQAB".to_owned(), kty: "RSA", n: n.to_owned() };
    assert_eq!(thumbprint(&jwk).unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[tokio::test]
async fn the_txt_value_is_the_digest_of_the_key_authorization() {
    let server = Server::start(Behaviour::default()).await;
    let key = AccountKey::from_pem(include_str!("keys/sec1-p256.pem")).unwrap();
    let account = server.client().account(key, server.mock.url("account/0"));
    // printf '%s' "token.$THUMBPRINT" | openssl dgst -sha256 -binary | basenc --base64url
    assert_eq!(account.key().thumbprint(), include_str!("keys/sec1-p256.thumbprint").trim());
    let expected = include_str!("keys/sec1-p256.txt-value").trim();
    assert_eq!(account.key_authorization_digest("token"), expected);
}

#[tokio::test]
async fn secrets_are_in_no_debug_output() {
    let server = Server::start(Behaviour::default()).await;
    let client = server.client();
    let key = AccountKey::from_pem(include_str!("keys/sec1-p256.pem")).unwrap();
    let external = ExternalAccount::new("kid-1", Secret::from("c2VjcmV0"));
    let new = NewAccount { external: Some(external), terms_agreed: true, contacts: vec![] };
    let account = client.register(key.clone(), new.clone()).await.unwrap();
    let shown =
        format!("{key:?} {new:?} {account:?} {client:?} {} {:?}", key.to_pem(), key.to_pem());
    assert!(shown.contains("AccountKey(ES256, ****)"), "{shown}");
    assert!(!shown.contains("c2VjcmV0"), "{shown}");
    for line in key.to_pem().expose().lines().chain(include_str!("keys/sec1-p256.pem").lines()) {
        assert!(!shown.contains(line), "{shown}");
    }
}

/// Whether the signature is right; it never is where the key is of another type.
pub(super) fn is_signed(jwk: &Value, alg: &str, message: &[u8], signature: &[u8]) -> bool {
    let part = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let point = || [vec![4], part("x"), part("y")].concat();
    let (algorithm, key): (&dyn VerificationAlgorithm, _) = match (alg, jwk["crv"].as_str()) {
        ("RS256", None) => {
            let key = RsaPublicKeyComponents { n: part("n"), e: part("e") };
            return key.verify(&RSA_PKCS1_2048_8192_SHA256, message, signature).is_ok();
        }
        ("EdDSA", Some("Ed25519")) => (&ED25519, part("x")),
        ("ES256", Some("P-256")) => (&ECDSA_P256_SHA256_FIXED, point()),
        ("ES384", Some("P-384")) => (&ECDSA_P384_SHA384_FIXED, point()),
        _ => return false,
    };
    UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
}
