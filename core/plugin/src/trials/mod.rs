//! The conformance suite for built modules: before a simulated vendor, and before the real one.
//!
//! Both benches call an async host from the suite's plain functions: use them on a thread of their
//! own, never inside a task.

mod live;
mod simulated;

use wildcert_plugin_sdk::Error;

pub use live::LiveBench;
pub use simulated::{Listening, SimulatedBench};

use crate::provider::ProviderError;

/// The provider's own answer, or what its module did in place of one.
fn answer(error: ProviderError) -> Error {
    match error {
        ProviderError::Answered { answer, .. } => answer,
        failed @ ProviderError::Failed { .. } => Error::new(failed.kind(), failed.to_string()),
    }
}
