//! `wildcert cleanup`.

use crate::{args::CleanupArgs, env, error::Error, exit, printer::Printer, settings::Settings};

/// Removes the records that killed runs left behind.
pub(crate) async fn cleanup(args: &CleanupArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.state).dirs(&args.dirs);
    let report = settings.signature(&args.signature).open(printer)?.cleanup().await?;
    for error in &report.left {
        printer.failure(error);
    }
    let text = printer.text();
    match report.removed {
        0 if report.left.is_empty() => printer.note(&text.say("cleanup-nothing", &[])),
        0 => {}
        removed => printer.note(&text.say("cleanup-removed", &[("count", removed.into())])),
    }
    Ok(if report.left.is_empty() { exit::DONE } else { exit::FAILED })
}
