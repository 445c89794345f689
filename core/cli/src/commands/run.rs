//! `wildcert run`.

use std::fs;

use wildcert::{Engine, Outcome, Status};

use super::issue::{Job, Series, issue};
use crate::{
    args::{OnError, RunArgs},
    env,
    error::{Error, Fault},
    printer::Printer,
    settings::{Settings, lines},
    signals,
};

/// Obtains certificates, renews them, or leaves them alone.
pub(crate) async fn run(args: &RunArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = Settings::wanted(&env::process, &args.wanted);
    let pfx = settings.pfx(&args.wanted.certificate);
    let jobs = match &args.from {
        None => vec![Job::new(settings.request(&args.wanted))],
        Some(path) => {
            let base = settings.base(&args.wanted);
            let text = fs::read_to_string(path).map_err(|source| Error::File {
                doing: "read",
                path: path.clone(),
                source,
            })?;
            let lines = lines(path, &text, &base);
            let faulty: Vec<String> = lines
                .iter()
                .filter_map(|line| line.request.as_ref().err())
                .flat_map(|faults| faults.0.iter().cloned())
                .collect();
            if args.on_error == OnError::Stop {
                settings.faulty(faulty.into_iter().map(|message| Fault { message, hint: None }));
            }
            let job = |line: crate::settings::Line| Job {
                line: Some(line.number),
                request: match (line.fault(), line.request) {
                    (None, Ok(request)) => Ok(request),
                    (error, _) => Err(Outcome {
                        name: String::new(),
                        domains: Vec::new(),
                        status: Status::Failed,
                        due: None,
                        certificate: None,
                        error,
                    }),
                },
            };
            lines.into_iter().map(job).collect()
        }
    };
    let options = settings.finish()?;
    let jobs = super::pfx::close(jobs, pfx, printer).await?;
    let stop = signals::listen(printer, &printer.text().say("signal-stopping", &[]))?;
    let engine = Engine::open(options, printer.observer())?;
    let series = match args.on_error {
        OnError::Stop if args.from.is_some() => Series::StopAtFailure,
        _ => Series::GoOn,
    };
    issue(&engine, jobs, series, &stop, &args.wanted, printer).await
}
