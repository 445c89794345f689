//! The keys of `wildcert.toml`.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value as Json, json};
use time::OffsetDateTime;
use toml::de::{DeTable, DeValue};
use wildcert_acme::AccountKeyType;
use wildcert_dns::{Identifier, NameserverOverride, OwnerName, ResolverAddr};

use super::{
    alert::Alert,
    check,
    deploy::DeployTarget,
    fault::{Error, Fault},
    reader::{self, Entry, Place, Reader},
    secret::SecretSource,
    table::table,
    value::{self, Value},
};
use crate::{key::KeyType, outputs::PfxFormat, window::MaintenanceWindow};

/// A configuration file that was read and has no faults.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file.
    pub file: PathBuf,
    /// What it says.
    pub settings: Settings,
    /// Every value with its line, in the order of the file; secrets are `****`.
    pub entries: Vec<Entry>,
    /// The keys under which a secret, or a setting of a provider, stands itself, in place of where
    /// it comes from.
    pub plain: Vec<String>,
    /// The file's mode, when others than its owner may read it.
    pub readable: Option<u32>,
}

table! {
    /// What a configuration file says.
    pub struct Settings {
        /// Folder of accounts, certificates and journal.
        pub path: Option<PathBuf>,
        /// Language of messages.
        pub lang: Option<Language>,
        /// Folders with providers, before all others.
        pub provider_dirs: Vec<PathBuf>,
        /// Whether only modules run that a trusted key signed, besides wildcert's own.
        pub require_signature: Option<bool>,
        /// Servers of zones in place of those that their NS records name: `ZONE=HOST[:PORT]`.
        pub nameservers: Vec<NameserverOverride>,
        /// Recursive resolvers in place of the system's: `HOST[:PORT]`.
        pub resolvers: Vec<ResolverAddr>,
        /// File that tells of every run, in lines behind each other.
        pub log_file: Option<PathBuf>,
        /// File that every run writes metrics to, for the text file collector of Prometheus'
        /// node_exporter.
        pub prometheus: Option<PathBuf>,
        /// Who is told when something is wrong.
        pub alerts: Vec<Alert>,
        /// PEM files with roots that the servers of CAs are trusted by, besides the system's.
        pub ca_bundle: Vec<PathBuf>,
        /// CAs under names of your own, or more about those that have a short name.
        pub cas: BTreeMap<String, Ca>,
        /// Providers with their credentials; each may stand here several times under different
        /// names.
        pub providers: BTreeMap<String, Provider>,
        /// The certificates that shall be there, under their names in the state folder.
        pub certificates: BTreeMap<String, Certificate>,
        ..
        /// The account, at each CA that says nothing else.
        pub account: AccountOptions,
        ..
        /// What holds for each certificate that says nothing else.
        pub defaults: CertificateOptions,
    }
}

table! {
    /// The account at a CA.
    pub struct AccountOptions {
        /// Contact addresses of the account.
        pub email: Vec<String>,
        /// Whether you agree to the CA's terms of service.
        pub accept_tos: Option<bool>,
        /// Kind of a new account's key, or its algorithm.
        pub account_key: Option<AccountKeyType>,
    }
}

table! {
    /// A CA.
    pub struct Ca {
        /// Short name or directory URL of the CA. Not needed when the table has the short name
        /// itself, or `eab-file` names the server.
        pub server: Option<String>,
        /// Key identifier that the CA gave you (external account binding).
        pub eab_kid: Option<String>,
        /// HMAC key that the CA gave you, in base64url.
        pub eab_hmac_key: Option<SecretSource>,
        /// File with the certbot command that the CA sent you; server, key identifier and HMAC key
        /// are taken from it.
        pub eab_file: Option<PathBuf>,
        ..
        /// The account there.
        pub account: AccountOptions,
    }
}

table! {
    /// A provider with its credentials.
    pub struct Provider {
        /// The provider's id or a module's file; otherwise what the table is called.
        pub provider: Option<String>,
        /// It sets the records at and below these names, and of several the one with the longest
        /// name; without this key, those that no other one sets.
        pub zones: Vec<OwnerName>,
        /// Seconds to wait for the records on all authoritative servers.
        pub propagation_timeout: Option<Duration>,
        /// The provider's settings under their names on its page, also in lower case, with hyphens
        /// and without the prefix that all of them have.
        pub settings: BTreeMap<String, SecretSource>,
    }
}

table! {
    /// A certificate that shall be there.
    pub struct Certificate {
        /// The names to certify, `*.` in front for a wildcard.
        pub domains: Vec<Identifier>,
        /// A certificate signing request in PEM or DER, in place of names and a key made here.
        pub csr: Option<PathBuf>,
        /// The providers that may set its records, by the names of their tables; all when it names
        /// none.
        pub providers: Vec<String>,
        /// Where it goes when it is new, and what is run there; one after the other.
        pub deploy: Vec<DeployTarget>,
        ..
        /// Everything that may stand at the top of the file too.
        pub options: CertificateOptions,
    }
}

table! {
    /// How a certificate is obtained and stored.
    pub struct CertificateOptions {
        /// The CA: short name, directory URL or the name of a table `[cas.…]`. Of several, the next
        /// one is used while one refuses for its rate limits.
        pub server: Vec<String>,
        /// Contact address that tells which of several accounts at the CA is used.
        pub account: Option<String>,
        /// Kind of the certificate's key.
        pub key_type: Option<KeyType>,
        /// Whether a renewal keeps the key.
        pub reuse_key: Option<bool>,
        /// Profile that the CA offers.
        pub profile: Option<String>,
        /// Common name of the root that the chain shall lead to, where the CA offers several.
        pub preferred_chain: Option<String>,
        /// When the first certificate shall end, as `2030-01-31T12:00:00Z`; few CAs let you choose.
        pub not_after: Option<OffsetDateTime>,
        /// Renew when no more than this many days are left.
        pub days: Option<u32>,
        /// When a renewal may be made: `Sun 02:00-05:00 Asia/Tokyo`, `Mon-Fri 03:00-04:00`,
        /// `daily 22:00-02:00 UTC`; without a time zone, that of the system holds.
        pub windows: Vec<MaintenanceWindow>,
        /// Renew outside of its windows when no more than this many days are left; without this key,
        /// half of the time that is left when it becomes due.
        pub emergency_days: Option<u32>,
        /// Whether each name is certified with `www.` in front too.
        pub with_www: Option<bool>,
        /// Whether key and chain are stored in one PEM file, `combined.pem`, too.
        pub pem: Option<bool>,
        /// Whether certificate and key are stored as DER too.
        pub der: Option<bool>,
        /// Whether certificate and key are stored as PKCS #12, `bundle.pfx`, too, and how.
        pub pfx: Option<PfxSetting>,
    }
}

table! {
    /// How a PKCS #12 file is made.
    pub struct PfxOptions {
        /// Its password.
        pub password: Option<SecretSource>,
        /// How it is encrypted.
        pub format: Option<PfxFormat>,
    }
}

/// Whether a PKCS #12 file is made, and how.
#[derive(Clone, Debug)]
pub enum PfxSetting {
    /// None, even where the file's top says otherwise.
    No,
    /// One is.
    Yes(PfxOptions),
}

/// The language of messages.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Language {
    /// English.
    English,
    /// Japanese.
    Japanese,
}

impl Config {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or with everything that is wrong in it.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Read { path: path.to_owned(), source };
        let file = std::path::absolute(path).map_err(failed)?;
        let text = fs::read_to_string(&file).map_err(failed)?;
        let mut config = Self::parse(&text, &file)?;
        config.readable = readable(&file).map_err(failed)?;
        Ok(config)
    }

    /// Reads a text. `origin` is the file that it came from: errors name it, and relative names of
    /// files are relative to its folder.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong in it, in the order of the lines.
    pub fn parse(text: &str, origin: &Path) -> Result<Self, Error> {
        let mut reader = Reader::new(origin, text);
        let (document, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let line = reader.line(error.span().map_or(0, |span| span.start));
            reader.fault(&Place { key: String::new(), line }, error.message());
        }
        // A half-read text would have faults that are none.
        if reader.faults.is_empty() {
            let top = Place { key: String::new(), line: 1 };
            let mut settings: Settings = reader.table(&top, document.get_ref());
            check::check(&mut reader, &mut settings);
            if reader.faults.is_empty() {
                return Ok(Self::of(origin, settings, reader));
            }
        }
        let mut faults: Vec<Fault> = reader.faults;
        faults.sort_by_key(|fault| fault.line);
        Err(Error::Invalid(faults))
    }

    /// The line of a key, from 1; none when the file does not have it.
    pub fn line(&self, key: &str) -> Option<usize> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.line)
    }

    /// A key, of which `parts` are the names, as the file's faults call it, and its line; the first line
    /// when the file does not have it.
    pub fn place(&self, parts: &[&str]) -> (String, usize) {
        let key = parts.iter().fold(String::new(), |parent, name| reader::path(&parent, name));
        let line = self.line(&key).unwrap_or(1);
        (key, line)
    }

    fn of(origin: &Path, settings: Settings, reader: Reader<'_>) -> Self {
        let mut entries = reader.entries;
        entries.sort_by_key(|entry| entry.line);
        Self {
            file: origin.to_owned(),
            settings,
            entries,
            plain: reader.plain_secrets.into_iter().map(|place| place.key).collect(),
            readable: None,
        }
    }
}

impl AccountOptions {
    /// These, and for what they do not say the `defaults`.
    pub fn or(self, defaults: &Self) -> Self {
        let Self { email, accept_tos, account_key } = self;
        Self {
            email: if email.is_empty() { defaults.email.clone() } else { email },
            accept_tos: accept_tos.or(defaults.accept_tos),
            account_key: account_key.or(defaults.account_key),
        }
    }
}

impl CertificateOptions {
    /// These, and for what they do not say the `defaults`.
    pub fn or(self, defaults: &Self) -> Self {
        let other = defaults.clone();
        Self {
            server: if self.server.is_empty() { other.server } else { self.server },
            account: self.account.or(other.account),
            key_type: self.key_type.or(other.key_type),
            reuse_key: self.reuse_key.or(other.reuse_key),
            profile: self.profile.or(other.profile),
            preferred_chain: self.preferred_chain.or(other.preferred_chain),
            not_after: self.not_after.or(other.not_after),
            days: self.days.or(other.days),
            windows: if self.windows.is_empty() { other.windows } else { self.windows },
            emergency_days: self.emergency_days.or(other.emergency_days),
            with_www: self.with_www.or(other.with_www),
            pem: self.pem.or(other.pem),
            der: self.der.or(other.der),
            pfx: self.pfx.or(other.pfx),
        }
    }
}

impl Value for Language {
    fn schema() -> Json {
        value::words(&LANGUAGES)
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        value::word(reader, place, value, &LANGUAGES)
    }
}

impl Value for PfxSetting {
    fn schema() -> Json {
        json!({ "anyOf": [bool::schema(), PfxOptions::schema()] })
    }

    fn read(reader: &mut Reader<'_>, place: &Place, value: &DeValue<'_>) -> Option<Self> {
        match value {
            DeValue::Boolean(false) => Some(Self::No),
            DeValue::Boolean(true) => Some(Self::Yes(PfxOptions::default())),
            DeValue::Table(table) => Some(Self::Yes(reader.table(place, table))),
            other => value::expected(reader, place, "`true`, `false` or a table", other),
        }
    }

    fn shown(&self, value: &DeValue<'_>) -> Option<String> {
        value.is_bool().then(|| value::toml_text(value))
    }
}

/// The mode of a file that others than its owner may read.
#[cfg(unix)]
fn readable(file: &Path) -> std::io::Result<Option<u32>> {
    use std::os::unix::fs::MetadataExt;

    let mode = fs::metadata(file)?.mode() & 0o7777;
    Ok((mode & 0o044 != 0).then_some(mode))
}

#[cfg(not(unix))]
fn readable(_: &Path) -> std::io::Result<Option<u32>> {
    Ok(None)
}

const LANGUAGES: [(&str, Language); 2] = [("en", Language::English), ("ja", Language::Japanese)];
