//! Private keys as JSON Web Keys (RFC 7517), as certbot and Posh-ACME keep them.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
    RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::key::{Curve, Pair};
use crate::{AccountKey, Error};

impl AccountKey {
    /// Reads a private JWK: `EC` on P-256 or P-384, `OKP` with Ed25519, or `RSA` with its prime
    /// factors (RFC 7518 §6, RFC 8037 §2); members that a key does not need are passed over.
    ///
    /// # Errors
    /// [`Error::Key`] if it is none of these, or its parts are not of one key.
    pub fn from_jwk(json: &str) -> Result<AccountKey, Error> {
        let jwk: PrivateJwk = serde_json::from_str(json).map_err(|_| refused("no private JWK"))?;
        let pair = match (jwk.kty.as_str(), jwk.crv.as_deref()) {
            ("EC", Some("P-256")) => jwk.ec(Curve::P256),
            ("EC", Some("P-384")) => jwk.ec(Curve::P384),
            ("OKP", Some("Ed25519")) => jwk.ed25519(),
            ("RSA", _) => jwk.rsa(),
            _ => return Err(refused("none of P-256, P-384, Ed25519 and RSA")),
        };
        let whole = pair.ok_or_else(|| {
            refused("a JWK whose parts are not those of a key that can be used, RSA from 2048 bits")
        })?;
        AccountKey::from_pair(whole)
    }
}

/// The members that the keys of all kinds have.
#[derive(Deserialize, Zeroize, ZeroizeOnDrop)]
struct PrivateJwk {
    kty: String,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    d: Option<String>,
    p: Option<String>,
    q: Option<String>,
    dp: Option<String>,
    dq: Option<String>,
    qi: Option<String>,
}

impl PrivateJwk {
    fn ec(&self, curve: Curve) -> Option<Pair> {
        let (algorithm, length) = match curve {
            Curve::P256 => (&ECDSA_P256_SHA256_FIXED_SIGNING, 32),
            Curve::P384 => (&ECDSA_P384_SHA384_FIXED_SIGNING, 48),
        };
        let sized = |text| padded(&octets(text)?, length);
        let (x, y, d) = (sized(&self.x)?, sized(&self.y)?, sized(&self.d)?);
        // An uncompressed point (SEC1 §2.3.3).
        let point = [&[4][..], &x[..], &y[..]].concat();
        let pair = EcdsaKeyPair::from_private_key_and_public_key(algorithm, &d, &point).ok()?;
        Some(Pair::Ec(pair, curve))
    }

    fn ed25519(&self) -> Option<Pair> {
        let (seed, public) = (octets(&self.d)?, octets(&self.x)?);
        Ed25519KeyPair::from_seed_and_public_key(&seed, &public).ok().map(Pair::Ed25519)
    }

    fn rsa(&self) -> Option<Pair> {
        let parts = [&self.n, &self.e, &self.d, &self.p, &self.q, &self.dp, &self.dq, &self.qi];
        // RSAPrivateKey (RFC 8017 §A.1.2): the version, then the numbers in this order.
        let mut content = Zeroizing::new(integer(&[0]));
        for part in parts {
            content.extend_from_slice(&Zeroizing::new(integer(&octets(part)?)));
        }
        let der = Zeroizing::new(value(0x30, &content));
        RsaKeyPair::from_der(&der).ok().map(Pair::Rsa)
    }
}

fn octets(text: &Option<String>) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.as_deref()?.trim_end_matches('=');
    URL_SAFE_NO_PAD.decode(text).ok().map(Zeroizing::new)
}

/// The number in so many octets: some clients leave leading zeros out.
fn padded(octets: &[u8], length: usize) -> Option<Zeroizing<Vec<u8>>> {
    let lacking = length.checked_sub(octets.len())?;
    Some(Zeroizing::new([&vec![0; lacking], octets].concat()))
}

/// A DER INTEGER that is not negative.
fn integer(octets: &[u8]) -> Vec<u8> {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    let digits = octets.get(zeros..).unwrap_or_default();
    let signed = digits.first().is_none_or(|first| *first >= 0x80);
    let content = [if signed { &[0][..] } else { &[] }, digits].concat();
    value(0x02, &Zeroizing::new(content))
}

/// A DER value with its tag and length.
fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|octet| **octet == 0).count();
    let digits = length.get(zeros..).unwrap_or_default();
    let head = match (content.len(), u8::try_from(digits.len())) {
        (short @ 0..0x80, _) => vec![tag, u8::try_from(short).unwrap_or_default()],
        (_, Ok(count)) => [&[tag, 0x80 | count], digits].concat(),
        (_, Err(_)) => Vec::new(),
    };
    [&head, content].concat()
}

fn refused(what: &str) -> Error {
    Error::Key { reason: format!("it is {what}") }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::AccountKeyType;

    /// The private parts of a key that openssl made, by the names of its text form.
    fn openssl(arguments: &[&str], input: &str) -> String {
        use std::io::Write as _;
        use std::process::{Command, Stdio};
        let mut child = Command::new("openssl")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    }

    /// The number that openssl prints below a heading.
    fn number(text: &str, heading: &str) -> String {
        let mut lines = text.lines().skip_while(|line| !line.starts_with(heading)).skip(1);
        let digits: String = lines.by_ref().take_while(|line| line.starts_with(' ')).collect();
        let digits: String = digits.chars().filter(char::is_ascii_hexdigit).collect();
        let octet = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
        let octets: Vec<u8> = (0..digits.len()).step_by(2).map(octet).collect();
        let zeros = octets.iter().take_while(|octet| **octet == 0).count();
        URL_SAFE_NO_PAD.encode(&octets[zeros..])
    }

    fn rsa(bits: &str) -> (String, Value) {
        let pem = openssl(&["genrsa", bits], "");
        let text = openssl(&["rsa", "-noout", "-text"], &pem);
        let headings = [
            ("n", "modulus:"),
            ("d", "privateExponent:"),
            ("p", "prime1:"),
            ("q", "prime2:"),
            ("dp", "exponent1:"),
            ("dq", "exponent2:"),
            ("qi", "coefficient:"),
        ];
        let mut jwk = json!({ "kty": "RSA", "e": "AQAB" });
        for (name, heading) in headings {
            jwk[name] = number(&text, heading).into();
        }
        (pem, jwk)
    }

    #[test]
    fn a_jwk_is_the_same_key_as_its_pem() {
        let (pem, jwk) = rsa("2048");
        let key = AccountKey::from_jwk(&jwk.to_string()).unwrap();
        assert_eq!(key.thumbprint(), AccountKey::from_pem(&pem).unwrap().thumbprint());
        assert_eq!(
            AccountKey::from_pem(key.to_pem().expose()).unwrap().thumbprint(),
            key.thumbprint()
        );

        for (curve, crv, length) in [("prime256v1", "P-256", 32), ("secp384r1", "P-384", 48)] {
            let pem = openssl(&["ecparam", "-genkey", "-noout", "-name", curve], "");
            let text = openssl(&["ec", "-noout", "-text"], &pem);
            let point = URL_SAFE_NO_PAD.decode(number(&text, "pub:")).unwrap();
            let jwk = json!({
                "kty": "EC", "crv": crv, "d": number(&text, "priv:"), "alg": "of no interest",
                "x": URL_SAFE_NO_PAD.encode(&point[1..=length]),
                "y": URL_SAFE_NO_PAD.encode(&point[length + 1..]),
            });
            let key = AccountKey::from_jwk(&jwk.to_string()).unwrap();
            assert_eq!(key.thumbprint(), AccountKey::from_pem(&pem).unwrap().thumbprint());
        }
    }

    #[test]
    fn what_is_no_usable_key_is_refused_without_showing_it() {
        let (_, mut other) = rsa("2048");
        other["d"] = "AQAB".into();
        let (_, small) = rsa("1024");
        let generated = AccountKey::generate(AccountKeyType::Ec256).unwrap();
        let public = serde_json::to_string(generated.jwk()).unwrap();
        for (jwk, reason) in [
            (other.to_string(), "not those of a key"),
            (small.to_string(), "from 2048 bits"),
            (public, "not those of a key"),
            (json!({ "kty": "EC", "crv": "P-521" }).to_string(), "none of P-256"),
            ("{}".to_owned(), "no private JWK"),
        ] {
            let error = AccountKey::from_jwk(&jwk).unwrap_err().to_string();
            assert!(error.contains(reason), "{error}");
        }
    }
}
