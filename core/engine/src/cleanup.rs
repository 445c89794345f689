//! Removing the records of runs that died.

use crate::{
    engine::Engine,
    error::Error,
    event::Event,
    journal::{Journal, Orphan},
    records::Records,
};

/// What came of a clean-up.
#[derive(Debug, Default)]
pub struct CleanupReport {
    /// How many records were removed.
    pub removed: usize,
    /// Why others could not be; their journals stay.
    pub left: Vec<Error>,
}

/// Removes what the journals of dead runs list.
pub(crate) async fn cleanup(engine: &Engine) -> Result<CleanupReport, Error> {
    let mut report = CleanupReport::default();
    for orphan in Journal::orphans(&engine.options().path)? {
        let count = orphan.outstanding.len();
        match replay(engine, orphan).await {
            Ok(()) => report.removed += count,
            Err(error) => report.left.push(error),
        }
    }
    Ok(report)
}

async fn replay(engine: &Engine, orphan: Orphan) -> Result<(), Error> {
    let Orphan { journal, header, outstanding } = orphan;
    if outstanding.is_empty() {
        journal.close();
        return Ok(());
    }
    (engine.observer())(Event::Replaying { records: outstanding.len() });
    let provider = engine.load(engine.choose(&header.provider, &header.settings)?).await?;
    let observer = engine.observer().clone();
    Records::new(provider, journal, outstanding, observer).remove().await
}
