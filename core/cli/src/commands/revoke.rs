//! `wildcert revoke`.

use std::path::Path;

use serde_json::json;
use wildcert::{CertificateInfo, Engine, Revocable, Revoked, Signer, acme::RevocationReason};

use crate::{
    args::RevokeArgs, env, error::Error, exit, fault::Fault, json, printer::Printer,
    settings::Settings,
};

/// Revokes certificates.
pub(crate) async fn revoke(args: &RevokeArgs, printer: &Printer) -> Result<u8, Error> {
    let mut settings = Settings::new(&env::process, &args.state).ca(&args.ca);
    let reason = match args.reason.as_deref().map(str::parse::<RevocationReason>) {
        None => args.replaced.then_some(RevocationReason::Superseded),
        Some(Ok(reason)) => Some(reason),
        Some(Err(error)) => {
            settings.faulty([Fault::of_acme("--reason", &error)]);
            None
        }
    };
    let name = args.cert_name.clone().or_else(|| args.what.clone());
    if name.is_none() && args.serial.is_none() && args.domains.is_empty() && !args.replaced {
        settings.faulty([Fault::new("fault-nothing-named", &[])]);
    }
    let of_domains = settings.stored_under(&args.domains);
    let ca = settings.first_ca();
    let engine = settings.open(printer)?;
    let signer = match &args.key {
        Some(key) => Signer::Key(key.clone(), ca),
        None => Signer::Account(ca),
    };
    let what: Vec<Revocable> = if args.replaced {
        replaced(&engine, name.as_deref())?
    } else if let Some(serial) = &args.serial {
        vec![Revocable::Serial(serial.clone())]
    } else {
        name.into_iter().chain(of_domains).map(|name| named(&engine, name)).collect()
    };
    if what.is_empty() {
        printer.note(&printer.text().say("revoke-nothing", &[]));
    }
    let (mut revoked, mut failed) = (Vec::new(), Vec::new());
    for one in &what {
        match engine.revoke(one, reason, &signer).await {
            Ok(done) => revoked.push(done),
            Err(error) => {
                printer.failure(&error);
                failed.push(error);
            }
        }
    }
    tell(&revoked, reason, args, printer)?;
    Ok(match (revoked.is_empty(), failed.first()) {
        (_, None) => exit::DONE,
        (true, Some(error)) => exit::of_error(error),
        (false, Some(_)) => exit::SOME_FAILED,
    })
}

/// A certificate of the store, or the file of one.
fn named(engine: &Engine, name: String) -> Revocable {
    let stored = engine.certificate(&name).is_ok_and(|found| found.is_some());
    match !stored && Path::new(&name).is_file() {
        true => Revocable::File(name.into()),
        false => Revocable::Name(name),
    }
}

fn replaced(engine: &Engine, name: Option<&str>) -> Result<Vec<Revocable>, Error> {
    let mut old = engine.superseded()?;
    old.retain(|info| name.is_none_or(|name| info.name == name));
    Ok(old.into_iter().map(|info| Revocable::File(info.path.join("cert.pem"))).collect())
}

fn tell(
    revoked: &[Revoked],
    reason: Option<RevocationReason>,
    args: &RevokeArgs,
    printer: &Printer,
) -> Result<(), Error> {
    if args.json.json {
        let name = |info: &CertificateInfo| info.name.clone();
        let list = revoked.iter().map(|one| {
            json!({
                "name": one.certificate.as_ref().map(name),
                "serial": one.serial,
                "domains": one.domains,
                "reason": reason.map(RevocationReason::as_str),
            })
        });
        return printer.result(&json::text(&json!({ "revoked": list.collect::<Vec<_>>() })));
    }
    for one in revoked {
        let values =
            [("serial", one.serial.as_str().into()), ("domains", one.domains.join(", ").into())];
        printer.result(&printer.text().say("revoke-done", &values))?;
    }
    Ok(())
}
