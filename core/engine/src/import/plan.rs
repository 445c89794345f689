//! What an import would do.

use std::{collections::HashSet, path::PathBuf};

use time::OffsetDateTime;
use url::Url;
use wildcert_acme::AccountKey;
use wildcert_dns::Identifier;
use wildcert_plugin::{Settings, manifest::Manifest};
use x509_parser::{certificate::X509Certificate, pem::Pem, prelude::FromDer};

use super::{
    client::Client,
    found::{FoundAccount, FoundCertificate, Method, Renewed},
    method::{self, Taken},
    note::Note,
};
use crate::{
    account::{AccountInfo, Adoption},
    certificate::{Issued, subject_names},
    csr::Csr,
    engine::Engine,
    error::Error,
    files,
    renewal::Renewal,
    request::store_name,
};

/// What shall be imported.
#[derive(Clone, Debug)]
pub struct ImportWish {
    /// Whose files they are.
    pub client: Client,
    /// Where they are.
    pub folder: PathBuf,
    /// The certificates, by their names; all when there are none.
    pub names: Vec<String>,
    /// A CA's directory URL, for files that tell none.
    pub server: Option<String>,
    /// The id or path of the provider for certificates of which the files tell none.
    pub provider: Option<String>,
}

/// What an import does, or has done.
#[derive(Debug)]
pub struct Import {
    /// Whose files they are.
    pub client: Client,
    /// The accounts that were found.
    pub accounts: Vec<AccountImport>,
    /// The certificates that were found.
    pub certificates: Vec<CertificateImport>,
}

/// What becomes of something that was found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Action {
    /// It is taken.
    Take,
    /// It is here already.
    Present,
    /// It is left alone; a note says why.
    Leave,
}

/// What becomes of an account.
#[derive(Debug)]
pub struct AccountImport {
    /// What it is called here, or by the client when it is left alone.
    pub name: String,
    /// The CA's directory URL; empty when it is not known.
    pub server: String,
    /// Its URL at the CA.
    pub url: String,
    /// What becomes of it.
    pub action: Action,
    /// What else there is to say.
    pub notes: Vec<Note>,
    pub(super) ready: Option<(AccountInfo, AccountKey)>,
}

/// What becomes of a certificate.
#[derive(Debug)]
pub struct CertificateImport {
    /// Its name in the store.
    pub name: String,
    /// What the client calls it.
    pub original: String,
    /// What it is for, as A-labels; empty when it cannot be read.
    pub domains: Vec<String>,
    /// Until when it is valid, if it can be read.
    pub not_after: Option<OffsetDateTime>,
    /// The provider that renews it.
    pub provider: Option<String>,
    /// The provider's settings that the files give, each with the client's name for it.
    pub settings: Vec<(String, String)>,
    /// What becomes of it.
    pub action: Action,
    /// What else there is to say.
    pub notes: Vec<Note>,
    pub(super) ready: Option<Ready>,
}

/// A certificate that can be stored.
pub(super) struct Ready {
    pub(super) identifiers: Vec<Identifier>,
    pub(super) issued: Issued,
    pub(super) csr: Csr,
    pub(super) server: String,
    pub(super) account: String,
    pub(super) provider: String,
    pub(super) settings: Vec<Taken>,
    pub(super) certificate_url: String,
    pub(super) renewal: Renewal,
}

/// Keys and credentials are not shown.
impl std::fmt::Debug for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ready").field("identifiers", &self.identifiers).finish_non_exhaustive()
    }
}

impl Engine {
    /// Reads the files of another client and tells what importing them would do. Nothing is written,
    /// and no CA is asked.
    ///
    /// # Errors
    /// When a folder cannot be read, or a provider is named that is not here; what is wrong with one
    /// account or certificate is told with it.
    pub fn plan_import(&self, wish: &ImportWish) -> Result<Import, Error> {
        let manifests = self.manifests()?;
        let named =
            wish.provider.as_deref().map(|id| Ok::<_, Error>((id, self.provider(id)?.manifest)));
        let named = named.transpose()?;
        // What stands in the files must hold wherever the next renewal runs.
        let folder = std::path::absolute(&wish.folder)
            .map_err(|source| files::file_error("find", &wish.folder, source))?;
        let found = wish.client.read(&folder, wish.server.as_deref())?;
        let mut accounts = Vec::new();
        let mut folders = Vec::new();
        for account in found.accounts {
            let planned = self.plan_account(account, wish.client, &folders)?;
            folders.extend(planned.ready.as_ref().map(|(info, _)| info.path.clone()));
            accounts.push(planned);
        }
        let planning = Planning {
            engine: self,
            manifests: &manifests,
            named: named.as_ref().map(|(id, manifest)| (*id, manifest)),
            accounts: &accounts,
        };
        let mut certificates: Vec<CertificateImport> = Vec::new();
        let mut used = HashSet::new();
        let mut names = HashSet::new();
        for mut found in found.certificates {
            let original = std::mem::take(&mut found.name);
            found.name = plain_name(&original);
            let is_wanted = |name: &String| *name == original || *name == found.name;
            if !wish.names.is_empty() && !wish.names.iter().any(is_wanted) {
                continue;
            }
            if !names.insert(found.name.clone()) {
                found.notes.push(Note::OtherCertificate);
            }
            used.insert(found.account.clone());
            certificates.push(planning.certificate(found, original)?);
        }
        if !wish.names.is_empty() && !used.contains(&None) {
            accounts.retain(|account| used.contains(&Some(account.url.clone())));
        }
        Ok(Import { client: wish.client, accounts, certificates })
    }

    /// The manifests of all providers that can be used.
    fn manifests(&self) -> Result<Vec<Manifest>, Error> {
        let listed = self.providers()?.into_iter().filter(|listed| !listed.shadowed);
        Ok(listed.filter_map(|listed| Some(listed.artifact.ok()?.manifest)).collect())
    }

    fn plan_account(
        &self,
        found: FoundAccount,
        client: Client,
        folders: &[PathBuf],
    ) -> Result<AccountImport, Error> {
        let FoundAccount { label, server, url, contacts, key, mut notes } = found;
        let client = client.to_string();
        let mut ready = None;
        let mut name = label;
        let mut action = Action::Leave;
        if let (Some(key), Ok(at), false) =
            (key, Url::parse(&server), notes.iter().any(Note::prevents))
        {
            match self.adoption(&at, &url, &contacts, &key, &client, folders)? {
                Adoption::Here(info) => {
                    name.clone_from(&info.name);
                    action = Action::Present;
                    ready = Some((info, key));
                }
                Adoption::OtherKey(info) => {
                    name.clone_from(&info.name);
                    notes.push(Note::OtherKey);
                    ready = Some((info, key));
                }
                Adoption::New(info) => {
                    name.clone_from(&info.name);
                    action = Action::Take;
                    ready = Some((info, key));
                }
            }
        }
        Ok(AccountImport { name, server, url, action, notes, ready })
    }
}

/// What all certificates of an import share.
struct Planning<'a> {
    engine: &'a Engine,
    manifests: &'a [Manifest],
    /// The provider that the user named.
    named: Option<(&'a str, &'a Manifest)>,
    accounts: &'a [AccountImport],
}

impl Planning<'_> {
    fn certificate(
        &self,
        mut found: FoundCertificate,
        original: String,
    ) -> Result<CertificateImport, Error> {
        let mut planned = CertificateImport {
            name: found.name.clone(),
            original,
            domains: Vec::new(),
            not_after: None,
            provider: None,
            settings: Vec::new(),
            action: Action::Leave,
            notes: std::mem::take(&mut found.notes),
            ready: None,
        };
        let Some(key) = found.key.take() else { return Ok(planned) };
        if found.chain.is_empty() {
            return Ok(planned);
        }
        let (identifiers, issued, csr) = match checked(&found.name, &found.chain, key) {
            Ok(checked) => checked,
            Err(note) => {
                planned.notes.push(note);
                return Ok(planned);
            }
        };
        planned.domains = identifiers.iter().map(|name| name.ascii().to_owned()).collect();
        planned.not_after = Some(issued.not_after);
        let store = self.engine.store();
        let is_it = |fingerprint: &str| fingerprint == issued.fingerprint_sha256;
        if store.versions(&found.name)?.iter().any(|info| is_it(&info.fingerprint_sha256)) {
            planned.action = Action::Present;
            planned.notes.clear();
            return Ok(planned);
        }
        if store.read(&found.name)?.is_some() {
            planned.notes.push(Note::OtherCertificate);
            return Ok(planned);
        }
        let chosen = self.provider(&found.method, &mut planned.notes);
        let server = found.server.clone();
        if server.is_none() && !planned.notes.iter().any(Note::prevents) {
            let host = Url::parse(&found.certificate_url).ok();
            let host = host.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default();
            planned.notes.push(Note::NoDirectory { host });
        }
        let (Some((provider, settings)), Some(server)) = (chosen, server) else {
            return Ok(planned);
        };
        planned.provider = Some(provider.clone());
        planned.settings =
            settings.iter().map(|one| (one.name.clone(), one.from.clone())).collect();
        if planned.notes.iter().any(Note::prevents) {
            return Ok(planned);
        }
        let account = self.account(&server, found.account.as_deref());
        if account.is_none() {
            planned.notes.push(Note::NoAccount { server: server.clone() });
        }
        let lifetime = (issued.not_after - issued.not_before).whole_days();
        let renewal = Renewal {
            servers: vec![server.clone()],
            contacts: account.map(AccountInfo::found_by).unwrap_or_default(),
            profile: found.profile,
            reuse_key: found.reuse_key,
            preferred_chain: found.preferred_chain,
            days: found.renewed.days(lifetime),
            hooks: found.hooks,
            ..Renewal::default()
        };
        let account = account.and_then(|info| info.url.clone()).unwrap_or_default();
        let certificate_url = found.certificate_url;
        planned.action = Action::Take;
        planned.ready = Some(Ready {
            identifiers,
            issued,
            csr,
            server,
            account,
            provider,
            settings,
            certificate_url,
            renewal,
        });
        Ok(planned)
    }

    /// The provider that renews a certificate, and what the files give of its settings.
    fn provider(&self, method: &Method, notes: &mut Vec<Note>) -> Option<(String, Vec<Taken>)> {
        let (known, values) = match method {
            Method::Dns { plugin, values } => {
                (method::provider(self.manifests, plugin, values), values.as_slice())
            }
            Method::Other(_) | Method::Unsaid => (None, &[][..]),
        };
        let (id, manifest) = match (known, self.named, method) {
            (Some(manifest), ..) => (manifest.id.as_str(), manifest),
            (None, Some(named), _) => named,
            (None, None, why) => {
                notes.push(match why {
                    Method::Unsaid => Note::NoMethod,
                    Method::Other(method) => Note::NotDns { method: method.clone() },
                    Method::Dns { plugin, .. } => Note::NoProvider { plugin: plugin.clone() },
                });
                return None;
            }
        };
        let settings = method::settings(manifest, values, notes);
        let given: Vec<(String, String)> =
            settings.iter().map(|one| (one.name.clone(), one.value.expose().to_owned())).collect();
        let env = |name: &str| std::env::var_os(name);
        if let Err(error) = Settings::resolve(manifest, &given, &env, &[]) {
            notes.push(Note::Settings(Box::new(error.into())));
        }
        let environment = manifest.config.iter().find(|setting| setting.name.ends_with("_ENV"));
        if let (Some(setting), true) = (environment, matches!(method, Method::Dns { .. }))
            && !settings.iter().any(|one| one.name == setting.name)
        {
            notes.push(Note::Environment { setting: setting.name.clone() });
        }
        Some((id.to_owned(), settings))
    }

    /// The account at a CA that is, or will be, here under a URL.
    fn account(&self, server: &str, url: Option<&str>) -> Option<&AccountInfo> {
        let of = self
            .accounts
            .iter()
            .filter(|account| account.server == server && Some(account.url.as_str()) == url);
        of.filter_map(|account| account.ready.as_ref().map(|(info, _)| info)).next()
    }
}

impl Renewed {
    /// How many days before its end a certificate of so many days is renewed, where the user said so.
    fn days(self, lifetime: i64) -> Option<u32> {
        match self {
            Self::Unsaid => None,
            Self::Before(days) => Some(days),
            // Later than its end is not what anybody means.
            Self::After(days) => {
                u32::try_from(lifetime - i64::from(days)).ok().filter(|left| *left > 0)
            }
        }
    }
}

/// A certificate that belongs to its key, with the names that it is for.
fn checked(
    name: &str,
    chain: &str,
    key: rcgen::KeyPair,
) -> Result<(Vec<Identifier>, Issued, Csr), Note> {
    let refused = |reason: String| Note::Certificate { reason };
    let first = Pem::iter_from_buffer(chain.as_bytes()).next();
    let der = match first {
        Some(Ok(pem)) => pem.contents,
        _ => return Err(refused("it is no PEM".to_owned())),
    };
    let (_, leaf) = X509Certificate::from_der(&der)
        .map_err(|error| refused(format!("it is no certificate ({error})")))?;
    let mut identifiers: Vec<Identifier> = Vec::new();
    for name in subject_names(&leaf) {
        identifiers
            .push(name.parse().map_err(|error: wildcert_dns::Error| refused(error.to_string()))?);
    }
    // The name that it is called after goes first; CAs sort them.
    identifiers.sort_by_key(|one| (store_name(one) != name, one.ascii().starts_with('*')));
    let csr = Csr::with_key(key, &identifiers).map_err(|error| refused(error.to_string()))?;
    let issued = Issued::check(name, chain, &csr, &identifiers).map_err(|error| {
        refused(match error {
            Error::Certificate { reason, .. } => reason,
            other => other.to_string(),
        })
    })?;
    Ok((identifiers, issued, csr))
}

/// A name as the store takes it.
fn plain_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' };
    let name: String = name.chars().map(plain).collect();
    match name.strip_prefix('.') {
        Some(rest) => format!("_{rest}"),
        None => name,
    }
}
