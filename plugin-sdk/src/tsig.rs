//! Transaction signatures: a secret shared with a name server (RFC 8945).

use std::fmt;

use hmac::Hmac;
use sha2::{Sha256, Sha384, Sha512};

use crate::{
    encoding,
    error::{Error, ErrorKind, Result},
    hash,
    host::Config,
    wire::{self, HEADER, Reader},
};

const TSIG: u16 = 250;
const CLASS_ANY: u16 = 255;
/// Seconds by which the clocks may differ (§10 recommends them).
const FUDGE: u16 = 300;
/// Where a header counts the records of the additional section.
const ADDITIONAL_COUNT: usize = 10;

/// Whether a message ends with a signature; says nothing about its worth.
pub fn is_signed(message: &[u8]) -> bool {
    matches!(Tsig::find(message), Ok(Some(_)))
}

/// A key that signs requests and verifies their answers.
#[derive(Clone)]
pub struct Key {
    /// As the user wrote it.
    label: String,
    /// In wire format, lower case.
    name: Vec<u8>,
    algorithm: Algorithm,
    secret: Vec<u8>,
    settings: Settings,
}

/// The settings that hold a key; errors name them.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// The key's name.
    pub key: &'static str,
    /// The secret, base64.
    pub secret: &'static str,
    /// The algorithm; none for `hmac-sha256`.
    pub algorithm: &'static str,
    /// All three, as a `key` statement of BIND's configuration, in place of the others.
    pub statement: &'static str,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Algorithm {
    Sha256,
    Sha384,
    Sha512,
}

/// The signature of a request: what its answer is verified with.
#[derive(Clone, Debug)]
pub struct Signature(Vec<u8>);

impl Key {
    /// The key in the settings, or none when they are unset.
    ///
    /// # Errors
    /// `config` when they are incomplete or malformed, `unsupported` for other algorithms than
    /// HMAC with SHA-256, SHA-384 or SHA-512.
    pub fn from_config(config: &Config, settings: Settings) -> Result<Option<Self>> {
        let Settings { key, secret, algorithm, statement } = settings;
        if let Some(text) = config.get(statement) {
            let (key, algorithm, secret) = parse_statement(text).ok_or_else(|| {
                Error::config(format!(
                    "`{statement}` does not hold a statement `key \"…\" {{ algorithm …; secret \"…\"; }};`"
                ))
            })?;
            let all =
                Settings { key: statement, secret: statement, algorithm: statement, statement };
            return Self::new(&key, &algorithm, &secret, all).map(Some);
        }
        match (config.get(key), config.get(secret)) {
            (None, None) => Ok(None),
            (Some(name), Some(secret)) => {
                let algorithm = config.get(algorithm).unwrap_or("hmac-sha256");
                Self::new(name, algorithm, secret, settings).map(Some)
            }
            (Some(_), None) => Err(Error::config(format!("`{key}` is set, `{secret}` is not"))),
            (None, Some(_)) => Err(Error::config(format!("`{secret}` is set, `{key}` is not"))),
        }
    }

    fn new(label: &str, algorithm: &str, secret: &str, settings: Settings) -> Result<Self> {
        let name = wire::name(label)
            .map_err(|_| Error::config(format!("`{}`: `{label}` is no key name", settings.key)))?;
        Ok(Self {
            label: label.trim_end_matches('.').to_ascii_lowercase(),
            name,
            algorithm: Algorithm::parse(algorithm, settings)?,
            secret: encoding::from_base64(settings.secret, secret)?,
            settings,
        })
    }

    /// Signs `request` at `now`, in seconds since 1970: appends the TSIG record (§5.1).
    ///
    /// # Errors
    /// When `request` is no DNS message.
    pub fn sign(&self, request: &mut Vec<u8>, now: u64) -> Result<Signature> {
        let id = Reader::new(request, 0).u16()?;
        let count = Reader::new(request, ADDITIONAL_COUNT).u16()?;
        let variables = self.variables(now, FUDGE, 0, &[]);
        let mac = self.mac(&[request, &variables]);

        let mut data = self.algorithm.wire_name();
        data.extend(time(now));
        data.extend(FUDGE.to_be_bytes());
        data.extend(length(&mac));
        data.extend(&mac);
        data.extend(id.to_be_bytes());
        // No error, no other data.
        data.extend([0; 4]);

        request.extend(&self.name);
        request.extend(TSIG.to_be_bytes());
        request.extend(CLASS_ANY.to_be_bytes());
        request.extend([0; 4]);
        request.extend(length(&data));
        request.extend(data);
        wire::put_u16(request, ADDITIONAL_COUNT, count.saturating_add(1));
        Ok(Signature(mac))
    }

    /// Verifies the answer to the request that `signature` belongs to, at `now` (§5.3).
    ///
    /// # Errors
    /// `auth` when the server refused the key, the signature or the time, when the answer is signed
    /// wrongly, or not at all; the message says which setting to look at.
    pub fn verify(&self, signature: &Signature, answer: &[u8], now: u64) -> Result<()> {
        let Some(tsig) = Tsig::find(answer)? else {
            return Err(self.refused("the answer is not signed", self.settings.key));
        };
        // A server that cannot verify a request cannot sign the refusal either (§5.3.2).
        match tsig.error {
            16 => return Err(self.refused("BADSIG: wrong secret", self.settings.secret)),
            17 => return Err(self.refused("BADKEY: unknown key or algorithm", self.settings.key)),
            22 => return Err(self.refused("BADTRUNC", self.settings.algorithm)),
            _ => {}
        }
        if tsig.key != self.name || tsig.algorithm != self.algorithm.wire_name() {
            return Err(self.refused("the answer is signed with another key", self.settings.key));
        }
        let mut unsigned = answer.get(..tsig.start).unwrap_or_default().to_vec();
        wire::put_u16(&mut unsigned, 0, tsig.original_id);
        wire::put_u16(&mut unsigned, ADDITIONAL_COUNT, tsig.additional.saturating_sub(1));
        let variables = self.variables(tsig.time, tsig.fudge, tsig.error, tsig.other);
        let parts = [&length(&signature.0), &signature.0[..], &unsigned, &variables];
        if !same(&self.mac(&parts), tsig.mac) {
            return Err(self.refused("the answer's signature is wrong", self.settings.secret));
        }
        let server_time = Reader::new(tsig.other, 0).u48().unwrap_or(tsig.time);
        if tsig.error == 18 || now.abs_diff(tsig.time) > u64::from(tsig.fudge) {
            let apart = now.abs_diff(server_time);
            return Err(Error::auth(format!(
                "BADTIME: this machine's clock and the server's are {apart} s apart; set the clock"
            )));
        }
        match tsig.error {
            0 => Ok(()),
            code => Err(self.refused(&format!("TSIG error {code}"), self.settings.key)),
        }
    }

    fn refused(&self, why: &str, setting: &str) -> Error {
        let label = &self.label;
        Error::auth(format!("TSIG key `{label}`: {why}; look at `{setting}`"))
    }

    /// What is signed besides the message (§4.3.3).
    fn variables(&self, now: u64, fudge: u16, error: u16, other: &[u8]) -> Vec<u8> {
        let mut out = self.name.clone();
        out.extend(CLASS_ANY.to_be_bytes());
        // TTL.
        out.extend([0; 4]);
        out.extend(self.algorithm.wire_name());
        out.extend(time(now));
        out.extend(fudge.to_be_bytes());
        out.extend(error.to_be_bytes());
        out.extend(length(other));
        out.extend(other);
        out
    }

    fn mac(&self, parts: &[&[u8]]) -> Vec<u8> {
        match self.algorithm {
            Algorithm::Sha256 => hash::mac::<Hmac<Sha256>>(&self.secret, parts).to_vec(),
            Algorithm::Sha384 => hash::mac::<Hmac<Sha384>>(&self.secret, parts).to_vec(),
            Algorithm::Sha512 => hash::mac::<Hmac<Sha512>>(&self.secret, parts).to_vec(),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key {{ name: {:?}, algorithm: {:?}, secret: **** }}", self.label, self.algorithm)
    }
}

impl Algorithm {
    fn parse(word: &str, settings: Settings) -> Result<Self> {
        match word.trim_end_matches('.').to_ascii_lowercase().as_str() {
            "hmac-sha256" => Ok(Self::Sha256),
            "hmac-sha384" => Ok(Self::Sha384),
            "hmac-sha512" => Ok(Self::Sha512),
            _ => Err(Error::new(
                ErrorKind::Unsupported,
                format!(
                    "`{}`: the algorithm `{word}` is not supported; `hmac-sha256`, `hmac-sha384` \
                     and `hmac-sha512` are",
                    settings.algorithm
                ),
            )),
        }
    }

    fn wire_name(self) -> Vec<u8> {
        match self {
            Self::Sha256 => b"\x0bhmac-sha256\0".to_vec(),
            Self::Sha384 => b"\x0bhmac-sha384\0".to_vec(),
            Self::Sha512 => b"\x0bhmac-sha512\0".to_vec(),
        }
    }
}

/// The TSIG record of an answer.
struct Tsig<'a> {
    start: usize,
    additional: u16,
    key: Vec<u8>,
    algorithm: Vec<u8>,
    time: u64,
    fudge: u16,
    mac: &'a [u8],
    original_id: u16,
    error: u16,
    other: &'a [u8],
}

impl<'a> Tsig<'a> {
    /// The last record of the additional section, when it is a TSIG record.
    fn find(message: &'a [u8]) -> Result<Option<Self>> {
        let mut header = Reader::new(message, 4);
        let counts = [header.u16()?, header.u16()?, header.u16()?, header.u16()?];
        let [questions, answers, authority, additional] = counts;
        let mut reader = Reader::new(message, HEADER);
        for _ in 0..questions {
            reader.skip_question()?;
        }
        let mut last = None;
        for _ in 0..u32::from(answers) + u32::from(authority) + u32::from(additional) {
            last = Some(reader.record()?);
        }
        let Some(record) = last.filter(|record| additional > 0 && record.kind == TSIG) else {
            return Ok(None);
        };
        let mut data = record.data;
        Ok(Some(Self {
            start: record.start,
            additional,
            key: record.name,
            algorithm: data.name()?,
            time: data.u48()?,
            fudge: data.u16()?,
            mac: data.counted()?,
            original_id: data.u16()?,
            error: data.u16()?,
            other: data.counted()?,
        }))
    }
}

/// Name, algorithm and secret of a statement as `tsig-keygen` writes it.
fn parse_statement(text: &str) -> Option<(String, String, String)> {
    let comment = |line: &&str| !line.trim_start().starts_with(['#', '/']);
    let text = text.lines().filter(comment).collect::<Vec<_>>().join("\n");
    let mut words = text
        .split(|c: char| c.is_whitespace() || matches!(c, ';' | '{' | '}' | '"'))
        .filter(|word| !word.is_empty());
    let after =
        |keyword: &str| words.clone().skip_while(|word| *word != keyword).nth(1).map(str::to_owned);
    let found = (after("key")?, after("algorithm")?, after("secret")?);
    words.next().is_some_and(|word| word == "key").then_some(found)
}

/// Compares in a time that does not depend on where the difference is.
fn same(ours: &[u8], theirs: &[u8]) -> bool {
    let differences = ours.iter().zip(theirs).fold(0, |sum, (a, b)| sum | (a ^ b));
    !ours.is_empty() && ours.len() == theirs.len() && differences == 0
}

/// The six octets of a time (§4.2).
fn time(seconds: u64) -> impl Iterator<Item = u8> {
    seconds.to_be_bytes().into_iter().skip(2)
}

fn length(octets: &[u8]) -> [u8; 2] {
    u16::try_from(octets.len()).unwrap_or(u16::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests;
