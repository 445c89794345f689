//! `wildcert history`.

use std::fs;

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use wildcert::{HistoryEntry, HistoryEvent};

use crate::{
    args::HistoryArgs,
    env,
    error::Error,
    exit, json,
    printer::Printer,
    settings::Settings,
    show::{date, table},
};

/// Tells what happened to certificates.
pub(crate) fn history(args: &HistoryArgs, printer: &Printer) -> Result<u8, Error> {
    let engine = Settings::new(&env::process, &args.state).open(printer)?;
    let entries = engine.history(args.name.as_deref(), args.serial.as_deref())?;
    let text = printer.text();
    if args.json.json {
        let events: Vec<Value> = entries.iter().map(with_files).collect();
        printer.result(&json::text(&json!({ "events": events })))?;
    } else if args.tsv {
        let mut lines = vec![COLUMNS.join("\t")];
        lines.extend(entries.iter().map(|entry| tsv(entry).join("\t")));
        printer.result(&lines.join("\n"))?;
    } else if entries.is_empty() {
        printer.note(&text.say("history-nothing", &[]));
    } else {
        let headings = ["time", "event", "name", "serial", "until", "reason"];
        let headings: Vec<String> =
            headings.iter().map(|name| text.say(&format!("history-{name}"), &[])).collect();
        let row = |entry: &HistoryEntry| {
            vec![
                date(entry.time),
                text.say(&format!("event-{}", word(entry.event)), &[]),
                entry.name.clone(),
                entry.serial.clone(),
                date(entry.not_after),
                entry.reason.clone().unwrap_or_default(),
            ]
        };
        let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
        printer.result(&table(printer.paint(), &headings, &rows))?;
    }
    Ok(exit::DONE)
}

/// An entry with its certificate and its request in PEM, as far as they are there.
fn with_files(entry: &HistoryEntry) -> Value {
    let read =
        |path: Option<std::path::PathBuf>| path.and_then(|path| fs::read_to_string(path).ok());
    let mut value = serde_json::to_value(entry).unwrap_or_default();
    if let Value::Object(members) = &mut value {
        members.insert("certificate".to_owned(), read(entry.certificate()).into());
        members.insert("csr".to_owned(), read(entry.csr()).into());
    }
    value
}

fn tsv(entry: &HistoryEntry) -> Vec<String> {
    let time = |time: time::OffsetDateTime| {
        let whole = time.replace_nanosecond(0).unwrap_or(time);
        whole.format(&Rfc3339).unwrap_or_default()
    };
    let file = |path: Option<std::path::PathBuf>| {
        path.map(|path| path.display().to_string()).unwrap_or_default()
    };
    vec![
        time(entry.time),
        word(entry.event).to_owned(),
        entry.name.clone(),
        entry.serial.clone(),
        entry.domains.join(","),
        time(entry.not_before),
        time(entry.not_after),
        entry.issuer.replace('\t', " "),
        entry.fingerprint_sha256.clone(),
        entry.server.clone(),
        entry.account.clone(),
        entry.reason.clone().unwrap_or_default(),
        file(entry.certificate()),
        file(entry.csr()),
    ]
}

/// The word for programs.
fn word(event: HistoryEvent) -> &'static str {
    match event {
        HistoryEvent::Issued => "issued",
        HistoryEvent::Renewed => "renewed",
        HistoryEvent::Revoked => "revoked",
        HistoryEvent::Removed => "removed",
        _ => "other",
    }
}

const COLUMNS: [&str; 14] = [
    "time",
    "event",
    "name",
    "serial",
    "domains",
    "not_before",
    "not_after",
    "issuer",
    "fingerprint_sha256",
    "server",
    "account",
    "reason",
    "certificate",
    "csr",
];
