//! The password of PKCS#12 files.

use wildcert::{LateSecret, Pfx};

use super::issue::Job;
use crate::{error::Error, printer::Printer, settings::PfxWish};

/// Gives every job the PKCS#12 file that is wanted of it. Where nobody told the password, `printer` asks
/// for it, once for all; without it, or without anybody to ask, a job fails when it has something to do.
///
/// # Errors
/// When the terminal cannot be read.
pub(super) async fn close(
    mut jobs: Vec<Job>,
    printer: Option<&Printer>,
) -> Result<Vec<Job>, Error> {
    let lacks = |job: &Job| job.pfx.as_ref().is_some_and(|wish| wish.password.is_none());
    let asked = match printer {
        Some(printer) if jobs.iter().any(lacks) => ask(printer).await?,
        _ => None,
    };
    for job in &mut jobs {
        let (Ok(request), Some(PfxWish { format, password })) = (&mut job.request, job.pfx.take())
        else {
            continue;
        };
        match password.or_else(|| asked.clone()) {
            Some(password) => request.outputs.pfx = Some(Pfx { password, format }),
            None => request.lacking.push(format!(
                "certificate `{}` is kept as PKCS#12 too, and the password of that file is not \
                 told; name a file that holds it with --pfx-password-file, or set \
                 WILDCERT_PFX_PASSWORD",
                request.store_name()
            )),
        }
    }
    Ok(jobs)
}

async fn ask(printer: &Printer) -> Result<Option<LateSecret>, Error> {
    if !printer.can_ask() {
        return Ok(None);
    }
    let question = printer.text().say("pfx-question", &[]);
    let failed = |source| Error::System { doing: "read the password", source };
    Ok(printer.ask_secret(&question).await.map_err(failed)?.map(LateSecret::from))
}
