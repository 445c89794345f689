//! Anti-replay nonces (RFC 8555 §6.5).

use std::collections::{HashSet, VecDeque};

use aws_lc_rs::rand;

use super::jws::to_base64url;
use super::problem::Problem;

/// The nonces given out and not yet used.
#[derive(Default)]
pub(super) struct Nonces {
    live: HashSet<String>,
    /// Oldest first; the used ones among them stay until they are the oldest.
    given: VecDeque<String>,
}

impl Nonces {
    pub(super) fn give(&mut self) -> Result<String, Problem> {
        let nonce = random_token()?;
        self.live.insert(nonce.clone());
        self.given.push_back(nonce.clone());
        if self.given.len() > MAX_NONCES
            && let Some(oldest) = self.given.pop_front()
        {
            self.live.remove(&oldest);
        }
        Ok(nonce)
    }

    /// Takes a nonce back; false where it was not given out, or was used before.
    pub(super) fn take(&mut self, nonce: &str) -> bool {
        self.live.remove(nonce)
    }
}

/// 128 random bits in base64url, as nonces and challenge tokens are to be (RFC 8555 §8.1).
pub(super) fn random_token() -> Result<String, Problem> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| Problem::internal("the system has no random bytes"))?;
    Ok(to_base64url(&bytes))
}

const MAX_NONCES: usize = 10_000;
