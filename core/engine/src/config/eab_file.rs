//! The certbot command that some CAs, such as SECOM, send with the credentials of an account.

use std::fmt;

use wildcert_acme::Secret;
use wildcert_dns::Identifier;

use crate::key::KeyType;

/// What the command says.
#[derive(Clone)]
pub struct EabFile {
    /// The URL of the CA's directory.
    pub server: String,
    /// Key identifier of the external account binding.
    pub kid: String,
    /// HMAC key of the external account binding, in base64url.
    pub hmac: Secret,
    /// The names that are to be certified, without repetition.
    pub domains: Vec<Identifier>,
    /// The certificate's key, if the command says it.
    pub key_type: Option<KeyType>,
}

/// Why it cannot be used: everything that is wrong; the HMAC key never appears.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{}", .0.join("\n"))]
pub struct EabFileError(pub Vec<String>);

impl fmt::Debug for EabFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EabFile")
            .field("server", &self.server)
            .field("kid", &self.kid)
            .field("hmac", &self.hmac)
            .field("domains", &self.domains)
            .field("key_type", &self.key_type)
            .finish()
    }
}

/// Reads the content of such a file.
///
/// The command may be written as in a shell, with quotes and over several lines; the words before
/// `certbot` and options that say nothing of interest are passed over. As in certbot, the last of
/// an option's values counts, and of `-d` all.
///
/// # Errors
/// When the server, the key identifier or the HMAC key is missing, or a name or key type is none.
pub fn read(octets: &[u8]) -> Result<EabFile, EabFileError> {
    // Text around the command may be in any encoding; the command itself is ASCII.
    let text = String::from_utf8_lossy(octets).replace("\r\n", "\n");
    // That text may speak of certbot too, and quote nothing.
    let starts = text.match_indices("certbot").map(|(at, _)| at).chain(Some(0));
    let mut attempts = starts.filter_map(|at| text.get(at..)).map(Options::read);
    let first = attempts.next().unwrap_or_else(|| Options::default().finish());
    first.or_else(|error| attempts.find_map(Result::ok).ok_or(error))
}

/// The options of interest.
#[derive(Default)]
struct Options {
    server: Option<String>,
    kid: Option<String>,
    hmac: Option<Secret>,
    domains: Vec<String>,
    kind: Option<String>,
    rsa_size: Option<String>,
    curve: Option<String>,
}

impl Options {
    fn read(command: &str) -> Result<EabFile, EabFileError> {
        let mut options = Self::default();
        let mut words = shlex::Shlex::new(command);
        while let Some(word) = words.next() {
            options.take(&word, &mut words);
        }
        options.finish()
    }

    /// Takes an option, whose value is in the same word or the next.
    fn take(&mut self, word: &str, rest: &mut impl Iterator<Item = String>) {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            // certbot takes `-dexample.com` too.
            None if word.starts_with("-d") && word.len() > 2 => {
                ("-d", word.get(2..).map(str::to_owned))
            }
            None => (word, None),
        };
        let target = match name {
            "--server" => &mut self.server,
            "--eab-kid" => &mut self.kid,
            "--key-type" => &mut self.kind,
            "--rsa-key-size" => &mut self.rsa_size,
            "--elliptic-curve" => &mut self.curve,
            "--eab-hmac-key" => {
                self.hmac = value.or_else(|| rest.next()).map(Secret::new);
                return;
            }
            "-d" | "--domain" | "--domains" => {
                let names = value.or_else(|| rest.next()).unwrap_or_default();
                let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
                self.domains.extend(names.map(str::to_owned));
                return;
            }
            _ => return,
        };
        *target = value.or_else(|| rest.next());
    }

    fn finish(self) -> Result<EabFile, EabFileError> {
        let mut faults = Vec::new();
        let mut required = |option: &str, value: Option<String>| {
            let value = value.filter(|value| !value.is_empty() && !value.starts_with('-'));
            if value.is_none() {
                faults.push(format!("the certbot command lacks {option}"));
            }
            value.unwrap_or_default()
        };
        let mut server = required("--server", self.server);
        let kid = required("--eab-kid", self.kid);
        // An HMAC key may begin with `-`.
        let hmac = self.hmac.filter(|hmac| !hmac.expose().is_empty());
        if hmac.is_none() {
            faults.push("the certbot command lacks --eab-hmac-key".to_owned());
        }
        if !server.contains("://") {
            server = format!("https://{server}");
        }
        let mut domains: Vec<Identifier> = Vec::new();
        for text in self.domains {
            match text.parse::<Identifier>() {
                Ok(name) if domains.iter().any(|known| known.ascii() == name.ascii()) => {}
                Ok(name) => domains.push(name),
                Err(error) => faults.push(format!("-d: {error}")),
            }
        }
        let kind = match self.kind.as_deref() {
            Some("rsa") => Some(self.rsa_size.unwrap_or_else(|| "2048".to_owned())),
            Some("ecdsa") => Some(match self.curve.as_deref() {
                None | Some("secp256r1") => "ec256".to_owned(),
                Some("secp384r1") => "ec384".to_owned(),
                Some(other) => other.to_owned(),
            }),
            other => other.map(str::to_owned),
        };
        let key_type = kind.map(|kind| kind.parse()).transpose();
        match (hmac, key_type) {
            (Some(hmac), Ok(key_type)) if faults.is_empty() => {
                Ok(EabFile { server, kid, hmac, domains, key_type })
            }
            (_, key_type) => {
                faults.extend(key_type.err().map(|reason: String| format!("--key-type: {reason}")));
                Err(EabFileError(faults))
            }
        }
    }
}
