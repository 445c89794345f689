//! When the CA says that a certificate should be renewed.

use std::time::{Duration, SystemTime};

/// The renewal information of one certificate (RFC 9773 §4.2).
#[derive(Clone, Debug)]
pub struct RenewalWindow {
    /// The beginning of the suggested window.
    pub start: SystemTime,
    /// Its end; one that is not after `start` makes the information invalid, as a client must
    /// notice.
    pub end: SystemTime,
    /// A page that tells people why.
    pub explanation_url: Option<String>,
    /// The Retry-After header, in whole seconds.
    pub retry_after: Duration,
}

impl RenewalWindow {
    /// A window without explanation, to be asked for again in six hours.
    pub fn new(start: SystemTime, end: SystemTime) -> Self {
        Self { start, end, explanation_url: None, retry_after: RETRY_AFTER }
    }
}

const RETRY_AFTER: Duration = Duration::from_secs(6 * 60 * 60);
