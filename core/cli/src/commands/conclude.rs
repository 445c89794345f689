//! What the end of a run tells others: metrics for Prometheus, and alerts. Neither makes it fail.

use wildcert::{
    AlertChannel, Engine, Error as EngineError, Outcome, config::Config, write_metrics,
};

use super::alerts;
use crate::{lang::describe, printer::Printer};

/// Tells others what came of a run, as far as the configuration wants it.
pub(super) async fn conclude(
    engine: &Engine,
    file: &Config,
    outcomes: &[Outcome],
    printer: &Printer,
) {
    let mut channels = AlertChannel::all(file);
    let stopped = |outcome: &Outcome| matches!(outcome.error, Some(EngineError::Stopped(_)));
    if outcomes.iter().any(stopped) {
        // Whoever stopped it does not want to wait; the next run tells it.
        channels.clear();
    }
    let metrics = file.settings.prometheus.as_deref();
    if channels.is_empty() && metrics.is_none() {
        return;
    }
    let warn = |error: &EngineError| printer.warning(&describe(printer.text(), error));
    let overview = match engine.overview(&[], &file.settings) {
        Ok(overview) => overview,
        Err(error) => return warn(&error),
    };
    if let Some(Err(error)) = metrics.map(|path| write_metrics(path, &overview)) {
        warn(&error);
    }
    if !channels.is_empty() {
        alerts::send(engine, &channels, &overview, outcomes, printer).await;
    }
}
