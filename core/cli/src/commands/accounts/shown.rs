//! How accounts are shown.

use std::path::Path;

use serde::Serialize;
use wildcert::{AccountInfo, AccountStatus, Error as EngineError};

use crate::{
    error::Error,
    exit,
    json::{self, ErrorInfo},
    lang::Text,
    printer::Printer,
    show::{Paint, facts, table},
};

/// Accounts for programs.
#[derive(Debug, Serialize)]
struct Accounts<'a> {
    accounts: Vec<Account<'a>>,
}

#[derive(Debug, Serialize)]
struct Account<'a> {
    account: &'a str,
    #[serde(flatten)]
    info: &'a AccountInfo,
    path: &'a Path,
    /// Why the CA could not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<ErrorInfo>,
}

impl<'a> Account<'a> {
    fn new(info: &'a AccountInfo, error: Option<ErrorInfo>) -> Self {
        Self { account: &info.name, info, path: &info.path, error }
    }
}

/// One account with all that is known of it; `error` is why the CA did not tell.
pub(super) fn one(
    info: &AccountInfo,
    error: Option<&EngineError>,
    as_json: bool,
    printer: &Printer,
) -> Result<u8, Error> {
    let text = printer.text();
    if as_json {
        let error = error.map(|error| ErrorInfo::new(text, error));
        let accounts = vec![Account::new(info, error)];
        printer.result(&json::text(&Accounts { accounts }))?;
    } else {
        printer.result(&account_facts(text, printer.paint(), info))?;
    }
    Ok(exit::DONE)
}

/// Several accounts, a line each.
pub(super) fn all(infos: &[AccountInfo], as_json: bool, printer: &Printer) -> Result<u8, Error> {
    let (text, paint) = (printer.text(), printer.paint());
    if as_json {
        let accounts = infos.iter().map(|info| Account::new(info, None)).collect();
        printer.result(&json::text(&Accounts { accounts }))?;
    } else {
        let headings = ["fact-account", "fact-status", "fact-contacts", "fact-key", "fact-created"];
        let headings = headings.map(|id| text.say(id, &[]));
        let rows: Vec<Vec<String>> = infos.iter().map(|info| row(text, paint, info)).collect();
        printer.result(&table(paint, &headings, &rows))?;
    }
    Ok(exit::DONE)
}

fn row(text: Text, paint: Paint, info: &AccountInfo) -> Vec<String> {
    let day = info.created.split('T').next().unwrap_or_default();
    vec![
        info.name.clone(),
        status(text, paint, info),
        contacts(text, info),
        info.key_algorithm.clone(),
        day.to_owned(),
    ]
}

fn account_facts(text: Text, paint: Paint, info: &AccountInfo) -> String {
    let say = |id| text.say(id, &[]);
    let url = info.url.clone().unwrap_or_default();
    facts(
        paint,
        &[
            (
                say("fact-account"),
                format!("{} {}", paint.strong(&info.name), status(text, paint, info)),
            ),
            ("URL".to_owned(), url),
            (say("fact-ca"), info.server.clone()),
            (say("fact-contacts"), contacts(text, info)),
            (say("fact-key"), info.key_algorithm.clone()),
            (say("fact-created"), info.created.clone()),
            (say("fact-files"), info.path.display().to_string()),
        ],
    )
}

fn status(text: Text, paint: Paint, info: &AccountInfo) -> String {
    match info.status {
        AccountStatus::Valid => paint.good(&text.say("accounts-valid", &[])),
        AccountStatus::Deactivated => paint.bad(&text.say("accounts-deactivated", &[])),
        AccountStatus::Revoked => paint.bad(&text.say("accounts-revoked", &[])),
    }
}

fn contacts(text: Text, info: &AccountInfo) -> String {
    match info.contacts.as_slice() {
        [] => text.say("accounts-no-contacts", &[]),
        contacts => contacts.join(", "),
    }
}
