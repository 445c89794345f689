//! Providers as WebAssembly components: confined, metered, a fresh instance for each call.

mod bindings;
mod cache;
mod component;
mod engine;
#[cfg(test)]
mod hostile;
mod limiter;
mod places;

pub(crate) use cache::Cache;
pub(crate) use component::load;
