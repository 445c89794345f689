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
        answer = printer.ask(&question) => {
            let agreed = matches!(answer, Ok(Some(line)) if is_yes(&line));
            Ok(agreed.then(|| server.clone()))
        }
        signal = stop.asked() => Err(Error::Stopped(signal)),
    }
}

fn is_yes(line: &str) -> bool {
    matches!(line.trim().to_ascii_lowercase().as_str(), "" | "y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_line_agrees_as_the_question_says() {
        for (line, yes) in
            [("\n", true), ("Y\n", true), ("yes\r\n", true), ("n\n", false), ("?", false)]
        {
            assert_eq!(is_yes(line), yes, "{line:?}");
        }
    }
}
