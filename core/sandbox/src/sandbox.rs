//! The sandbox itself: starts both servers and ends them.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::ca::{Ca, Problem};
use crate::dns::{DnsServer, Zones};
use crate::events::Events;
use crate::{
    AcmeRequest, Error, RenewalWindow, SandboxOptions, TsigAlgorithm, TsigKey, UpdateSeen,
    ZoneRecord,
};

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
            options.policy,
            options.resolver,
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

    /// Answers the next request for an operation with a problem instead.
    ///
    /// Called more than once, it does so as many times, in that order. `operation` is a name as in
    /// [`AcmeRequest::operation`], or one of two that are no requests: `validation`, for the next
    /// challenge to fail with the problem, and `issuance`, for the next order finalized to become
    /// invalid by it.
    pub fn fail_next(&self, operation: &str, problem: Problem) {
        self.ca.fail(operation, problem, false);
    }

    /// Answers every request for an operation with a problem, until
    /// [`clear_failures`](Sandbox::clear_failures); `operation` is as for
    /// [`fail_next`](Sandbox::fail_next).
    pub fn fail_always(&self, operation: &str, problem: Problem) {
        self.ca.fail(operation, problem, true);
    }

    /// Takes back every failure that was asked for.
    pub fn clear_failures(&self) {
        self.ca.clear_failures();
    }

    /// Changes the terms of service: every account has to agree to the new ones, by
    /// `termsOfServiceAgreed` in its account object, before its next order (RFC 8555 §7.3.3).
    pub fn change_terms(&self) {
        self.ca.change_terms();
    }

    /// Sets when a certificate should be renewed; without it, in the last third of its life.
    ///
    /// `certificate` is its identifier of RFC 9773 §4.1 or its serial number in hexadecimal, with or
    /// without colons. Returns whether the CA has issued it.
    pub fn set_renewal_window(&self, certificate: &str, window: RenewalWindow) -> bool {
        self.ca.set_renewal_window(certificate, window)
    }

    /// Adds a CAA record (RFC 8659); flags 128 make it critical. The CA's own name is
    /// `sandbox.test`. Returns whether a zone of the server contains the owner name.
    pub fn add_caa(&self, owner: &str, flags: u8, tag: &str, value: &str) -> bool {
        self.dns.add_caa(owner, flags, tag, value)
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
