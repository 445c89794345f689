//! `wildcert accounts list` and `wildcert accounts show`.

use wildcert::Engine;

use super::{change::chosen, shown};
use crate::{
    args::{AccountArgs, AccountsListArgs},
    env,
    error::Error,
    exit,
    lang::describe,
    printer::Printer,
    settings::Settings,
};

/// Lists the accounts in the state folder.
pub(crate) fn list(args: &AccountsListArgs, printer: &Printer) -> Result<u8, Error> {
    let options = Settings::new(&env::process, &args.state).finish()?;
    let state = options.path.clone();
    let accounts = Engine::open(options, printer.observer())?.accounts()?;
    if accounts.is_empty() && !args.json.json {
        let path = state.display().to_string();
        printer.note(&printer.text().say("accounts-nothing", &[("path", path.into())]));
        return Ok(exit::DONE);
    }
    shown::all(&accounts, args.json.json, printer)
}

/// Shows what the CA has on file, or what is known here when it does not tell.
pub(crate) async fn show(args: &AccountArgs, printer: &Printer) -> Result<u8, Error> {
    let (engine, info) = chosen(&args.choice, args.contact.email.as_deref(), printer)?;
    match engine.refresh_account(&info).await {
        Ok(info) => shown::one(&info, None, args.choice.json.json, printer),
        // It has been given up: the CA has nothing more to say.
        Err(wildcert::Error::AccountClosed { .. }) => {
            shown::one(&info, None, args.choice.json.json, printer)
        }
        Err(error) => {
            let told = describe(printer.text(), &error);
            printer.warning(&printer.text().say("accounts-unasked", &[("error", told.into())]));
            shown::one(&info, Some(&error), args.choice.json.json, printer)
        }
    }
}
