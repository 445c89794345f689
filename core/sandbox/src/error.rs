//! What can go wrong while a sandbox starts.

use std::io;
use std::net::SocketAddr;

/// Why a sandbox could not be started.
///
/// Nothing fails after [`Sandbox::start`](crate::Sandbox::start): from then on every fault is an
/// answer to the client that caused it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The system gave no socket, or none that is free for both UDP and TCP.
    #[error("bind a loopback port for the {server}: {source}")]
    Bind {
        /// `ACME server` or `DNS server`.
        server: &'static str,
        /// What the system answered.
        source: io::Error,
    },
    /// A certificate of the sandbox's own could not be made.
    #[error("make the certificate of the {what}: {source}")]
    Certificate {
        /// Whose certificate: a root, the intermediate or the HTTPS endpoint.
        what: &'static str,
        /// What the certificate library answered.
        source: rcgen::Error,
    },
    /// The external account key given is not base64url without padding.
    #[error("read the HMAC key of external account `{kid}`: it is not base64url without padding")]
    ExternalAccountKey {
        /// The key identifier given with it.
        kid: String,
    },
    /// The system's random number generator failed.
    #[error("get random bytes from the system")]
    Random,
    /// The HTTPS endpoint could not be set up.
    #[error("set up TLS for the ACME server: {0}")]
    Tls(#[from] rustls::Error),
    /// The TSIG key given cannot be used.
    #[error("use the TSIG key `{name}`: {reason}")]
    TsigKey {
        /// The name of the key.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A zone given is not a domain name.
    #[error("serve the zone `{zone}`: {reason}")]
    Zone {
        /// The zone as it was given.
        zone: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The address of the resolver is not usable from loopback sockets.
    #[error("use the resolver {0}: its port is 0")]
    Resolver(SocketAddr),
}

impl Error {
    /// The next step, where there is one.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::ExternalAccountKey { .. } => {
                Some("take the key as the CA prints it: letters, digits, `-` and `_`".into())
            }
            Self::TsigKey { .. } => {
                Some("a TSIG secret is standard base64, as `tsig-keygen` prints it".into())
            }
            Self::Zone { .. } => Some("give zones as `example.test.`".into()),
            Self::Resolver(_) => Some("give the resolver as ADDRESS:53".into()),
            Self::Bind { .. } | Self::Certificate { .. } | Self::Random | Self::Tls(_) => None,
        }
    }
}
