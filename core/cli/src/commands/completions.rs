//! `wildcert completions`.

use clap_complete::{Shell, generate};

use crate::{app::command, error::Error, exit, printer::Printer};

/// Prints the completion script of a shell.
pub(crate) fn completions(shell: Shell, printer: &Printer) -> Result<u8, Error> {
    let mut script = Vec::new();
    generate(shell, &mut command(), "wildcert", &mut script);
    printer.result(String::from_utf8_lossy(&script).trim_end())?;
    Ok(exit::DONE)
}
