//! `wildcert run`.

use std::{fs, path::Path};

use wildcert::{Engine, Error as EngineError, Outcome};

use super::{
    issue::{Job, Series, issue},
    pfx,
};
use crate::{
    args::{OnError, RunArgs},
    env,
    error::Error,
    fault::Fault,
    printer::Printer,
    settings::{Described, Line, Settings, lines},
    signals,
};

/// Obtains certificates, renews them, or leaves them alone.
pub(crate) async fn run(args: &RunArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = Settings::wanted(&env::process, &args.wanted);
    let jobs = match &args.from {
        Some(path) => of_list(path, args, &mut settings)?,
        None => match described(args, &settings) {
            Some(names) => {
                let described = settings.described(&names, &args.wanted);
                described.into_iter().map(Job::described).collect()
            }
            None => vec![of_options(args, &mut settings)],
        },
    };
    let file = settings.file();
    let options = settings.finish()?;
    let jobs = pfx::close(jobs, Some(printer)).await?;
    let stop = signals::listen(printer, &printer.text().say("signal-stopping", &[]))?;
    let engine = Engine::open(options, printer.observer())?;
    super::config::warn_of_readers(&file, &engine, printer);
    let series = match args.on_error {
        OnError::Stop if args.from.is_some() => Series::StopAtFailure,
        _ => Series::GoOn,
    };
    issue(&engine, &file, jobs, series, &stop, &args.wanted, printer).await
}

/// The certificates of the configuration file that are meant, where none stands for all; or that none of
/// them is.
fn described(args: &RunArgs, settings: &Settings<'_>) -> Option<Vec<String>> {
    let certificate = &args.wanted.certificate;
    if !args.names.is_empty() {
        return Some(args.names.clone());
    }
    if !certificate.domains.is_empty() || certificate.csr.is_some() {
        return None;
    }
    match &certificate.cert_name {
        Some(name) => settings.describes(name).then(|| vec![name.clone()]),
        None => (!settings.file().settings.certificates.is_empty()).then(Vec::new),
    }
}

fn of_options(args: &RunArgs, settings: &mut Settings<'_>) -> Job {
    let request = settings.request(&args.wanted);
    let inherited = settings.file().settings.defaults.pfx.clone();
    let inherited = inherited.filter(|_| request.csr.is_none());
    let pfx = settings.pfx(&args.wanted.certificate, inherited.as_ref(), None, None);
    Job { pfx, ..Job::new(request) }
}

fn of_list(path: &Path, args: &RunArgs, settings: &mut Settings<'_>) -> Result<Vec<Job>, Error> {
    let base = settings.base(&args.wanted);
    let inherited = settings.file().settings.defaults.pfx.clone();
    let pfx = settings.pfx(&args.wanted.certificate, inherited.as_ref(), None, None);
    let text = fs::read_to_string(path).map_err(|source| Error::File {
        doing: "read",
        path: path.to_owned(),
        source,
    })?;
    let lines = lines(path, &text, &base);
    if lines.is_empty() {
        let path = path.display().to_string();
        settings.faulty([Fault::new("fault-empty-list", &[("path", path.into())])]);
    }
    let faulty: Vec<String> = lines
        .iter()
        .filter_map(|line| line.request.as_ref().err())
        .flat_map(|faults| faults.0.iter().cloned())
        .collect();
    if args.on_error == OnError::Stop {
        settings.faulty(
            faulty.into_iter().map(|message| Fault { message: message.into(), hint: None }),
        );
    }
    let job = |line: Line| Job {
        line: Some(line.number),
        request: line.request.map_err(|faults| {
            Outcome::failed(String::new(), Vec::new(), EngineError::Input(faults))
        }),
        pfx: pfx.clone(),
    };
    Ok(lines.into_iter().map(job).collect())
}

impl Job {
    /// A certificate of the configuration file.
    pub(super) fn described(described: Described) -> Self {
        let Described { name, request, pfx } = described;
        let request = request.map_err(|error| Outcome::failed(name, Vec::new(), error));
        Self { line: None, request, pfx }
    }
}
