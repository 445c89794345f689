//! The sandbox itself: starts both servers and ends them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::ca::{Ca, CaOptions};
use crate::dns::{DnsServer, Zones};
use crate::events::Events;
use crate::{AcmeRequest, Error, SandboxOptions, TsigAlgorithm, TsigKey, UpdateSeen, ZoneRecord};

/// A running CA and DNS server.
///
/// Both end when it is dropped; [`shutdown`](Sandbox::shutdown) also waits until they have.
pub struct Sandbox {
    ca: Arc<Ca>,
    dns: DnsServer,
    events: Arc<Events>,
    https_root_pem: String,
    tsig: TsigKey,
    dns_tasks: JoinSet<()>,
    acme_tasks: JoinSet<()>,
    stop: oneshot::Sender<()>,
}

impl Sandbox {
    /// Starts both servers on loopback ports which the system chooses.
    ///
    /// # Errors
    /// What cannot be used of `options`, and whatever the system refuses: see [`Error`].
    pub async fn start(options: SandboxOptions) -> Result<Self, Error> {
        if let Some(resolver) = options.resolver.filter(|resolver| resolver.port() == 0) {
            return Err(Error::Resolver(resolver));
        }
        let events = Arc::new(Events::default());
        let tsig = match options.tsig {
            Some(key) => key,
            None => TsigKey::random("wildcert.", TsigAlgorithm::HmacSha256)?,
        };
        let (mut dns_tasks, mut acme_tasks) = (JoinSet::new(), JoinSet::new());
        let zones = Zones::new(&options.zones)?;
        let dns = DnsServer::start(zones, &tsig, events.clone(), &mut dns_tasks).await?;
        let (stop, stopped) = oneshot::channel();
        let (ca, https_root_pem) = Ca::start(
            CaOptions {
                external_account: options.external_account_required,
                certificate_lifetime: options.certificate_lifetime,
                resolver: options.resolver,
            },
            dns.clone(),
            events.clone(),
            &mut acme_tasks,
            stopped,
        )
        .await?;
        Ok(Self { ca, dns, events, https_root_pem, tsig, dns_tasks, acme_tasks, stop })
    }

    /// The URL of the ACME directory, `https://localhost:PORT/dir`.
    pub fn directory_url(&self) -> &str {
        self.ca.directory_url()
    }

    /// The root, in PEM, that the certificate of the HTTPS endpoint chains to.
    pub fn ca_pem(&self) -> &str {
        &self.https_root_pem
    }

    /// The root, in PEM, that the default chain of issued certificates ends in.
    pub fn issuer_root_pem(&self) -> &str {
        self.ca.root_pem()
    }

    /// The root, in PEM, that the alternate chain of issued certificates ends in.
    pub fn alternate_root_pem(&self) -> &str {
        self.ca.alternate_root_pem()
    }

    /// The address of the DNS server, for UDP and TCP.
    pub fn dns_addr(&self) -> SocketAddr {
        self.dns.address()
    }

    /// The key that updates must be signed with.
    pub fn tsig(&self) -> &TsigKey {
        &self.tsig
    }

    /// All records of a zone; none when the zone is not served.
    pub fn zone_records(&self, zone: &str) -> Vec<ZoneRecord> {
        self.dns.zone_records(zone)
    }

    /// The values of the TXT records at an owner name, each with its strings joined.
    ///
    /// Only the name itself counts: no CNAME is followed, no wildcard applied.
    pub fn txt(&self, owner: &str) -> Vec<String> {
        self.dns.txt(owner)
    }

    /// The ACME requests answered so far, oldest first.
    pub fn requests(&self) -> Vec<AcmeRequest> {
        self.events.requests()
    }

    /// The DNS updates answered so far, oldest first.
    pub fn updates(&self) -> Vec<UpdateSeen> {
        self.events.updates()
    }

    /// Ends both servers and waits until nothing of them is left running.
    pub async fn shutdown(mut self) {
        // Closing the channel lets the ACME server answer what it has begun and then end.
        drop(self.stop);
        let _ = timeout(GRACE, self.acme_tasks.join_next()).await;
        self.acme_tasks.shutdown().await;
        self.dns_tasks.shutdown().await;
    }
}

const GRACE: Duration = Duration::from_secs(1);
