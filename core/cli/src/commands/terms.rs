//! Asking people whether they agree to a CA's terms of service.

use wildcert::{Error, Stop};

use crate::printer::Printer;

/// Whether `error` is only about the terms, and somebody is at a terminal to agree to them.
pub(super) fn can_agree(printer: &Printer, error: Option<&Error>) -> bool {
    matches!(error, Some(Error::TermsNotAgreed { .. })) && printer.can_ask()
}

/// Asks where it can; gives the CA, as the user named it, whose terms somebody agreed to.
///
/// # Errors
/// [`Error::Stopped`] when a signal came in place of an answer.
pub(super) async fn agreed(
    printer: &Printer,
    error: Option<&Error>,
    stop: &Stop,
) -> Result<Option<String>, Error> {
    let Some(Error::TermsNotAgreed { terms, server }) = error else { return Ok(None) };
    if !can_agree(printer, error) {
        return Ok(None);
    }
    let text = printer.text();
    printer.note(&text.say("terms-where", &[("url", terms.as_str().into())]));
    let question = text.say("terms-question", &[]);
    tokio::select! {
        agreed = printer.agreed(&question, true) => Ok(agreed.then(|| server.clone())),
        signal = stop.asked() => Err(Error::Stopped(signal)),
    }
}
