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
        match replay(engine, orphan).await {
            Ok(removed) => report.removed += removed,
            Err(error) => report.left.push(error),
        }
    }
    Ok(report)
}

/// Removes the records of one journal and tells how many.
async fn replay(engine: &Engine, orphan: Result<Orphan, Error>) -> Result<usize, Error> {
    let Orphan { journal, header, outstanding } = orphan?;
    let records = outstanding.len();
    if records == 0 {
        journal.close();
        return Ok(0);
    }
    (engine.observer())(Event::Replaying { records });
    // The configuration, where it still has the instance, also has its secrets.
    let known = engine.options().providers.iter();
    let known = known.clone().find(|known| known.name == header.recipe.instance);
    let instance = known.cloned().unwrap_or_else(|| header.recipe.instance());
    let provider = engine.load(engine.choose(&instance)?).await?;
    let observer = engine.observer().clone();
    let records_left = Records::new(instance.name, provider, journal, outstanding, observer);
    let removed = records_left.remove().await;
    let (instance, calls) = records_left.calls_made();
    engine.count_calls(&header.certificate, instance, calls);
    removed.map(|()| records)
}
