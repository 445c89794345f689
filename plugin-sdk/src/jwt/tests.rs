use rsa::{
    RsaPublicKey,
    pkcs8::{EncodePrivateKey, LineEnding},
};

use super::*;
use crate::{
    ErrorKind,
    testing::{FakeHost, NOW},
    types::{Request, Response},
};

/// The key of RFC 7515 appendix A.2.1.
const PEM: &str = include_str!("../../tests/rfc7515.pem");
const URL: &str = "https://login.example/token";

fn key_file() -> Value {
    json!({
        "type": "service_account",
        "project_id": "a-project",
        "private_key_id": "key-7",
        "private_key": PEM,
        "client_email": "dns@a-project.example",
        "token_uri": URL,
    })
}

/// The header and the claims of a token whose signature is right.
fn verified(token: &str) -> [Value; 2] {
    let key = RsaPublicKey::from(&Key::from_pem(PEM).unwrap().0);
    let (text, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let digest = sha256(text.as_bytes());
    key.verify(Pkcs1v15Sign::new::<Sha256>(), &digest, &signature).unwrap();
    let (header, claims) = text.split_once('.').unwrap();
    [header, claims]
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
}

/// A host whose vendor trades a right assertion for a token, once.
struct Vendor<'a> {
    host: FakeHost<'a>,
    asked: std::cell::Cell<bool>,
}

impl Host for Vendor<'_> {
    fn send(&self, request: Request) -> Result<Response> {
        assert!(!self.asked.replace(true), "asked twice");
        assert_eq!((request.method.as_str(), request.url.as_str()), ("POST", URL));
        let body = String::from_utf8(request.body).unwrap();
        let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
        let [header, claims] = verified(body.strip_prefix(grant).unwrap());
        assert_eq!(header, json!({"alg": "RS256", "typ": "JWT", "kid": "key-7"}));
        let now = NOW / 1000;
        assert_eq!(
            claims,
            json!({
                "iss": "dns@a-project.example",
                "scope": "dns.readwrite",
                "aud": URL,
                "iat": now,
                "exp": now + 3600,
            })
        );
        let body = br#"{"access_token": "t", "expires_in": 3599}"#.to_vec();
        Ok(Response { status: 200, headers: Vec::new(), body, options: Vec::new() })
    }

    fn exchange(&self, server: &str, message: &[u8]) -> Result<Vec<u8>> {
        self.host.exchange(server, message)
    }

    fn now(&self) -> u64 {
        self.host.now()
    }

    fn sleep(&self, duration: std::time::Duration) {
        self.host.sleep(duration);
    }

    fn random(&self, length: usize) -> Vec<u8> {
        assert!(length <= 4096);
        self.host.random(length)
    }

    fn log(&self, level: crate::Level, message: &str) {
        self.host.log(level, message);
    }

    fn cache_get(&self, key: &str) -> Option<String> {
        self.host.cache_get(key)
    }

    fn cache_put(&self, key: &str, value: &str, ttl: std::time::Duration) {
        assert_eq!(ttl.as_secs(), 3539);
        self.host.cache_put(key, value, ttl);
    }
}

#[test]
fn a_service_account_gets_one_token_for_two_calls() {
    let vendor = Vendor { host: FakeHost::default(), asked: false.into() };
    let config = crate::Config::new(Vec::new());
    let cx = Context { host: &vendor, config: &config };
    let account = ServiceAccount::from_json("KEY", &key_file().to_string()).unwrap();
    assert_eq!(account.project.as_deref(), Some("a-project"));
    assert_eq!(account.token(&cx, "dns.readwrite").unwrap(), "t");
    assert_eq!(account.token(&cx, "dns.readwrite").unwrap(), "t");
}

#[test]
fn a_malformed_key_file_is_described_and_not_repeated() {
    let without = |names: &[&str]| {
        let mut file = key_file();
        names.iter().for_each(|name| drop(file.as_object_mut().unwrap().remove(*name)));
        file.to_string()
    };
    let with = |name: &str, value: &str| {
        let mut file = key_file();
        file[name] = value.into();
        file.to_string()
    };
    let cut = PEM.replace("MIIE", "MIIF");
    let short = PEM.lines().take(5).collect::<Vec<_>>().join("\n");
    for (text, wrong) in [
        (
            "/etc/key.json".to_owned(),
            "is not JSON: expected value at line 1 column 1; the path of a key file goes into `KEY_FILE`",
        ),
        (
            without(&["client_email", "private_key", "token_uri"]),
            "is no service account's key: it has no `client_email`, it has no `token_uri`, it has no `private_key`",
        ),
        (
            with("type", "authorized_user"),
            "is no service account's key: its `type` is not `service_account`",
        ),
        (
            "[]".to_owned(),
            "is no service account's key: its `type` is not `service_account`, it has no `client_email`, it has no `token_uri`, it has no `private_key`",
        ),
        (
            with("private_key", &cut),
            "is no service account's key: its `private_key` is no RSA key in PKCS#8 PEM",
        ),
        (
            with("private_key", &short),
            "is no service account's key: its `private_key` is no RSA key in PKCS#8 PEM",
        ),
        (
            with("private_key", "secret"),
            "is no service account's key: its `private_key` is no RSA key in PKCS#8 PEM",
        ),
    ] {
        let error = ServiceAccount::from_json("KEY", &text).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Config);
        assert_eq!(error.message, format!("`KEY` {wrong}"));
    }
}

#[test]
fn keys_are_not_printed() {
    let account = ServiceAccount::from_json("KEY", &key_file().to_string()).unwrap();
    let printed = format!("{account:?}");
    assert!(printed.contains("key: Key { .. }"), "{printed}");
}

#[test]
fn the_key_survives_other_line_ends() {
    let key = Key::from_pem(PEM).unwrap();
    let pem = key.0.to_pkcs8_pem(LineEnding::CRLF).unwrap();
    assert_eq!(Key::from_pem(&format!("\n{}\n", pem.as_str())).unwrap().0, key.0);
}
