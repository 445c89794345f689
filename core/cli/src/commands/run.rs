//! `wildcert run`.

use wildcert::{CertificateRequest, Engine, Options, Outcome, Status, Stop};

use super::terms;
use crate::{
    args::RunArgs, env, error::Error, exit, json, printer::Printer, settings::Settings,
    show::certificate_facts, signals,
};

/// Obtains a certificate, renews it, or leaves it alone.
pub(crate) async fn run(args: &RunArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.state);
    let settings = settings.ca(&args.ca).dns(&args.dns_servers).dirs(&args.dirs);
    let mut settings = settings.signature(&args.signature);
    let mut request = settings.request(args);
    let options = settings.finish()?;
    let stop = signals::listen(
        printer,
        "stopping: the TXT records are removed first (again to quit at once)",
    )?;
    let mut outcome = attempt(&options, &request, &stop, printer).await;
    match terms::agreed(printer, outcome.error.as_ref(), &stop).await {
        Ok(false) => {}
        Ok(true) => {
            request.cas.iter_mut().for_each(|ca| ca.terms_agreed = true);
            outcome = attempt(&options, &request, &stop, printer).await;
        }
        Err(stopped) => outcome.error = Some(stopped),
    }
    report(&[outcome], args, printer)
}

async fn attempt(
    options: &Options,
    request: &CertificateRequest,
    stop: &Stop,
    printer: &Printer,
) -> Outcome {
    let watch = printer.watch();
    let outcome = match Engine::open(options.clone(), printer.observer()) {
        Ok(engine) => engine.run(request, stop).await,
        Err(error) => request.failed(error),
    };
    match &outcome.error {
        error if terms::can_agree(printer, error.as_ref()) => watch.discard(),
        error => watch.end(error.is_some()),
    }
    outcome
}

fn report(outcomes: &[Outcome], args: &RunArgs, printer: &Printer) -> Result<u8, Error> {
    if args.json.json {
        printer.result(&json::text(&json::Run::new(outcomes)))?;
    }
    for outcome in outcomes {
        if let Some(error) = &outcome.error {
            printer.failure(error);
        } else if let (Some(info), false) = (&outcome.certificate, args.json.json) {
            let status = match outcome.status {
                Status::Issued => "issued",
                Status::Renewed => "renewed",
                Status::Unchanged | Status::Failed => "unchanged, not due",
            };
            printer.result(&certificate_facts(printer.text(), printer.paint(), status, info))?;
        }
    }
    Ok(exit::of_outcomes(outcomes, args.exit_code_unchanged))
}
