//! `wildcert providers approve`.

use wildcert::Engine;

use crate::{args::ApproveArgs, env, error::Error, exit, printer::Printer, settings::Settings};

/// Trusts a module as it is now.
pub(crate) fn approve(args: &ApproveArgs, printer: &Printer) -> Result<u8, Error> {
    let options = Settings::new(&env::process, &args.state).dirs(&args.dirs).finish()?;
    let artifact = Engine::open(options, printer.observer())?.approve_provider(&args.provider)?;
    printer.note(&format!(
        "approved `{}` with SHA-256 {}",
        artifact.path.display(),
        artifact.sha256
    ));
    Ok(exit::DONE)
}
