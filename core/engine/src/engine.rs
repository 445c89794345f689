//! The engine: the state on disk, the DNS and the plugin host that all runs share.

use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{Mutex, OnceLock, PoisonError},
};

use url::Url;
use wildcert_acme::{Client, ClientOptions};
use wildcert_dns::DnsOptions;
use wildcert_plugin::{Lock, PluginHost, PluginOptions, Shelf, standard_folders};

use crate::{
    cleanup::{self, CleanupReport},
    deploy::{around::Around, record},
    error::Error,
    event::Observer,
    history::HistoryEntry,
    instance::ProviderInstance,
    request::CertificateRequest,
    store::{CertificateInfo, Listing, Store},
    suggestion::Silent,
    trust,
};

/// What every run of an [`Engine`] shares.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The folder of the state: accounts, certificates, journal, providers.lock.
    pub path: PathBuf,
    /// PEM files with roots that CAs' servers are trusted by, besides the system's.
    pub ca_bundles: Vec<PathBuf>,
    /// Which servers are asked.
    pub dns: DnsOptions,
    /// Folders with providers, before all others.
    pub provider_dirs: Vec<PathBuf>,
    /// Whether modules run only with the signature of a trusted key, besides the release's own.
    pub require_signature: bool,
    /// The provider instances of the configuration: whose records a run that died left behind, they
    /// know the secrets to.
    pub providers: Vec<ProviderInstance>,
}

/// Issues certificates into one state folder.
pub struct Engine {
    options: Options,
    observer: Observer,
    shelf: Shelf,
    bundle: Vec<reqwest::Certificate>,
    /// Read, and made, by the first who connects: most commands and most nightly runs never do.
    system: OnceLock<Vec<reqwest::Certificate>>,
    plugins: OnceLock<PluginHost>,
    /// One for each CA, so that directory and nonces are fetched once.
    clients: Mutex<HashMap<Url, Client>>,
    silent: Silent,
    around: Around,
}

impl Engine {
    /// Reads the CA bundles and finds the folders; asks nothing of the network.
    ///
    /// `observer` hears of every step.
    ///
    /// # Errors
    /// When a CA bundle cannot be read.
    pub fn open(options: Options, observer: Observer) -> Result<Self, Error> {
        let bundle = trust::bundle_roots(&options.ca_bundles)?;
        let shelf = Shelf::new(standard_folders(&options.provider_dirs, &options.path));
        Ok(Self {
            options,
            observer,
            shelf,
            bundle,
            system: OnceLock::new(),
            plugins: OnceLock::new(),
            clients: Mutex::default(),
            silent: Silent::default(),
            around: Around::default(),
        })
    }

    /// Every certificate in the state folder.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn certificates(&self) -> Result<Listing, Error> {
        self.store().list()
    }

    /// The newest certificate of that name.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn certificate(&self, name: &str) -> Result<Option<CertificateInfo>, Error> {
        self.store().read(name)
    }

    /// Certificates that were replaced, but are still valid and not revoked.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn superseded(&self) -> Result<Vec<CertificateInfo>, Error> {
        self.store().superseded()
    }

    /// What happened to the certificates of a name, with a serial number, or to all; the oldest first.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn history(
        &self,
        name: Option<&str>,
        serial: Option<&str>,
    ) -> Result<Vec<HistoryEntry>, Error> {
        self.store().history(name, serial)
    }

    /// Takes a certificate out of use; its files are kept in the folder that is told, none when there
    /// is no such certificate. It is not revoked.
    ///
    /// # Errors
    /// When another process works on it, or a file cannot be moved.
    pub fn remove_certificate(&self, name: &str) -> Result<Option<PathBuf>, Error> {
        if self.store().read(name)?.is_none() {
            return Ok(None);
        }
        let _lock = self.store().lock(name)?;
        let removed = self.store().remove(name)?;
        self.forget_results(name)?;
        record::forget(&self.options.path, name)?;
        Ok(removed)
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

    /// Whom a request wants asked.
    pub(crate) fn dns_options<'a>(&'a self, request: &'a CertificateRequest) -> &'a DnsOptions {
        request.dns.as_ref().unwrap_or(&self.options.dns)
    }

    pub(crate) fn store(&self) -> Store {
        Store::new(&self.options.path)
    }

    pub(crate) fn around(&self) -> &Around {
        &self.around
    }

    pub(crate) fn silent(&self) -> &Silent {
        &self.silent
    }

    /// The client of the CA with this directory URL.
    pub(crate) fn client(&self, directory: &Url) -> Result<Client, Error> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(directory) {
            return Ok(client.clone());
        }
        let mut options = ClientOptions::new(directory.clone());
        options.roots = self.roots();
        options.user_agent = concat!("wildcert/", env!("CARGO_PKG_VERSION")).to_owned();
        let client = Client::new(options)
            .map_err(|source| Error::Acme { doing: "set up the connection".to_owned(), source })?;
        clients.insert(directory.clone(), client.clone());
        Ok(client)
    }

    /// Whom servers are trusted by.
    pub(crate) fn roots(&self) -> Vec<reqwest::Certificate> {
        self.system_roots().iter().chain(&self.bundle).cloned().collect()
    }

    fn system_roots(&self) -> &[reqwest::Certificate] {
        self.system.get_or_init(trust::system_roots)
    }

    pub(crate) fn plugins(&self) -> &PluginHost {
        self.plugins.get_or_init(|| {
            PluginHost::new(PluginOptions {
                roots: self.system_roots().to_vec(),
                cache_dir: self.cache_dir(),
                ..PluginOptions::default()
            })
        })
    }

    /// Where compiled modules are kept.
    pub(crate) fn cache_dir(&self) -> PathBuf {
        self.options.path.join("cache")
    }

    pub(crate) fn shelf(&self) -> &Shelf {
        &self.shelf
    }

    pub(crate) fn lock(&self) -> Lock {
        Lock::new(&self.options.path).requiring_signatures(self.options.require_signature)
    }
}
