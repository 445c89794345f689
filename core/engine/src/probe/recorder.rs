//! A verifier that accepts every certificate, and writes down what came.

use std::sync::{Arc, Mutex, PoisonError};

use rustls::{
    CertificateError, DigitallySignedStruct, Error, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
};

/// Accepts whatever comes: a probe reports, it does not trust.
#[derive(Clone, Debug)]
pub(super) struct Recorder {
    algorithms: WebPkiSupportedAlgorithms,
    record: Arc<Mutex<Record>>,
}

/// What a server showed.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// DER, in the order of the server.
    pub(super) chain: Vec<Vec<u8>>,
    /// `TLS 1.2` or `TLS 1.3`; none when the handshake did not come so far.
    pub(super) version: Option<&'static str>,
    /// Whether it signed with another key than the one in its certificate.
    pub(super) other_key: bool,
}

impl Recorder {
    pub(super) fn new(algorithms: WebPkiSupportedAlgorithms) -> Self {
        Self { algorithms, record: Arc::default() }
    }

    /// What has come so far.
    pub(super) fn record(&self) -> Record {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, change: impl FnOnce(&mut Record)) {
        change(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn signature(
        &self,
        version: &'static str,
        verified: Result<HandshakeSignatureValid, Error>,
    ) -> Result<HandshakeSignatureValid, Error> {
        // Other errors tell of a certificate that rustls does not know how to read.
        let bad = Error::InvalidCertificate(CertificateError::BadSignature);
        self.note(|record| {
            record.version = Some(version);
            record.other_key = verified.err() == Some(bad);
        });
        Ok(HandshakeSignatureValid::assertion())
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = std::iter::once(end_entity).chain(intermediates);
        self.note(|record| record.chain = all.map(|der| der.to_vec()).collect());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verified = verify_tls12_signature(message, certificate, signed, &self.algorithms);
        self.signature("TLS 1.2", verified)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let verified = verify_tls13_signature(message, certificate, signed, &self.algorithms);
        self.signature("TLS 1.3", verified)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
