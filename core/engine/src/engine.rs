//! The engine: the state on disk, the DNS and the plugin host that all runs share.

use std::{
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use time::OffsetDateTime;
use wildcert_acme::{Client, ClientOptions, KeyAlgorithm, Secret};
use wildcert_dns::DnsOptions;
use wildcert_plugin::{
    Artifact, DnsProvider, Form, Lock, Origin, PluginHost, PluginOptions, Settings, Shelf,
    manifest::Reach, standard_folders,
};

use crate::{
    account::{self, AccountInfo},
    cleanup::{self, CleanupReport},
    due,
    error::Error,
    event::{Event, Observer},
    files, issue,
    request::{CertificateRequest, Outcome, Status},
    stop::Stop,
    store::{CertificateInfo, Store},
    trust,
};

/// What every run of an [`Engine`] shares.
#[derive(Clone, Debug)]
pub struct Options {
    /// The folder of the state: accounts, certificates, journal, providers.lock.
    pub path: PathBuf,
    /// The CA: a short name (`letsencrypt`, `letsencrypt-staging`) or its directory URL.
    pub server: String,
    /// PEM files with roots that the CA's server is trusted by, besides the system's.
    pub ca_bundles: Vec<PathBuf>,
    /// The account's contacts: e-mail addresses.
    pub contacts: Vec<String>,
    /// Whether the user agrees to the CA's terms of service.
    pub terms_agreed: bool,
    /// External account binding: key identifier and HMAC key, as the CA gave them.
    pub external: Option<(String, Secret)>,
    /// The algorithm of a new account's key.
    pub account_key: KeyAlgorithm,
    /// Which servers are asked.
    pub dns: DnsOptions,
    /// Folders with providers, before all others.
    pub provider_dirs: Vec<PathBuf>,
    /// Whether modules run only with the signature of a trusted key, besides the release's own.
    pub require_signature: bool,
}

/// A provider that was found, is trusted and has its settings; nothing of it has run.
pub(crate) struct Chosen {
    pub(crate) artifact: Artifact,
    settings: Settings,
    /// What finds it again: its id, or its absolute path when it was named by path.
    pub(crate) named: String,
    /// The TTL of the records, in seconds.
    pub(crate) ttl: u32,
    pub(crate) propagation_timeout: Duration,
    /// The settings that are no secrets.
    pub(crate) plain_settings: Vec<(String, String)>,
}

impl Chosen {
    /// The provider's id.
    pub(crate) fn id(&self) -> &str {
        &self.artifact.manifest.id
    }
}

/// Issues certificates into one state folder, from one CA.
pub struct Engine {
    options: Options,
    observer: Observer,
    shelf: Shelf,
    bundle: Vec<reqwest::Certificate>,
    /// Read, and made, by the first who connects: most commands and most nightly runs never do.
    system: OnceLock<Vec<reqwest::Certificate>>,
    plugins: OnceLock<PluginHost>,
}

impl Engine {
    /// Reads the CA bundles and finds the folders; asks nothing of the network.
    ///
    /// `observer` hears of every step.
    ///
    /// # Errors
    /// When the CA's name or URL is wrong, or a CA bundle cannot be read.
    pub fn open(options: Options, observer: Observer) -> Result<Self, Error> {
        account::server_url(&options)?;
        let bundle = trust::bundle_roots(&options.ca_bundles)?;
        let shelf = Shelf::new(standard_folders(&options.provider_dirs, &options.path));
        let (system, plugins) = (OnceLock::new(), OnceLock::new());
        Ok(Self { options, observer, shelf, bundle, system, plugins })
    }

    /// Obtains a certificate, renews it when it is due, or leaves it alone.
    ///
    /// Whatever the outcome, no TXT record of this run is left when it returns, or the journal
    /// holds what could not be removed.
    pub async fn run(&self, request: &CertificateRequest, stop: &Stop) -> Outcome {
        let mut outcome = Outcome {
            name: request.store_name(),
            domains: request.identifiers.iter().map(|name| name.ascii().to_owned()).collect(),
            status: Status::Failed,
            certificate: None,
            error: None,
        };
        match self.obtain(request, stop, &mut outcome).await {
            Ok(status) => outcome.status = status,
            Err(error) => outcome.error = Some(error),
        }
        outcome
    }

    /// Finds or registers the account.
    ///
    /// # Errors
    /// When the CA refuses or cannot be reached, or wants its terms agreed to.
    pub async fn register(&self) -> Result<AccountInfo, Error> {
        let (account, registered) = account::open(&self.options, &self.client()?).await?;
        (self.observer)(Event::Account { url: account.url().to_string(), registered });
        account::info(&self.options)?.ok_or_else(|| Error::Damaged {
            path: self.options.path.join("accounts"),
            reason: "the account that was just written is not there".to_owned(),
        })
    }

    /// Every account in the state folder, of every CA.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn accounts(&self) -> Result<Vec<AccountInfo>, Error> {
        account::list(&self.options.path)
    }

    /// Every certificate in the state folder.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn certificates(&self) -> Result<Vec<CertificateInfo>, Error> {
        Store::new(&self.options.path).list()
    }

    /// Removes the records of runs that died.
    ///
    /// # Errors
    /// When the journals cannot be read; records that resist are in the report.
    pub async fn cleanup(&self) -> Result<CleanupReport, Error> {
        cleanup::cleanup(self).await
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    pub(crate) fn observer(&self) -> &Observer {
        &self.observer
    }

    /// A client of the CA, which counts its requests from zero.
    pub(crate) fn client(&self) -> Result<Client, Error> {
        let mut options = ClientOptions::new(account::server_url(&self.options)?);
        options.roots = self.system_roots().iter().chain(&self.bundle).cloned().collect();
        options.user_agent = concat!("wildcert/", env!("CARGO_PKG_VERSION")).to_owned();
        Client::new(options)
            .map_err(|source| Error::Acme { doing: "set up the connection".to_owned(), source })
    }

    /// Finds and checks a provider and gathers its settings.
    pub(crate) fn choose(
        &self,
        id_or_path: &str,
        overrides: &[(String, String)],
    ) -> Result<Chosen, Error> {
        let artifact = self.shelf.find(id_or_path)?;
        if let Some(first) = self.lock().admit(&artifact)? {
            let Reach { http, dns } = first.reach;
            (self.observer)(Event::FirstUse {
                id: artifact.manifest.id.clone(),
                path: first.path,
                reach: match artifact.form {
                    Form::Wasm => [http, dns].concat(),
                    Form::Native => vec!["anything: it is native code".to_owned()],
                },
            });
        }
        let manifest = &artifact.manifest;
        let settings =
            Settings::resolve(manifest, overrides, &|name: &str| std::env::var_os(name))?;
        let secret = |name: &str| manifest.setting(name).is_some_and(|setting| setting.secret);
        let plain = settings.iter().filter(|(name, _)| !secret(name));
        let chosen = Chosen {
            named: match artifact.origin {
                Origin::Path => artifact.path.display().to_string(),
                _ => id_or_path.to_owned(),
            },
            ttl: settings.ttl(),
            propagation_timeout: settings.propagation_timeout(),
            plain_settings: plain.map(|(name, value)| (name.into(), value.into())).collect(),
            artifact,
            settings,
        };
        (self.observer)(Event::Provider {
            id: chosen.artifact.manifest.id.clone(),
            form: chosen.artifact.form.as_str().to_owned(),
            path: chosen.artifact.path.clone(),
        });
        Ok(chosen)
    }

    /// Loads a provider; a module that is met for the first time is compiled here.
    pub(crate) async fn load(&self, chosen: Chosen) -> Result<Arc<dyn DnsProvider>, Error> {
        let Artifact { manifest, bytes, .. } = &chosen.artifact;
        if bytes.len() > LARGE && self.plugins().must_compile(&chosen.artifact) {
            (self.observer)(Event::Compiling { id: manifest.id.clone() });
        }
        Ok(self.plugins().load(&chosen.artifact, chosen.settings).await?)
    }

    fn system_roots(&self) -> &[reqwest::Certificate] {
        self.system.get_or_init(trust::system_roots)
    }

    pub(crate) fn plugins(&self) -> &PluginHost {
        self.plugins.get_or_init(|| {
            PluginHost::new(PluginOptions {
                roots: self.system_roots().to_vec(),
                cache_dir: self.options.path.join("cache"),
                ..PluginOptions::default()
            })
        })
    }

    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    pub(crate) fn lock(&self) -> Lock {
        Lock::new(&self.options.path).requiring_signatures(self.options.require_signature)
    }

    async fn obtain(
        &self,
        request: &CertificateRequest,
        stop: &Stop,
        outcome: &mut Outcome,
    ) -> Result<Status, Error> {
        let faults = request.faults();
        if !faults.0.is_empty() {
            return Err(Error::Input(faults));
        }
        let server = account::server_url(&self.options)?;
        let store = Store::new(&self.options.path);
        files::private_folder(&self.options.path)?;
        let _lock = store.lock(&outcome.name)?;
        for error in self.cleanup().await?.left {
            (self.observer)(Event::Warning(format!("records of an earlier run: {error}")));
        }
        outcome.certificate = store.read(&outcome.name)?;
        if let Some(stored) = &outcome.certificate {
            match due::reason(request, stored, &server, OffsetDateTime::now_utc()) {
                None => return Ok(Status::Unchanged),
                Some(reason) => tracing::info!("{} is renewed: {reason}", outcome.name),
            }
        }
        let chosen = self.choose(&request.provider, &request.provider_options)?;
        let stored = outcome.certificate.as_ref().map(|stored| stored.key_type);
        let key_type = request.key_type.or(stored).unwrap_or_default();
        let issued = issue::issue(self, request, key_type, chosen, stop).await?;
        let first = outcome.certificate.replace(issued).is_none();
        Ok(if first { Status::Issued } else { Status::Renewed })
    }
}

/// Smaller modules are compiled before anybody notices.
const LARGE: usize = 1 << 20;
