//! `wildcert list`.

use time::OffsetDateTime;
use wildcert::{CertificateInfo, Engine, Listing, config::Config};

use crate::{
    args::ListArgs,
    env,
    error::Error,
    exit, json,
    lang::Text,
    printer::Printer,
    settings::{Settings, waiting},
    show::{Paint, date, days_left, domain, moment, table},
};

/// Lists the certificates in the state folder.
pub(crate) fn list(args: &ListArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.state);
    let file = settings.file();
    let options = settings.finish()?;
    let state = options.path.clone();
    let engine = Engine::open(options, printer.observer())?;
    let Listing { certificates, damaged } = engine.certificates()?;
    damaged.iter().for_each(|error| printer.failure(error));
    let replaced = engine.superseded()?;
    let text = printer.text();
    if args.json.json {
        printer.result(&json::text(&json::List::new(&file, &certificates, &replaced)))?;
    } else if args.names {
        for info in &certificates {
            printer.result(&info.name)?;
        }
    } else if certificates.is_empty() {
        let values = [("path", state.display().to_string().into())];
        printer.note(&text.say("list-nothing", &values));
    } else {
        let rows: Vec<Vec<String>> =
            certificates.iter().map(|info| row(text, printer.paint(), &file, info)).collect();
        let headings = ["name", "domains", "until", "status", "provider", "ca"];
        let headings: Vec<String> =
            headings.iter().map(|name| text.say(&format!("list-{name}"), &[])).collect();
        printer.result(&table(printer.paint(), &headings, &rows))?;
    }
    remind(&replaced, printer);
    Ok(exit::DONE)
}

/// Old certificates can still be used by whoever has their key: two weeks after their replacement it is
/// time to revoke them.
fn remind(replaced: &[CertificateInfo], printer: &Printer) {
    let now = OffsetDateTime::now_utc();
    for old in replaced {
        let Some(by) = &old.replaced_by else { continue };
        if now - by.time < REMINDER {
            continue;
        }
        let values = [
            ("name", old.name.as_str().into()),
            ("serial", old.serial.as_str().into()),
            ("date", date(by.time).into()),
            ("until", date(old.not_after).into()),
        ];
        printer.warning(&printer.text().say("list-replaced", &values));
    }
}

fn row(text: Text, paint: Paint, file: &Config, info: &CertificateInfo) -> Vec<String> {
    let left = info.not_after - OffsetDateTime::now_utc();
    let told = days_left(text, left);
    let status = if info.revoked.is_some() {
        paint.bad(&text.say("list-revoked", &[]))
    } else if left.is_negative() {
        paint.bad(&told)
    } else if let Some(waiting) = waiting(file, info) {
        let values = [("until", moment(waiting.until).into()), ("left", told.into())];
        paint.warn(&text.say("list-waiting", &values))
    } else if info.is_due() {
        paint.warn(&text.say("list-due", &[("left", told.into())]))
    } else {
        paint.good(&told)
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

/// How long after its replacement a certificate is told of.
const REMINDER: time::Duration = time::Duration::weeks(2);

/// The first domain that the name does not tell already, and how many more there are.
fn domains(info: &CertificateInfo) -> String {
    let mut others = info.domains.iter().filter(|domain| **domain != info.name);
    match (others.next(), others.count()) {
        (None, _) => info.domains.first().map(|only| domain(only)).unwrap_or_default(),
        (Some(first), 0) => domain(first),
        (Some(first), more) => format!("{} +{more}", domain(first)),
    }
}

/// What people know a CA by.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}
