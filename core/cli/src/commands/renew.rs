//! `wildcert renew`.

use std::collections::HashSet;

use wildcert::{CertificateInfo, CertificateRequest, Engine, Listing, Outcome};

use super::{
    issue::{Job, Series, issue},
    pfx,
};
use crate::{args::RenewArgs, env, error::Error, printer::Printer, settings::Settings, signals};

/// Renews the certificates that are due, all or those that are named.
pub(crate) async fn renew(args: &RenewArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = Settings::wanted(&env::process, &args.wanted);
    let names = settings.stored_names(&args.names, &args.wanted);
    let engine = Engine::open(settings.options()?, printer.observer())?;
    let Listing { certificates, damaged } = engine.certificates()?;
    damaged.iter().for_each(|error| printer.failure(error));
    let mut jobs = Vec::new();
    let text = printer.text();
    for stored in chosen(&certificates, &names, &mut settings) {
        if stored.revoked.is_some() && !args.wanted.certificate.force {
            // Whoever revoked it does not want it to come back by itself.
            if !names.is_empty() {
                printer.note(&text.say("renew-revoked", &[("name", stored.name.as_str().into())]));
            }
            continue;
        }
        jobs.push(job(stored, &mut settings, args));
    }
    // There may be very many, and each is read again when it is looked at.
    drop(certificates);
    let file = settings.file();
    super::config::warn_of_readers(&file, &engine, printer);
    settings.finish()?;
    // A job of the night is not asked for passwords.
    let jobs = pfx::close(jobs, None).await?;
    if jobs.is_empty() {
        printer.note(&text.say("renew-nothing", &[]));
    }
    let message = text.say("signal-stopping", &[]);
    let stop = signals::listen(printer, &message)?;
    issue(&engine, &file, jobs, Series::GoOn, &stop, &args.wanted, printer).await
}

/// The certificates that are named, or all; names that there are not become faults.
fn chosen<'a>(
    certificates: &'a [CertificateInfo],
    names: &[String],
    settings: &mut Settings<'_>,
) -> Vec<&'a CertificateInfo> {
    let wanted: HashSet<&str> = names.iter().map(String::as_str).collect();
    for name in names {
        if !certificates.iter().any(|info| info.name == *name) {
            settings.no_certificate(name);
        }
    }
    let all = certificates.iter();
    all.filter(|info| wanted.is_empty() || wanted.contains(info.name.as_str())).collect()
}

/// How a stored certificate is renewed: as the configuration file says, or as it was got.
fn job(stored: &CertificateInfo, settings: &mut Settings<'_>, args: &RenewArgs) -> Job {
    let names = [stored.name.clone()];
    if settings.describes(&stored.name) {
        let mut described = settings.described(&names, &args.wanted);
        if let Some(described) = described.pop() {
            return Job::described(described);
        }
    }
    let mut request = match CertificateRequest::again(stored) {
        Ok(request) => request,
        Err(error) => {
            let (name, domains) = (stored.name.clone(), stored.domains.clone());
            let outcome = Outcome::failed(name, domains, error);
            let outcome = Outcome { certificate: Some(stored.clone()), ..outcome };
            return Job { line: None, request: Err(outcome), pfx: None };
        }
    };
    settings.known(&mut request);
    settings.overlay(&mut request, &args.wanted);
    request.name = Some(stored.name.clone());
    let pfx = settings.pfx(&args.wanted.certificate, None, None, stored.outputs.pfx);
    Job { pfx, ..Job::new(request) }
}
