//! Loads modules and gives back providers that can be called.

use std::{
    collections::HashMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::OnceCell;

use crate::{
    artifact::{Artifact, Form},
    digest::Sha256Digest,
    error::Error,
    loaded::{Loaded, Module},
    native,
    provider::DnsProvider,
    services::{Clients, Services},
    settings::Settings,
    wasm,
};

/// What a plugin host is made with.
#[derive(Clone, Debug, Default)]
pub struct PluginOptions {
    /// The roots that HTTPS trusts; the system's when there are none.
    pub roots: Vec<reqwest::Certificate>,
    /// The folder of compiled modules: ours alone, made when it is first needed.
    pub cache_dir: PathBuf,
    /// What one call may use up.
    pub limits: CallLimits,
    /// Where a simulator listens that answers in place of every vendor, on loopback.
    pub simulator: Option<SocketAddr>,
}

/// What one call of a provider may use up. Each record of a call adds to time and requests.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CallLimits {
    /// Time in which the module itself computes; waiting for answers does not count. It binds
    /// WebAssembly only.
    pub cpu: Duration,
    /// Memory in octets. It binds WebAssembly only.
    pub memory: usize,
    /// Time from begin to end.
    pub wall: Duration,
    /// HTTP requests and DNS messages.
    pub requests: u32,
}

/// Runs providers. One per process is enough; it costs nothing until a module is loaded.
pub struct PluginHost {
    clients: Arc<Clients>,
    cache: Arc<wasm::Cache>,
    limits: CallLimits,
    loaded: Mutex<HashMap<Key, Arc<OnceCell<Arc<Loaded>>>>>,
}

/// The digest of a module and the digest of its settings.
type Key = (Sha256Digest, Sha256Digest);

impl PluginHost {
    /// A host that has loaded nothing yet.
    pub fn new(options: PluginOptions) -> Self {
        Self {
            clients: Arc::new(Clients::new(options.roots, options.simulator)),
            cache: Arc::new(wasm::Cache::new(options.cache_dir)),
            limits: options.limits,
            loaded: Mutex::default(),
        }
    }

    /// Makes a provider of a module, whose approval is the caller's business.
    ///
    /// The same module with the same settings is loaded once: whoever asks again shares its
    /// sessions, its rate limit and its order of calls.
    ///
    /// # Errors
    /// When the module cannot be compiled, does not keep the contract, or fails while it starts.
    pub async fn load(
        &self,
        artifact: &Artifact,
        settings: Settings,
    ) -> Result<Arc<dyn DnsProvider>, Error> {
        let cell = {
            let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(loaded.entry((artifact.sha256, fingerprint(&settings))).or_default())
        };
        let provider = cell.get_or_try_init(|| self.make(artifact, settings)).await?;
        Ok(Arc::clone(provider) as Arc<dyn DnsProvider>)
    }

    /// Whether loading the module means to compile it first.
    pub fn must_compile(&self, artifact: &Artifact) -> bool {
        artifact.form == Form::Wasm && !self.cache.holds(artifact.sha256)
    }

    /// Makes a module ready to be loaded: compiles it and makes one instance, or loads the library.
    ///
    /// # Errors
    /// When the module cannot be compiled, does not keep the contract, or fails while it starts.
    pub async fn prepare(&self, artifact: &Artifact) -> Result<(), Error> {
        let nothing = Settings::none();
        let clients = Arc::clone(&self.clients);
        let services = Arc::new(Services::new(&artifact.manifest, &nothing, clients));
        self.module(artifact, &services).await.map(|_| ())
    }

    /// Who fetches over HTTPS.
    pub(crate) fn clients(&self) -> &Clients {
        &self.clients
    }

    async fn make(&self, artifact: &Artifact, settings: Settings) -> Result<Arc<Loaded>, Error> {
        let manifest = artifact.manifest.clone();
        let services = Arc::new(Services::new(&manifest, &settings, Arc::clone(&self.clients)));
        let module = self.module(artifact, &services).await?;
        let path = artifact.path.clone();
        Ok(Arc::new(Loaded::new(manifest, path, module, settings, services, self.limits)))
    }

    async fn module(
        &self,
        artifact: &Artifact,
        services: &Arc<Services>,
    ) -> Result<Arc<dyn Module>, Error> {
        Ok(match artifact.form {
            Form::Wasm => Arc::new(wasm::load(artifact, &self.cache, self.limits, services).await?),
            Form::Native => Arc::new(native::load(artifact).await?),
        })
    }
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            cpu: Duration::from_secs(2),
            memory: 64 << 20,
            wall: Duration::from_secs(120),
            requests: 64,
        }
    }
}

impl std::fmt::Debug for PluginHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PluginHost").field("limits", &self.limits).finish_non_exhaustive()
    }
}

fn fingerprint(settings: &Settings) -> Sha256Digest {
    let mut text = zeroize::Zeroizing::new(String::new());
    for (name, value) in settings.iter() {
        // Lengths keep `a=bc` apart from `ab=c`.
        text.push_str(&format!("{}:{name}{}:{value}", name.len(), value.len()));
    }
    Sha256Digest::of(text.as_bytes())
}
