//! The password of PKCS#12 files.

use wildcert::{Pfx, acme::Secret};

use super::issue::Job;
use crate::{
    error::{Error, Fault},
    printer::Printer,
    settings::PfxWish,
};

/// Gives every job the PKCS#12 file that is wanted; asks for the password where nobody told it.
///
/// # Errors
/// When there is no password and nobody to ask.
pub(super) async fn close(
    mut jobs: Vec<Job>,
    wish: Option<PfxWish>,
    printer: &Printer,
) -> Result<Vec<Job>, Error> {
    let Some(PfxWish { format, password }) = wish else { return Ok(jobs) };
    let password = match password {
        Some(password) => password,
        None => ask(printer).await?.ok_or_else(missing)?,
    };
    for request in jobs.iter_mut().filter_map(|job| job.request.as_mut().ok()) {
        request.outputs.pfx = Some(Pfx { password: password.clone(), format });
    }
    Ok(jobs)
}

async fn ask(printer: &Printer) -> Result<Option<Secret>, Error> {
    if !printer.can_ask() {
        return Ok(None);
    }
    let question = printer.text().say("pfx-question", &[]);
    let failed = |source| Error::System { doing: "read the password", source };
    printer.ask_secret(&question).await.map_err(failed)
}

/// What is wrong when a PKCS#12 file has no password.
pub(super) fn missing() -> Error {
    let message = "the PKCS#12 file has no password".to_owned();
    let hint = "name a file that holds it with --pfx-password-file, or set WILDCERT_PFX_PASSWORD";
    Error::Input(vec![Fault { message, hint: Some(hint.to_owned()) }])
}
