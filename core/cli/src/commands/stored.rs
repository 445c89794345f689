//! `wildcert show` and `wildcert remove`.

use serde_json::json;
use wildcert::CertificateInfo;

use crate::{
    args::{RemoveArgs, ShowArgs},
    env,
    error::Error,
    exit,
    fault::Fault,
    json,
    printer::Printer,
    settings::{Settings, waiting},
    show::{certificate_facts, waiting_values},
};

/// Shows all that is known of a certificate.
pub(crate) fn show(args: &ShowArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.state);
    let file = settings.file();
    let engine = settings.open(printer)?;
    let info = engine.certificate(&args.name)?.ok_or_else(|| unknown(&args.name))?;
    if args.json.json {
        printer.result(&json::text(&json::Stored::new(
            &file,
            &info,
            engine.suggestion(&info).and_then(|told| told.window),
        )))?;
    } else {
        let text = printer.text();
        let status = match waiting(&file, &info) {
            Some(waiting) => text.say("status-waiting", &waiting_values(&waiting)),
            None => text.say(status_id(&info), &[]),
        };
        printer.result(&certificate_facts(text, printer.paint(), &status, &info))?;
    }
    Ok(exit::DONE)
}

/// Takes a certificate out of use.
pub(crate) fn remove(args: &RemoveArgs, printer: &Printer) -> Result<u8, Error> {
    let engine = Settings::new(&env::process, &args.state).open(printer)?;
    let kept = engine.remove_certificate(&args.name)?;
    // One that was tried for in vain has nothing but that.
    if kept.is_none() && !engine.forget_results(&args.name)? {
        return Err(unknown(&args.name));
    }
    let name = args.name.as_str();
    if args.json.json {
        printer.result(&json::text(&json!({ "removed": name, "kept": kept })))?;
    } else if let Some(kept) = kept {
        let values = [("name", name.into()), ("path", kept.display().to_string().into())];
        printer.result(&printer.text().say("remove-done", &values))?;
    } else {
        printer.result(&printer.text().say("remove-forgotten", &[("name", name.into())]))?;
    }
    Ok(exit::DONE)
}

/// The message that says how a stored certificate is.
fn status_id(info: &CertificateInfo) -> &'static str {
    match (info.revoked.is_some(), info.is_due()) {
        (true, _) => "status-revoked",
        (false, true) => "status-due",
        (false, false) => "status-valid",
    }
}

fn unknown(name: &str) -> Error {
    Error::Input(vec![Fault::new("fault-no-certificate", &[("name", name.into())])])
}
