//! `wildcert list`.

use time::OffsetDateTime;
use wildcert::{CertificateInfo, Engine, Listing};

use crate::{
    args::ListArgs,
    env,
    error::Error,
    exit, json,
    lang::Text,
    printer::Printer,
    settings::Settings,
    show::{Paint, date, days_left, table},
};

/// Lists the certificates in the state folder.
pub(crate) fn list(args: &ListArgs, printer: &Printer) -> Result<u8, Error> {
    let options = Settings::new(&env::process, &args.state).finish()?;
    let state = options.path.clone();
    let Listing { certificates, damaged } =
        Engine::open(options, printer.observer())?.certificates()?;
    for error in &damaged {
        printer.error(&error.to_string(), error.hint().as_slice());
    }
    if args.json.json {
        printer.result(&json::text(&json::List::new(&certificates)))?;
    } else if certificates.is_empty() {
        printer.note(&format!("no certificates in {}", state.display()));
    } else {
        let rows: Vec<Vec<String>> =
            certificates.iter().map(|info| row(printer.text(), printer.paint(), info)).collect();
        let headings = ["name", "domains", "valid until", "status", "provider", "CA"];
        printer.result(&table(printer.paint(), &headings, &rows))?;
    }
    Ok(exit::DONE)
}

fn row(text: Text, paint: Paint, info: &CertificateInfo) -> Vec<String> {
    let left = info.not_after - OffsetDateTime::now_utc();
    let status = match (left.is_negative(), info.is_due()) {
        (true, _) => paint.bad(&days_left(text, left)),
        (false, true) => paint.warn(&format!("due, {}", days_left(text, left))),
        (false, false) => paint.good(&days_left(text, left)),
    };
    vec![
        info.name.clone(),
        domains(info),
        date(info.not_after),
        status,
        info.provider.clone(),
        host(&info.server).to_owned(),
    ]
}

/// The first domain that the name does not tell already, and how many more there are.
fn domains(info: &CertificateInfo) -> String {
    let mut others = info.domains.iter().filter(|domain| **domain != info.name);
    match (others.next(), others.count()) {
        (None, _) => info.domains.first().cloned().unwrap_or_default(),
        (Some(first), 0) => first.clone(),
        (Some(first), more) => format!("{first} +{more}"),
    }
}

/// What people know a CA by.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
