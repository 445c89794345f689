//! `wildcert config`.

mod check;
mod show;

use wildcert::{
    Engine,
    config::{self, Config},
};

pub(crate) use self::{check::check, show::show};
use crate::{error::Error, exit, json, printer::Printer, settings::plain_secrets};

/// Prints the JSON Schema of the file.
pub(crate) fn schema(printer: &Printer) -> Result<u8, Error> {
    printer.result(&json::text(&config::schema()))?;
    Ok(exit::DONE)
}

/// Warns when others may read the secrets that stand in the file.
pub(super) fn warn_of_readers(file: &Config, engine: &Engine, printer: &Printer) {
    let Some(mode) = file.readable else { return };
    let keys = plain_secrets(file, engine);
    if keys.is_empty() {
        return;
    }
    let values = [
        ("path", file.file.display().to_string().into()),
        ("mode", format!("{mode:04o}").into()),
        ("keys", keys.join(", ").into()),
    ];
    printer.warning(&printer.text().say("config-readable", &values));
}
