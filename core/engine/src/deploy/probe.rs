//! Seeing that a server took its new certificate up.

use std::time::{Duration, Instant};

use super::error::{DeployError, Unserved};
use crate::{
    error::Error,
    probe::{Endpoint, probe},
    stop::Stop,
    store::CertificateInfo,
};

/// Looks at once, then at growing intervals, until `endpoint` serves the certificate with its chain.
pub(super) async fn see(
    endpoint: &Endpoint,
    info: &CertificateInfo,
    stop: &Stop,
) -> Result<(), Error> {
    let begun = Instant::now();
    let name = endpoint.name_for(&info.domains);
    let mut pause = FIRST_PAUSE;
    loop {
        let look = tokio::select! {
            look = probe(endpoint, name.as_deref(), LOOK) => look,
            signal = stop.asked() => return Err(Error::Stopped(signal)),
        };
        let source = match look {
            Err(error) => Unserved::Nothing(error),
            Ok(served) => {
                let verdict = served.judge(info)?;
                if verdict.is_good() {
                    return Ok(());
                }
                Unserved::Other(verdict.findings)
            }
        };
        if begun.elapsed() + pause > PATIENCE {
            let endpoint = endpoint.to_string();
            return Err(DeployError::Probe { endpoint, source }.into());
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            signal = stop.asked() => return Err(Error::Stopped(signal)),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// How long a server may take to serve the new certificate.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a look may take.
const LOOK: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
