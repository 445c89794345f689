//! The trait that every provider comes down to.

use crate::{
    error::Result,
    host::Context,
    types::{Removal, TxtRecord},
};

/// Turns "these TXT records in this zone" into a vendor's API calls.
///
/// wildcert keeps its side: all values of one owner name arrive in the same call, and calls that
/// touch one zone never overlap unless provider.toml declares a `concurrency`, and then only for
/// different owner names. A provider keeps these:
///
/// - `present` twice with one value leaves one value.
/// - Other values at the name survive `present` and `remove`.
/// - `remove` of something absent succeeds, with or without a handle.
/// - `remove` takes away exactly the value it was told to.
/// - `auth`, `config`, `unsupported` and `zone-not-found` from `present` mean that nothing was added for
///   that record. When a later step of the same record fails, the kind is `transient` or `permanent`,
///   and wildcert removes the record.
///
/// Most vendors fit [`RecordApi`](crate::RecordApi) or [`RrsetApi`](crate::RrsetApi), which keep
/// these promises for their implementor.
pub trait Provider: Sized {
    /// Reads the settings. Called once before each operation; sends nothing.
    ///
    /// # Errors
    /// `config` for settings that cannot work.
    fn new(cx: &Context<'_>) -> Result<Self>;

    /// Proves the credentials and tells which zones they reach. Writes nothing.
    ///
    /// Zones are absolute names with the trailing dot. A vendor that cannot list gives an empty
    /// list once the credentials have proved themselves.
    ///
    /// # Errors
    /// `auth` for refused credentials, and whatever else came back.
    fn check(&self, cx: &Context<'_>) -> Result<Vec<String>>;

    /// Adds each record's value: one result per record, in order, each an opaque handle or none.
    fn present(&self, cx: &Context<'_>, records: &[TxtRecord]) -> Vec<Result<Option<String>>>;

    /// Removes exactly the given values: one result per record, in order.
    fn remove(&self, cx: &Context<'_>, removals: &[Removal]) -> Vec<Result<()>>;
}
