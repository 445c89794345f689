//! The three operations over any [`Provider`]: the same for every way in which it is loaded.

use crate::{
    error::Result,
    host::{Config, Context, Host},
    provider::Provider,
    types::{Options, Removal, TxtRecord},
};

/// Runs `check`.
///
/// # Errors
/// The provider's.
pub fn check<P: Provider>(host: &dyn Host, config: Options) -> Result<Vec<String>> {
    let config = Config::new(config);
    let cx = Context { host, config: &config };
    P::new(&cx)?.check(&cx)
}

/// Runs `present`; settings that cannot work fail every record.
pub fn present<P: Provider>(
    host: &dyn Host,
    config: Options,
    records: &[TxtRecord],
) -> Vec<Result<Option<String>>> {
    let config = Config::new(config);
    let cx = Context { host, config: &config };
    match P::new(&cx) {
        Ok(provider) => provider.present(&cx, records),
        Err(error) => vec![Err(error); records.len()],
    }
}

/// Runs `remove`; settings that cannot work fail every record.
pub fn remove<P: Provider>(
    host: &dyn Host,
    config: Options,
    removals: &[Removal],
) -> Vec<Result<()>> {
    let config = Config::new(config);
    let cx = Context { host, config: &config };
    match P::new(&cx) {
        Ok(provider) => provider.remove(&cx, removals),
        Err(error) => vec![Err(error); removals.len()],
    }
}
