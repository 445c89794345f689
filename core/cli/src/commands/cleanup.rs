//! `wildcert cleanup`.

use wildcert::Engine;

use crate::{
    args::CleanupArgs, env, error::Error, exit, printer::Printer, settings::Settings, show::count,
};

/// Removes the records that killed runs left behind.
pub(crate) async fn cleanup(args: &CleanupArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.state).dirs(&args.dirs);
    let options = settings.signature(&args.signature).finish()?;
    let report = Engine::open(options, printer.observer())?.cleanup().await?;
    for error in &report.left {
        printer.failure(error);
    }
    match report.removed {
        0 if report.left.is_empty() => printer.note("nothing was left behind"),
        0 => {}
        removed => printer.note(&format!("removed {}", count(removed, "TXT record"))),
    }
    Ok(if report.left.is_empty() { exit::DONE } else { exit::FAILED })
}
