//! One look at one server.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use rustls::{
    AlertDescription, ClientConfig, Error as TlsError, PeerIncompatible,
    crypto::aws_lc_rs::default_provider,
    pki_types::ServerName,
    version::{TLS12, TLS13},
};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpStream, lookup_host},
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{
    conversation::begin_tls,
    endpoint::Endpoint,
    error::{ProbeError, ProbeStep},
    recorder::Recorder,
    seen::{First, Seen},
    served::Served,
};
use crate::leaf;

/// Looks at what `endpoint` serves, and trusts nothing of it.
///
/// `name` is the server name to ask for where the endpoint has none of its own, as A-labels; `limit`
/// is for everything together. Of several addresses of the host the first that takes the connection
/// is looked at.
///
/// # Errors
/// When no certificate was seen.
pub async fn probe(
    endpoint: &Endpoint,
    name: Option<&str>,
    limit: Duration,
) -> Result<Served, ProbeError> {
    let provider = Arc::new(default_provider());
    let recorder = Recorder::new(provider.signature_verification_algorithms);
    let asked = endpoint.server_name(name);
    let mut look = Look { waiting: ProbeStep::Connection, address: None };
    let looked = match client(provider, &recorder) {
        Ok(client) => timeout(limit, look.at(endpoint, asked, client)).await,
        Err(error) => Ok(Err(refused(&error))),
    };
    // Who wants a certificate of the client too, ends the handshake after its own was seen.
    let record = recorder.record();
    if record.chain.is_empty() {
        return Err(match looked {
            Ok(Err(error)) => error,
            Err(_) => ProbeError::Silent { waiting: look.waiting, limit },
            Ok(Ok(())) => ProbeError::Unreadable { reason: "it sent no certificate".to_owned() },
        });
    }
    let leaf = leaf::facts(&record.chain[0]).map_err(|reason| ProbeError::Unreadable { reason })?;
    Ok(Served {
        name: asked.map(str::to_owned),
        address: look.address,
        version: record.version,
        other_key: record.other_key,
        leaf,
        chain: record.chain,
    })
}

/// How far a look has come.
struct Look {
    waiting: ProbeStep,
    address: Option<SocketAddr>,
}

impl Look {
    async fn at(
        &mut self,
        endpoint: &Endpoint,
        name: Option<&str>,
        client: TlsConnector,
    ) -> Result<(), ProbeError> {
        let unresolved = |source| ProbeError::Unresolved { host: endpoint.host.clone(), source };
        let addresses = lookup_host((endpoint.host.as_str(), endpoint.port)).await;
        let addresses: Vec<SocketAddr> = addresses.map_err(unresolved)?.collect();
        let mut stream = TcpStream::connect(addresses.as_slice())
            .await
            .map_err(|source| ProbeError::Nobody { source })?;
        self.address = stream.peer_addr().ok();
        self.waiting = ProbeStep::Greeting;
        begin_tls(&mut stream, endpoint.protocol, &mut self.waiting).await?;

        self.waiting = ProbeStep::Handshake;
        let asked = name.unwrap_or(&endpoint.host);
        let asked = ServerName::try_from(asked.to_owned()).map_err(|_| ProbeError::Refused {
            reason: format!("`{asked}` is no server name"),
            outdated: false,
        })?;
        let first = First::default();
        let stream = Seen::new(stream, first.clone());
        let mut tls = client.connect(asked, stream).await.map_err(|error| failed(error, &first))?;
        // Said so that no server logs a connection that broke; whether it hears it is all the same.
        let _ = tls.shutdown().await;
        Ok(())
    }
}

/// A client that accepts everything and keeps nothing for another connection.
fn client(
    provider: Arc<rustls::crypto::CryptoProvider>,
    recorder: &Recorder,
) -> Result<TlsConnector, TlsError> {
    let config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13, &TLS12])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(recorder.clone()))
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// What an error of the handshake means.
fn failed(error: io::Error, first: &First) -> ProbeError {
    match error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
        // What begins no TLS message is the word of another protocol.
        Some(TlsError::InvalidMessage(_)) => ProbeError::NoTls { said: first.line() },
        Some(inner) => refused(inner),
        None => ProbeError::Broken { waiting: ProbeStep::Handshake, source: error },
    }
}

fn refused(error: &TlsError) -> ProbeError {
    let outdated = matches!(
        error,
        TlsError::AlertReceived(AlertDescription::ProtocolVersion)
            | TlsError::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                    | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
            )
    );
    let reason = match error {
        _ if outdated => "it speaks neither TLS 1.2 nor TLS 1.3".to_owned(),
        TlsError::AlertReceived(AlertDescription::UnrecognisedName) => {
            "it does not know the server name".to_owned()
        }
        TlsError::AlertReceived(AlertDescription::HandshakeFailure) => {
            "it takes none of the ciphers and key exchanges of today".to_owned()
        }
        other => other.to_string(),
    };
    ProbeError::Refused { reason, outdated }
}
