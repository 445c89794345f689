//! `wildcert accounts …`.

use wildcert::{AccountInfo, Engine, Stop};

use super::terms;
use crate::{
    args::{ListArgs, RegisterArgs},
    env,
    error::Error,
    exit, json,
    printer::Printer,
    settings::Settings,
    show::{Paint, facts},
};

/// Registers an account, or finds the one that is there.
pub(crate) async fn register(args: &RegisterArgs, printer: &Printer) -> Result<u8, Error> {
    let settings = Settings::new(&env::process, &args.state).ca(&args.ca);
    let mut ca = settings.first_ca();
    let engine = Engine::open(settings.finish()?, printer.observer())?;
    let mut result = engine.register(&ca).await;
    let (_handle, stop) = Stop::new();
    if terms::agreed(printer, result.as_ref().err(), &stop).await?.is_some() {
        ca.terms_agreed = true;
        result = engine.register(&ca).await;
    }
    show(&[result?], args.json.json, printer)
}

/// Lists the accounts in the state folder.
pub(crate) fn list(args: &ListArgs, printer: &Printer) -> Result<u8, Error> {
    let options = Settings::new(&env::process, &args.state).finish()?;
    let state = options.path.clone();
    let accounts = Engine::open(options, printer.observer())?.accounts()?;
    if accounts.is_empty() && !args.json.json {
        printer.note(&format!("no accounts in {}", state.display()));
        return Ok(exit::DONE);
    }
    show(&accounts, args.json.json, printer)
}

fn show(accounts: &[AccountInfo], as_json: bool, printer: &Printer) -> Result<u8, Error> {
    let text = if as_json {
        json::text(&json::Accounts::new(accounts))
    } else {
        let texts: Vec<String> =
            accounts.iter().map(|account| account_facts(printer.paint(), account)).collect();
        texts.join("\n\n")
    };
    printer.result(&text)?;
    Ok(exit::DONE)
}

fn account_facts(paint: Paint, account: &AccountInfo) -> String {
    let url = account.url.clone();
    facts(
        paint,
        &[
            (
                "account",
                url.unwrap_or_else(|| "registration did not end; it is repeated".to_owned()),
            ),
            ("CA", account.server.clone()),
            (
                "contacts",
                match account.contacts.as_slice() {
                    [] => "none".to_owned(),
                    contacts => contacts.join(", "),
                },
            ),
            ("key", account.key_algorithm.clone()),
            ("created", account.created.clone()),
            ("folder", account.path.display().to_string()),
        ],
    )
}
